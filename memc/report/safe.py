"""Text for a page, which stays text whatever it says.

A name is chosen by others: it may hold markup, a script, or marks that change the
direction of the text around it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape

from memc.human.units import safe

__all__ = ["hash_of", "json_text", "script_text", "text"]


def text(value: str) -> str:
    """Return a text for an element, or for an attribute in quotes."""
    return escape(safe(value))


def json_text(value: object) -> str:
    r"""Return JSON for an element `script`: nothing in it ends that element.

    In JSON the three characters stand in strings only, where `\u003c` is the same.
    """
    made = json.dumps(value, separators=(",", ":"))
    for char in "<>&":
        made = made.replace(char, f"\\u{ord(char):04x}")
    return made


def script_text(code: str) -> str:
    """Return a script as an element holds it: a string in it cannot end the element."""
    return code.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def hash_of(code: str) -> str:
    """Return what allows a script or a style by its text, for the page's policy."""
    return f"'sha256-{b64encode(sha256(code.encode()).digest()).decode()}'"
