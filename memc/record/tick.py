"""One look at all processes, and what it adds to a recording."""

from __future__ import annotations

import time

from memc.errors import AccessDenied, ProcessError
from memc.files.recording.frames import encode, flatten
from memc.record import events
from memc.record.follow import Crowd
from memc.record.held import held_by_owner
from memc.record.known import Known
from memc.record.machine import OOM_KILL, Machine
from memc.record.usage import Usage
from memc.sampling.source import OneProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from memc.proc.root import Opened
    from memc.read.options import Options
    from memc.record.batch import Row
    from memc.record.follow import Followed, Seen
    from memc.record.plan import Plan
    from memc.record.store import Store
    from memc.table.snapshot import Snapshot

__all__ = ["Tick"]


COUNT = 6  # of the amounts of an owner, with its number of regions


class Tick:
    """Looks at processes and adds rows to the batch of a store.

    `options` say how regions are read, `plan` whose; `has_frames` tells whether the
    regions of a process are kept.  `boot` is the identity of this boot.
    """

    def __init__(
        self,
        store: Store,
        root: Opened,
        *,
        boot: str,
        options: Options,
        plan: Plan,
        files_max: int,
        pids: Collection[int] | None = None,
        has_frames: Callable[[Followed], bool] = lambda _: False,
    ) -> None:
        self._store = store
        self._root = root
        self._boot = boot
        self._options = options
        self._plan = plan
        self._has_frames = has_frames
        self._crowd = Crowd(root, pids=pids, files_max=files_max // 2)
        self._usage = Usage(root, files_max=files_max // 2)
        self._machine = Machine(root)
        self._known: dict[Followed, Known] = {}
        self._owners = store.owners()
        self._oom_kills: int | None = None
        self._denied: set[Followed] = set()
        self._is_all = False
        self.processes = 0

    def frame_all(self) -> None:
        """Keep the regions of every process at the next look."""
        self._is_all = True

    def begin_segment(self) -> None:
        """Tell everything again from here on: the store began a segment."""
        for known in self._known.values():
            known.begin_segment()
            self._add("_process", known.row(None, self._store.segment))

    def run(self, t_ms: int) -> None:
        """Look once; `t_ms` is the time of the tick."""
        began_ns, read_ns = time.thread_time_ns(), 0
        machine = self._machine.read()
        self._add("_machine", (self._store.segment, t_ms, *machine))
        seen = self._crowd.look()
        self._tell_ends(seen, t_ms, is_oom=self._is_oom(machine[OOM_KILL], t_ms))
        self._meet(seen, t_ms)
        changed = sum(self._add_usage(followed, t_ms) for followed in seen.alive)
        self.processes = len(seen.alive)
        due = seen.alive if self._is_all else self._plan.due(seen.alive)
        skipped = len(due)
        for followed in due:
            if not self._is_all and not self._plan.has_credit():
                break
            read_ns += self._read(followed, t_ms)
            skipped -= 1
        self._is_all = False
        cost_ns = time.thread_time_ns() - began_ns
        counts = len(seen.alive), changed, skipped
        self._add("_tick", (self._store.segment, t_ms, cost_ns, read_ns, *counts))

    def close(self, t_ms: int) -> None:
        """Note when each process was seen last, and close all files."""
        for known in self._known.values():
            self._add("_process", known.row(t_ms, self._store.segment))
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

    def _is_oom(self, kills: int | None, t_ms: int) -> bool:
        """Tell whether the kernel killed for memory since the tick before."""
        before, self._oom_kills = self._oom_kills, kills
        if kills is None or before is None or kills <= before:
            return False
        self.event(t_ms, "oom", events.detail(kills=kills - before))
        return True

    def _tell_ends(self, seen: Seen, t_ms: int, *, is_oom: bool) -> None:
        for followed in sorted(seen.ended, key=lambda f: -f.rss_pages):
            known = self._known.get(followed)
            last_kb = known.usage[0] if known and known.usage else None
            last_kb = last_kb if isinstance(last_kb, int) else None
            detail = events.ended(followed, last_kb, oom=is_oom)
            self.event(t_ms, "ended", detail, followed)
            self._part(followed, t_ms)
            self._usage.forget(followed)

    def _part(self, followed: Followed, t_ms: int) -> None:
        """End the row of a process, or of the program that it ran."""
        known = self._known.pop(followed, None)
        if known is not None:
            self._add("_process", known.row(t_ms, self._store.segment))
        self._plan.forget(followed)
        self._denied.discard(followed)

    def _meet(self, seen: Seen, t_ms: int) -> None:
        """Begin a row for each new process, and for each new program."""
        for followed in seen.executed:
            self._part(followed, t_ms)
        for followed in (*seen.started, *seen.executed):
            number = self._store.new_process()
            known = Known(number, followed, self._root, self._boot, t_ms)
            self._known[followed] = known
            self._add("_process", known.row(None, self._store.segment))
            kind = "started" if followed.is_new else "exec"
            self.event(t_ms, kind, None, followed)
        for followed, old in seen.renamed:
            names = old, followed.name
            was, now = (name.decode("utf-8", "replace") for name in names)
            self.event(
                t_ms, "renamed", events.detail(**{"from": was, "to": now}), followed
            )

    def _add_usage(self, followed: Followed, t_ms: int) -> bool:
        """Add a row if anything changed; tell whether it did."""
        known = self._known[followed]
        if known.usage is not None and not followed.is_changed:
            return False
        values = self._usage.read(followed)
        if values is None or values == known.usage:
            return False
        known.usage = values
        self._add("_usage", (self._store.segment, known.number, t_ms, *values))
        return True

    def _read(self, followed: Followed, t_ms: int) -> int:
        """Read the regions of a process; return what that cost, in ns of CPU time."""
        began_ns = time.thread_time_ns()
        try:
            snap = OneProcess(followed.pid, self._options.copy()).read()
            if snap.started in (None, followed.started):
                self._keep(followed, snap, t_ms)
        except AccessDenied as error:
            self._deny(followed, str(error), t_ms)
        except ProcessError:
            pass  # it ended: the next look will find out
        cost_ns = time.thread_time_ns() - began_ns
        self._plan.pay(followed, cost_ns)
        return cost_ns

    def _deny(self, followed: Followed, words: str, t_ms: int) -> None:
        """Say once why the regions of a process could not be read."""
        if followed not in self._denied:
            self._denied.add(followed)
            self.event(t_ms, "denied", events.detail(why=words), followed)

    def _keep(self, followed: Followed, snap: Snapshot, t_ms: int) -> None:
        known = self._known[followed]
        place = self._store.segment, known.number, t_ms
        sums = held_by_owner(snap)
        for owner in [owner for owner in known.held if owner not in sums]:
            sums[owner] = [0] * COUNT
        for owner, amounts in sums.items():
            if known.held.get(owner) != amounts:
                self._add("_held", (*place, self._owner(owner), *amounts))
        known.held = {owner: held for owner, held in sums.items() if held[-1]}
        if self._is_all or self._has_frames(followed):
            frame, meta = flatten(snap, self._store.strings)
            is_whole, data = encode(known.frame, frame)
            known.frame = frame
            self._add("_frame", (*place, int(is_whole), meta, data))

    def _owner(self, name: str) -> int:
        number = self._owners.get(name)
        if number is None:
            number = self._owners[name] = max(self._owners.values(), default=0) + 1
            self._add("_owner", (number, name))
        return number
