"""Limits of a recorder: each crossing is told once, and regions are kept around it."""

import json

import pytest
from support import children

from memc.files.recording import open as opening
from memc.limits.limits import GrowthLimit, HeadroomLimit, Limit, ShareLimit
from memc.pure.stats import amounts_of
from memc.record.followed import Followed
from memc.record.judge import Judge
from memc.record.options import RecordOptions
from memc.record.session import Session

LINE = "\nVmRSS:\t%d kB\nVmSwap:\t%d kB\nHugetlbPages:\t%d kB\n"
MIN_MS = 60_000


def judged(limit, amounts, every_ms=1000):
    """Return what is told at each look of a process with these amounts."""
    judge, followed = Judge([limit], "/proc"), Followed(5)
    found = []
    for look, amount in enumerate(amounts):
        rss, swap, hugetlb = amount if isinstance(amount, tuple) else (amount, 0, 0)
        text = (LINE % (rss, swap, hugetlb)).encode()
        judge.take_status(followed, amounts_of(text))
        crossed = judge.judge([followed], look * every_ms)
        found += [(look, kind) for kind, _, _ in crossed]
    return found


# The limit, the RSS (or RSS, swap, hugetlb) at each look, what is told, and why.
CASES = {
    "over once, and under at 95 %": (
        Limit("rss", 100),
        [50, 101, 102, 99, 96, 95, 101],
        [(1, "over"), (5, "under"), (6, "over")],
    ),
    "over at the first look": (Limit("rss", 100), [200, 200], [(0, "over")]),
    "at the limit is within": (Limit("rss", 100), [100, 100], []),
    "pages of hugetlb count": (Limit("rss", 100), [(90, 0, 20)], [(0, "over")]),
    "swap": (Limit("swap", 100), [(0, 90, 20), (0, 120, 0)], [(1, "over")]),
    "growth in a window": (
        GrowthLimit("rss", 50, 5),
        [100, 120, 140, 160, 161, 161, 161, 161, 161, 161],
        [(3, "over"), (6, "under")],
    ),
    "slow growth": (GrowthLimit("rss", 50, 5), [100 + 9 * i for i in range(30)], []),
    "growth in percent": (
        GrowthLimit("rss", 50, 60, is_percent=True),
        [100, 149, 151],
        [(2, "over")],
    ),
    "shrinking": (GrowthLimit("rss", 50, 5), [1000, 500, 100], []),
}


@pytest.mark.parametrize(("limit", "amounts", "told"), CASES.values(), ids=CASES)
def test_crossings(limit, amounts, told):
    assert judged(limit, amounts) == told


def test_growth_between_looks_further_apart_than_the_window_is_a_rate():
    limit = GrowthLimit("rss", 50, 1)
    assert judged(limit, [100, 200, 300], every_ms=10_000) == []
    assert judged(limit, [100, 700], every_ms=10_000) == [(1, "over")]


def test_limits_of_control_groups_and_headroom(monkeypatch):
    from memc.limits.bounds import Bounds

    monkeypatch.setattr(Bounds, "share_of", lambda _, limit, __: limit.of(1000, "/app"))
    judge, followed = Judge([ShareLimit("rss", 80)], "/proc"), Followed(5)
    judge.take_status(followed, amounts_of((LINE % (801, 0, 0)).encode()))
    ((kind, _, facts),) = judge.judge([followed], 0)
    assert (kind, facts["most_kb"], facts["cgroup"]) == ("over", 800, "/app")

    rooms = iter([500, 99, 100, 106])
    monkeypatch.setattr(
        Bounds, "headroom_of", lambda _, limit, __: (limit, next(rooms))
    )
    judge, followed.vsize = Judge([HeadroomLimit(100)], "/proc"), 1
    judge.take_status(followed, amounts_of(b""))
    kinds = [
        [kind for kind, *_ in judge.judge([followed], look * 10_000)]
        for look in range(4)
    ]
    assert kinds == [[], ["over"], [], ["under"]]


@pytest.mark.parametrize("duty", [0, 2])
def test_crossing_takes_frames_for_a_minute_however_the_duty_is(tmp_path, duty):
    path = str(tmp_path / "run.memc")
    limits = [Limit("rss", 100), Limit("rss", 1 << 40)]
    with children.waiting() as child:
        options = RecordOptions(
            pids=[child.pid], regions=["top:1"], duty=duty, flush_s=0, limits=limits
        )
        session = Session(path, options)
        for _ in range(3):
            session.step()
        tick = session._tick
        tick.run(session._recording._last_ms + 59_000)
        tick.run(session._recording._last_ms + 62_000)
        session.close("done")
    db = opening.connect(path)
    (event,) = db.execute("select detail from event where kind='over'").fetchall()
    facts = json.loads(event[0])
    assert (facts["limit"], facts["most_kb"]) == ("max-rss", 100)
    assert facts["value_kb"] > 100
    assert db.execute("select count(*) from _frame").fetchone() == (4,)
    db.close()


def test_limits_on_regions_need_a_detail_that_tells_them():
    with pytest.raises(ValueError, match="max-uss needs detail"):
        RecordOptions(limits=[Limit("uss", 5)])
    with pytest.raises(ValueError, match="duty"):
        RecordOptions(limits=[Limit("regions", 5)], duty=0)
    RecordOptions(limits=[Limit("uss", 5)], detail="uss")


def test_limit_on_regions_is_judged_when_they_are_read(tmp_path):
    path = str(tmp_path / "run.memc")
    limits = [Limit("regions", 3), Limit("uss", 1 << 40)]
    with children.waiting() as child:
        options = RecordOptions(
            pids=[child.pid], detail="uss", duty=100, flush_s=0, limits=limits
        )
        session = Session(path, options)
        session.step()
        session.step()
        session.close("done")
    db = opening.connect(path)
    events = db.execute("select kind, detail from event where kind='over'").fetchall()
    db.close()
    assert [json.loads(detail)["limit"] for _, detail in events] == ["max-regions"]
