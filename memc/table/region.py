"""Tables, and their regions and notes."""

from __future__ import annotations

from itertools import repeat

from memc.table.fields import CORE, PAGES, SMAPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, overload

    from memc.human.picture import Picture
    from memc.owners import Owner
    from memc.table.columns import Columns, Value
    from memc.table.document import Json

__all__ = ["Document", "LongDocument", "Note", "Region", "Shown", "Table"]


class Shown:
    """What a notebook shows as a table with bars."""

    __slots__ = ()

    def _picture(self) -> Picture:
        raise NotImplementedError

    def _repr_html_(self) -> str:
        from memc.human.html import html_of

        return html_of(self._picture())

    def plot(self) -> Any:  # noqa: ANN401 - a Figure
        """Return a chart of plotly.  Raises ImportError if that is not installed."""
        from memc.human.chart import chart_of

        return chart_of(self._picture())


class Document(Shown):
    """What can be made a document: a dict that JSON can hold, by `to_dict`.

    ``dict(document)`` is the same, for web frameworks and ``json.dumps(default=dict)``;
    pydantic, which FastAPI asks for the types of results, calls `to_dict` too.
    """

    __slots__ = ()

    def to_dict(self) -> dict[str, Json]:
        """Return the document: what ``json.loads`` makes of `to_json`."""
        raise NotImplementedError

    def to_json(self, *, pretty: bool = False) -> bytes:
        """Return the JSON document, without a newline at its end."""
        from memc.table import document

        return document.dumps(self.to_dict(), pretty=pretty)

    def keys(self) -> Iterable[str]:
        """Return the keys of the document."""
        return self._part(None).keys()

    def __getitem__(self, key: str) -> Json:
        """Return what the document has for a key."""
        return self._part(key)[key]

    def _part(self, key: str | None) -> dict[str, Json]:  # noqa: ARG002
        """Return a document that has all keys, and is right for one."""
        return self.to_dict()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> object:
        """Return what pydantic makes of one: the document."""
        from pydantic_core import core_schema

        to_dict = core_schema.plain_serializer_function_ser_schema(
            cls.to_dict, return_schema=core_schema.dict_schema()
        )
        return core_schema.any_schema(serialization=to_dict)


class LongDocument(Document):
    """A document that has more with `full`, and a list that may be long."""

    __slots__ = ()
    LONG = ""  # the key of the list, which need not be made for the other keys

    def _document(self, *, full: bool, whole: bool) -> dict[str, Json]:
        """Return the document; without `whole` the list may be empty."""
        raise NotImplementedError

    def to_dict(self, *, full: bool = False) -> dict[str, Json]:
        """Return the document: what ``json.loads`` makes of `to_json`."""
        return self._document(full=full, whole=True)

    def to_json(self, *, pretty: bool = False, full: bool = False) -> bytes:
        """Return the JSON document, without a newline at its end."""
        from memc.table import document

        return document.dumps(self.to_dict(full=full), pretty=pretty)

    def write_json(self, fd: int, *, pretty: bool = False, full: bool = False) -> None:
        """Write the bytes of `to_json` to an open file.  Raises OSError."""
        from memc.table.writing import write_all

        write_all(fd, self.to_json(pretty=pretty, full=full))

    def _part(self, key: str | None) -> dict[str, Json]:
        return self._document(full=False, whole=key == self.LONG)


class Note:
    """A reason why a snapshot is not whole.

    `code` is one of "torn", "cut", "bad_line", "denied", "degraded", "late" and
    "as_of".  `count` says how often it happened, and `text` says it in words; for
    "as_of", `count` is the age of the reading in milliseconds.
    """

    __slots__ = ("code", "count", "text")

    def __init__(self, code: str, count: int, text: str) -> None:
        self.code = code
        self.count = count
        self.text = text

    def __eq__(self, other: object) -> bool:
        """Compare all three parts."""
        if not isinstance(other, Note):
            return NotImplemented
        return (self.code, self.count, self.text) == (
            other.code,
            other.count,
            other.text,
        )

    def __hash__(self) -> int:
        """Return the same hash for equal notes."""
        return hash((self.code, self.count, self.text))

    def __repr__(self) -> str:
        """Show the call that makes an equal note."""
        return f"Note({self.code!r}, {self.count}, {self.text!r})"


