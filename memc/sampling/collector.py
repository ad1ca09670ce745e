"""One process: snapshots now or again and again, and their JSON."""

from __future__ import annotations

from memc.read.take import snapshot
from memc.sampling.sampler import Sampler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from memc.table.snapshot import Snapshot

__all__ = ["DataCollector"]


class DataCollector:
    """A Sampler and `memc.snapshot` for one process, under the names of the C++ memc.

    `use_smaps` reads every field, `interval_ms` lies between two samples,
    `max_snapshots` is how many are kept (0: all), and `pretty_json` is how `to_json`
    prints.  Wrong arguments raise TypeError or ValueError.  `sampler` is the Sampler:
    it tells why sampling ended by itself (`error`), and how many ticks were late.
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
        """The process."""
        return self.sampler.pid

    def collect_once(self) -> Snapshot:
        """Take a snapshot now, which is not among those kept.

        Raises ProcessGone, AccessDenied or another ProcessError.
        """
        sampler = self.sampler
        return snapshot(sampler.pid, detail=sampler.detail, proc=sampler.proc)

    def to_json(self, snap: Snapshot) -> str:
        """Return the JSON document of a snapshot, without a newline at its end."""
        return snap.to_json(pretty=self.pretty_json).decode()

    def on_snapshot(self, callback: Callable[[Snapshot], object]) -> None:
        """Call `callback` with every sample from now on, as a Sampler does."""
        self.sampler.on_snapshot(callback)

    def start_sampling(self) -> None:
        """Begin to sample; when it does already, do nothing.

        Raises ProcessGone if there is no such process.
        """
        self.sampler.start()

    def is_sampling(self) -> bool:
        """Return whether it samples; not any more when the process has ended."""
        return self.sampler.is_running()

    def stop_sampling(self) -> None:
        """End sampling, within 50 ms; what was sampled is kept."""
        self.sampler.stop()

    def get_all_snapshots(self) -> list[Snapshot]:
        """Return the samples that are kept, the oldest first."""
        return self.sampler.get_snapshots()

    def get_latest_snapshot(self) -> Snapshot | None:
        """Return the newest sample, None before there is one."""
        return self.sampler.get_latest()

    def __enter__(self) -> Self:
        """Start sampling."""
        self.start_sampling()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop sampling."""
        self.stop_sampling()

    def __repr__(self) -> str:
        """Tell of whom, how, and whether it samples."""
        return f"<DataCollector with {self.sampler!r}>"
