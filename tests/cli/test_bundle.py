"""``memc bundle``: what was bundled is shown, compared and judged as the original."""

import json
import os
import signal
import stat
import subprocess
import sys
from contextlib import contextmanager

import pytest
from support import recorded_hour
from support.bundled import documents, make, manifest, members, told
from support.cases import cases
from support.children import running, script
from support.commands import COMMANDS
from support.corpus import OWN
from support.family import fill
from support.terminal import all_shown, run_on_terminal
from support.trees import Tree

import memc
from memc.files.bundle import open_bundle

pytestmark = pytest.mark.kernel

ONCE = COMMANDS["python"]
GROWS = """
import sys
held = []
print("ready", flush=True)
for line in sys.stdin:
    held.append(bytearray(b"x" * (8 << 20)))
    print("done", flush=True)
"""

CHANGES = """
import mmap, sys
held = [mmap.mmap(-1, 1 << 20) for _ in range(2)]
other = mmap.mmap(-1, 3 << 20)
print("ready", flush=True)
for line in sys.stdin:
    other.close()
    held.append(bytearray(b"x" * (8 << 20)))
    held.append(mmap.mmap(-1, 5 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    held[-1][: 1 << 20] = bytes(1 << 20)
    print("done", flush=True)
"""


@pytest.fixture
def zip_file(tmp_path):
    return tmp_path / "bug.zip"


@pytest.fixture(scope="module")
def hour(tmp_path_factory):
    return recorded_hour.make(tmp_path_factory.mktemp("bundle") / "hour.memc")


def test_owners_of_a_live_process_are_those_that_its_threads_told(target, zip_file):
    said = make(zip_file, target)
    assert said.startswith("memc: wrote 1 document, ")
    assert said.count("\n") == 1
    assert stat.S_IMODE(zip_file.stat().st_mode) == 0o600
    snap = memc.load(zip_file)
    live = memc.snapshot(target, detail="smaps")
    threads = memc.threads.read_threads(target)
    mounts = memc.owners.owners(live, threads=threads)
    assert (snap.pid, len(snap)) == (target, len(live))
    assert told(snap.owners()) == told(mounts)
    assert [r.size_kb for r in snap] == [r.size_kb for r in live]
    assert [r.perm for r in snap] == [r.perm for r in live]


@pytest.mark.parametrize("by", ["owner", "type", "process"])
def test_the_table_of_a_bundle_is_that_of_the_process(target, zip_file, by):
    make(zip_file, target)
    live, again = (
        json.loads(ONCE("show", one, "--by", by, "--json").out)
        for one in (target, zip_file)
    )
    # What is private or shared may change: others map the same files.
    keys = {"owner", "type", "regions", "rss_kb", "size_kb", "swap_kb"}

    def rows(document):
        groups = document["groups"]
        found = [{k: v for k, v in row.items() if k in keys} for row in groups]
        return sorted(found, key=str)

    assert rows(live) == rows(again)


@contextmanager
def between_readings(*words):
    """Start memc bundle on a terminal; give it when it has read once, and all of it."""
    ours, theirs = os.openpty()
    argv = [*ONCE.argv, "bundle", *map(str, words)]
    with subprocess.Popen(argv, cwd="/", stderr=theirs) as bundle:
        os.close(theirs)
        said = b""
        while b"and again in" not in said:
            said += os.read(ours, 65536)
        try:
            yield bundle
            bundle.said = all_shown(ours).decode()
        finally:
            bundle.kill()


def test_samples_are_compared_as_those_of_the_process(zip_file):
    with running(sys.executable, "-c", GROWS) as child:
        words = child.pid, "-o", zip_file, "--count", "2", "--interval", "5s"
        with between_readings(*words) as bundle:
            child.stdin.write(b"\n")
            child.stdin.flush()
            child.stdout.readline()
    assert "wrote 1 document" in bundle.said
    first, last = memc.load(zip_file)
    assert (first.timestamp_ms, manifest(zip_file)["samples"]) == (0, 2)
    assert last.timestamp_ms >= 4900
    assert 8192 <= memc.diff(first, last).growth("rss") < 10_000
    result = ONCE("diff", zip_file)
    assert result.status == 1  # they differ
    assert b"8.00M" in result.out


