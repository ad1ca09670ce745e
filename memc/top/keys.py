"""The keys of the live view: one table, which the view, its help and the docs read."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["KEYS", "LIVE", "REPLAY", "Key", "keys_of"]

LIVE, REPLAY = "live", "replay"
# What textual calls a key, and what is on it.
WORDS = {
    "slash": "/",
    "backslash": "\\",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "question_mark": "?",
    "colon": ":",
    "plus": "+",
    "minus": "-",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
    "ctrl+c": "Ctrl-C",
}


class Key:
    """What keys do: `keys` as textual names them, an action, and words for the help.

    `only` is "live" or "replay" if they do it there alone, and `short` a word for the
    lowest line of the screen, "" if it is not there.
    """

    __slots__ = ("action", "group", "help", "keys", "only", "short")

    def __init__(
        self,
        group: str,
        keys: str,
        action: str,
        help_text: str,
        *,
        short: str = "",
        only: str = "",
    ) -> None:
        self.group = group
        self.keys = tuple(keys.split(","))
        self.action = action
        self.help = help_text
        self.short = short
        self.only = only

    def shown(self) -> str:
        """Return what is on the keys: "F3 /"."""
        return " ".join(map(_shown, self.keys))


def _shown(key: str) -> str:
    plain = key if len(key) == 1 else key.capitalize()
    return WORDS.get(key, plain)


MOVE, FIND, SORT, LOOK, TIME, REST = (
    "Move",
    "Find",
    "Sort",
    "Look closer",
    "Time of a recording",
    "Other",
)
KEYS = (
    Key(MOVE, "up", "up", "one line up"),
    Key(MOVE, "down", "down", "one line down"),
    Key(MOVE, "pageup", "page_up", "one page up"),
    Key(MOVE, "pagedown", "page_down", "one page down"),
    Key(MOVE, "home", "home", "to the first line"),
    Key(MOVE, "end", "end", "to the last line"),
    Key(MOVE, "tab", "pane", "from the list to its owners or regions, and back"),
    Key(FIND, "f3,slash", "find", "go to a name or command line", short="find"),
    Key(FIND, "n", "find_next", "go to the next one"),
    Key(FIND, "f4,backslash", "filter",
        "show only what has this in its name or command line; | means or",
        short="filter"),
    Key(FIND, "u", "user", "only the user of the selected process; again: all"),
    Key(FIND, "K", "kernel", "show or hide the threads of the kernel"),
    Key(FIND, "c", "commands", "names, or command lines"),
    Key(FIND, "f5,t", "tree", "show a tree; each line has the sum of all below it",
        short="tree"),
    Key(FIND, "b", "group",
        "one line for each process, name, user, control group, service, container",
        short="by"),
    Key(FIND, "B", "group_back", "the same, the other way around"),
    Key(SORT, "f6,greater_than_sign", "sort", "sort by the next column", short="sort"),
    Key(SORT, "less_than_sign", "sort_back", "sort by the column before"),
    Key(SORT, "i,I", "invert", "turn the order around"),
    Key(SORT, "M", "sort_rss", "sort by resident memory"),
    Key(SORT, "S", "sort_swap", "sort by swap"),
    Key(SORT, "G", "sort_growth", "sort by growth"),
    Key(SORT, "N", "sort_name", "sort by name"),
    Key(SORT, "P", "sort_pid", "sort by pid"),
    Key(LOOK, "enter", "owners", "what the selected process holds", short="owners"),
    Key(LOOK, "r", "regions", "its regions", short="regions"),
    Key(LOOK, "d", "diff", "count changes from here; two marked: compare them",
        short="diff"),
    Key(LOOK, "m", "mark", "mark the selected line"),
    Key(LOOK, "space", "mark", "mark the selected line", only=LIVE),
    Key(LOOK, "U", "unmark", "unmark all"),
    Key(LOOK, "s", "save", "save the selected process, or all, as JSON", short="save"),
    Key(LOOK, "escape", "back", "back: from the pane, a group, a filter, or changes"),
    Key(TIME, "j", "tick", "to the next look", only=REPLAY),
    Key(TIME, "J", "tick_back", "to the look before", only=REPLAY),
    Key(TIME, "right_square_bracket", "minute", "1 minute forth", only=REPLAY),
    Key(TIME, "left_square_bracket", "minute_back", "1 minute back", only=REPLAY),
    Key(TIME, "right_curly_bracket", "hour", "1 hour forth", only=REPLAY),
    Key(TIME, "left_curly_bracket", "hour_back", "1 hour back", only=REPLAY),
    Key(TIME, "e", "event", "to the next event", only=REPLAY),
    Key(TIME, "E", "event_back", "to the event before", only=REPLAY),
    Key(TIME, "colon", "go", "to a time, such as 14:03 or -10m", only=REPLAY),
    Key(TIME, "space", "play", "go on by itself, or stop", only=REPLAY),
    Key(TIME, "plus", "faster", "go on faster, up to 60 times", only=REPLAY),
    Key(TIME, "minus", "slower", "go on slower", only=REPLAY),
    Key(REST, "f9,z", "pause", "hold the picture, or go on", short="pause", only=LIVE),
    Key(REST, "f1,h,question_mark", "help", "these keys", short="help"),
    Key(REST, "q,f10,ctrl+c", "quit", "end memc top", short="quit"),
)  # fmt: skip


def keys_of(*, is_live: bool) -> Sequence[Key]:
    """Return the keys that do something: live, or in a recording."""
    other = REPLAY if is_live else LIVE
    return [key for key in KEYS if key.only != other]
