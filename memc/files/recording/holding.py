"""What the owners in a process held at one time of a recording."""

from __future__ import annotations

from memc.files.recording.lives import lost_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.files.recording.reader import Reader

__all__ = ["Holding", "all_holdings", "holdings"]

# The newest row of each owner until a time: it holds until the next.
SQL = """
with newest as (select owner, max(t_ms) t_ms from _held
  where segment=:1 and process=:2 and t_ms<=:3 and t_ms>:4 group by owner)
select h.t_ms, o.id, o.name, rss_kb, swap_kb, pss_kb, uss_kb, size_kb, regions
from newest n join _held h on h.segment=:1 and h.process=:2 and h.t_ms=n.t_ms
  and h.owner=n.owner
join _owner o on o.id=h.owner order by o.id"""

ALL = """
select h.process, max(h.t_ms), o.id, o.name, rss_kb, swap_kb, pss_kb, uss_kb, size_kb,
  regions
from _held h join _owner o on o.id=h.owner
where segment=? and h.t_ms<=? and h.t_ms>? group by h.process, h.owner"""


class Holding:
    """What an owner held, in kB; None if the recorder did not read it.

    `number` is that of the owner in the recording, and `t_ms` the time at which it was
    read, or read again and found the same for the first time.
    """

    __slots__ = (
        "name",
        "number",
        "pss_kb",
        "regions",
        "rss_kb",
        "size_kb",
        "swap_kb",
        "t_ms",
        "uss_kb",
    )

    def __init__(self, row: tuple) -> None:  # type: ignore[type-arg] # of SQL
        (self.t_ms, self.number, self.name, self.rss_kb, self.swap_kb, self.pss_kb,
         self.uss_kb, self.size_kb, self.regions) = row  # fmt: skip

    def __repr__(self) -> str:
        """Show the owner and its resident memory."""
        return f"<Holding of {self.name}: {self.rss_kb} kB>"


def holdings(
    reader: Reader, segments: Iterable[int], process: int, t_ms: int
) -> tuple[int, list[Holding]]:
    """Return the owners that a process had at a time, and when they were found so.

    The time is 0 if they were not read until then.  The `segments` are looked through
    until one has any: the newest comes first.  A segment tells at its first tick what
    the one before ended with: then that one tells the time.
    """
    found: list[Holding] = []
    read_ms = first_ms = 0
    for segment in segments:
        if found and read_ms > first_ms:
            break
        lost = lost_ms(reader, segment, t_ms)
        older = [
            Holding(row) for row in reader.rows(SQL, (segment, process, t_ms, lost))
        ]
        if found and _amounts(older) != _amounts(found):
            break
        if older:
            found = found or older
            read_ms = max(holding.t_ms for holding in older)
            tick = reader.row("select min(t_ms) from _tick where segment=?", (segment,))
            first_ms = tick[0] if tick and tick[0] is not None else 0
        if lost and not found:  # what was before the gap may have changed in it
            break
    return read_ms, [holding for holding in found if holding.regions]


def all_holdings(reader: Reader, segment: int, t_ms: int) -> dict[int, list[Holding]]:
    """Return the owners of each process at a time, by the number of the process.

    The time of a holding is no earlier than the first tick of the segment, which tells
    all of them again.
    """
    found: dict[int, list[Holding]] = {}
    lost = lost_ms(reader, segment, t_ms)
    for number, *row in reader.rows(ALL, (segment, t_ms, lost)):
        holding = Holding(tuple(row))
        if holding.regions:
            found.setdefault(number, []).append(holding)
    return found


def _amounts(held: list[Holding]) -> dict[int, tuple[int | None, ...]]:
    """Return what each owner holds that holds anything."""
    names = [name for name in Holding.__slots__ if name not in ("name", "t_ms")]
    return {
        holding.number: tuple(getattr(holding, name) for name in names)
        for holding in held
        if holding.regions
    }
