"""Limits of setrlimit(2) that do not bind a process, and so are no risk."""

import contextlib
import json
import resource
import subprocess
from pathlib import Path

import pytest
from support import children
from support.boxes import AS_OTHERS, IS_ROOT, NOBODY
from support.cases import cases
from support.commands import COMMANDS

from memc.risks.standing import Standings

MIB = 1 << 20
LOCK, ALL, REST = b"0000000000004000", b"000001ffffffffff", b"000001ffffffbfff"
FIRST, OTHER = "user:[4026531837]", "user:[4026532201]"
WHOLE, PART = b"         0          0 4294967295\n", b"0 100000 65536\n"
LIFTED = "a limit of 1.00 MiB does not bind: CAP_IPC_LOCK"
PERHAPS = "a limit of 1.00 MiB may not bind: CAP_IPC_LOCK"


def read(tree, *, title="Max locked memory", soft=b"1048576", hard=b"unlimited", **of):
    """Return the risks of a process with a limit, 9 MiB locked and 8 MiB of data."""
    status = b"Name:\tx\nVmSize:\t 99 kB\nVmLck:\t 9216 kB\nVmData:\t 8192 kB\n"
    capabilities = of.get("capabilities")
    if capabilities is not None:
        status += b"CapPrm:\t%s\nCapEff:\t%s\n" % (ALL, capabilities)
    line = title.encode().ljust(26) + soft.ljust(21) + hard.ljust(21) + b"bytes\n"
    folder = tree.add(7, status=status, limits=line, uid_map=of.get("uid_map"))
    if of.get("space"):
        (folder / "ns").mkdir()
        (folder / "ns" / "user").symlink_to(of["space"])
    (one,) = Standings(str(tree), [7], [7]).processes
    return {risk.name: risk for risk in one.risks}


# expected state, limit and words; what is known of the process, why
LOCKED = [
    ("broken", 1024, "", {}, "no CapEff: an old or incomplete copy"),
    ("broken", 1024, "", {"capabilities": b"0", "space": FIRST}, "no right"),
    ("broken", 1024, "", {"capabilities": REST, "space": FIRST}, "all but this right"),
    ("broken", 1024, "", {"capabilities": b"xyz", "space": FIRST}, "garbage"),
    ("broken", 1024, "", {"capabilities": b"-4000", "space": FIRST}, "a sign"),
    ("ok", None, LIFTED, {"capabilities": LOCK, "space": FIRST}, "this right alone"),
    ("ok", None, LIFTED, {"capabilities": ALL, "space": FIRST}, "root"),
    ("broken", 1024, "", {"capabilities": ALL, "space": OTHER}, "root of a namespace"),
    ("broken", 1024, "", {"capabilities": ALL, "space": OTHER, "uid_map": WHOLE},
     "of one that has all users"),
    ("ok", None, LIFTED, {"capabilities": ALL, "uid_map": WHOLE}, "ns/ is refused"),
    ("broken", 1024, "", {"capabilities": ALL, "uid_map": PART}, "ns/ is refused"),
    ("broken", 1024, "", {"capabilities": ALL, "uid_map": b""}, "no user at all"),
    ("ok", None, PERHAPS, {"capabilities": ALL}, "nothing tells the namespace"),
    ("ok", None, "a limit of 0 does not bind: CAP_IPC_LOCK",
     {"capabilities": ALL, "space": FIRST, "soft": b"0"}, "can_do_mlock()"),
    ("unknown", None, "", {"capabilities": ALL, "space": FIRST, "soft": b"x"},
     "the limit is not known"),
    ("ok", None, "", {"capabilities": ALL, "space": FIRST, "soft": b"unlimited"},
     "no limit to lift"),
]  # fmt: skip


@cases(LOCKED, why=4)
def test_right_lifts_the_limit_of_locked_memory(tree, case):
    state, limit, words, of, _ = case
    risk = read(tree, **of)["RLIMIT_MEMLOCK"]
    assert (risk.state, risk.limit, risk.about) == (state, limit, words)
    assert risk.value == (None if state == "unknown" else 9 << 10)
    assert ("lifted_by" in risk.more) == bool(words)


# the title and name of a limit, why
HELD = [
    ("Max address space", "RLIMIT_AS", "may_expand_vm()"),
    ("Max data size", "RLIMIT_DATA", "may_expand_vm()"),
]


