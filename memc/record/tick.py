"""One look at all processes, and what it adds to a recording."""

from __future__ import annotations

import time

from memc.record import events
from memc.record.chosen import Chosen
from memc.record.follow import Crowd
from memc.record.framed import Framed
from memc.record.judge import Judge
from memc.record.known import Known
from memc.record.machine import OOM_KILL, Machine
from memc.record.options import OF_REGIONS
from memc.record.regions import RegionReader
from memc.record.shared import find_shared
from memc.record.turns import Turns
from memc.record.usage import Usage, beside, row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.proc.root import Opened
    from memc.read.options import Options
    from memc.record.batch import Row
    from memc.record.followed import Followed, Seen
    from memc.record.machine import Amounts
    from memc.record.options import RecordOptions
    from memc.record.plan import Plan
    from memc.record.store import Store

__all__ = ["Tick"]


class Tick:
    """Looks at processes and adds rows to the batch of a store.

    `options` say whose, `reading` how regions are read, and `plan` of whom next.
    `boot` is the identity of this boot.  `say` tells the user something once.
    `processes` is how many the last look found.
    """

    def __init__(
        self,
        store: Store,
        root: Opened,
        options: RecordOptions,
        *,
        boot: str,
        reading: Options,
        plan: Plan,
        files_max: int,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.processes = 0
        self._store = store
        self._root = root
        self._boot = boot
        self._plan = plan
        choice = options.choice
        pids = choice.pids if choice.names_pids() else None
        self._is_named = pids is not None
        self._crowd = Crowd(root, pids=pids, files_max=files_max // 2)
        self._chosen: Chosen | None = None
        if pids is None and (choice.trees or choice.has_tests()):
            self._chosen = Chosen(choice, root)
        self._usage = Usage(root, self._crowd, files_max=files_max // 2)
        self._framed = Framed(options.regions, choice.pids)
        self._judge = Judge(options.limits, options.proc)
        self._has_limits = bool(options.limits)
        needs = {limit.what for limit in options.limits}
        self._has_region_limits = not needs.isdisjoint(OF_REGIONS)
        self._machine = Machine(root)
        self._regions = RegionReader(
            store, self._crowd, reading, tell=self._tell, say=say
        )
        self._known: dict[Followed, Known] = {}
        self._turns = Turns(
            self._regions,
            self._known,
            plan=plan,
            framed=self._framed,
            batch=store.batch,
            judge=self._judge if self._has_region_limits else None,
        )
        self._oom_kills: int | None = None
        self._was_oom = False
        self._is_first = True
        self._is_segment_new = False
        self._is_after_gap = False
        self._t_ms = 0
        self._young_ticks = events.young_ticks(options.interval_ms)

    def frame_all(self) -> None:
        """Keep the regions of every process at the next look."""
        self._turns.is_all = True

    def is_over(self) -> bool:
        """Tell whether all processes that were named by pid have ended."""
        return self._is_named and all(each.has_ended for each in self._known.values())

    def begin_segment(self, *, is_after_gap: bool = False) -> None:
        """Tell everything again from here on: the store began a segment.

        After a gap the owners of those that moved are told when they are read.
        """
        self._is_segment_new, self._is_after_gap = True, is_after_gap
        self._regions.begin_segment()
        for followed, known in self._known.items():
            known.begin_segment()
            self._add("_process", known.row(None, self._store.segment))
            if self._framed.is_kept(followed):
                self._plan.forget(followed)  # a segment begins with a whole frame

    def run(self, t_ms: int) -> None:
        """Look once; `t_ms` is the time of the tick."""
        began_ns, self._t_ms = time.thread_time_ns(), t_ms
        machine = self._machine.read()
        self._add("_machine", (self._store.segment, t_ms, *machine))
        seen = self._crowd.look()
        if self._chosen is not None:
            seen = self._chosen.choose(seen)
        find_shared(self._root, seen)
        self._tell_ends(seen, machine)
        self._meet(seen)
        told = seen.alive if self._is_segment_new else self._moved(seen)
        changed = self._add_usage(told)
        self._framed.look(seen, t_ms)
        self._tell_crossings(seen)
        self.processes = len(seen.alive)
        read_ns, skipped = self._turns.read(seen, t_ms)
        if self._is_segment_new:
            self._is_segment_new = False
            for followed, known in self._known.items():
                if not self._is_after_gap or self._plan.is_unmoved(followed):
                    self._regions.tell_again(known, t_ms)
        if self._has_region_limits:
            self._tell_crossings(seen)
        cost_ns = time.thread_time_ns() - began_ns
        counts = len(seen.alive), changed, skipped
        self._add("_tick", (self._store.segment, t_ms, cost_ns, read_ns, *counts))

    def close(self, t_ms: int) -> None:
        """Note when each process was seen last, and close all files."""
        for known in self._known.values():
            self._add("_process", known.row(t_ms, self._store.segment))
        self.close_files()

    def close_files(self) -> None:
        """Close all files, and add nothing."""
        self._crowd.close()
        self._usage.close()
        self._machine.close()

    def _add(self, table: str, row: Row) -> None:
        self._store.batch.add(table, row)

    def event(
        self, t_ms: int, kind: str, detail: str | None, who: Followed | None = None
    ) -> None:
        """Add an event; of the machine itself if `who` is None."""
        known = None if who is None else self._known.get(who)
        number = None if known is None else known.number
        self._add("_event", (self._store.segment, t_ms, number, kind, detail))

    def _tell(self, kind: str, words: str, who: Followed) -> None:
        self.event(self._t_ms, kind, events.detail(why=words), who)

    def _is_oom(self, kills: int | None) -> bool:
        """Tell whether the kernel killed for memory since the look before the last."""
        before, self._oom_kills = self._oom_kills, kills
        was_oom, self._was_oom = self._was_oom, False
        if kills is None or before is None or kills <= before:
            return was_oom
        self._was_oom = True  # who is large may end a look later
        self.event(self._t_ms, "oom", events.detail(kills=kills - before))
        return True

    def _tell_ends(self, seen: Seen, machine: Amounts) -> None:
        """Tell who ended, the largest first; a zombie has ended, too."""
        zombies = [f for f in seen.changed if self._is_zombie(f)]
        ended = [*seen.ended, *zombies]
        if ended:  # a kill is counted before the process ends
            machine = self._machine.read()
        is_oom = self._is_oom(machine[OOM_KILL])
        known = [(self._known[each], each) for each in ended if each in self._known]
        known.sort(key=lambda pair: -(pair[0].last_rss_kb or 0))
        for one, followed in known:
            if not one.has_ended:
                one.has_ended = True
                detail = events.ended(followed, one.last_rss_kb, oom=is_oom)
                self.event(self._t_ms, "ended", detail, followed)
        for followed in seen.ended:
            self._part(followed)
            self._usage.forget(followed)

    def _is_zombie(self, followed: Followed) -> bool:
        if not followed.is_zombie():
            return False
        known = self._known.get(followed)
        return known is not None and not known.has_ended

    def _part(self, followed: Followed) -> None:
        """End the row of a process, or of the program that it ran."""
        known = self._known.pop(followed, None)
        if known is not None:
            self._add("_process", known.row(self._t_ms, self._store.segment))
        self._plan.forget(followed)
        self._regions.forget(followed)
        self._judge.forget(followed)

    def _meet(self, seen: Seen) -> None:
        """Begin a row for each new process, and for each new program."""
        parted = self._chosen.parted if self._chosen else []
        met = self._chosen.met if self._chosen else []
        for followed in (*seen.executed, *parted):
            self._part(followed)
        is_first, self._is_first = self._is_first, False
        for followed in (*seen.started, *seen.executed, *met):
            known = Known(followed, self._root, self._store, self._boot, self._t_ms)
            self._known[followed] = known
            self._add("_process", known.row(None, self._store.segment))
            known.has_ended = followed.is_zombie()
            if followed in seen.executed:
                kind = "exec"
            else:
                is_old = is_first and not events.is_young(followed, self._young_ticks)
                kind = "" if is_old or followed in met else "started"
            if kind:
                self.event(self._t_ms, kind, None, followed)
            if known.has_ended and kind:  # it began and ended since the last look
                detail = events.ended(followed, None, oom=False)
                self.event(self._t_ms, "ended", detail, followed)
        for followed, old in seen.renamed:
            names = old, followed.name
            was, now = (name.decode("utf-8", "replace") for name in names)
            detail = events.detail(**{"from": was, "to": now})
            if followed.vsize:  # a kworker has a name for each work that it does
                self.event(self._t_ms, "renamed", detail, followed)
            known = self._known[followed]
            known.rename(followed)
            self._add("_process", known.row(None, self._store.segment))

    def _moved(self, seen: Seen) -> list[Followed]:
        """Return the processes that may use something else than the look before."""
        met = self._chosen.met if self._chosen else []
        return [*met, *seen.changed]

    def _add_usage(self, asked: list[Followed]) -> int:
        """Add a row for each process of which anything changed; count them."""
        segment, t_ms = self._store.segment, self._t_ms
        rows: list[Row] = []
        for followed, amounts in self._usage.read(asked):
            known = self._known[followed]
            if self._has_limits:
                self._judge.take_status(followed, amounts)
            if (also := beside(followed, amounts)) != known.beside:
                known.beside = also
                self._add("_beside", (segment, known.number, t_ms, *also))
            if (values := row(followed, amounts)) != known.usage:
                known.take(values)
                rows.append((segment, known.number, t_ms, *values))
        self._store.batch.add_numbers("_usage", rows)
        return len(rows)

    def _tell_crossings(self, seen: Seen) -> None:
        for kind, followed, facts in self._judge.judge(seen.alive, self._t_ms):
            self.event(self._t_ms, kind, events.detail(**facts), followed)
            if kind == "over":
                self._framed.cross(followed, self._t_ms)
