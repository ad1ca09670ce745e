"""When a program and its descendants had most, as a recording tells."""

from __future__ import annotations

from memc.files.recording.open import connect, unreadable
from memc.targets.descent import descendants

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

__all__ = ["Peak", "find"]

# The last run; its processes are told by the boot and the time of its begin.
RUN = "select id, boot, began_ms from _run order by id desc limit 1"
SEGMENTS = "select min(id) from _segment where run=?"
FIRST_LOOK = "select min(t_ms) from _tick where segment=?"
PROCESSES = """select id, pid, ppid, exec, last_ms, last_segment from _process
  where boot=? and ifnull(last_ms, ?)>=? order by id"""
USAGE = """select segment, t_ms, process, rss_kb from _usage
  where segment>=? order by segment, t_ms"""
# Pages of hugetlb are in no RSS.  They count as that of a process of their own, whose
# number is below 0.
HUGETLB = """select segment, t_ms, -process, hugetlb_kb from _beside
  where segment>=? order by segment, t_ms"""
# What each owner held at a time, or as soon as it was read.
HELD = """select o.name, h.rss_kb, h.pss_kb from _held h
  join _owner o on o.id=h.owner where segment=:segment and process=:process and
  t_ms=ifnull(
    (select max(t_ms) from _held i where i.segment=h.segment and i.process=h.process
     and i.owner=h.owner and t_ms<=:t_ms),
    (select min(t_ms) from _held i where i.segment=h.segment and i.process=h.process
     and not exists (select 1 from _held j where j.segment=i.segment
     and j.process=i.process and t_ms<=:t_ms)))"""
LAST_MS = 1 << 62
ABOUT = 0.95  # of the largest sum is about as much


class Peak:
    """The time at which processes had most resident memory together.

    `rss_kb` is their sum at `t_ms`, which is `after_ms` after the first look, and
    `hugetlb_kb` what they had beside it.  `pids` are those that had any.  `owners` has
    the sum of each owner, the largest first, and `pss_kb` the sum of their PSS, None if
    it is not known.
    """

    __slots__ = (
        "after_ms",
        "hugetlb_kb",
        "owners",
        "pids",
        "pss_kb",
        "rss_kb",
        "t_ms",
    )

    def __init__(self, t_ms: int, after_ms: int, held: dict[int, int]) -> None:
        self.t_ms = t_ms
        self.after_ms = after_ms
        self.rss_kb = sum(held.values())
        self.hugetlb_kb = 0
        self.pids = sorted(pid for pid, kb in held.items() if kb)
        self.owners: list[tuple[str, int]] = []
        self.pss_kb: int | None = None


def find(path: str, pid: int, *, is_whole: bool = True) -> Peak | None:
    """Return the peak of process `pid` and its descendants in the last run.

    With `is_whole` the run began before the program, so its first look does not count.
    None if nothing was seen after it.  Raises MemcError if the recording cannot be
    read, and OSError.
    """
    import sqlite3

    db = connect(path)
    try:
        return _find(db, pid, is_whole=is_whole)
    except sqlite3.Error as error:
        raise unreadable(path, error) from None
    finally:
        db.close()


def _find(db: sqlite3.Connection, pid: int, *, is_whole: bool) -> Peak | None:
    run, boot, began_ms = db.execute(RUN).fetchone()
    first = db.execute(SEGMENTS, (run,)).fetchone()[0] or 0
    rows = db.execute(PROCESSES, (boot, began_ms, began_ms)).fetchall()
    family = _family(rows, pid)
    if is_whole:
        for number in _waiting(rows, pid):
            del family[number]
    began_ms = db.execute(FIRST_LOOK, (first,)).fetchone()[0] or 0
    changes = [
        (segment, t_ms, process, rss_kb or 0)
        for sql in (USAGE, HUGETLB)
        for segment, t_ms, process, rss_kb in db.execute(sql, (first,))
        if abs(process) in family
    ]
    ends = [
        (last_segment, last_ms, number * sign, None)
        for number, _, _, _, last_ms, last_segment in rows
        for sign in (1, -1)
        if number in family and last_ms is not None
    ]
    nothing = (first, began_ms if is_whole else began_ms - 1)
    best = _most([*changes, *ends], nothing)
    if best is None:
        return None
    held = {family[number]: kb for number, kb in best.alive.items() if number > 0}
    peak = Peak(best.t_ms, best.t_ms - began_ms, held)
    peak.hugetlb_kb = sum(kb for number, kb in best.alive.items() if number < 0)
    _add_owners(db, peak, best)
    return peak


def _family(rows: list[tuple[int, ...]], pid: int) -> dict[int, int]:
    """Return the pid of each row of the process and its descendants."""
    pids = descendants([pid], ((own, parent) for _, own, parent, *_ in rows))
    return {number: own for number, own, *_ in rows if own in pids}


def _waiting(rows: list[tuple[int, ...]], pid: int) -> list[int]:
    """Return the rows of the child of memc that waited to become the program."""
    own = [(number, execs) for number, one, _, execs, *_ in rows if one == pid]
    has_become = any(execs for _, execs in own)
    return [number for number, execs in own if has_become and not execs]


class Most:
    """The largest sum: when, who had how much, and until when it was about as much."""

    __slots__ = ("alive", "segment", "t_ms", "until_ms")

    def __init__(self, segment: int, t_ms: int, alive: dict[int, int]) -> None:
        self.segment = segment
        self.t_ms = t_ms
        self.alive = alive
        self.until_ms = LAST_MS


def _most(
    changes: list[tuple[int, int, int, int | None]], begin: tuple[int, int]
) -> Most | None:
    """Return the largest sum after `begin`; None if there is none."""
    changes.sort(key=lambda change: change[:2])
    alive: dict[int, int] = {}
    best: Most | None = None
    most = -1
    for i, (segment, t_ms, process, rss_kb) in enumerate(changes):
        if rss_kb is None:
            alive.pop(process, None)
        else:
            alive[process] = rss_kb
        at = segment, t_ms
        if changes[i + 1 : i + 2] and changes[i + 1][:2] == at:
            continue  # the same look goes on
        total = sum(alive.values())
        if at > begin and alive and total > most:
            most, best = total, Most(segment, t_ms, dict(alive))
        elif best and best.until_ms == LAST_MS and total < most * ABOUT:
            best.until_ms = t_ms - 1 if segment == best.segment else LAST_MS - 1
    return best


def _add_owners(db: sqlite3.Connection, peak: Peak, best: Most) -> None:
    """Add what owners held when they were read last, while it was about as much."""
    sums: dict[str, int] = {}
    pss_kb: int | None = 0
    place = {"segment": best.segment, "t_ms": best.until_ms}
    for process in (number for number in best.alive if number > 0):
        found = db.execute(HELD, place | {"process": process}).fetchall()
        if not found:
            pss_kb = None
        for owner, rss_kb, pss in found:
            sums[owner] = sums.get(owner, 0) + (rss_kb or 0)
            pss_kb = None if pss_kb is None or pss is None else pss_kb + pss
    peak.owners = sorted(sums.items(), key=lambda item: -item[1])
    peak.pss_kb = pss_kb
