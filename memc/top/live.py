"""What there is now: the processes as the recorder looks at them, kept in memory."""

from __future__ import annotations

import os
import time

from memc.proc.hidepid import hides_others
from memc.proc.root import open_root
from memc.read.options import Options
from memc.record.allowance import files_max, limits, raise_files, restore
from memc.record.chosen import Chosen
from memc.record.follow import Crowd
from memc.record.machine import AMOUNT, COLUMNS, Machine
from memc.record.named import check_named
from memc.record.shared import find_shared
from memc.record.usage import OF_USAGE, Usage
from memc.sampling.source import OneProcess
from memc.top.holding import why_nothing
from memc.top.live_details import LiveDetails
from memc.top.live_lines import MINUTE_MS, Living
from memc.top.moment import POINTS, STEP_MS, Details, Tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.record.followed import Followed, Seen
    from memc.targets.choice import Choice
    from memc.top.moment import Line
    from memc.top.view import View

__all__ = ["LiveSource"]

DUTY = 5.0  # percent of one CPU for the regions of the selected process
NS_PER_MS, NS_PER_US = 1_000_000, 1000
PAST_NS = 10_000_000_000
ENDED = "it has ended"
HIDDEN = "processes of other users are hidden from memc by the mount option hidepid"
AMOUNTS = (*COLUMNS, ("swap_total_kb", "meminfo", b"\nSwapTotal:", AMOUNT))
NAMES = [name for name, *_ in AMOUNTS]


