"""Recordings that tests make: with the store of the recorder, at times they choose."""

import json

from memc.files.recording.frames import encode, flatten
from memc.record.store import Store

NS_PER_MS = 1_000_000
NOON = 1_795_694_400_000  # a time in ms, in November 2026
USAGE = {
    "rss_kb": 100,
    "vsize_kb": 1000,
    "anon_kb": 60,
    "file_kb": 30,
    "shmem_kb": 10,
    "swap_kb": 0,
    "minflt": 5,
    "majflt": 0,
    "threads": 1,
    "state": "S",
}
HELD = ("rss_kb", "swap_kb", "pss_kb", "uss_kb", "size_kb", "regions")
MACHINE = (16_000_000, 8_000_000, 0, 1000, 0, 0, 0)


class Made:
    """A recording in the making.

    `run` and `segment` begin a run and a segment; `start` makes a process and returns
    its number; `tick` adds a tick with what changed.  `usage` of a kernel thread is {},
    and all its columns are null.  `end` tells the end of a process.
    """

    def __init__(self, path, *, max_size=1 << 30):
        self.is_open = False
        self.path = str(path)
        self.store = Store(self.path, max_size=max_size)
        self.is_open = True
        self.rows = {}
        self.frames = {}
        self.owners = self.store.owners()
        self.boot_ms = 0
        self.boot = None
        self.last_ms = None

    def run(self, began_ms, *, boot="boot-1", interval_ms=1000, boot_ms=1000):
        self.boot, self.boot_ms = boot, boot_ms
        options = json.dumps({"interval_ms": interval_ms})
        row = ("1.0", "6.1", "host", boot, 5, options, began_ms)
        self.store.begin_run(row)
        self.segment(began_ms)

    def segment(self, began_ms, *, passed_ms=0):
        """Begin a segment; `passed_ms` went by since the last one began."""
        self.boot_ms += passed_ms
        self.store.begin_segment(began_ms, self.boot_ms * NS_PER_MS)
        self.frames.clear()
        for row in self.rows.values():
            row[-1] = self.store.segment
            self.store.batch.add("_process", tuple(row))

    def start(self, t_ms, pid, name=b"prog", *, start_ticks=7, execs=0, **facts):
        number = self.store.new_process()
        text = name.decode("utf-8", "surrogateescape")
        shown = name.decode("utf-8", "backslashreplace")
        row = [
            *(number, self.boot, pid, start_ticks, execs, facts.get("ppid", 1)),
            *(facts.get("uid", 0), shown, None if shown == text else name),
            *(facts.get("cmdline"), facts.get("cgroup"), t_ms, None),
            self.store.segment,
        ]
        self.rows[number] = row
        self.store.batch.add("_process", tuple(row))
        self.event(t_ms, "exec" if execs else "started", process=number)
        return number

    def exec(self, t_ms, number, name):
        """Let a process run another program; return the number of it."""
        row = self._part(number, t_ms)
        return self.start(t_ms, row[2], name, start_ticks=row[3], execs=row[4] + 1)

    def end(self, t_ms, number, **detail):
        detail = {"last_rss_kb": 100} | detail
        self.event(t_ms, "ended", json.dumps(detail), process=number)
        self._part(number, t_ms)

    def _part(self, number, t_ms):
        row = self.rows.pop(number)
        row[-2:] = t_ms, self.store.segment
        self.store.batch.add("_process", tuple(row))
        return row

    def event(self, t_ms, kind, detail=None, process=None):
        row = (self.store.segment, t_ms, process, kind, detail)
        self.store.batch.add("_event", row)

    def gap(self, t_ms, why, length_ms):
        self.event(t_ms, "gap", json.dumps({"why": why, "length_ms": length_ms}))

    def beside(self, t_ms, number, hugetlb_kb=0, same_memory_as=None):
        row = (self.store.segment, number, t_ms, hugetlb_kb, same_memory_as)
        self.store.batch.add("_beside", row)

    def tick(self, t_ms, usage=None, *, held=None, frames=None, machine=MACHINE):
        """Add a tick: `usage` has what changed of each process."""
        segment = self.store.segment
        for number, changed in (usage or {}).items():
            row = USAGE | changed if changed else dict.fromkeys(USAGE)
            row = (segment, number, t_ms, *row.values())
            self.store.batch.add("_usage", row)
        for number, owners in (held or {}).items():
            self._hold(segment, number, t_ms, owners)
        for number, snap in (frames or {}).items():
            frame, meta = flatten(snap, self.store.strings)
            whole, data = encode(self.frames.get(number), frame)
            self.frames[number] = frame
            row = (segment, number, t_ms, int(whole), meta, data)
            self.store.batch.add("_frame", row)
        self.store.batch.add("_machine", (segment, t_ms, *machine))
        row = (segment, t_ms, 1000, 0, len(self.rows), len(usage or {}), 0)
        self.store.batch.add("_tick", row)
        self.last_ms = t_ms

    def _hold(self, segment, number, t_ms, owners):
        for name, given in owners.items():
            if name not in self.owners:
                self.owners[name] = max(self.owners.values(), default=0) + 1
                self.store.batch.add("_owner", (self.owners[name], name))
            amounts = {"rss_kb": given} if isinstance(given, int) else given
            row = dict.fromkeys(HELD) | {"size_kb": 100, "regions": 1} | amounts
            row = (segment, number, t_ms, self.owners[name], *row.values())
            self.store.batch.add("_held", row)

    def flush(self):
        self.store.flush()

    def close(self, t_ms=None, why="done"):
        t_ms = self.last_ms if t_ms is None else t_ms
        for number in [*self.rows]:
            self._part(number, t_ms)
        self.store.close(t_ms, why)
        self.is_open = False

    def __del__(self):
        if self.is_open:
            self.kill()

    def kill(self):
        """End as a recorder that was killed: what waits is lost."""
        self.rows.clear()
        self.is_open = False
        self.store.drop()
