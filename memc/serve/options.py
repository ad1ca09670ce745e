"""The options of a scanner, checked, and the processes that it means."""

from __future__ import annotations

from memc.read.options import check_pid
from memc.serve.bounds import MIN_SERIES
from memc.serve.details import AUTO, TOLD
from memc.serve.names import BY
from memc.targets.choice import Choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["check", "choose"]

# The least value of each number; `duty` is apart.
LEAST = {"groups": 1, "max_series": MIN_SERIES, "max_stall_ms": 1, "by_process": 0}
DUTY_MAX = 100


def check(*, detail: object, group: object, duty: object, **numbers: object) -> None:
    """Raise TypeError or ValueError for a wrong option."""
    _check_word("detail", detail, (AUTO, *TOLD))
    _check_word("group", group, BY)
    for name, number in numbers.items():
        if not isinstance(number, int) or isinstance(number, bool):
            raise TypeError(f"{name}: expected an int, not {number!r}")
        if number < LEAST[name]:
            raise ValueError(f"{name}: expected {LEAST[name]} or more, not {number}")
    if duty is None:
        return
    if not isinstance(duty, (int, float)) or isinstance(duty, bool):
        raise TypeError(f"duty: expected a number, not {duty!r}")
    if not 0 < duty <= DUTY_MAX:
        raise ValueError(f"duty: expected above 0 to {DUTY_MAX}, not {duty!r}")


def _check_word(name: str, word: object, words: Iterable[str]) -> None:
    if word not in (*words,):  # a list, say, has no hash
        choices = " or ".join(map(repr, words))
        raise ValueError(f"{name}: expected {choices}, not {word!r}")


def choose(choice: Choice | None, pid: int | None, proc: str) -> Choice:
    """Return the processes that are meant: all if nobody says.

    Raises ValueError for a choice of files.
    """
    if not isinstance(proc, str):
        raise TypeError(f"proc: expected a str, not {proc!r}")
    made = Choice(proc=proc) if choice is None else choice.without()
    for path in (*made.paths, *made.recordings):
        raise ValueError(f"{path}: a file cannot be scanned: processes only")
    if pid is not None:
        check_pid(pid)
        made.pids = [*made.pids, pid]
    made.every = made.every or made.is_empty()
    made.itself = True
    return made
