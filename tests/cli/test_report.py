"""``memc report``: what it reads, where it writes, and what it refuses."""

import json
import os
import signal
import stat
import subprocess
import sys

import pytest
from support import recorded_hour, report_runs
from support.cases import cases
from support.children import running
from support.commands import COMMANDS
from support.family import fill
from support.recordings import NOON, Made
from support.report_trees import check, paths
from support.terminal import all_shown
from support.trees import Tree

from memc.cli.common.progress import ERASE_LINE

pytestmark = pytest.mark.kernel

ONCE = COMMANDS["python"]
READY = "import sys; print('ready', flush=True); sys.stdin.read()"


@pytest.fixture
def family(tmp_path):
    return fill(Tree(tmp_path / "proc"))


@pytest.fixture(scope="module")
def hour(tmp_path_factory):
    return recorded_hour.make(tmp_path_factory.mktemp("report") / "hour.memc")


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    made = Made(tmp_path_factory.mktemp("empty") / "empty.memc")
    made.run(NOON)
    made.close(NOON)
    return made.path


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.html"


@pytest.fixture
def child():
    with running(sys.executable, "-c", READY) as one:
        yield one


def totals(*args):
    """Return the totals that memc show tells."""
    result = ONCE("show", *args, "--json")
    assert result.status == 0, result.err
    return json.loads(result.out)["total"]


def test_page_of_a_live_process_is_written(out, child):
    result = ONCE("report", child.pid, "-o", out)
    assert (result.status, result.out) == (0, b"")
    data = out.read_bytes()
    said = f"memc: wrote 1 document, {len(data)} bytes, to {out}\n"
    assert result.err.decode() == said
    assert data.lower().startswith(b"<!doctype html>")
    assert f"{child.pid} python".encode() in data
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_totals_are_those_of_memc_show(out, family):
    made = report_runs.document(out, "--all", "--proc", family)
    told = totals("--all", "--proc", family, "--by", "process")
    assert made["measure"] == "pss"
    assert made["numbers"][0]["value_kb"] == told["pss_kb"]
    assert made["trees"][0]["kb"][0] == told["pss_kb"] + (told["hugetlb_kb"] or 0)
    assert made["numbers"][1]["value_kb"] == told["swap_kb"]
    check(made["trees"][0])
    assert "nginx.service" in made["trees"][0]["label"]


# options, names of processes in it, why
TARGETS = [
    (["--all"], {"10 init", "11 nginx", "12 nginx", "20 threads"}, "all"),
    (["--name", "ngi"], {"11 nginx", "12 nginx"}, "by name"),
    (["--user", "33"], {"11 nginx"}, "by user"),
    (["--cgroup", "nginx.service"], {"11 nginx", "12 nginx"}, "by control group"),
    (["--tree", "11"], {"11 nginx", "12 nginx", "13 a-very-long-nam"}, "a tree"),
    (["10", "11"], {"10 init", "11 nginx"}, "two pids are no A and B"),
    (["--match", "indeed -x"], {"10 init", "11 nginx"}, "by command line"),
]


@cases(TARGETS, why=2)
def test_targets_are_those_of_memc_show(out, family, case):
    options, expected, _ = case
    made = report_runs.document(out, *options, "--proc", family)
    (tree,) = made["trees"]
    pids = zip(tree["label"], tree["pid"], strict=True)
    assert expected <= {label for label, pid in pids if pid}


def test_what_could_not_be_read_is_told(out, family):
    made = report_runs.document(out, "--all", "--proc", family)
    assert made["skipped"] == 1
    assert any("1 process not read" in note for note in made["notes"])


def test_documents_of_memc_are_read(out, tmp_path, family):
    file = tmp_path / "all.json"
    written = ONCE("--all", "--smaps", "--full", "--proc", family, "-o", file)
    assert written.status == 0
    made = report_runs.document(out, file)
    told = totals(file, "--by", "process")
    assert made["trees"][0]["kb"][0] == told["pss_kb"]
    assert made["title"].endswith("in all.json")
    assert (made["host"], made["kernel"]) == ("", "")
    assert str(tmp_path) not in json.dumps(made)


