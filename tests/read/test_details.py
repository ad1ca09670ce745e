"""Options --rss, --uss, --totals, --max-stall and --duty, on all three commands."""

import orjson
import pytest
from support import documents
from support.boxes import WITHOUT_RIGHTS, inside
from support.cases import cases
from support.commands import CHANGING
from support.readers import PURE
from support.streams import documents as parsed
from support.tables import rows
from support.text import page, record
from support.trees import PAGE_KB

pytestmark = pytest.mark.kernel

TRIES = 5
GIB_PAGES = (1 << 20) // PAGE_KB
STATUS = b"RssAnon:\t5 kB\nRssFile:\t6 kB\nVmSwap:\t0 kB\nThreads:\t3\n"
ROLLUP = b"Pss: 5 kB\nPrivate_Clean: 1 kB\nPrivate_Dirty: 2 kB\nSwap: 0 kB\n"
SMAPS = record(4096, 8192, b"Rss: 4 kB", b"VmFlags: rd")
# detail, options
DETAILS = [
    ("rss", ["--rss"]),
    ("uss", ["--uss"]),
    ("pss", ["--pss"]),
    ("totals", ["--totals"]),
    ("rollup", ["--totals", "--smaps"]),
    ("rollup", ["--smaps", "--totals", "--totals"]),
]
FORMS = [[], ["--compact"], ["--full"], ["--full", "--compact"]]
IDS = ["".join(form) or "plain" for form in FORMS]


@pytest.fixture
def proc(tree):
    """Give a tree of one process of a GiB, and a kernel thread."""
    statm = f"{2 * GIB_PAGES} {GIB_PAGES} 0 0 0 0 0\n".encode()
    files = {"status": STATUS, "smaps_rollup": ROLLUP, "statm": statm}
    tree.add(7, maps=page(1), smaps=SMAPS, **files)
    zeros = {"maps": b"", "smaps": b"", "statm": b"0 0 0 0 0 0 0\n"}
    tree.add(2, status=b"Threads:\t1\n", **zeros)
    return tree


def expected_bytes(document, form):
    option = None if "--compact" in form else orjson.OPT_INDENT_2
    return CHANGING.sub(rb"\1N", orjson.dumps(document, option=option)) + b"\n"


@pytest.mark.parametrize("form", FORMS, ids=IDS)
@pytest.mark.parametrize(("detail", "options"), DETAILS)
def test_each_detail_is_printed_as_python_shows_it(memc, proc, detail, options, form):
    snap = PURE.collect(7, detail, str(proc))
    document = documents.snapshot(snap, rows(snap), full="--full" in form)
    result = memc(7, *options, *form, prefix=inside(proc))
    assert (result.status, result.err) == (0, b"")
    assert result.masked == expected_bytes(document, form)


@pytest.mark.parametrize(("detail", "options"), DETAILS)
def test_all_processes_are_printed_in_each_detail(memc, proc, detail, options):
    system = PURE.collect_all(detail, skip_kernel=True, jobs=None, proc=str(proc))
    document = documents.system(system, rows=rows)
    form = ["--compact"]
    result = memc("--all", "--skip-kernel", *options, *form, prefix=inside(proc))
    said = "Scanning 2 processes…\nCollected 1, skipped 0\n"
    assert (result.status, result.err.decode()) == (0, said)
    assert result.masked == expected_bytes(document, form)


# detail that is read, why, arguments
BUDGETS = [
    ("rss", "over the budget", ["--smaps", "--max-stall", "10"]),
    ("smaps", "within it", ["--smaps", "--max-stall", "100"]),
    ("totals", "a rollup over it", ["--totals", "--smaps", "--max-stall=10"]),
    ("rollup", "a rollup within it", ["--totals", "--smaps", "--max-stall=100"]),
]


