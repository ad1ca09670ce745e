"""Which backend reads: the C core, or pure Python."""

from __future__ import annotations

import os

from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from memc.region import Table
    from memc.snapshot import Snapshot, SystemSnapshot

    class Backend(Protocol):
        """What the modules ``_native`` and ``_pure`` both are."""

        def parse_text(
            self, data: bytes | bytearray | memoryview, kind: str, *, strict: bool
        ) -> Table:
            """Parse the text of `kind` "maps" or "smaps"."""

        def read_table(self, pid: int, kind: str, proc: str = "/proc") -> Table:
            """Read the file `kind` of a live process."""

        def collect(
            self,
            pid: int,
            detail: str,
            proc: str,
            *,
            late: int = 0,
            max_stall_ms: int | None = None,
            last: Snapshot | None = None,
        ) -> Snapshot:
            """Read one live process; `late` samples were due before and left out."""

        def collect_all(
            self,
            detail: str,
            *,
            skip_kernel: bool,
            jobs: int | None,
            proc: str,
            cgroups: bool = False,
            late: int = 0,
            max_stall_ms: int | None = None,
            progress: Callable[[int, int], None] | None = None,
        ) -> SystemSnapshot:
            """Read every process; tell `progress` how many of how many are done."""


def backend(*, warn: Callable[[str], None] | None = None) -> Backend:
    """Return the backend that MEMC_BACKEND names: "native" or "pure".

    Unset, it is the native one if there is an extension module, and else the pure one,
    with a warning (a RuntimeWarning, or a call of `warn`).
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
        (warn or _warn)(f"{error}; reading in pure Python, which is slower")
    return _pure()


def _native() -> Backend:
    try:
        from memc import _native as module
    except ImportError as error:
        raise ImportError(
            f"the C core of memc is not there ({error}): "
            "'pip install .' in its source tree builds it, "
            "MEMC_BACKEND=pure does without",
            name=error.name,
        ) from error
    return module


def _pure() -> Backend:
    from memc import _pure as module

    return module


def _warn(text: str) -> None:
    import warnings

    warnings.warn(text, RuntimeWarning, stacklevel=4)
