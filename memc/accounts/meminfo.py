"""The counters of the machine in /proc/meminfo, in kB."""

from __future__ import annotations

import re

from memc.errors import MemcError
from memc.proc.rights import words_of
from memc.proc.root import read_small

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened

__all__ = ["read_meminfo"]

# "MemTotal:       24684084 kB"; the HugePages_ lines are counts and have no unit.
LINE = re.compile(
    rb"^([A-Za-z0-9_()]{1,64}):[ \t]+([0-9]{1,15})(?: kB)?[ \t\r]*$", re.MULTILINE
)


def read_meminfo(root: Opened) -> dict[str, int]:
    """Return the counters by name.

    Raises MemcError if the file cannot be read, or does not tell MemTotal.
    """
    path = f"{root.path}/meminfo"
    try:
        text = read_small(root, "meminfo")
    except OSError as error:
        raise MemcError(f"{path}: {words_of(error)}") from None
    found: dict[str, int] = {}
    for name, amount in LINE.findall(text):
        found.setdefault(name.decode(), int(amount))
    if not found.get("MemTotal"):
        raise MemcError(f"{path}: expected a line such as 'MemTotal: 8000000 kB'")
    return found
