"""How sums over processes went: the largest of each sum in each step of time.

A sum changes at ticks only, so what it was between two rows is known exactly::

    rss of a   |--------|-----|            rows of _usage
    rss of b       |------------           ended
    sum        -   -    -     -  -
    step       [        ][        ][       the largest that a tick of the step saw

A step without a tick has no sums: nothing was recorded then.
"""

from __future__ import annotations

from memc.files.recording.lives import ends_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeAlias

    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment

    # The time, which of one time goes first, the process, and what it has now.
    Step: TypeAlias = tuple[int, int, int, int]

__all__ = ["Course"]

RESET, END, SAME, HUGE, OWN = range(5)
USED = f"""select t_ms, {OWN}, process, ifnull(rss_kb, 0) from _usage
    where segment=? and t_ms<=? order by t_ms"""
# The same of a segment with very many rows: the largest of each bucket of time, and
# the last, which holds after it.  Both are largest values, of one walk along the key.
MANY = 20_000
BUCKET_MS = 10_000
BITS = 40
THINNED = f"""select t_ms / {BUCKET_MS} * {BUCKET_MS}, process, max(ifnull(rss_kb, 0)),
    max((t_ms % {BUCKET_MS} << {BITS}) + ifnull(rss_kb, 0)) & {(1 << BITS) - 1}
    from _usage where segment=? and t_ms<=? group by process, 1"""
COUNT = "select count(*) from _usage where segment=? and t_ms<=?"
BESIDE = """select t_ms, process, ifnull(hugetlb_kb, 0), same_memory_as is not null
    from _beside where segment=? and t_ms<=?"""
LOST = """select t_ms from _event where segment=? and t_ms<=? and kind='gap'
    and json_valid(detail)
    and json_extract(detail, '$.why') not in ('late', 'suspended')"""
TICKS = """select t_ms / :2 * :2 step_ms, min(t_ms) from _tick
    where segment=:1 and t_ms >= :3 and t_ms <= :4 group by 1 order by 1"""


