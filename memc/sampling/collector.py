"""Snapshots of one process, once or at intervals, and their JSON."""

from __future__ import annotations

from memc.read.take import snapshot
from memc.sampling.sampler import Sampler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, Self

    from memc.table.snapshot import Snapshot

__all__ = ["DataCollector"]


class DataCollector:
    """`memc.snapshot` and a Sampler for one process, with the names of the C++ memc.

    `use_smaps` reads every field of smaps.  `interval_ms` is the time from one sample
    to the next.  `max_snapshots` is how many snapshots are kept; 0 keeps all.  With
    `pretty_json`, `to_json` indents its document.  `sampler` is the Sampler: its
    `error` says why sampling ended by itself, and its `late_ticks` how many samples
    were left out.

    Raises TypeError or ValueError for wrong arguments.
    """

    __slots__ = ("pretty_json", "sampler")

    def __init__(
        self,
        pid: int,
        *,
        use_smaps: bool = False,
        interval_ms: int = 1000,
        max_snapshots: int = 0,
        pretty_json: bool = True,
    ) -> None:
        self.pretty_json = pretty_json
        self.sampler = Sampler(
            pid,
            detail="smaps" if use_smaps else "maps",
            interval_ms=interval_ms,
            max_snapshots=max_snapshots,
        )

    @property
    def pid(self) -> int:
        """The pid of the process."""
        return self.sampler.pid

    def collect_once(self) -> Snapshot:
        """Take a snapshot now, and do not keep it.

        Raises ProcessGone, AccessDenied or another ProcessError.
        """
        sampler = self.sampler
        return snapshot(sampler.pid, detail=sampler.detail, proc=sampler.proc)

    def to_json(self, snap: Snapshot) -> str:
        """Return the JSON document of a snapshot, without a newline at its end."""
        return snap.to_json(pretty=self.pretty_json).decode()

    def on_snapshot(self, callback: Callable[[Snapshot], object]) -> None:
        """Call `callback` with every snapshot from now on, as a Sampler does."""
        self.sampler.on_snapshot(callback)

    def __reduce__(self) -> NoReturn:
        """Let copy and pickle say why they cannot work."""
        raise TypeError("a DataCollector has a thread: it cannot be copied or pickled")

    def start_sampling(self) -> None:
        """Start to sample; do nothing if sampling runs already.

        Raises ProcessGone if there is no such process.
        """
        self.sampler.start()

    def is_sampling(self) -> bool:
        """Return whether sampling runs; it stops when the process has ended."""
        return self.sampler.is_running()

    def stop_sampling(self) -> None:
        """Stop sampling, within 50 ms, and keep the snapshots."""
        self.sampler.stop()

    def get_all_snapshots(self) -> list[Snapshot]:
        """Return the snapshots that are kept, the oldest first."""
        return self.sampler.get_snapshots()

    def get_latest_snapshot(self) -> Snapshot | None:
        """Return the newest snapshot, or None if there is none yet."""
        return self.sampler.get_latest()

    def __enter__(self) -> Self:
        """Start sampling."""
        self.start_sampling()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop sampling."""
        self.stop_sampling()

    def __repr__(self) -> str:
        """Show the process, the options, and whether sampling runs."""
        return f"<DataCollector with {self.sampler!r}>"