@cases(BUDGETS, why=1)
@pytest.mark.parametrize("target", ["7", "--all"])
def test_budget_chooses_what_is_read(memc, proc, target, case):
    expected, _, args = case
    result = memc(target, *args, "--compact", prefix=inside(proc))
    assert result.status == 0
    document = orjson.loads(result.out)
    if target == "--all":
        document = document["processes"][1]["snapshot"]
    said = [f"detail {expected}" in n["text"] for n in document.get("notes", [])]
    assert said == [True] * (expected in ("rss", "totals"))
    assert ("regions" in document) == (expected in ("rss", "smaps"))
    assert ("pss_kb" in document) == (expected == "rollup")


def test_samples_follow_one_another_in_each_detail(memc, proc):
    for _, options in DETAILS[:4]:
        result = memc(7, *options, "--count", 3, "--interval", 1, "--proc", proc)
        assert (result.status, len(parsed(result.out))) == (0, 3)


def test_duty_puts_samples_further_apart(memc, proc):
    """One per cent of a CPU: what costs a tenth of a millisecond waits for ten."""
    form = ["--compact", "--interval", 1, "--count", 3, "--proc", proc]
    result = memc(7, "--totals", "--duty", 1, *form)
    times = [document["timestamp_ms"] for document in parsed(result.out)]
    assert result.status == 0
    assert times[2] - times[0] >= 10


# In a namespace everybody is root, and has something to lose.
NO_RIGHTS = (
    *("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"),
)
# percentage, why, how many are denied
SHARES = [
    (33, "two of three are denied", 2),
    (50, "one of two is", 1),
]


@cases(SHARES, why=1)
def test_what_share_was_seen_is_told_when_some_is_denied(memc, tree, case):
    percent, _, denied = case
    tree.add(5, maps=page(1), status=STATUS)
    for pid in range(6, 6 + denied):
        (tree.add(pid, maps=page(1), status=STATUS) / "maps").chmod(0)
    result = memc("--all", "--compact", prefix=(*inside(tree), *NO_RIGHTS))
    *_, line = result.err.decode().splitlines()
    assert line.startswith(f"Saw {percent} % of the resident memory of all processes: ")
    assert line.endswith(
        "the rest needs CAP_PERFMON (CAP_SYS_PTRACE before Linux 6.15)"
    )


# why, statm of the process that is denied
UNTOLD = [
    ("its size is not known", None),
    ("its size is no number", b"x\n"),
]


@cases(UNTOLD, why=0)
def test_share_that_cannot_be_known_is_not_told(memc, tree, case):
    _, statm = case
    tree.add(5, maps=page(1), status=STATUS)
    (tree.add(6, maps=page(1), status=STATUS, statm=statm) / "maps").chmod(0)
    result = memc("--all", "--compact", prefix=(*inside(tree), *NO_RIGHTS))
    *_, line = result.err.decode().splitlines()
    assert line == "Collected 1, skipped 1: permission denied"


def test_a_normal_user_gets_figures_or_plain_words_for_every_process(memc):
    """Root without rights may not read what has them; others are such users already."""
    for _ in range(TRIES):  # the share is not known if one that is denied ends
        result = memc("--all", "--compact", prefix=WITHOUT_RIGHTS)
        lines = result.err.decode().splitlines()
        saw = [line for line in lines if line.startswith("Saw ")]
        if saw:
            break
    (collected,) = (line for line in lines if line.startswith("Collected "))
    document = orjson.loads(result.out)
    reasons = {skip["reason"] for skip in document["skipped_processes"]}
    assert result.status == 0
    assert "denied" in reasons <= {"denied", "gone"}
    assert collected.startswith(f"Collected {document['process_count']}, skipped ")
    snaps = [process["snapshot"] for process in document["processes"]]
    is_cut = any("notes" in snap for snap in snaps)
    assert is_cut or len(saw) == 1
    totals = memc("--all", "--totals", "--compact", prefix=WITHOUT_RIGHTS)
    found = orjson.loads(totals.out)["processes"]
    assert len(found) >= document["process_count"]
    for snap in (p["snapshot"] for p in found):
        is_cut = any(note["code"] == "cut" for note in snap.get("notes", ()))
        is_told = not is_cut and "same_memory_as" not in snap
        assert (snap["total_rss_kb"] is not None) == is_told