@cases(HELD, why=2)
def test_no_right_lifts_other_limits(tree, case):
    title, name, _ = case
    risk = read(tree, title=title, soft=b"1024", capabilities=ALL, space=FIRST)[name]
    assert (risk.state, risk.limit, risk.more) == ("broken", 1, {})


# expected state and limit; the soft and the hard limit of data, why
DATA = [
    ("broken", 1, b"1024", b"unlimited", "a small limit binds"),
    ("ok", None, b"0", b"unlimited", "0 leaves it to the hard limit, which is none"),
    ("near", 9 << 10, b"0", b"%d" % (9 * MIB), "or near"),
    ("broken", 0, b"0", b"0", "or 0, too"),
    ("unknown", None, b"0", b"x", "or garbage"),
]


@cases(DATA, why=4)
def test_hard_limit_of_data_counts_if_the_soft_one_is_0(tree, case):
    state, limit, soft, hard, _ = case
    risk = read(tree, title="Max data size", soft=soft, hard=hard)["RLIMIT_DATA"]
    assert (risk.state, risk.limit) == (state, limit)
    assert ("hard limit" in risk.about) == (soft == b"0")


# ---- Live processes ------------------------------------------------------------------

LOCKS = """
import ctypes, mmap, os
libc = ctypes.CDLL(None)
made = mmap.mmap(-1, 4 << 20)
at = ctypes.addressof(ctypes.c_char.from_buffer(made))
print("ready" if libc.mlock(ctypes.c_void_p(at), 4 << 20) == 0 else "no", flush=True)
input()
"""


def low():
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (MIB, MIB))


@contextlib.contextmanager
def locking():
    with children.running(
        "/usr/bin/env", "python3", "-c", LOCKS, preexec_fn=low
    ) as child:
        yield child


@pytest.mark.kernel
@pytest.mark.skipif(not IS_ROOT, reason="takes CAP_IPC_LOCK to pass the limit")
def test_root_that_locks_more_than_its_limit_is_no_alarm():
    command = COMMANDS["sibling"]
    with locking() as child:
        short = command("show", child.pid).out.decode()
        shown = command("show", child.pid, "--risk").out.decode()
        found = json.loads(command("show", child.pid, "--risk", "--json").out)
    (process,) = found["processes"]
    risk = next(r for r in process["risks"] if r["risk"] == "RLIMIT_MEMLOCK")
    assert "locked memory" not in short
    assert LIFTED in " ".join(shown.split())
    assert process["nearest"] != "RLIMIT_MEMLOCK"
    assert risk == {
        "risk": "RLIMIT_MEMLOCK",
        "state": "ok",
        "percent": None,
        "value_kb": 4 << 10,
        "limit_kb": None,
        "lifted_by": "CAP_IPC_LOCK",
        "soft_limit_kb": 1024,
    }


@pytest.mark.kernel
@AS_OTHERS
def test_somebody_who_may_not_read_the_namespace_is_told_the_same():
    command = COMMANDS["sibling"]
    with locking() as child:
        done = command("show", child.pid, "--risk", prefix=NOBODY)
    if done.status == 126 or b"failed to execute" in done.err:
        pytest.skip("nobody may not run the command here")
    assert "bind: CAP_IPC_LOCK" in done.out.decode()


@pytest.mark.kernel
def test_root_of_a_user_namespace_is_bound():
    prefix = ("unshare", "--user", "--map-root-user")
    if subprocess.run((*prefix, "true"), check=False, capture_output=True).returncode:
        pytest.skip("no user namespace can be made")
    argv = (*prefix, "sh", "-c", "echo ready; read x")
    with children.running(*argv, preexec_fn=low) as child:
        found = Standings("/proc", [child.pid], [child.pid])
        status = Path(f"/proc/{child.pid}/status").read_text()
    risk = next(r for r in found.processes[0].risks if r.name == "RLIMIT_MEMLOCK")
    assert int(status.split("CapEff:")[1].split()[0], 16) >> 14 & 1
    assert (risk.limit, risk.more) == (1024, {})


@pytest.mark.kernel
def test_data_of_more_than_a_soft_limit_of_0_is_no_alarm():
    def none():
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (0, hard))

    code = "x = bytearray(8 << 20); print('ready', flush=True); input()"
    argv = ("/usr/bin/env", "python3", "-c", code)
    with children.running(*argv, preexec_fn=none) as child:
        found = Standings("/proc", [child.pid], [child.pid])
    risk = next(r for r in found.processes[0].risks if r.name == "RLIMIT_DATA")
    assert risk.value > 8 << 10  # the kernel gave it
    assert risk.state == "ok"
