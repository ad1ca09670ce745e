"""How processes stand: all their risks, and which process is nearest to a limit."""

from __future__ import annotations

from memc.cgroups.chain import Chains
from memc.errors import MemcError, ProcessGone
from memc.proc.files import ProcessFiles
from memc.proc.region_list import RegionList
from memc.proc.root import open_root
from memc.proc.state import why_empty
from memc.risks.map_count import Mapped
from memc.risks.oom import Scores
from memc.risks.process import read_risks, read_status
from memc.risks.risk import Risk
from memc.risks.whole import numbers_in, read_whole
from memc.table.snapshot import Skipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.proc.root import Opened

__all__ = ["Standing", "Standings"]

# Figures without a limit: the name, words, and the key in status.
FIGURES = (
    ("VmRSS", "resident", "VmRSS"),
    ("VmHWM", "peak of resident", "VmHWM"),
    ("VmSwap", "swapped out", "VmSwap"),
    ("HugetlbPages", "hugetlb pages", "HugetlbPages"),
    ("VmPTE", "page tables", "VmPTE"),
)
HUGE, HUGE_WORDS = "AnonHugePages", "transparent huge pages"


class Standing:
    """The risks of a process, those of its control groups among them.

    `cgroup` is the path of the group that counts its memory, None if not known.
    """

    __slots__ = ("cgroup", "name", "pid", "risks")

    def __init__(
        self, pid: int, name: str, risks: list[Risk], cgroup: str | None = None
    ) -> None:
        self.pid = pid
        self.name = name
        self.risks = risks
        self.cgroup = cgroup

    def value(self, name: str) -> int | None:
        """Return the value of a risk, None if it is not known."""
        return next((risk.value for risk in self.risks if risk.name == name), None)

    def nearest(self) -> Risk | None:
        """Return the risk that is nearest to its limit; None without any limit."""
        limited = [risk for risk in self.risks if risk.share is not None]
        return max(limited, key=lambda risk: risk.share or 0.0, default=None)

    def order(self) -> tuple[float, int]:
        """Return what the order of processes goes by, the largest first."""
        nearest = self.nearest()
        share = nearest.share if nearest else None
        return share or 0.0, self.value("oom_score") or 0


class Standings:
    """The standings of processes of a root.

    With `huge` each smaps_rollup is read, too: it tells of huge pages, and may stall a
    large process.

    `processes` are those with memory.  `errors` are about the others that were named,
    and `skipped` are the rest.  `machine` are the risks of the whole machine.
    """

    __slots__ = ("errors", "machine", "processes", "skipped")

    def __init__(
        self,
        proc: str,
        pids: Iterable[int],
        named: Iterable[int],
        *,
        huge: bool = False,
    ) -> None:
        self.processes: list[Standing] = []
        self.errors: list[MemcError] = []
        self.skipped: list[Skipped] = []
        named = {*named}
        with open_root(proc) as root:
            self.machine = read_whole(root, every=True)
            reader = _Reader(root, huge=huge)
            for pid in pids:
                self._add(reader, pid, is_named=pid in named)
        self.processes.sort(key=Standing.order, reverse=True)

    def _add(self, reader: _Reader, pid: int, *, is_named: bool) -> None:
        try:
            with ProcessFiles(reader.root, pid) as files:
                found = reader.read(files)
        except MemcError as error:
            if is_named:
                self.errors.append(error)
            else:
                self.skipped.append(_skipped(pid, error))
            return
        if found is not None:
            self.processes.append(found)
        elif is_named:
            words = why_empty(pid, reader.root.path)
            self.errors.append(MemcError(f"process {pid}: {words}"))


class _Reader:
    """Reads processes; what many of them share is read once."""

    def __init__(self, root: Opened, *, huge: bool) -> None:
        self.root = root
        self._huge = huge
        self._chains = Chains(root.path, full=True)
        self._scores = Scores(root, self._chains)
        self._mapped = Mapped(root)

    def read(self, files: ProcessFiles) -> Standing | None:
        """Return the standing, None for a process without memory.

        Raises MemcError if status cannot be read.
        """
        try:
            status = read_status(files)
        except OSError as error:
            raise files.explain(error, "status") from None
        if not status.get("VmSize"):
            return None
        risks, chain = read_risks(files, status, self._chains, every=True)
        risks.insert(0, self._mapped.risk(*_count_regions(files)))
        risks.append(self._scores.risk(files, chain))
        risks += [_figure(status, *figure) for figure in FIGURES]
        risks += [_huge_pages(files, status.get("VmRSS"))] * self._huge
        path = None if chain is None else chain.path
        return Standing(files.pid, files.name() or "", risks, path)


def _figure(status: dict[str, int], name: str, words: str, key: str) -> Risk:
    kb = status.get(key)
    reason = f"status tells no {key}" if kb is None else None
    return Risk(name, words, kb, reason=reason)


def _huge_pages(files: ProcessFiles, rss_kb: int | None) -> Risk:
    """Return how much is in transparent huge pages, and its part of RSS."""
    risk = Risk(HUGE, HUGE_WORDS, None)
    try:
        kb = numbers_in(files.read("smaps_rollup"), (HUGE,)).get(HUGE)
    except OSError as error:
        risk.reason = _why(files, error, "smaps_rollup")
        return risk
    if kb is None:
        risk.reason = f"smaps_rollup tells no {HUGE}"
    risk.value = kb
    if kb and rss_kb:
        risk.about = f"{kb * 100 // rss_kb} % of what is resident"
    return risk


def _count_regions(files: ProcessFiles) -> tuple[int | None, str | None]:
    """Return the number of regions, or why it is not known."""
    try:
        with RegionList(files, "maps") as opened:
            return opened.read().count(b"\n"), None
    except OSError as error:
        return None, _why(files, error, "maps")


def _why(files: ProcessFiles, error: OSError, name: str) -> str:
    """Return why a file cannot be read, and the right that it needs."""
    return str(files.explain(error, name)).removeprefix(f"process {files.pid}: ")


def _skipped(pid: int, error: MemcError) -> Skipped:
    reason = "gone" if isinstance(error, ProcessGone) else "error"
    reason = "denied" if isinstance(error, PermissionError) else reason
    return Skipped(pid, "", reason, str(error))
