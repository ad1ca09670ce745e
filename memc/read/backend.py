"""Choose the backend that reads: the C core, or pure Python."""

from __future__ import annotations

import os

from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from memc.pure.stats import Amounts, Stats as PureStats
    from memc.read.native_repeat import Repeat
    from memc.read.native_stats import Stats as NativeStats
    from memc.read.options import Options
    from memc.table.region import Table
    from memc.table.snapshot import Snapshot, SystemSnapshot

    class Backend(Protocol):
        """The functions of both ``memc.read.native`` and ``memc.pure.collect``."""

        def parse_text(
            self, data: bytes | bytearray | memoryview, kind: str, *, strict: bool
        ) -> Table:
            """Parse the text of `kind` "maps" or "smaps"."""

        def read_table(self, pid: int, kind: str, proc: str = "/proc") -> Table:
            """Read the file `kind` of a live process."""

        def collect(self, pid: int, options: Options) -> Snapshot:
            """Read one live process."""

        def repeat(self, pid: int, options: Options, interval_ns: int) -> Repeat | None:
            """Return what tells the last reading again at fixed times, if it can."""

        def share_columns(self, snap: Snapshot, earlier: Snapshot | None) -> None:
            """Let a snapshot that nobody has used yet share memory with an earlier."""

        def collect_all(self, options: Options) -> SystemSnapshot:
            """Read every process."""

        def stats(self, root: int) -> NativeStats | PureStats:
            """Return what reads the stat of processes in an open root again."""

        def amounts(self, files: Sequence[int]) -> list[Amounts | None]:
            """Read the amounts of open files of status."""


told_by: Callable[[str], None] | None = None  # what warns, where a command said so


def backend(*, warn: Callable[[str], None] | None = None) -> Backend:
    """Return the backend that MEMC_BACKEND names: "native" or "pure".

    Without that variable, return the native backend.  If there is no extension module,
    return the pure backend, and warn: with a call of `warn` or of `told_by`, or with a
    RuntimeWarning.

    Raises MemcError if MEMC_BACKEND has another value, and ImportError if it is
    "native" and there is no extension module.
    """
    wanted = os.environ.get("MEMC_BACKEND", "")
    if wanted == "pure":
        return _pure()
    if wanted == "native":
        return _native()
    if wanted:
        raise MemcError(f"MEMC_BACKEND: expected 'native' or 'pure', not {wanted!r}")
    try:
        return _native()
    except ImportError as error:
        (warn or told_by or _warn)(f"{error}; reading in pure Python, which is slower")
    return _pure()


def _native() -> Backend:
    from memc.read import native

    return native


def _pure() -> Backend:
    from memc.pure import collect

    return collect


def _warn(text: str) -> None:
    import warnings

    warnings.warn(text, RuntimeWarning, stacklevel=4)