def test_changes_are_those_of_the_samples(tmp_path, zip_file):
    """Two samples of one program, which maps and unmaps between them."""
    stream = tmp_path / "stream.ndjson"
    with running(sys.executable, "-c", CHANGES) as child:
        lines = []
        for _ in range(2):
            lines.append(ONCE(child.pid, "--smaps", "--full", "--compact").out)
            child.stdin.write(b"\n")
            child.stdin.flush()
            child.stdout.readline()
    stream.write_bytes(b"".join(lines))
    make(zip_file, stream)
    before, after = memc.diff(*memc.load(stream)), memc.diff(*memc.load(zip_file))
    assert [change.kind for change in after] == [change.kind for change in before]
    assert len({change.kind for change in before}) >= 3
    for what in ("rss", "pss", "size"):
        assert after.growth(what) == before.growth(what)


def test_a_bundle_is_judged_as_the_process(target, zip_file):
    make(zip_file, target)
    for limit, status in (("1T", 0), ("4K", 1)):
        assert ONCE("check", zip_file, "--max-rss", limit).status == status


def test_a_tree_of_processes_keeps_who_is_whose(tmp_path, zip_file):
    tree = fill(Tree(tmp_path / "proc"))
    said = make(zip_file, "--all", "--proc", tree)
    assert "1 process not read" in said
    system = memc.load(zip_file)
    assert [process.pid for process in system.processes] == [10, 11, 12, 13, 14, 20]
    assert [process.uid for process in system.processes][:2] == [0, 1001]
    assert system.processes[1].name == system.processes[2].name
    assert {process.cmdline for process in system.processes} == {None}
    assert "machine.json" not in members(zip_file)
    table = json.loads(ONCE("show", zip_file, "--by", "cgroup", "--json").out)
    assert len(table["groups"]) == 5
    assert ONCE("show", zip_file, "--name", "nginx", "--by", "process").status == 0


def test_tests_choose_processes_of_a_file(tmp_path, zip_file):
    whole = tmp_path / "all.json"
    tree = fill(Tree(tmp_path / "proc"))
    whole.write_bytes(ONCE("--all", "--smaps", "--full", "--proc", tree).out)
    make(zip_file, whole, "--name", "nginx")
    assert [process.pid for process in memc.load(zip_file).processes] == [11, 12]
    make(zip_file, whole)
    assert len(memc.load(zip_file).processes) == 6


CAPTURES = sorted((OWN / "smaps").glob("*.txt"))


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_a_text_keeps_its_owners_and_amounts(path, zip_file):
    make(zip_file, path)
    before, after = memc.load(path), memc.load(zip_file)
    assert told(after.owners()) == told(before.owners())
    assert after.total_rss_kb == before.total_rss_kb
    assert len(after) == len(before)
    assert ONCE("bundle", "--check", zip_file).status == 0


def test_a_bundle_of_a_bundle_keeps_its_owners(tmp_path, zip_file, target):
    make(zip_file, target)
    again = tmp_path / "again.zip"
    make(again, zip_file)
    assert told(memc.load(again).owners()) == told(memc.load(zip_file).owners())


def test_a_recording_gives_its_end_a_time_or_the_ends_of_a_span(hour, zip_file):
    make(zip_file, hour)
    assert len(documents(zip_file)) == 1
    make(zip_file, hour, "--since", "10m")
    first, last = documents(zip_file)
    assert last["timestamp_ms"] > first["timestamp_ms"] or first["timestamp_ms"] == 0
    make(zip_file, hour, "--at", "+1m")
    assert len(documents(zip_file)) == 1
    assert ONCE("show", zip_file, "--by", "process").status == 0
    assert "machine.json" not in members(zip_file)


def test_the_same_file_and_key_give_the_same_bytes(tmp_path):
    text, key = CAPTURES[0], tmp_path / "key"
    for name in ("a.zip", "b.zip"):
        make(tmp_path / name, text, "--key", key)
    make(tmp_path / "c.zip", text)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert (tmp_path / "a.zip").read_bytes() != (tmp_path / "c.zip").read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert manifest(tmp_path / "a.zip")["key"] == "file"
    assert key.read_bytes().strip() not in (tmp_path / "a.zip").read_bytes()


def test_the_three_commands_write_the_same(tmp_path):
    key = tmp_path / "key"
    made = set()
    for name in ("native", "python", "pure"):
        out = tmp_path / f"{name}.zip"
        make(out, CAPTURES[0], "--key", key, memc=COMMANDS[name])
        made.add(out.read_bytes())
    assert len(made) == 1


def test_an_output_that_exists_is_replaced_and_keeps_its_mode(zip_file):
    zip_file.write_text("old")
    zip_file.chmod(0o640)
    make(zip_file, CAPTURES[0])
    assert stat.S_IMODE(zip_file.stat().st_mode) == 0o640
    assert memc.load(zip_file)


