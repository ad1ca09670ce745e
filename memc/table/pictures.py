"""Pictures of tables, snapshots and all processes: what holds the memory."""

from __future__ import annotations

from memc.human.picture import Bar, Picture
from memc.human.units import human
from memc.table.amounts import is_known, values, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memc.table.region import Note, Table
    from memc.table.snapshot import Process, Snapshot, SystemSnapshot

__all__ = [
    "TITLES",
    "of_process",
    "of_snapshot",
    "of_system",
    "of_table",
    "say",
    "when",
]

TITLES = {
    "pss_kb": "PSS",
    "rss_kb": "RSS",
    "private_kb": "PRIVATE",
    "size_kb": "SIZE",
}
RANKED = ("pss_kb", "rss_kb", "size_kb")  # by the first that is known
BESIDE = ("rss_kb", "private_kb")  # likewise, of the others
# What `totals` tells, of those parts that add up to RSS and of what is not in it.
PARTS = {
    "rss_anon_kb": "anonymous",
    "rss_file_kb": "mapped files",
    "rss_shmem_kb": "shared memory",
    "hugetlb_kb": "hugetlb (not in RSS)",
    "swap_kb": "swap (not in RSS)",
    "page_tables_kb": "page tables (not in RSS)",
}


def of_table(table: Table) -> Picture:
    """Return the owners of the regions of a table."""
    return _owners(table, "Table", [])


def of_snapshot(snap: Snapshot, who: str | None = None) -> Picture:
    """Return the owners of the regions of a process, or the parts of its totals."""
    pid = "that is not known" if snap.pid is None else snap.pid
    who = who or " ".join(filter(None, (f"Process {pid}", snap.name)))
    facts = [
        _fact("RSS", snap.total_rss_kb),
        _fact("mapped", snap.total_vsize_kb),
        f"detail {snap.detail}",
        when(snap.timestamp_ms),
    ]
    if snap.same_memory_as is not None:
        facts.insert(0, f"its memory is told with process {snap.same_memory_as}")
    if not snap.totals:
        return _owners(snap, who, facts)
    for name in ("pss_kb", "uss_kb"):
        if snap.totals.get(name) is not None:
            facts.insert(0, _fact(TITLES.get(name, "PRIVATE"), snap.totals[name]))
    bars = [Bar(words, snap.totals.get(name)) for name, words in PARTS.items()]
    made = Picture(who, bars, what="PART", amount="AMOUNT", facts=facts)
    say(made, snap.notes)
    return made


def of_process(process: Process) -> Picture:
    """Return that of its snapshot."""
    return of_snapshot(process.snapshot, f"Process {process.pid} {process.name}")


def of_system(system: SystemSnapshot) -> Picture:
    """Return the processes that hold the most memory."""
    snaps = [process.snapshot for process in system.processes]
    names = _columns([{n: whole(snap, n) for n in TITLES} for snap in snaps])
    bars = []
    for process in system.processes:
        amounts = [whole(process.snapshot, name) for name in names]
        cells = [human(kb) for kb in amounts[1:]]
        bars.append(Bar(f"{process.pid} {process.name}", amounts[0], cells))
    found = len(system.processes)
    count = f"{found:,} {'process' if found == 1 else 'processes'}"
    skipped = f"{len(system.skipped):,} could not be read" if system.skipped else None
    facts = [skipped, _in_sum(names[0], bars), when(system.timestamp_ms)]
    made = Picture(
        count,
        bars,
        what="PROCESS",
        amount=TITLES[names[0]],
        heads=[TITLES[name] for name in names[1:]],
        facts=facts,
    )
    say(made, system.notes)
    noted = sum(bool(snap.notes) for snap in snaps)
    if noted:
        words = "snapshot has" if noted == 1 else "snapshots have"
        made.notes.append(f"{noted:,} {words} notes")
    return made


def _in_sum(name: str, bars: Sequence[Bar]) -> str:
    if name != "pss_kb":
        return f"{TITLES[name]} counts shared memory in each process"
    return _fact("PSS in sum", sum(bar.kb or 0 for bar in bars)) or ""


def _owners(table: Table, who: str, facts: Iterable[str | None]) -> Picture:
    names = _columns([{n: int(is_known(table, n)) for n in TITLES}])
    owners = [owner.owner for owner in table.find_owners()]
    sums: dict[str, list[int]] = {owner: [0] * (len(names) + 1) for owner in owners}
    for owner in owners:
        sums[owner][-1] += 1
    for at, name in enumerate(names):
        for owner, kb in zip(owners, values(table, name), strict=True):
            sums[owner][at] += kb or 0
    swap = sum(kb or 0 for kb in values(table, "swap_kb"))
    bars = [
        Bar(owner, kb[0], [*map(human, kb[1:-1]), f"{kb[-1]:,}"])
        for owner, kb in sums.items()
    ]
    made = Picture(
        who,
        bars,
        what="OWNER",
        amount=TITLES[names[0]],
        heads=[*(TITLES[name] for name in names[1:]), "REGIONS"],
        facts=[f"{len(table):,} regions", _fact("swap", swap or None), *facts],
    )
    say(made, table.notes)
    return made


def _columns(told: Sequence[dict[str, int | None]]) -> list[str]:
    """Return the amounts that are shown: that of the ranking, and one beside it."""
    known = [n for n in TITLES if any(one[n] for one in told)]
    first = next((name for name in RANKED if name in known), "size_kb")
    return [first, *[name for name in BESIDE if name in known and name != first][:1]]


def say(made: Picture, notes: Iterable[Note]) -> None:
    """Add notes to a picture."""
    made.notes += [f"{note.code}: {note.text}" for note in notes]


def when(timestamp_ms: int | None) -> str | None:
    """Return a time for people, None if it is not known."""
    if timestamp_ms is None:
        return None
    import time

    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(timestamp_ms / 1000))


def _fact(what: str, kb: int | None) -> str | None:
    return None if kb is None else f"{what} {human(kb)}"
