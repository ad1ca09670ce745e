"""The processes that a user named by pid have to be there at the begin."""

from __future__ import annotations

from memc.errors import ProcessError, ProcessGone
from memc.proc.files import ProcessFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.proc.root import Opened
    from memc.targets.choice import Choice

__all__ = ["check_named"]


def check_named(root: Opened, choice: Choice, say: Callable[[str], object]) -> None:
    """Raise ProcessGone if none of them is there; say which are not."""
    named = [*choice.pids, *choice.trees]
    gone: list[ProcessGone] = []
    for pid in dict.fromkeys(named) if not choice.every else ():
        try:
            with ProcessFiles(root, pid):
                pass
        except ProcessGone as error:
            gone.append(error)
        except ProcessError:
            pass  # it is there, and hidden
    if gone and len(gone) == len({*named}):
        raise gone[0]
    for missing in gone:
        say(str(missing))
