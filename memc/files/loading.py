"""Load files: memc's own JSON, and the text of maps or smaps."""

from __future__ import annotations

import os
import re

from memc.errors import FormatError, MemcError
from memc.files.given import read_given
from memc.files.json_values import BLANKS
from memc.files.packed import as_utf8, refuse_other, unpack
from memc.files.pasted import Pasted, has_odd_ends, is_whole, mend_ends
from memc.files.pmap import commands, is_pmap, read_sections
from memc.files.recording.header import MAGIC, is_recording
from memc.files.rollup import MARK, drop_rollups, is_rollup, read_rollups
from memc.files.several import split_lines, split_text
from memc.files.undated import undated
from memc.read.backend import backend
from memc.table import notes as noted
from memc.table.region import Table
from memc.table.snapshot import Process, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    # A Recording.  Checked programs that load other files need not name it.
    from typing import Any as Opened
else:
    Opened = object

__all__ = ["load", "load_snapshots"]

Loaded = Snapshot | SystemSnapshot

JSON = re.compile(rb"[ \t\r\n]*(?:\{|\[(?![^\s\"]*@))")  # no "[user@host ~]$"
# The beginning of a document, where the one before is damaged: as it was written, and
# as it became when it was pasted.
STREAM = re.compile(rb'^\{(?:\r?\n +)?"(?:pid|timestamp_ms)":', re.MULTILINE)
DOCUMENT = re.compile(rb'^\{(?:"[a-z_]+":|\n"(?:pid|timestamp_ms)":)', re.MULTILINE)
ZIPS = (b"PK\3\4", b"PK\5\6", b"PK\7\x08")
UNTOLD = ("uid", "started", "cgroup", "cmdline")  # what pmap does not print


def load(
    path: str | os.PathLike[str], *, strict: bool = False
) -> Loaded | list[Loaded] | Opened:
    """Load the memory of processes from a file or a directory.

    The contents decide what is returned, not the name:

    - a JSON document of memc: a Snapshot, or a SystemSnapshot if ``--all`` made it;
    - several such documents one after another, as a stream writes them, compact or
      indented: a list of them;
    - the text of maps or smaps, or what pmap prints: a Snapshot;
    - the text of smaps_rollup: a Snapshot of the detail "rollup", whose size is None;
    - several texts of maps, smaps or smaps_rollup, one after another: a list of them;
    - a copy of /proc, or a directory with some of its numbered directories: a
      SystemSnapshot;
    - a copy of one numbered directory, with maps or smaps in it: a Snapshot;
    - a recording of memc record: a Recording, which stays open until it is closed;
    - a bundle of memc bundle: what was put in it, with the owners found then.

    Facts that the file does not hold are None: the `pid` of a text, the `timestamp_ms`
    of a text or a directory, and the columns of a document without ``--full``.

    Data of gzip, xz or bzip2 is unpacked.  A text may be pasted: CR LF, prompts, fences
    of Markdown, quotes, indents and what a log writes before each line are passed over.
    A text that is right as it is never changes.  A bad line of a text or a damaged
    document of a stream is passed over, and a note counts them; so are damaged regions
    and processes of a single document.  With `strict` they raise FormatError.

    Raises FormatError, with file, line and column, if the contents are damaged or of
    another kind.  If a document is JSON but not memc's, the error has its first line
    and names the place in the document.  Raises MemcError for a directory that has none
    of these files, and OSError if the file cannot be read.
    """
    name = os.fspath(path)
    if is_recording(name):
        from memc.files.recording.recording import Recording

        return Recording(name)
    return load_snapshots(name, strict=strict)


def load_snapshots(name: str, *, strict: bool = False) -> Loaded | list[Loaded]:
    """Load what is no recording, as `load` does."""
    if os.path.isdir(name):
        from memc.files.directories import load_directory

        return load_directory(name, strict=strict)
    data = unpack(read_given(name), name)
    if data.startswith(MAGIC):
        raise MemcError(f"{name}: a recording must be a file, not packed or in a pipe")
    if data.startswith(ZIPS):
        from memc.files.bundle import SAMPLES, open_bundle

        data = open_bundle(data, name).samples
        name = f"{name}: {SAMPLES}"
    try:
        data = as_utf8(data)
        if _is_json(data) or STREAM.search(data):
            return _read_json(data, strict=strict)
        refuse_other(data)
        return _load_text(mend_ends(data), strict=strict)
    except FormatError as error:
        raise FormatError(error.what, error.line, error.column, name) from None


def _is_json(data: bytes) -> bool:
    return JSON.match(data) is not None