def test_two_files_are_compared(out, tmp_path, family):
    files = [tmp_path / name for name in ("a.json", "b.json")]
    for file in files:
        ONCE("11", "--smaps", "--full", "--proc", family, "-o", file)
        smaps = family.path / "11" / "smaps"
        smaps.write_bytes(smaps.read_bytes().replace(b": 11 kB", b": 31 kB"))
    made = report_runs.document(out, *files)
    assert made["kind"] == "diff"
    assert made["title"] == "What changed: a.json → b.json"
    assert [one["value_kb"] for one in made["numbers"]] == [11, 31, 20]
    assert made["trees"][0]["change_kb"][0] == 20


def test_file_and_a_live_process_are_compared(out, tmp_path, child):
    file = tmp_path / "a.json"
    assert ONCE(child.pid, "--smaps", "--full", "-o", file).status == 0
    made = report_runs.document(out, file, child.pid)
    assert made["kind"] == "diff"
    check(made["trees"][0])


# options, kind, how many trees, why
RECORDED = [
    ([], "recording", 6, "all of it"),
    (["--since", "20m"], "recording", 6, "the end of it"),
    (["--from", "-30m", "--to", "-10m"], "recording", 6, "a part"),
    (["100"], "recording", 6, "one process"),
    (["300"], "recording", 6, "one that ended before the end"),
    (["--at", "-10m"], "snapshot", 1, "one time"),
    (["100", "--at", "-10m"], "snapshot", 1, "one process at one time"),
    (["--since", "10m", "--diff"], "diff", 1, "what changed"),
    (["--diff"], "diff", 1, "what changed in all of it"),
    (["100", "--diff"], "diff", 1, "what changed in one process"),
]


@cases(RECORDED, why=3)
def test_recording_is_read(out, hour, case):
    options, kind, trees, _ = case
    made = report_runs.document(out, hour, *options)
    assert (made["kind"], len(made["trees"])) == (kind, trees)
    for tree in made["trees"]:
        check(tree)
    assert (made["detail"], made["host"], made["kernel"]) == ("", "host", "6.1")
    if kind != "snapshot":
        assert all(len(row["points"]) == 24 for row in made["grew"])


def test_recording_of_one_tick_is_one_time(out, tmp_path):
    made = Made(tmp_path / "x.memc")
    made.run(NOON)
    made.tick(NOON, {made.start(NOON, 7): {"rss_kb": 100}})
    made.close()
    found = report_runs.document(out, made.path)
    assert (found["kind"], found["trees"][0]["kb"]) == ("snapshot", [100])


def test_two_recordings_are_compared(out, hour, tmp_path):
    other = recorded_hour.make(tmp_path / "other.memc")
    made = report_runs.document(out, hour, other)
    assert (made["kind"], made["trees"][0]["change_kb"][0]) == ("diff", 0)


def test_totals_of_a_recording_are_those_of_memc_show(out, hour):
    made = report_runs.document(out, hour, "--at", "-10m")
    told = totals(hour, "--at", "-10m", "--by", "process")
    assert made["trees"][0]["kb"][0] == told["rss_kb"]
    made = report_runs.document(out, hour)
    told = totals(hour, "--by", "process")
    assert (
        made["trees"][-1]["kb"][0] == made["numbers"][0]["value_kb"] == told["rss_kb"]
    )


def test_owners_of_a_recording_are_those_of_memc_show(out, hour):
    made = report_runs.document(out, hour, "200", "--at", "-10m")
    assert paths(made["trees"][0])["thread stack"] == 50_000


# status, words on stderr, options, why
REFUSED = [
    (2, "where to? give a file: -o OUT.html", ["--all"], "no output"),
    (2, "which process?", ["-o", "x.html"], "no target"),
    (2, "live processes have no past", ["1", "--at", "-1m", "-o", "x"], "live past"),
    (2, "--diff is of a recording", ["--all", "--diff", "-o", "x"], "live diff"),
    (2, "choose from", ["--all", "--by", "owner", "-o", "x"], "no first level"),
    (1, "no such process", ["4194303", "-o", "{out}"], "nobody"),
    (1, "with a name that matches", ["--name", "^no/one$", "-o", "{out}"], "no name"),
    (1, "No such file", ["/nowhere.json", "-o", "{out}"], "no file"),
    (1, "/nowhere/x.html", ["--all", "-o", "/nowhere/x.html"], "no folder"),
    (1, "cannot write to /", ["--all", "-o", "/"], "a folder"),
    (1, "no recording", ["{bad}", "-o", "{out}"], "bad text"),
    (2, "--at is one time", ["{hour}", "--at", "-1m", "--diff", "-o", "x"], "a time"),
    (2, "one recording", ["{hour}", "{hour}", "{hour}", "-o", "x"], "three"),
    (1, "no process 4242", ["{hour}", "4242", "-o", "{out}"], "nobody in it"),
    (1, "nothing was recorded yet", ["{empty}", "-o", "{out}"], "no tick"),
    (1, "there is a gap", ["{hour}", "--at", "-19m", "-o", "{out}"], "a gap"),
    (1, "there is a gap", ["{hour}", "--from", "-1150s", "--to", "-19m", "-o", "{out}"],
     "a span in a gap"),
    (1, "the end is not later", ["{hour}", "--from", "-0s", "-o", "{out}"], "no span"),
    (2, "would be replaced", ["{hour}", "-o", "{hour}"], "into what is read"),
    (2, "would be replaced", ["{bad}", "{hour}", "-o", "{hour}"], "into side B"),
    (1, "it had no memory", ["{hour}", "2", "-o", "{out}"], "a kernel thread"),
]  # fmt: skip