def test_a_plain_one_says_so(zip_file, tmp_path):
    text = tmp_path / "maps.txt"
    name = "/home/ann/secret/x.so"
    text.write_text(f"7f0000001000-7f0000002000 r--p 0 08:01 12 {name}\n")
    said = make(zip_file, text, "--plain")
    assert "--plain: names of files, users and programs are in it" in said
    assert memc.load(zip_file)[0].pathname == name
    result = ONCE("bundle", "--check", zip_file)
    assert result.status == 1
    assert b"it is a plain bundle" in result.out
    assert name.encode() in result.out


def test_a_kept_name_that_may_be_secret_is_told(zip_file, tmp_path):
    text = tmp_path / "maps.txt"
    user = os.environ.get("USER") or "annabella"
    name = f"/home/{user}/x.so"
    text.write_text(f"7f0000001000-7f0000002000 r--p 0 08:01 12 {name}\n")
    said = make(zip_file, text, "--keep", "/home/*", env={"USER": user})
    assert memc.load(zip_file)[0].pathname == name
    assert "--keep /home/* keeps 1 name that may tell who or where" in said
    assert manifest(zip_file)["kept_secrets"] == {"/home/*": 1}
    assert b"or was kept as its maker asked:\n  --keep /home/*\n" in checked(zip_file)


def checked(path):
    result = ONCE("bundle", "--check", path)
    assert result.status == 0
    return result.out


def test_what_the_check_refuses_is_not_written(zip_file, tmp_path):
    """A program that changed the vocabulary behind memc's back stands for a fault."""
    code = """
import sys
from memc.bundle import write
write.Redactor.document = lambda self, document: document
from memc.cli.main import main
sys.exit(main())
"""
    text = tmp_path / "maps.txt"
    text.write_text("7f0000001000-7f0000002000 r--p 0 08:01 12 /srv/\\033[2Jshop\n")
    argv = [sys.executable, "-c", code, "bundle", text, "-o", zip_file]
    done = subprocess.run(argv, capture_output=True, check=False, cwd="/")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"/srv/" in done.stderr
    assert b"\x1b" not in done.stderr
    assert done.stderr.endswith(b"a text in it may tell who or where\n")
    assert [each.name for each in tmp_path.iterdir()] == ["maps.txt"]


def test_a_process_that_ends_meanwhile_leaves_the_samples_before(zip_file):
    with running(sys.executable, "-c", GROWS) as child:
        words = child.pid, "-o", zip_file, "--count", "50", "--interval", "1s"
        with between_readings(*words) as bundle:
            child.kill()
            child.wait()
    assert "ended after 1 sample of 50" in bundle.said
    assert bundle.returncode == 0
    assert manifest(zip_file)["samples"] == 1


def test_an_interrupt_writes_nothing(zip_file, target):
    words = target, "-o", zip_file, "--count", "2", "--interval", "1h"
    with between_readings(*words) as bundle:
        bundle.send_signal(signal.SIGINT)
        assert bundle.wait() == -signal.SIGINT
    assert [*zip_file.parent.iterdir()] == []


def test_output_to_a_pipe_is_the_bundle(target):
    result = ONCE("bundle", target, "-o", "/dev/stdout")
    assert result.status == 0
    assert open_bundle(result.out, "x").manifest["samples"] == 1


def test_show_fits_a_terminal(zip_file, target):
    make(zip_file, target)
    for width in (40, 80, 132):
        words = "bundle", "--show", zip_file
        shown = run_on_terminal(ONCE, *words, COLUMNS=str(width)).decode()
        rows = shown.replace("\r", "").split("\n")
        assert any(row.startswith("paths:") for row in rows)
        assert max(map(len, rows)) <= width


@cases(
    [
        (["--detail", "maps"], "maps", "the layout alone"),
        (["--detail", "rss"], "rss", "resident memory"),
        (["--max-stall", "1h"], "smaps", "a budget that is never reached"),
    ],
    why=2,
)
def test_the_detail_of_a_process_is_kept(target, zip_file, case):
    words, detail, _ = case
    make(zip_file, target, *words)
    assert memc.load(zip_file).detail == detail


def test_threads_of_others_are_asked_before_they_are_hidden(zip_file):
    with script("target", zip_file.parent) as child:
        make(zip_file, "--tree", child.pid, "--name", "python")
        found = memc.load(zip_file)
    names = {o.owner for p in found.processes for o in p.snapshot.owners()}
    assert "thread stack" in names
