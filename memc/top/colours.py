"""The colours of the live view: what each kind of text looks like.

A colour never says anything alone: "▲" and "+" or "-" stand beside it.  On each
background every text has a contrast of at least 4.5 : 1.
"""

from __future__ import annotations

__all__ = ["BACKGROUNDS", "COLOURS", "PLAIN"]

# What is behind a line: most lines, the selected one, and that of a pane without focus.
BACKGROUNDS = {"": "#11151a", "selected": "#254a73", "unfocused": "#2b3340"}

# The kinds of text of memc.top.format, each as words that rich understands.
COLOURS = {
    "": "#d5dbe3",
    "head": "bold #8fd0ff",
    "key": "bold #8fd0ff",
    "dim": "#b6bfca",
    "warn": "bold #ffc65c",
    "grow": "#ffab8f",
    "shrink": "#94e08a",
    "bar": "#7fd6d0",
    "error": "bold #ffb0b0",
}

# Without colours, as NO_COLOR asks for.
PLAIN = {
    "head": "bold",
    "key": "bold",
    "warn": "bold",
    "error": "bold",
    "selected": "reverse",
    "unfocused": "underline",
}