def _read_json(data: bytes, *, strict: bool) -> Loaded | list[Loaded]:
    from memc.files.documents import read_documents

    return read_documents(data, strict=strict)


def _load_text(data: bytes, *, strict: bool) -> Loaded | list[Loaded]:
    """Read the text of maps or smaps, or what it became when it was pasted."""
    _refuse_nothing(data)
    if MARK in data:
        found = _load_rollups(Pasted(data), strict=strict)
        if found is not None:
            return found
    try:
        table = backend().parse_text(data, "smaps", strict=True)
        if not has_odd_ends(data) and is_whole(data, _sizes(table)):
            parts = split_text(data) if table.notes else []
            parse = backend().parse_text
            return _all([parse(p, "smaps", strict=True) for p in parts] or [table])
    except FormatError:
        pass
    pasted = Pasted(data)
    _refuse_nothing(pasted.text)
    if _is_json(pasted.text) or DOCUMENT.search(pasted.text):
        return _read_json(pasted.text, strict=strict)
    if is_pmap(pasted.text):
        return _load_pmap(pasted, strict=strict)
    if pasted.errors and strict:
        raise pasted.errors[0]
    return _all(_noted(_read_pasted(pasted, "smaps", strict=strict), pasted.errors))


def _sizes(table: Table) -> list[int]:
    """Return the sizes of regions as the kernel prints them; none of a torn table."""
    return [] if table.notes else list(table.columns["size_kb"].values)


def _noted(tables: list[Table], errors: list[FormatError]) -> list[Table]:
    """Return the tables; the first has a note on lines that were left out."""
    if not errors:
        return tables
    first, *rest = tables
    notes = (*first.notes, noted.bad_line(len(errors), errors[0]))
    return [Table(len(first), first.columns, notes), *rest]


def _refuse_nothing(text: bytes) -> None:
    if not text.strip(BLANKS):
        raise FormatError("JSON of memc, or text of maps or smaps, not nothing", 1, 1)


def _all(tables: list[Table]) -> Loaded | list[Loaded]:
    """Return a snapshot of the regions of each process in a text."""
    found: list[Loaded] = [undated(table, None) for table in tables]
    return found[0] if len(found) == 1 else found


def _load_rollups(pasted: Pasted, *, strict: bool) -> Loaded | list[Loaded] | None:
    """Read the text of smaps_rollup, or of regions with totals among them.

    Return None if it has no totals.
    """
    if is_rollup(pasted.text):
        found: list[Loaded] = [*read_rollups(pasted, strict=strict)]
        return found[0] if len(found) == 1 else found
    errors = drop_rollups(pasted)
    if not errors:
        return None
    errors += pasted.errors
    if strict:
        raise errors[0]
    return _all(_noted(_read_pasted(pasted, "smaps", strict=False), errors))


def _read_pasted(pasted: Pasted, kind: str, *, strict: bool) -> list[Table]:
    """Parse a text, which may be of several processes."""
    texts = []
    for source in pasted.of_sources():
        parts = split_lines(source.text.split(b"\n"))
        texts += [source.part(numbers) for numbers in parts] or [source]
    return [_read_part(text, kind, strict=strict) for text in texts]


def _read_part(pasted: Pasted, kind: str, *, strict: bool) -> Table:
    """Parse the text of a process; places are those in the pasted text."""
    try:
        return backend().parse_text(pasted.text, kind, strict=True)
    except FormatError as error:
        bad = FormatError(error.what, *pasted.place(error.line, error.column))
    table = backend().parse_text(pasted.text, kind, strict=False)
    if strict or not len(table):
        raise bad
    notes = tuple(
        noted.bad_line(note.count, bad) if note.code == "bad_line" else note
        for note in table.notes
    )
    return Table(len(table), table.columns, notes)


def _load_pmap(pasted: Pasted, *, strict: bool) -> Loaded:
    """Read what pmap prints: of one process, or of several."""
    sections = read_sections(pasted.text.removesuffix(b"\n").split(b"\n"))
    for section in sections:
        section.bad = [pasted.place(line, 1)[0] for line in section.bad]
        if section.bad and (strict or not section.rows):
            raise FormatError("a line of pmap", section.bad[0], 1)
    snaps = [undated(section.table(), section.pid) for section in sections]
    if len(snaps) == 1:
        return snaps[0]
    if any(section.pid is None for section in sections):
        raise FormatError("the pid of each process in the output of pmap", 1, 1)
    names = commands(sections)
    found = sorted(zip(snaps, names, strict=True), key=lambda one: one[0].pid or 0)
    processes = tuple(Process(snap.pid or 0, name, snap) for snap, name in found)
    return SystemSnapshot(None, processes, (), (), UNTOLD)
