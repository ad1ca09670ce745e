"""Make a bundle: hide what tells who and where, prove it, and zip it.

The same samples and key give the same bytes: members are in the order of their names,
and all have the same time.
"""

from __future__ import annotations

import io
import zipfile

from memc.bundle.check import offences
from memc.bundle.manifest import manifest
from memc.bundle.redact import Redactor
from memc.bundle.who import names_of_here
from memc.errors import MemcError
from memc.files.bundle import MACHINE, MANIFEST, SAMPLES
from memc.table.json_text import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from memc.bundle.check import Offence
    from memc.bundle.options import BundleOptions

__all__ = ["OffenceError", "members_of", "zipped"]

TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can tell
MODE = 0o100600 << 16
UNIX = 3
LEVEL = 6


class OffenceError(MemcError):
    """A text is left that may tell who or where; `found` has all of these."""

    def __init__(self, found: Sequence[Offence]) -> None:
        super().__init__("nothing was written: a text in it may tell who or where")
        self.found = found


def members_of(
    documents: Sequence[dict[str, Any]],
    machine: dict[str, Any] | None,
    options: BundleOptions,
    key: bytes,
    *,
    has_key_file: bool = False,
) -> dict[str, bytes]:
    """Return the members of a bundle of these documents, and what was told of them.

    `machine` is None if they are of files.  Raises OffenceError if the check of the
    bytes finds a text that is of no closed list, unless the bundle is plain.
    """
    who = names_of_here()
    redactor = Redactor(key, options, who=who)
    for document in documents:
        redactor.learn(document)
    lines = [dumps(redactor.document(document)) for document in documents]
    told = manifest(
        documents,
        redactor.facts(),
        options,
        is_live=machine is not None,
        has_key_file=has_key_file,
    )
    members = {MANIFEST: dumps(told, pretty=True) + b"\n"}
    if machine is not None:
        members[MACHINE] = dumps(machine, pretty=True) + b"\n"
    members[SAMPLES] = b"".join(line + b"\n" for line in lines)
    found = [] if options.plain else offences(members, who=who)
    if found:
        raise OffenceError(found)
    return members


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, TIME)
            entry.create_system, entry.external_attr = UNIX, MODE
            archive.writestr(entry, members[name], zipfile.ZIP_DEFLATED, LEVEL)
    return out.getvalue()