class Region:
    """One mapping: a view of a row, made when it is asked for and cheap to drop.

    The attributes are the columns of its table:

    - from the line of maps: `start` and `end` (the first address, and the first address
      after the region); `offset` in the file, in bytes; `perm` as four letters
      ("rw-p"); `dev_major`, `dev_minor` and `inode` of the file; `pathname` as the
      kernel prints it, "" if there is none (bytes that are not UTF-8 are surrogate
      escapes);
    - from these: `type`, one of ``memc.fields.TYPES``, and `size_kb`;
    - from smaps, under the kernel's names: amounts in kB (1024 bytes), which end in
      ``_kb``; `thp_eligible` and `protection_key`; `vm_flags`, a tuple of mnemonics;
    - from the page tables: `rss_kb` and `swap_kb` (details "rss", "uss" and "pss");
      with "uss" and "pss" also `uss_kb`, memory that only this process maps,
      `file_kb`, memory that is mapped from files or shared memory, and
      `anon_huge_pages_kb`; with "pss" also `pss_kb`;
    - from smaps or the page tables: `hugetlb_kb`, pages of hugetlb, which are in none
      of the other amounts.

    `owner` is what the region is for: an Owner, as ``Table.owners`` returns it.

    An attribute is None if the kernel did not give it.  A field of a newer kernel is an
    attribute too, if the table has a column for it.
    """

    __slots__ = ("_row", "_table")

    if TYPE_CHECKING:
        start: int
        end: int
        perm: str
        offset: int
        dev_major: int
        dev_minor: int
        inode: int
        pathname: str
        type: str
        size_kb: int
        kernel_page_size_kb: int | None
        mmu_page_size_kb: int | None
        rss_kb: int | None
        pss_kb: int | None
        pss_dirty_kb: int | None
        shared_clean_kb: int | None
        shared_dirty_kb: int | None
        private_clean_kb: int | None
        private_dirty_kb: int | None
        referenced_kb: int | None
        anonymous_kb: int | None
        ksm_kb: int | None
        lazy_free_kb: int | None
        anon_huge_pages_kb: int | None
        shmem_pmd_mapped_kb: int | None
        file_pmd_mapped_kb: int | None
        shared_hugetlb_kb: int | None
        private_hugetlb_kb: int | None
        swap_kb: int | None
        swap_pss_kb: int | None
        locked_kb: int | None
        thp_eligible: int | None
        protection_key: int | None
        vm_flags: tuple[str, ...] | None
        uss_kb: int | None
        file_kb: int | None
        hugetlb_kb: int | None

    def __init__(self, table: Table, row: int) -> None:
        self._table = table
        self._row = row

    @property
    def owner(self) -> Owner:
        """What the region is for, as far as its table tells."""
        return self._table.find_owners()[self._row]

    def __getattr__(self, name: str) -> Value:
        """Return a field that this version of memc does not know, by its column."""
        column = None if name.startswith("_") else self._table.columns.get(name)
        if column is None:
            raise AttributeError(f"this region has no {name!r}")
        return column[self._row]

    def __repr__(self) -> str:
        """Show addresses, permissions, type and name."""
        what = f"{self.start:x}-{self.end:x} {self.perm} {self.type} {self.pathname}"
        return f"<Region {what.rstrip()}>"


def _attribute(name: str) -> Callable[[Region], Value]:
    def get(self: Region) -> Value:
        # Column.__getitem__ inlined: this runs for each attribute of each region.
        column = self._table.columns.made[name]
        if column is None:
            return None
        row = self._row
        valid = column.valid
        if valid is not None and not valid[row >> 3] >> (row & 7) & 1:
            return None
        decode = column.decode
        return column.values[row] if decode is None else decode(column.values[row])

    return get


for _name in (*CORE, *SMAPS, *PAGES):
    setattr(Region, _name, property(_attribute(_name)))

_column_hugetlb_kb = _attribute("hugetlb_kb")


def _hugetlb_kb(region: Region) -> Value:
    """Return the column, or the sum of two: a text has no column of its own for it."""
    told = _column_hugetlb_kb(region)
    if told is None and "hugetlb_kb" not in region._table.columns:
        shared, own = region.shared_hugetlb_kb, region.private_hugetlb_kb
        return None if shared is None or own is None else shared + own
    return told


Region.hugetlb_kb = property(_hugetlb_kb)  # type: ignore[assignment]


