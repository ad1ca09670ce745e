"""Type hints come with the package: mypy uses them in modules outside the tree."""

import re
import subprocess
import sys
from importlib.resources import files

import pytest
from support.cases import cases

# Every value is put into a name of the type that the pages tell of it.
GOOD = """
import memc
from memc import fallback, fast, fields, owners
from memc.owners import Owner, owners as find_owners

snap: memc.Snapshot = memc.snapshot(1, detail="smaps", proc="/proc", max_stall_ms=20)
pid: int | None = snap.pid
total: int | None = snap.total_rss_kb
totals: dict[str, int | None] = snap.totals
count: int = snap.region_count + len(snap)
note: memc.Note = snap.notes[0]
told: tuple[str, int, str] = (note.code, note.count, note.text)

region: memc.Region = snap[0]
part: list[memc.Region] = snap[1:]
place: tuple[int, int, int] = (region.start, region.end, region.offset)
text: str = region.perm + region.pathname + region.type + fields.TYPES[0]
size: int = region.size_kb
rss: int | None = snap[0].rss_kb
uss: int | None = region.uss_kb
flags: tuple[str, ...] | None = region.vm_flags
for each in snap:
    size += each.size_kb

column: memc.Column = snap.columns["rss_kb"]
stored: memoryview[int] = column.values
valid: memoryview[int] | None = column.valid

system: memc.SystemSnapshot = memc.snapshot_all(cgroups=True, jobs=2)
process: memc.Process = system.processes[0]
who: tuple[int, str, int | None] = (process.pid, process.name, process.uid)
group: str | None = process.cgroup
inside: memc.Snapshot = process.snapshot
skipped: memc.Skipped = system.skipped[0]
reason: str = skipped.reason
document: bytes = snap.to_json(pretty=True) + system.to_json(full=True)

Loaded = memc.Snapshot | memc.SystemSnapshot
loaded: Loaded | list[Loaded] = memc.load("saved.json")

grown: int | None = memc.diff(snap, inside).growth("rss")

owner: Owner = owners.owners(snap)[0]
label: str = find_owners(snap)[0].label

table: memc.Table = fast.parse_maps_text(b"", strict=False)
other: memc.Table = fallback.parse_smaps(1, proc="/proc")


def seen(snap: memc.Snapshot) -> None:
    print(snap.timestamp_ms)


sampler = memc.Sampler(1, interval_ms=10, max_snapshots=5)
sampler.on_snapshot(seen)
with sampler:
    latest: memc.Snapshot | None = sampler.get_latest()
    all_of_them: list[memc.Snapshot] = sampler.get_snapshots()
collector = memc.DataCollector(1, use_smaps=True)
once: memc.Snapshot = collector.collect_once()

try:
    memc.snapshot(2)
except memc.ProcessGone as error:
    gone: int = error.pid
except memc.FormatError as bad:
    where: tuple[int, int] = (bad.line, bad.column)
except (memc.AccessDenied, memc.ProcessError, memc.MemcError):
    raise
version: str = memc.__version__
"""

# mypy's code of the error, why, the line
WRONG = [
    ("assignment", "what may be missing", "rss: int = memc.snapshot(1)[0].rss_kb"),
    ("assignment", "flags are no text", "x: str | None = memc.snapshot(1)[0].vm_flags"),
    ("arg-type", "a pid is a number", 'memc.snapshot("1")'),
    ("call-arg", "an unknown argument", 'memc.snapshot(1, details="smaps")'),
    ("call-arg", "by its keyword alone", 'memc.snapshot(1, "smaps")'),
    ("attr-defined", "an unknown name", "memc.snapshots"),
    ("attr-defined", "an unknown attribute", "memc.snapshot(1).rss"),
    ("union-attr", "one document or several", 'memc.load("file").pid'),
    ("arg-type", "a callback takes a snapshot", "memc.Sampler(1).on_snapshot(abs)"),
    ("no-untyped-call", "the check is strict", "untyped()"),
]
HEAD = "# mypy: allow-untyped-defs\nimport memc\ndef untyped(): return 1\n"


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Give mypy's errors in each of two modules: (line, code of the error)."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "good.py").write_text(GOOD)
    lines = "".join(f"{line}\n" for _, _, line in WRONG)
    (folder / "wrong.py").write_text(HEAD + lines)
    options = "--strict --disallow-any-unimported --config-file= --cache-dir=cache"
    argv = [sys.executable, "-I", "-m", "mypy", *options.split(), "good.py", "wrong.py"]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, cwd=folder)
    assert done.stderr == ""
    found = re.findall(
        r"^(\w+)\.py:(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE
    )
    assert (done.returncode, len(found)) == (1, done.stdout.count(": error: "))
    errors = {"good": [], "wrong": []}
    for module, line, code in found:
        errors[module].append((int(line), code))
    return errors


def test_marker_of_type_hints_is_installed():
    assert files("memc").joinpath("py.typed").is_file()


def test_module_that_uses_all_of_memc_passes(checked):
    assert checked["good"] == []


@cases([(*case, number) for number, case in enumerate(WRONG)], why=1)
def test_wrong_use_is_an_error(checked, case):
    code, _, _, number = case
    line = HEAD.count("\n") + 1 + number
    assert {code} == {other for at, other in checked["wrong"] if at == line}
