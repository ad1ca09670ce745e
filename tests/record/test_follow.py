"""Processes that are followed: who began, ended, ran another program, or changed."""

import os
import time
from pathlib import Path

import pytest
from support.obeying import Child

from memc.proc.root import open_root
from memc.record.follow import Crowd

FILES = pytest.mark.parametrize("files_max", [0, 1000])


@pytest.fixture
def child():
    child = Child()
    yield child
    child.close()


@pytest.fixture
def crowd(request, child):
    with open_root("/proc") as root:
        crowd = Crowd(root, pids=[child.pid], files_max=request.param)
        yield crowd
        crowd.close()


BOTH = pytest.mark.parametrize("crowd", [0, 1000], indirect=True)


@pytest.fixture(autouse=True, params=["native", "pure"])
def _backend(request, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", request.param)


@BOTH
def test_process_at_rest_changes_nothing(crowd, child):
    while b") S " not in Path(f"/proc/{child.pid}/stat").read_bytes():
        time.sleep(0.01)
    seen = crowd.look()
    assert [f.pid for f in seen.started] == [f.pid for f in seen.alive] == [child.pid]
    seen = crowd.look()
    assert seen.changed == []
    assert seen.started + seen.ended + seen.executed + seen.renamed == []


@BOTH
def test_memory_that_is_touched_is_a_change(crowd, child):
    (followed,) = crowd.look().alive
    before = followed.rss_pages, followed.minflt
    child.run("held = bytearray(20 << 20); held[::4096] = b'x' * len(held[::4096])")
    seen = crowd.look()
    assert seen.changed == [followed]
    assert followed.rss_pages - before[0] > 4000
    assert followed.minflt > before[1]
    told = Path(f"/proc/{child.pid}/statm").read_text().split()[1]
    assert abs(followed.rss_pages - int(told)) < 256


@BOTH
def test_another_name_is_no_other_program(crowd, child):
    crowd.look()
    child.run("open('/proc/self/comm', 'w').write('a) b\\n(')")
    seen = crowd.look()
    assert [f.name for f, _ in seen.renamed] == [b"a) b\n("]
    assert not seen.executed


@BOTH
def test_exec_is_another_program_of_the_same_process(crowd, child):
    crowd.look()
    child.process.stdin.write("os.execv('/bin/sleep', ['sleep', '1000'])\n")
    child.process.stdin.flush()
    while Path(f"/proc/{child.pid}/comm").read_text() != "sleep\n":
        time.sleep(0.01)
    seen = crowd.look()
    assert [(f.pid, f.name, f.execs) for f in seen.executed] == [
        (child.pid, b"sleep", 1)
    ]
    assert seen.started + seen.ended + seen.renamed == []


@BOTH
def test_process_that_ends_is_told_once(crowd, child):
    crowd.look()
    child.close()
    seen = crowd.look()
    assert [f.pid for f in seen.ended] == [child.pid]
    assert seen.alive == []
    assert crowd.look().ended == []


def line(started=100, name="a", rss=5, code="4096", vsize=40960):
    fields = ["S", "1", *["0"] * 15, "1", "0", str(started), str(vsize), str(rss)]
    fields += ["0", code, "0" if code == "0" else "8192", "0" if code == "0" else "9"]
    return f"7 ({name}) {' '.join([*fields, *['0'] * 26])}\n".encode()


# What stat and cmdline say at two times, and what the second look finds.
TWO_LOOKS = {
    "nothing": ((line(), b"a"), (line(), b"a"), {}),
    "another process with the pid": (
        (line(), b"a"),
        (line(started=101), b"a"),
        {"ended": 1, "started": 1, "changed": 1},
    ),
    "another program": (
        (line(), b"a"),
        (line(code="8"), b"a"),
        {"executed": 1, "changed": 1},
    ),
    "another name": (
        (line(), b"a"),
        (line(name="b"), b"a"),
        {"renamed": 1, "changed": 1},
    ),
    "hidden places, another name": (
        (line(code="0"), b"a"),
        (line(code="0", name="b"), b"a"),
        {"renamed": 1, "changed": 1},
    ),
    "hidden places, another command line": (
        (line(code="0"), b"a"),
        (line(code="0", name="b"), b"b"),
        {"executed": 1, "changed": 1},
    ),
    "hidden places, much less memory": (
        (line(code="0"), b"a"),
        (line(code="0", vsize=4096), b"b"),
        {"executed": 1, "changed": 1},
    ),
    "a stat that is cut short": ((line(), b"a"), (b"7 (a) S 1", b"a"), {"ended": 1}),
}


@FILES
def test_look_in_the_middle_of_exec_loses_no_exec(tmp_path, files_max):
    folder = tmp_path / "7"
    folder.mkdir()
    (folder / "cmdline").write_bytes(b"")
    with open_root(str(tmp_path)) as root:
        crowd = Crowd(root, files_max=files_max)
        found = []
        # The kernel has named the process, and put no program in its memory yet.
        for text in (line(), line(name="b", code="0"), line(name="b", code="8")):
            (folder / "stat").write_bytes(text)
            seen = crowd.look()
            found.append([len(seen.executed), len(seen.renamed), len(seen.ended)])
        assert [f.execs for f in seen.alive] == [1]
        crowd.close()
    assert found == [[0, 0, 0], [0, 0, 0], [1, 0, 0]]


@FILES
@pytest.mark.parametrize(
    ("first", "second", "found"), TWO_LOOKS.values(), ids=TWO_LOOKS
)
def test_two_looks(tmp_path, files_max, first, second, found):
    folder = tmp_path / "7"
    folder.mkdir()
    with open_root(str(tmp_path)) as root:
        crowd = Crowd(root, files_max=files_max)
        for text, cmdline in (first, second):
            (folder / "stat").write_bytes(text)
            (folder / "cmdline").write_bytes(cmdline)
            seen = crowd.look()
        crowd.close()
    kinds = ("started", "ended", "executed", "renamed", "changed")
    assert {kind: len(getattr(seen, kind)) for kind in kinds} == {
        kind: found.get(kind, 0) for kind in kinds
    }


def test_files_are_closed():
    before = len(os.listdir("/proc/self/fd"))
    with open_root("/proc") as root:
        crowd = Crowd(root, files_max=1000)
        crowd.look()
        crowd.close()
    assert len(os.listdir("/proc/self/fd")) == before