class Table(LongDocument):
    """The regions of a text, sorted by address: a sequence of Region.

    A Table works like a sequence, but is no ``collections.abc.Sequence``: polars would
    take that for a list of objects, not for columns.

    `columns` maps a name to its Column.  The columns of maps come first, then the
    fields of smaps that the kernel gave, then fields that memc does not know.  `notes`
    says why the table is not whole; it is empty if the table is whole.
    """

    __slots__ = ("__weakref__", "_owners", "_rows", "columns", "notes")
    LONG = "regions"

    if TYPE_CHECKING:
        _owners: tuple[Owner, ...]

    def __init__(
        self, rows: int, columns: Columns, notes: tuple[Note, ...] = ()
    ) -> None:
        self._rows = rows
        self.columns = columns
        self.notes = notes

    def __len__(self) -> int:
        """Return the number of regions."""
        return self._rows

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, row: int) -> Region: ...
        @overload
        def __getitem__(self, row: slice) -> list[Region]: ...
        @overload
        def __getitem__(self, row: str) -> Json: ...

    def __getitem__(self, row: int | slice | str) -> Region | list[Region] | Json:
        """Return a region, counted from the end if negative; or a list for a slice.

        A key of the document gives what that has.  Raises TypeError for another text.
        """
        if isinstance(row, str):
            if row in self.keys():
                return super().__getitem__(row)
            raise TypeError(f"expected a number or a key of the document, not {row!r}")
        picked = range(self._rows)[row]
        if isinstance(picked, int):
            return Region(self, picked)
        return [Region(self, i) for i in picked]

    def __iter__(self) -> Iterator[Region]:
        """Yield the regions in address order."""
        return map(Region, repeat(self), range(self._rows))

    def _document(self, *, full: bool, whole: bool) -> dict[str, Json]:
        from memc.table import document

        return document.of_table(self, full=full, whole=whole)

    def _picture(self) -> Picture:
        from memc.table import pictures

        return pictures.of_table(self)

    def rows(self, *names: str) -> Iterator[tuple[Value, ...]]:
        """Yield a named tuple of these attributes for each region, in address order.

        That takes less than half of the time of the attributes of each Region.  Raises
        AttributeError if no region has an attribute of a name.
        """
        from collections import namedtuple

        row = namedtuple("Row", names)  # type: ignore[misc] # noqa: PYI024
        return map(row._make, zip(*map(self._attribute, names), strict=True))

    def _attribute(self, name: str) -> Iterable[Value]:
        """Return an attribute of each region."""
        column = None if name == "owner" else self.columns.get(name)  # an Owner each
        if column is not None:
            return column
        if not hasattr(Region, name):
            raise AttributeError(f"these regions have no {name!r}")
        return [getattr(region, name) for region in self]

    def owners(self) -> list[Owner]:
        """Return what each region is for, in order: an Owner, as ``memc.owners`` says.

        They go by the table alone, so a table that was saved and loaded has the same.
        """
        return [*self.find_owners()]

    def find_owners(self) -> tuple[Owner, ...]:
        """Return the owners, looked for at the first call."""
        try:
            return self._owners
        except AttributeError:
            import memc  # the room of owners comes later

            self._owners = memc.owners.owners(self)
            return self._owners

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the columns as a new capsule of an Arrow stream.

        Integers have their stored types.  `pathname`, `perm`, `type` and `vm_flags`
        ("rd wr mr") are dictionaries of text.  Bytes that are not UTF-8 become U+FFFD;
        if a pathname has such bytes, the column `pathname_hex` has all its bytes.
        Missing values are nulls.  The stream may outlive the table.
        `requested_schema` is ignored.
        """
        from memc.table import arrow

        del requested_schema
        return arrow.table_stream(self)

    def __arrow_c_schema__(self) -> object:
        """Return the schema of the stream as a capsule."""
        from memc.table import arrow

        return arrow.table_schema(self)

    def __reduce__(self) -> tuple[object, ...]:
        """Let copy and pickle make a Table in the memory of Python."""
        return Table, (self._rows, self.columns, self.notes)

    def __repr__(self) -> str:
        """Show the number of regions and the codes of the notes."""
        notes = "".join(f", {note.code}" for note in self.notes)
        return f"<Table of {self._rows} regions{notes}>"
