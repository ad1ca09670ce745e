"""The texts of notes; the C core has the same texts in csrc/table/message.c."""

from __future__ import annotations

from memc.table.region import Note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.errors import FormatError

CODES = ("torn", "cut", "bad_line", "denied", "degraded", "late", "as_of")
NEEDS = "CAP_PERFMON (CAP_SYS_PTRACE before Linux 6.15)"


def in_order(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return the notes in the order of `CODES`; of each code only the last note."""
    last = {note.code: note for note in notes}
    return tuple(last[code] for code in CODES if code in last)


def torn(count: int) -> Note:
    """Return the note for regions that newer lines replaced, or that were unsorted."""
    what = f"{count} region{_s(count)} replaced or put in order"
    return Note(
        "torn", count, f"the process changed its regions while it was read: {what}"
    )


def cut() -> Note:
    """Return the note for a list of regions that is cut short."""
    what = "the process ended or called exec while it was read: the list is cut short"
    return Note("cut", 1, what)


def bad_line(count: int, first: FormatError) -> Note:
    """Return the note for lines that were passed over."""
    what = f"{count} line{_s(count)} passed over, the first: {first}"
    return Note("bad_line", count, what)


def no_right(words: str = "") -> Note:
    """Return the note for page tables that may not be read.

    `words` tell why, if it is not for want of a right.
    """
    if words:
        return Note("denied", 1, f"rss_kb is unknown: pagemap: {words}")
    who = "the same user or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH"
    return Note("denied", 1, f"rss_kb is unknown: pagemap may be read by {who}")


def no_scan(words: str = "") -> Note:
    """Return the note for page tables that cannot be scanned.

    `words` tell why, if it is not for want of a scan.
    """
    if words:
        return Note("degraded", 1, f"rss_kb is unknown: pagemap: {words}")
    what = "this kernel cannot scan page tables (PAGEMAP_SCAN, Linux 6.7)"
    return Note("degraded", 1, f"rss_kb is unknown: {what}, or this is a copy of /proc")


def no_counts_right() -> Note:
    """Return the note for PSS that this process may not count."""
    what = "kpagecount may be read by root with CAP_SYS_ADMIN"
    help_ = "smaps and smaps_rollup tell PSS too, but can stall a large process"
    return Note("denied", 1, f"pss_kb is unknown: {what}; {help_}")


def no_counts(code: str, words: str) -> Note:
    """Return the note for a kpagecount that is missing; `words` tell if it failed."""
    if words:
        return Note(code, 1, f"pss_kb is unknown: kpagecount: {words}")
    why = "CONFIG_PROC_PAGE_MONITOR, or the mount option subset=pid"
    what = f"this /proc has no kpagecount ({why}), or this is a copy of /proc"
    return Note(code, 1, f"pss_kb is unknown: {what}")


def rounded_pss() -> Note:
    """Return the note for a kernel that counts large folios, not their pages."""
    what = "this kernel counts how often a large folio is mapped, not each of its pages"
    words = f"pss_kb is an estimate, as it is in smaps: {what}"
    return Note("degraded", 1, f"{words} (CONFIG_NO_PAGE_MAPCOUNT)")


def _without_rollup(*, swap: bool) -> str:
    """Return what is unknown without smaps_rollup: with `swap` also swapped memory."""
    names = "pss_kb, uss_kb and swap_kb" if swap else "pss_kb and uss_kb"
    return f"{names} are unknown"


def rollup_denied(*, swap: bool) -> Note:
    """Return the note for a smaps_rollup that may not be read."""
    who = f"the same user or with {NEEDS}"
    what = f"smaps_rollup may be read by {who}"
    return Note("denied", 1, f"{_without_rollup(swap=swap)}: {what}")


def no_rollup(*, swap: bool) -> Note:
    """Return the note for a missing smaps_rollup."""
    what = "this kernel has neither smaps_rollup (Linux 4.14) nor smaps"
    words = f"{_without_rollup(swap=swap)}: {what}, or this is a copy of /proc"
    return Note("degraded", 1, words)


def no_totals(code: str, file: str, words: str, *, swap: bool) -> Note:
    """Return the note for a file with PSS and USS that was refused, or failed."""
    return Note(code, 1, f"{_without_rollup(swap=swap)}: {file}: {words}")


def swap_unknown() -> Note:
    """Return the note for swap that VmSwap tells in part."""
    what = "VmSwap leaves shared memory out; smaps_rollup tells it (--totals --smaps)"
    return Note("degraded", 1, f"swap_kb is unknown: {what}")


def over_budget(file: str, stall_ms: int, max_stall_ms: int, detail: str) -> Note:
    """Return the note that memc read `detail` instead of `file`."""
    stall = f"it may hold up the process for about {stall_ms} ms"
    budget = f"the budget is {max_stall_ms} ms"
    what = f"{file} was not read: {stall}, and {budget}; this is detail {detail}"
    return Note("degraded", 1, what)


def late(count: int) -> Note:
    """Return the note for samples that were due before this one and left out."""
    were = "was" if count == 1 else "were"
    what = f"{count} sample{_s(count)} {were} due before this one and left out"
    return Note("late", count, f"{what}: reading took longer than the interval")


def as_of(age_ms: int) -> Note:
    """Return the note that an earlier reading is told again."""
    since = "no thread of the process has run since"
    return Note("as_of", age_ms, f"these amounts were read {age_ms} ms before: {since}")


def _s(count: int) -> str:
    return "" if count == 1 else "s"