class Course:
    """Sums of resident memory, with pages of hugetlb, between two times in ms.

    `of` has the number of the sum that each process counts in, by the number of the
    process; there are `count` sums.  `times_ms` are the begins of the steps, and `kb`
    has for each sum its largest amount in each step, None where nothing was recorded.
    `most_kb` is the most that all of them had at one time, and `most_ms` that time.
    `is_thinned` tells that there were very many rows: what changed within `BUCKET_MS`
    counts from the begin of these.  `tell` is called with how many segments are done,
    and how many there are.
    """

    def __init__(
        self,
        reader: Reader,
        segments: Iterable[Segment],
        span: tuple[int, int, int],
        of: Mapping[int, int],
        count: int,
        *,
        tell: Callable[[int, int], object] | None = None,
    ) -> None:
        self._reader = reader
        self._of = of
        begin_ms, self._end_ms, self._step_ms = span
        self._begin_ms = begin_ms
        first_ms = begin_ms // self._step_ms * self._step_ms
        self.times_ms = [*range(first_ms, self._end_ms + 1, self._step_ms)]
        self.kb: list[list[int | None]] = [
            [None] * len(self.times_ms) for _ in range(count)
        ]
        self.most_kb = 0
        self.most_ms = begin_ms
        self.is_thinned = False
        every = [*segments]
        for done, segment in enumerate(every):
            if tell is not None:
                tell(done, len(every))
            self._walk(segment)

    def _walk(self, segment: Segment) -> None:
        values = segment.id, self._step_ms, self._begin_ms, self._end_ms
        ticks = self._reader.rows(TICKS, values)
        if not ticks:
            return
        steps = self._steps(segment)
        now = _Now(len(self.kb))
        of, at, count = self._of, 0, len(steps)
        for step_ms, first_ms in ticks:
            while at < count and steps[at][0] <= first_ms:
                now.take(steps[at], of)
                at += 1
            now.begin()
            self._most(now, first_ms)
            until_ms = step_ms + self._step_ms
            while at < count and steps[at][0] < until_ms:
                t_ms = steps[at][0]
                while at < count and steps[at][0] == t_ms:
                    now.take(steps[at], of)
                    at += 1
                now.see()
                self._most(now, t_ms)
            self._put((step_ms - self.times_ms[0]) // self._step_ms, now.largest)

    def _most(self, now: _Now, t_ms: int) -> None:
        if now.total_kb > self.most_kb:
            self.most_kb, self.most_ms = now.total_kb, t_ms

    def _put(self, place: int, largest: list[int]) -> None:
        for line, kb in zip(self.kb, largest, strict=True):
            had = line[place]  # of another segment, at the border or if the clock went
            line[place] = kb if had is None else max(had, kb)

    def _steps(self, segment: Segment) -> list[Step]:
        """Return all that changes in a segment, in the order of time."""
        reader, values = self._reader, (segment.id, self._end_ms)
        steps, is_sorted = self._used(values)
        numbers = {step[2] for step in steps} & self._of.keys()
        others = [
            (end_ms, END, number, 0)
            for number, end_ms in ends_ms(reader, segment, numbers).items()
        ]
        for t_ms, number, kb, is_same in reader.rows(BESIDE, values):
            others += ((t_ms, HUGE, number, kb), (t_ms, SAME, number, is_same))
        others += ((t_ms, RESET, 0, 0) for (t_ms,) in reader.rows(LOST, values))
        if others or not is_sorted:
            steps += others
            steps.sort()
        return steps

    def _used(self, values: tuple[int, int]) -> tuple[list[Step], bool]:
        """Return what processes used, and whether it is in the order of time.

        A bucket counts as from its begin, also before the first row that is in it.
        """
        count = self._reader.row(COUNT, values)
        if self._step_ms < 6 * BUCKET_MS or count is None or count[0] < MANY:
            return self._reader.rows(USED, values), True
        self.is_thinned = True
        steps: list[Step] = []
        for t_ms, number, most_kb, last_kb in self._reader.rows(THINNED, values):
            steps.append((t_ms, OWN, number, most_kb))
            if last_kb != most_kb:
                steps.append((t_ms + BUCKET_MS - 1, OWN, number, last_kb))
        return steps, False


class _Now:
    """What each sum is now, and the largest that it was in a step."""

    __slots__ = ("_beside", "_changed", "_kb", "_sums", "largest", "total_kb")

    def __init__(self, count: int) -> None:
        # Its own memory, pages of hugetlb, and whether others count it, of a few.
        self._beside: dict[int, list[int]] = {}
        self._kb: dict[int, int] = {}  # what each process counts for
        self._sums = [0] * count
        self._changed: set[int] = set()
        self.largest: list[int] = []
        self.total_kb = 0

    def begin(self) -> None:
        """Begin a step."""
        self.largest = self._sums[:]
        self._changed.clear()

    def see(self) -> None:
        """Look at the sums that changed at a tick."""
        for line in self._changed:
            self.largest[line] = max(self.largest[line], self._sums[line])
        self._changed.clear()

    def take(self, step: Step, of: Mapping[int, int]) -> None:
        """Let a step change the sums."""
        _, kind, number, kb = step
        line = of.get(number)
        if kind == RESET:
            for each in [*self._kb]:
                self.take((0, END, each, 0), of)
            return
        if line is None:
            return
        if kind != OWN or number in self._beside:
            kb = self._with_beside(kind, number, kb)
        grew_kb = kb - self._kb.get(number, 0)
        self._kb[number] = kb
        self._sums[line] += grew_kb
        self.total_kb += grew_kb
        self._changed.add(line)

    def _with_beside(self, kind: int, number: int, kb: int) -> int:
        """Return what a process counts for that has more than its own memory."""
        if kind == END:
            self._beside.pop(number, None)
            return 0
        amounts = self._beside.setdefault(number, [self._kb.get(number, 0), 0, 0])
        amounts[OWN - kind] = kb
        own_kb, huge_kb, is_same = amounts
        return 0 if is_same else own_kb + huge_kb
