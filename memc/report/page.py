"""One HTML file of a document, which opens anywhere and asks nobody for anything.

It runs two scripts, that of plotly and our own; its policy names both by their hashes,
so a script that got in by a name would not run.  Styles are allowed in the same way.
Plotly makes an empty element `style`, which it fills by rules: so the hash of an empty
text is allowed.  It also adds the styles of maps of the world: never here, as the id
of that element is taken already (`_taken`).
"""

from __future__ import annotations

import os
import re

from memc.report import sections
from memc.report.packed import packed
from memc.report.safe import hash_of, json_text, script_text, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["page"]

FIELD = re.compile(r"\{\{(\w+)\}\}")
STYLE_ID = re.compile(r'getElementById\("([0-9a-f]{64})"\)')
NOTES = 3  # at the top
SCRIPTS = ("words.js", "chart.js", "map.js", "page.js")


def page(document: dict[str, Any]) -> bytes:
    """Return the page of a document; ImportError without plotly."""
    from plotly.offline import get_plotlyjs

    style = _file("page.css")
    plotly = script_text(get_plotlyjs())
    own = "".join(map(_file, SCRIPTS))
    script = script_text(f'(async () => {{\n"use strict";\n{own}}})();')
    scripts = f"{hash_of(plotly)} {hash_of(script)}"
    parts = {
        "policy": (
            f"default-src 'none'; script-src {scripts}; "
            f"style-src {hash_of(style)} {hash_of('')}; "
            "base-uri 'none'; form-action 'none'"
        ),
        "style": style,
        "plotly": plotly,
        "script": script,
        "taken": _taken(plotly),
        "data": json_text(packed(document)),
        **_words(document),
        "time": sections.time(document),
        "grew": sections.grew(document),
    }
    return FIELD.sub(lambda field: parts[field[1]], _file("page.html")).encode()


def _file(name: str) -> str:
    path = os.path.join(os.path.dirname(__file__), name)
    with open(path, encoding="utf-8") as file:
        return file.read()


def _taken(plotly: str) -> str:
    return "".join(f'<i id="{name}" hidden></i>' for name in STYLE_ID.findall(plotly))


def _words(document: dict[str, Any]) -> dict[str, str]:
    named = (
        ("", document["when"]),
        ("host ", document["host"]),
        ("kernel ", document["kernel"]),
        ("detail ", document["detail"]),
        ("memc ", document["memc"]),
    )
    facts = [f"<span>{what}{text(value)}</span>" for what, value in named if value]
    notes = [f"<li>{text(note)}</li>" for note in document["notes"]]
    first, others = notes[:NOTES], notes[NOTES:]
    if others:
        more = f"{len(others):,} more {'note' if len(others) == 1 else 'notes'} below"
        first.append(f'<li><a href="#h-how">{more}</a></li>')
    levels = ", ".join(document["levels"])
    return {
        "title": text(document["title"]),
        "facts": " ".join(facts),
        "notes": f'<ul class="notes">{"".join(first)}</ul>' if first else "",
        "numbers": sections.numbers(document),
        "where": document["measure"].upper()
        + (f", by {text(levels)}." if levels else ""),
        "parts": sections.parts(document),
        "largest": sections.largest(document),
        "how": "".join([f"<li>{text(line)}</li>" for line in document["how"]] + others),
    }
