"""What comes back when processes end: the result, as attributes and for JSON."""

from __future__ import annotations

from memc.table.document import shown_text
from memc.table.region import Document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.human.picture import Picture
    from memc.table.document import Json

__all__ = ["Freed", "Frozen", "Stays"]


class Frozen:
    """An object that is made once, with a value for each slot, and never changes."""

    __slots__: tuple[str, ...] = ()

    def __init__(self, **values: object) -> None:
        for name in type(self).__slots__:
            object.__setattr__(self, name, values[name])

    def __setattr__(self, name: str, value: object) -> None:
        """Raise AttributeError: the object never changes."""
        raise AttributeError(f"{type(self).__name__} never changes: {name}")

    def __delattr__(self, name: str) -> None:
        """Raise AttributeError: the object never changes."""
        raise AttributeError(f"{type(self).__name__} never changes: {name}")

    def __eq__(self, other: object) -> bool:
        """Tell whether all values are equal."""
        return type(other) is type(self) and self._values() == other._values()

    def __hash__(self) -> int:
        """Return a hash of the values."""
        return hash(self._values())

    def __reduce__(self) -> tuple[object, ...]:
        """Let copy and pickle make an equal object."""
        names = type(self).__slots__
        return _made, (type(self), dict(zip(names, self._values(), strict=True)))

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in type(self).__slots__)

    def __repr__(self) -> str:
        """Show all values."""
        pairs = zip(type(self).__slots__, self._values(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in pairs)})"


def _made(kind: type[Frozen], values: dict[str, object]) -> Frozen:
    return kind(**values)


class Stays(Frozen):
    """Memory that processes use and that stays when they end.

    - `name`: the file or segment, such as "/dev/shm/cache.dat";
    - `kb`: how much memory it has, None if that is not known;
    - `holders`: the pids of other processes that map it or have it open;
    - `why`: why it stays, in words.
    """

    __slots__ = ("holders", "kb", "name", "why")

    if TYPE_CHECKING:
        holders: tuple[int, ...]
        kb: int | None
        name: str
        why: str


class Freed(Frozen, Document):
    """What comes back when processes are killed together, in kB.

    `at_least_kb` and `at_most_kb` are the bounds of the memory that becomes free: equal
    if the amount is exact.  Each is None only if not even status could be read.  These
    are its parts; where one has bounds, the attribute is the least.  None means that it
    is not known, also whether there is any:

    - `anonymous_kb`: memory of their own: heaps, stacks, changed data;
    - `page_tables_kb`: their page tables;
    - `kernel_kb`: an estimate of the kernel's bookkeeping;
    - `shared_kb`: shared memory and deleted files that nobody else has.

    Other amounts are no part of it:

    - `swap_kb`: swap space that becomes free;
    - `hugetlb_kb`: huge pages that go back to their pool, not to free memory;
    - `cache_kb`: mapped pages of files, their share as in PSS.  They stay as cache,
      which counts as available already;
    - `stays`: a tuple of Stays: shared memory that they use and that does not end.

    `pids` are the processes, `rss_kb` and `private_kb` their RSS and PRIVATE (USS) in
    sum.  `notes` is a tuple of sentences: what is not known, and why.

    Some memory has no owner that /proc tells: data in pipes and sockets, files that are
    being sent to another process, memory of drivers, and holes in huge pages.  It comes
    back in addition.
    """

    __slots__ = (
        "anonymous_kb",
        "at_least_kb",
        "at_most_kb",
        "cache_kb",
        "hugetlb_kb",
        "kernel_kb",
        "notes",
        "page_tables_kb",
        "pids",
        "private_kb",
        "rss_kb",
        "shared_kb",
        "stays",
        "swap_kb",
    )

    if TYPE_CHECKING:
        anonymous_kb: int | None
        at_least_kb: int | None
        at_most_kb: int | None
        cache_kb: int | None
        hugetlb_kb: int | None
        kernel_kb: int | None
        notes: tuple[str, ...]
        page_tables_kb: int | None
        pids: tuple[int, ...]
        private_kb: int | None
        rss_kb: int | None
        shared_kb: int | None
        stays: tuple[Stays, ...]
        swap_kb: int | None

    @property
    def is_exact(self) -> bool:
        """Tell whether the two bounds are known and equal."""
        return self.at_least_kb is not None and self.at_least_kb == self.at_most_kb

    def to_dict(self) -> dict[str, Json]:
        """Return the attributes as JSON has them."""
        document: dict[str, Json] = {"pids": [*self.pids]}
        for name in AMOUNTS:
            document[name] = getattr(self, name)
        document["stays"] = [
            {
                "name": shown_text(one.name),
                "kb": one.kb,
                "holders": [*one.holders],
                "why": one.why,
            }
            for one in self.stays
        ]
        document["notes"] = [shown_text(note) for note in self.notes]
        return document

    def _picture(self) -> Picture:
        from memc.freeing.picture import of_freed

        return of_freed(self)


AMOUNTS = (
    "rss_kb",
    "private_kb",
    "at_least_kb",
    "at_most_kb",
    "anonymous_kb",
    "page_tables_kb",
    "kernel_kb",
    "shared_kb",
    "swap_kb",
    "hugetlb_kb",
    "cache_kb",
)
