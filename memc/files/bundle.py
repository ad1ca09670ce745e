"""Read a bundle: the zip that ``memc bundle`` writes.  Nothing is unpacked to disk.

A zip tells many things twice, so that a hostile one can say different things::

    header name data | header name data | entry entry | end
      ^                                     |  ^          |
      '------- where, how large ------------'  '- where, how many

So memc reads the end first, refuses more entries than a bundle has, compares what is
told twice, and bounds each size before it unpacks and while it does.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from stat import S_ISLNK

from memc.errors import MemcError
from memc.files.given import MAX_SIZE, read_given
from memc.files.packed import unpack
from memc.human.units import safe, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "FORMAT",
    "MACHINE",
    "MAGICS",
    "MANIFEST",
    "SAMPLES",
    "Bundle",
    "open_bundle",
    "read_bundle",
]

FORMAT = 1  # of what this memc writes, and the newest that it reads
MANIFEST, MACHINE, SAMPLES = "manifest.json", "machine.json", "samples.ndjson"
# The members, and how large each may be.
MEMBERS = {MANIFEST: 1 << 20, MACHINE: 1 << 24, SAMPLES: MAX_SIZE}
NEEDED = (MANIFEST, SAMPLES)
# Documents of memc shrink to a fortieth; what shrinks much more fills memory only.
RATIO = 400
SMALL = 1 << 24  # harmless, however well it is packed

END = struct.Struct("<4s4H2LH")
ENDS, ENTRY_MAX = b"PK\5\6", 1 << 12
HEADER = struct.Struct("<4s5H3L2H")
HEADS = b"PK\3\4"
MAGICS = (HEADS, ENDS, b"PK\7\x08")  # the first bytes of a zip
ENCRYPTED = 0x2041  # flags: encrypted, strongly encrypted, with hidden headers
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
RELEASE = re.compile(r"[0-9A-Za-z.+-]{1,32}")
BAD = (  # what zipfile raises for numbers that make no sense
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
DAMAGED = "a damaged zip archive"
OTHER = "a zip archive, but no bundle of memc"


class Bundle:
    """What is in a bundle: its `manifest`, and the bytes of each of its `members`."""

    __slots__ = ("manifest", "members")

    def __init__(self, manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        self.manifest = manifest
        self.members = members

    @property
    def samples(self) -> bytes:
        """The documents, one a line."""
        return self.members[SAMPLES]


class _RefusedError(Exception):
    """The archive is no bundle, or one that memc does not read; says why."""


def read_bundle(path: str) -> Bundle:
    """Read the bundle in a file, which gzip may have packed.

    Raises MemcError if it is none, or not a whole one, and OSError if the file cannot
    be read.
    """
    data = unpack(read_given(path), path)
    if not data.startswith(MAGICS):
        raise MemcError(f"{path}: expected a bundle, which memc bundle writes: a zip")
    return open_bundle(data, path)


def open_bundle(data: bytes, path: str) -> Bundle:
    """Return what is in the bytes of a bundle.

    Raises MemcError, with `path`, if they are none.
    """
    try:
        members = _members(data)
        return Bundle(_manifest(members), members)
    except _RefusedError as refused:
        why = str(refused)
    except (zipfile.BadZipFile, zlib.error) as error:
        why = f"{DAMAGED} ({safe(str(error))})"
    except BAD:
        why = DAMAGED
    raise MemcError(f"{path}: {why}")


def _members(data: bytes) -> dict[str, bytes]:
    entries = _check_end(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        if len(infos) != entries:
            raise _RefusedError(f"{DAMAGED}: it has not the entries that its end tells")
        _check_names(infos)
        for info in infos:
            _check_entry(info)
        _check_places(data, infos)
        return {info.filename: _unpacked(archive, info) for info in infos}


def _check_end(data: bytes) -> int:
    """Return how many entries the end of the archive tells."""
    if not data.startswith(MAGICS):
        raise _RefusedError(DAMAGED)
    if len(data) < END.size or data[-END.size :][:4] != ENDS:
        words = "it is cut short, or something was put behind it"
        raise _RefusedError(f"{DAMAGED}: {words}")
    _, disk, first, here, entries, size, at, note = END.unpack(data[-END.size :])
    if disk or first or note or here != entries:
        raise _RefusedError(f"{DAMAGED}: its end is not that of a bundle")
    if entries > len(MEMBERS) or size > entries * ENTRY_MAX:
        found = f"{entries:,} entries" if entries > len(MEMBERS) else "long entries"
        raise _RefusedError(f"a zip archive of {found}, but no bundle of memc")
    if at + size != len(data) - END.size:
        raise _RefusedError(f"{DAMAGED}: its parts do not follow each other")
    return int(entries)


def _check_names(infos: list[zipfile.ZipInfo]) -> None:
    names = [info.orig_filename for info in infos]
    for name in names:
        if name not in MEMBERS:
            raise _RefusedError(_other(name, is_bundle=MANIFEST in names))
    for name in NEEDED:
        if name not in names:
            raise _RefusedError(f"{OTHER}: without {name}")
    if len({*names}) != len(names):
        raise _RefusedError("a zip archive with two files of one name")


def _other(name: str, *, is_bundle: bool) -> str:
    """Return what is wrong with the name of a member that a bundle does not have."""
    shown = shorten(safe(name), 60)
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return f"a zip archive with an absolute path ('{shown}')"
    if ".." in re.split(r"[/\\]", name):
        return f"a zip archive with a path that leaves it ('{shown}')"
    if is_bundle:
        return f"a bundle with another file in it ('{shown}')"
    return f"{OTHER}: it has '{shown}'; if memc reads that file, unpack it first"


def _check_entry(info: zipfile.ZipInfo) -> None:
    """Raise for an entry that is more than a file of a sensible size."""
    name = info.filename
    if S_ISLNK(info.external_attr >> 16):
        raise _RefusedError(f"a zip archive with a link ('{name}')")
    if info.flag_bits & ENCRYPTED:
        raise _RefusedError(f"an encrypted zip archive ('{name}')")
    if info.compress_type not in METHODS:
        raise _RefusedError(
            f"a zip archive packed otherwise that memc does not ('{name}')"
        )
    limit = MEMBERS[name]
    if info.file_size > limit:
        size = f"{limit >> 20:,} MiB"
        raise _RefusedError(f"'{name}' in it would be more than {size} when unpacked")
    if info.file_size > max(SMALL, info.compress_size * RATIO):
        words = f"'{name}' in it would be {info.file_size >> 20:,} MiB when unpacked"
        packed = f"{max(info.compress_size >> 10, 1):,} KiB"
        raise _RefusedError(f"{words}, of {packed}: a zip bomb")


def _check_places(data: bytes, infos: list[zipfile.ZipInfo]) -> None:
    """Raise if entries overlap, or if their headers tell something else."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        at = info.header_offset
        if at < end:
            raise _RefusedError("a zip archive whose files overlap: a zip bomb")
        found = HEADER.unpack_from(data, at)
        begin = at + HEADER.size
        name = data[begin : begin + found[-2]]
        if found[0] != HEADS or name != info.filename.encode():
            raise _RefusedError(f"{DAMAGED}: '{info.filename}' is elsewhere")
        end = begin + found[-2] + found[-1] + info.compress_size
    if end > len(data):
        raise _RefusedError(f"{DAMAGED}: a file is longer than it")


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return a member; no more is unpacked than its entry tells."""
    with archive.open(info) as member:
        data = member.read(info.file_size)
        if len(data) != info.file_size or member.read(1):
            raise _RefusedError(f"{DAMAGED}: '{info.filename}' has not its size")
    return data


def _manifest(members: dict[str, bytes]) -> dict[str, Any]:
    from memc.table.json_text import NotJsonError, loads

    try:
        manifest = loads(members[MANIFEST])
    except NotJsonError:
        manifest = None
    if not isinstance(manifest, dict) or type(manifest.get("format")) is not int:
        raise _RefusedError(f"{OTHER}: {MANIFEST} is another")
    found = manifest["format"]
    if found > FORMAT:
        release = manifest.get("memc")
        is_told = isinstance(release, str) and RELEASE.fullmatch(release)
        by = f"memc {release}" if is_told else "a newer memc"
        words = f"a bundle of {by}, whose format is {found}"
        raise _RefusedError(f"{words}: this memc reads {FORMAT}; install a newer one")
    if found < 1:
        raise _RefusedError(f"a bundle of format {found}, which never was")
    return manifest
