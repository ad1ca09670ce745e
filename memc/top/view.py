"""What the user chose to see of a moment."""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.top.moment import Tell

__all__ = ["GROUPS", "SORTS", "View"]

SORTS = ("rss", "uss", "swap", "anon", "file", "growth", "faults", "name", "pid")
GROUPS = ("process", "name", "user", "cgroup", "service", "container")


@dataclass(slots=True, kw_only=True)
class View:
    """What is shown, and how.

    - `sort` is one of `SORTS`, and `by` one of `GROUPS`; a tree is of processes.
    - `text` is what the name or the command line has to contain, and `user` whose the
      processes are; "" is anything, and all.
    - `inside` is a group and its name: only its processes are shown.
    - `marks` and `selected` are keys of lines.
    - `base` is the moment from which changes are counted, if the user chose one.
    - `minutes` is how long histories are.
    - `kernel` shows the threads of the kernel, too; `commands` shows command lines in
      place of names.
    """

    sort: str = "rss"
    reverse: bool = False
    text: str = ""
    user: str = ""
    by: str = "process"
    inside: tuple[str, str] | None = None
    tree: bool = False
    marks: set[int] = field(default_factory=set)
    selected: int | None = None
    base: Tell | None = None
    minutes: int = 5
    is_paused: bool = False
    kernel: bool = False
    commands: bool = False