@cases(REFUSED, why=3)
def test_what_is_refused(out, hour, empty, tmp_path, case):
    status, words, options, why = case
    bad = tmp_path / "bad.txt"
    bad.write_text("nonsense\n")
    if why == "bad text":
        words = "bad.txt"
    args = [word.format(out=out, hour=hour, bad=bad, empty=empty) for word in options]
    done = report_runs.run(*args, cwd=tmp_path)
    assert done.returncode == status, done.stderr
    assert words in done.stderr.decode()
    assert {*os.listdir(tmp_path)} == {"bad.txt"}


def test_old_file_stays_if_nothing_could_be_read(out):
    out.write_text("old")
    assert report_runs.run("4194303", "-o", out).returncode == 1
    assert out.read_text() == "old"


def test_file_that_exists_is_replaced_and_keeps_its_mode(out, child):
    out.write_text("old")
    out.chmod(0o640)
    assert ONCE("report", child.pid, "-o", out).status == 0
    assert out.read_bytes().startswith(b"<!")
    assert stat.S_IMODE(out.stat().st_mode) == 0o640


def test_pipe_gets_the_page(child):
    result = ONCE("report", child.pid, "-o", "/dev/stdout")
    assert (result.status, result.err) == (
        0,
        b"memc: wrote 1 document to /dev/stdout\n",
    )
    assert result.out.startswith(b"<!")
    assert result.out.rstrip().endswith(b"</html>")


def test_dash_is_a_file_as_of_output(tmp_path, child):
    assert report_runs.run(child.pid, "-o", "-", cwd=tmp_path).returncode == 0
    assert os.listdir(tmp_path) == ["-"]


WITHOUT = """
import sys
sys.modules["plotly"] = None
from memc.cli.main import main
sys.exit(main())
"""


@pytest.mark.parametrize("target", ["--all", "/nowhere.json"])
def test_missing_package_is_told_before_anything_is_read(out, target):
    argv = [sys.executable, "-c", WITHOUT, "report", target, "-o", str(out)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 1
    assert done.stderr == "memc: memc report needs plotly: pip install 'memc[report]'\n"
    assert not out.exists()


def test_help_is_there_without_the_package():
    argv = [sys.executable, "-c", WITHOUT, "report", "--help"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")


def test_process_that_ends_meanwhile_is_told(out, child):
    pid = child.pid
    child.send_signal(signal.SIGKILL)
    child.wait()
    done = report_runs.run(pid, os.getpid(), "-o", out)
    assert done.returncode == 1
    assert f"process {pid}" in done.stderr.decode()
    made = json.loads(out.read_bytes())
    assert any(f"process {pid}" in note for note in made["notes"])
    assert made["trees"][0]["pid"][0] == os.getpid()


def test_progress_is_told_on_a_terminal_alone(out, child):
    main, side = os.openpty()
    done = report_runs.run(child.pid, "-o", out, capture_output=False, stderr=side)
    os.close(side)
    said = all_shown(main).decode()
    assert done.returncode == 0
    assert f"{ERASE_LINE}… making the map" in said
    assert f"{ERASE_LINE}… making the page" in said
    assert b"making" not in report_runs.run(child.pid, "-o", out).stderr


def test_detail_is_told(out, child):
    for detail, measure in (("rss", "rss"), ("maps", "size"), ("smaps", "pss")):
        made = report_runs.document(out, child.pid, "--detail", detail)
        assert (made["detail"], made["measure"]) == (detail, measure)