class LiveSource:
    """Tells what there is now, of the processes of a choice.

    `interval_ms` is how often it is asked, `detail` how regions are read, and `duty`
    how much of one CPU, in percent, that may take.  USS is read while lines are sorted
    by it in `view`: within 2 % of a CPU, or with `reads_all` of all at once.  `view` is
    told how long histories are: longer than five minutes if it asks rarely.  `say` is
    called with what the user should know at once.

    Raises ProcessGone if none of the processes that were named is there, and MemcError
    if /proc cannot be read.
    """

    def __init__(
        self,
        choice: Choice,
        *,
        interval_ms: int = 1000,
        detail: str = "rss",
        duty: float = DUTY,
        view: View | None = None,
        reads_all: bool = False,
        say: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._choice = choice
        self._detail = detail
        self._view = view
        self._reads_all = reads_all
        self._step_ms = max(STEP_MS, interval_ms)
        if view is not None:
            view.minutes = POINTS * self._step_ms // MINUTE_MS
        self._living: dict[Followed, Living] = {}
        self._by_key: dict[int, Living] = {}
        self._ended: dict[int, Living] = {}  # those of which details are kept
        self._keys = 0
        self._notes = [HIDDEN] if hides_others(choice.proc) else []
        self._past: list[tuple[int, int, int | None]] = []  # see `_since`
        self._root = open_root(choice.proc)
        try:
            check_named(self._root, choice, say)
            self._open(duty, interval_ms)
        except BaseException:
            os.close(self._root.fd)
            raise

    def _open(self, duty: float, interval_ms: int) -> None:
        choice, root = self._choice, self._root
        self._limits = limits()
        raise_files(self._limits)
        most = files_max() // 2
        pids = choice.pids if choice.names_pids() else None
        self._crowd = Crowd(root, pids=pids, files_max=most)
        is_all = pids is not None or not (choice.trees or choice.has_tests())
        self._chosen = None if is_all else Chosen(choice, root)
        self._usage = Usage(root, self._crowd, files_max=most)
        self._machine = Machine(root, AMOUNTS)
        options = Options(self._detail, proc=choice.proc)
        self._details = LiveDetails(
            options, self._crowd, duty=duty, interval_ms=interval_ms
        )

    def look(self) -> Tell:
        """Look at all processes.  Raises MemcError if /proc cannot be read any more."""
        t_ms = time.time_ns() // NS_PER_MS
        at_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // NS_PER_MS
        machine = dict(zip(NAMES, self._machine.read(), strict=True))
        seen = self._crowd.look()
        if self._chosen is not None:
            seen = self._chosen.choose(seen)
        find_shared(self._root, seen)
        self._part(seen)
        changed = self._use(seen)
        self._meet(seen, at_ms)
        if self._view is not None and self._view.sort == "uss":
            self._details.read_uss(seen.alive, is_all=self._reads_all)
        lines = [
            self._living[each].update(
                self._root, at_ms, step_ms=self._step_ms, is_changed=each in changed
            )
            for each in seen.alive
            if each in self._living
        ]
        for followed, kb in self._details.uss_kb.items():
            self._living[followed].line.uss_kb = kb
        own_cpu, psi = self._since(machine["psi_some_us"])
        total, free = machine["swap_total_kb"], machine["swap_free_kb"]
        return Tell(
            t_ms=t_ms,
            lines=lines,
            total_kb=machine["total_kb"],
            available_kb=machine["available_kb"],
            swap_used_kb=None if total is None or free is None else total - free,
            psi_some=psi,
            own_cpu=own_cpu,
            notes=self._notes,
        )

    def details(self, line: Line) -> Details:
        """Return the owners and regions of a process, read now if that is paid for."""
        nothing = why_nothing(line)
        if nothing:
            return Details(note=nothing)
        living = self._by_key.get(line.key)
        if living is None:
            ended = self._ended.get(line.key)
            if ended is None:
                return Details(note=ENDED)
            return self._details.last(ended.followed, ENDED)
        details = self._details.read(living.followed)
        living.line.regions = self._details.regions(living.followed)
        return details

    def save(self, line: Line | None) -> bytes:
        """Read a process by smaps, or all of the machine; return the document.

        All are read as the details are: by smaps that could take minutes.  Raises
        MemcError if that cannot be read.
        """
        proc = self._choice.proc
        if line is not None and line.key > 0:
            options = Options("smaps", proc=proc)
            return OneProcess(line.pid, options).read().to_json(pretty=True)
        from memc.read.backend import backend

        document = backend().collect_all(Options(self._detail, proc=proc))
        return document.to_json(pretty=True)

    def close(self) -> None:
        """Close all files."""
        self._crowd.close()
        self._usage.close()
        self._machine.close()
        os.close(self._root.fd)
        restore(self._limits)

    def _part(self, seen: Seen) -> None:
        """Forget who ended, and who is not meant any more."""
        for followed in seen.ended:
            self._usage.forget(followed)
        parted = self._chosen.parted if self._chosen else ()
        for followed in (*seen.ended, *parted):
            self._details.forget(followed)
            living = self._living.pop(followed, None)
            if living is not None:
                del self._by_key[living.key]
                if self._details.has(followed):
                    self._ended[living.key] = living
        self._ended = {
            key: living
            for key, living in self._ended.items()
            if self._details.has(living.followed)
        }
        for followed in seen.executed:
            self._details.forget(followed)

    def _use(self, seen: Seen) -> set[Followed]:
        """Read what those use that may use something else; return them."""
        met = self._chosen.met if self._chosen else []
        found = set()
        for followed, amounts in self._usage.read([*met, *seen.changed]):
            found.add(followed)
            self._of(followed).amounts = amounts[OF_USAGE]
        return found

    def _meet(self, seen: Seen, at_ms: int) -> None:
        """Read who those are that are new, or another program, or have another name."""
        met = self._chosen.met if self._chosen else []
        renamed = (followed for followed, _ in seen.renamed)
        for followed in (*seen.started, *met, *seen.executed, *renamed):
            if followed in self._living:
                self._living[followed].meet(self._root, at_ms, step_ms=self._step_ms)

    def _of(self, followed: Followed) -> Living:
        living = self._living.get(followed)
        if living is None:
            self._keys += 1
            is_young = bool(self._past)
            living = Living(followed, self._keys, is_young=is_young)
            self._living[followed] = living
            self._by_key[self._keys] = living
        return living

    def _since(self, psi_us: int | None) -> tuple[float | None, float | None]:
        """Return the CPU time of memc since last time, and the pressure, in percent.

        The kernel counts pressure every two seconds (PSI_FREQ in kernel/sched/psi.c),
        so that of one second would tell nothing: it is that of the last ten.
        """
        now = time.monotonic_ns(), time.process_time_ns(), psi_us
        self._past.append(now)
        while now[0] - self._past[0][0] > PAST_NS and len(self._past) > 2:
            del self._past[0]
        if len(self._past) < 2:
            return None, None
        begin, last = self._past[0], self._past[-2]
        own = (now[1] - last[1]) * 100 / max(now[0] - last[0], 1)
        if psi_us is None or begin[2] is None:
            return own, None
        part = (psi_us - begin[2]) * NS_PER_US * 100 / max(now[0] - begin[0], 1)
        return own, min(part, 100.0)
