"""The options of a recorder: what to record, how often, and how much to keep."""

from __future__ import annotations

import re

from memc.read.options import check_pid
from memc.record.room import MIN_SIZE
from memc.sampling.schedule import check_interval
from memc.targets.choice import Choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memc.limits.limits import AnyLimit

__all__ = ["DETAILS", "OF_REGIONS", "RecordOptions", "Regions"]

DETAILS = ("maps", "rss", "uss", "pss", "smaps")
STALL_MS = 50  # how long smaps may hold a process up, if nobody said
DUTY_MAX = 100
INFINITE = float("inf")
TOP = "top:"
DIGITS_MAX = 4300  # which int() takes
# The details that tell the figures of limits which status does not tell.
TELLING = {
    "pss": ("pss", "smaps"),
    "uss": ("uss", "pss", "smaps"),
    "regions": DETAILS,
}
OF_REGIONS = (*TELLING,)


class Regions:
    """Whose regions are kept: one of the words that `regions` has.

    `pid` is a process, `name` a pattern that its name matches, and `top` how many
    processes that grew most; the other two are None.
    """

    __slots__ = ("name", "pid", "top")

    def __init__(self, word: int | str) -> None:
        self.pid: int | None = None
        self.name: re.Pattern[str] | None = None
        self.top: int | None = None
        if isinstance(word, int) and not isinstance(word, bool):
            _check_int("regions", word, 1)
            check_pid(word)
            self.pid = word
        elif not isinstance(word, str):
            raise TypeError(f"regions: expected pids or words, not {word!r}")
        elif word.isascii() and word.isdigit():
            self.pid = int(word[:DIGITS_MAX])
            _check_int("regions", self.pid, 1)
            check_pid(self.pid)
        elif word.startswith(TOP) and _is_count(word[len(TOP) :]):
            self.top = int(word[len(TOP) :])
        elif len(word) > 2 and word[0] == word[-1] == "/":
            try:
                self.name = re.compile(word[1:-1])
            except re.error as error:
                raise ValueError(f"regions: {word}: {error}") from None
        else:
            expected = "a pid, /a pattern for names/, or top:5"
            raise ValueError(f"regions: expected {expected}, not {word!r}")


def _is_count(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and int(digits[:9]) > 0


class RecordOptions:
    """What a recorder does.

    - `choice` says which processes are recorded; `pids` are named ones.  Without both
      all processes are.
    - `interval_ms` is the time from one tick to the next.
    - `detail` is how regions are read, and `regions` whose are kept: pids, patterns of
      names such as "/java/", or "top:5", the five that grew most.  Without any, those
      of the processes that were named by pid.
    - `duty` is how much of one CPU, in percent, may be spent on regions; 0 reads none.
    - `max_stall_ms` is how long reading may hold up a process; with smaps it is 50
      unless it is given.
    - `limits` are those of `memc check`.
    - `keep_s` and `max_size` (bytes) are how long, and how much, is kept; `flush_s` is
      how often rows are written.
    - `proc` is another root than /proc.

    Raises TypeError or ValueError for wrong options.
    """

    __slots__ = (
        "choice",
        "detail",
        "duty",
        "flush_s",
        "interval_ms",
        "keep_s",
        "limits",
        "max_size",
        "max_stall_ms",
        "proc",
        "regions",
    )

    def __init__(  # noqa: PLR0913 - keyword-only, and a call names few
        self,
        *,
        choice: Choice | None = None,
        pids: Iterable[int] = (),
        interval_ms: int = 1000,
        detail: str = "rss",
        regions: Sequence[int | str] = (),
        duty: float = 2.0,
        max_stall_ms: int | None = None,
        limits: Sequence[AnyLimit] = (),
        keep_s: float = 7 * 86400,
        max_size: int = 1 << 30,
        flush_s: float = 10,
        proc: str = "/proc",
    ) -> None:
        check_interval(interval_ms)
        if detail not in (*DETAILS,):
            words = " or ".join(map(repr, DETAILS))
            raise ValueError(f"detail: expected {words}, not {detail!r}")
        if not isinstance(proc, str):
            raise TypeError(f"proc: expected a str, not {proc!r}")
        _check_number("duty", duty, 0, DUTY_MAX)
        _check_number("keep_s", keep_s, 1)
        _check_number("flush_s", flush_s, 0)
        _check_int("max_size", max_size, MIN_SIZE)
        if max_stall_ms is not None:
            _check_int("max_stall_ms", max_stall_ms, 1)
        elif detail == "smaps":
            max_stall_ms = STALL_MS
        if isinstance(regions, (str, bytes)):
            raise TypeError(f"regions: expected a list of words, not {regions!r}")
        _check_limits(limits, detail, duty)
        self.choice = _choice(choice, pids, proc)
        self.interval_ms = interval_ms
        self.detail = detail
        self.regions = [Regions(word) for word in regions]
        self.duty = duty
        self.max_stall_ms = max_stall_ms
        self.limits = tuple(limits)
        self.keep_s = keep_s
        self.max_size = max_size
        self.flush_s = flush_s
        self.proc = proc

    def told(self) -> dict[str, object]:
        """Return the options as a recording keeps them."""
        names = ("interval_ms", "detail", "duty", "max_stall_ms", "keep_s", "max_size")
        told = {name: getattr(self, name) for name in (*names, "flush_s", "proc")}
        return told | {"pids": sorted({*self.choice.pids})}


def _choice(choice: Choice | None, pids: Iterable[int], proc: str) -> Choice:
    """Return which processes are meant: all if nobody says."""
    if isinstance(pids, (str, bytes, int)):
        raise TypeError(f"pids: expected a list of pids, not {pids!r}")
    made = Choice(proc=proc) if choice is None else choice.without()
    if made.paths:
        raise ValueError(f"{made.paths[0]}: a file cannot be recorded: processes only")
    made.proc = proc
    made.pids = [*made.pids]
    for pid in pids:
        check_pid(pid)
        made.pids.append(pid)
    made.every = made.every or made.is_empty()
    return made


def _check_limits(limits: Sequence[AnyLimit], detail: str, duty: float) -> None:
    """Raise ValueError for a limit on what is not read."""
    for limit in limits:
        details = TELLING.get(limit.what)
        if details is None:
            continue
        if detail not in details:
            words = " or ".join(map(repr, details))
            raise ValueError(f"limits: {limit.name} needs detail {words}")
        if not duty:
            raise ValueError(f"limits: {limit.name} needs a duty above 0")


def _check_number(
    name: str, value: object, least: int, most: int | None = None
) -> None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{name}: expected a number, not {value!r}")
    if not value >= least or (most is not None and value > most) or value == INFINITE:
        until = "or more" if most is None else f"to {most}"
        raise ValueError(f"{name}: expected {least} {until}, not {value!r}")


def _check_int(name: str, value: object, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name}: expected an int, not {value!r}")
    if value < least:
        raise ValueError(f"{name}: expected {least} or more, not {value}")
