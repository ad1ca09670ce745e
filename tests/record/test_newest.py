"""Whether a process may have begun, as the pid that was given last tells."""

import os
import subprocess
import sys

import pytest
from support import children
from support.boxes import IS_ROOT
from support.cases import cases
from support.recorded import NAMESPACE
from support.trees import Tree

from memc.proc.root import open_root
from memc.record import newest
from memc.record.newest import LOOKS, Newest


def looks(count, pids):
    """Return what a Newest tells at each look, if loadavg tells these pids in turn."""
    left = iter(pids)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(newest, "_read", lambda _: next(left))
        with open_root("/proc") as root:
            made = Newest(root)
            told = [made.may_have_begun() for _ in range(count)]
            made.close()
    return told


# what loadavg tells at each look, what follows, why
TOLD = [
    ([b"7", b"7", b"7", b"7"], [1, 1, 0, 0], "twice the same: nobody began"),
    (
        [b"7", b"7", b"8", b"8", b"8"],
        [1, 1, 1, 1, 0],
        "a pid is given before it is seen",
    ),
    ([b"7", b"8", b"7", b"8"], [1, 1, 1, 1], "each look finds another one"),
    ([b"", b"", b"", b""], [1, 1, 1, 1], "what is not told is not the same"),
    ([b"7", b"7", b"7", b"", b"7"], [1, 1, 0, 1, 1], "it could not be read once"),
]


@cases(TOLD, why=2)
def test_same_pid_twice_means_that_nobody_began(case):
    pids, expected, _ = case
    assert looks(len(pids), pids) == [bool(one) for one in expected]


def test_all_are_listed_now_and_then_all_the_same():
    """A process that clone3() gave a chosen pid is seen after some looks."""
    told = looks(3 * LOOKS, [b"7"] * 3 * LOOKS)
    assert [at for at, one in enumerate(told) if one] == [0, 1, LOOKS, 2 * LOOKS]


@pytest.mark.kernel
def test_process_that_begins_moves_it():
    with open_root("/proc") as root:
        made = Newest(root)
        for _ in range(3):
            made.may_have_begun()
            subprocess.run(["true"], check=True)
            assert made.may_have_begun()
        made.close()


@pytest.mark.kernel
@pytest.mark.skipif(not IS_ROOT, reason="only root makes a pid namespace")
def test_pid_of_this_namespace_tells_of_those_below():
    with subprocess.Popen(
        [*NAMESPACE, "sh", "-c", "echo; read x; true; read x"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        child.stdout.readline()
        with open_root(children.proc_below(child)) as root:
            made = Newest(root)
            assert made._fd >= 0
            made.close()
        child.stdin.close()


@pytest.mark.kernel
@pytest.mark.skipif(not IS_ROOT, reason="only root makes a pid namespace")
def test_pid_of_a_namespace_tells_nothing_of_the_one_above():
    """As in a container that has the /proc of its host."""
    code = (
        "import os\n"
        "from memc.proc.root import open_root\n"
        "from memc.record.newest import Newest\n"
        "os.stat('/proc/self')\n"
        f"with open_root({children.proc_seen_by(os.getpid())!r}) as root:\n"
        "    print(Newest(root).may_have_begun(), Newest(root)._fd)\n"
    )
    # Its /proc is that of above: unshare mounts none.
    argv = ["unshare", "--pid", "--fork", sys.executable, "-c", code]
    assert subprocess.check_output(argv, text=True) == "True -1\n"


def test_copy_of_proc_tells_nothing(tmp_path):
    tree = Tree(tmp_path / "proc")
    (tmp_path / "proc" / "loadavg").write_text("0.1 0.1 0.1 1/2 7\n")
    with open_root(str(tree)) as root:
        made = Newest(root)
        assert [made.may_have_begun() for _ in range(4)] == [True] * 4
