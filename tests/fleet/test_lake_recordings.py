"""A recording goes into a lake in one way through it, with the rows of each time."""

import random

import pytest
from support.recordings import NOON, Made

import memc
from memc.fleet import lake
from memc.targets.recorded_walk import Walk

MINUTE = 60_000
SMAPS = """55d0c0000000-55d0c0021000 rw-p 00000000 00:00 0 [heap]
Size: 132 kB
Rss: {rss} kB
Pss: 60 kB
7f0000000000-7f0000100000 r-xp 00000000 08:01 77 /usr/lib/libc.so.6
Size: 1024 kB
Rss: 400 kB
Pss: 20 kB
"""
TABLES = ("groups", "owners", "regions")


def snapshot(folder, rss, ts_ms):
    (folder / "smaps").write_text(SMAPS.format(rss=rss))
    snap = memc.load(folder / "smaps")
    snap.timestamp_ms = ts_ms
    return snap


class Maker:
    """Makes a recording in which everything happens, by chance but always the same."""

    def __init__(self, folder, path, seed):
        self.folder = folder
        self.by = random.Random(seed)
        self.made = Made(path)
        self.held = {}
        self.t_ms = NOON

    def begin(self, boot):
        self.made.run(self.t_ms, boot=boot, interval_ms=MINUTE)
        self.numbers = [
            self.made.start(self.t_ms, 10 + i, cgroup=f"/system.slice/s{i % 3}.service")
            for i in range(8)
        ]
        self.held.clear()
        self.tick(is_first=True)

    def segment(self, back_ms=0):
        self.t_ms += MINUTE - back_ms
        self.made.segment(self.t_ms, passed_ms=MINUTE)
        self.tick(is_first=True)

    def gap(self):
        detail = '{"why": "disk full", "length_ms": 30000}'
        self.made.event(self.t_ms, "gap", detail)

    def tick(self, *, is_first=False):
        by = self.by
        held, frames = {}, {}
        for i, number in enumerate(self.numbers):
            if is_first and number in self.held:
                held[number] = self.held[number]
            if i > 1 and by.random() < 0.2:
                owners = by.sample(["anonymous", "stack", "malloc main heap"], 2)
                told = {name: self.owner() for name in owners}
                gone = {n: self.nothing() for n in self.held.get(number, ())}
                held[number] = {**gone, **told}
                self.held[number] = told
            if i > 5 and (is_first or by.random() < 0.3):
                ts_ms = self.t_ms - by.choice([0, 0, 5, 90_000])
                frames[number] = snapshot(self.folder, by.randrange(99), ts_ms)
        some = self.numbers if is_first else by.sample(self.numbers, 2)
        usage = {number: {"rss_kb": by.randrange(1, 999)} for number in some}
        self.made.tick(self.t_ms, usage, held=held, frames=frames)

    def owner(self):
        uss = self.by.choice([None, 5])
        return {"rss_kb": self.by.randrange(99), "uss_kb": uss, "regions": 2}

    def nothing(self):
        return {"rss_kb": 0, "uss_kb": 0, "regions": 0}

    def make(self):
        for boot in ("boot-1", "boot-2"):
            self.begin(boot)
            for number in range(6):
                for _ in range(self.by.randrange(1, 5)):
                    self.t_ms += MINUTE
                    self.tick()
                if number == 2:
                    self.gap()
                self.segment(back_ms=3 * MINUTE if number == 4 else 0)
            self.t_ms += 2 * MINUTE
        self.made.close()


@pytest.mark.parametrize("seed", range(2))
def test_one_way_through_finds_the_rows_of_each_time(tmp_path, monkeypatch, seed):
    path = str(tmp_path / "r.memc")
    Maker(tmp_path, path, seed).make()
    found = [lake.rows(path, table=name, received_ms=1).read_all() for name in TABLES]
    asked = []
    monkeypatch.setattr(Walk, "at", lambda _, t_ms: asked.append(t_ms))
    slow = [lake.rows(path, table=name, received_ms=1).read_all() for name in TABLES]
    assert asked
    assert [one.to_pylist() for one in found] == [one.to_pylist() for one in slow]
    assert all(one.num_rows for one in found)
