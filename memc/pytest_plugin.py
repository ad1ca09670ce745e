"""The pytest plugin: a marker and a fixture that fail a test whose memory grew.

It is loaded wherever memc is installed, and so imports nothing before it is used.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Self, TypeVar

    from memc.analysis.differences import Diff
    from memc.limits.meter import Grown, Meter, Plan

    T = TypeVar("T")

WORDS = ("max_growth", "rounds", "warmup", "of", "children")
MARKER = (
    "memc(max_growth='2M', *, rounds=5, warmup=1, of='uss', children=True): run a test "
    "so many times, and fail it if its memory grew by more in all rounds together"
)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a marker that cannot be obeyed, before anything is set up for it."""
    mark = item.get_closest_marker("memc")
    if mark is not None:
        _plan(mark)
        _check_function(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, None]:
    """Run a marked test in rounds: let whoever calls it call it that often."""
    mark = pyfuncitem.get_closest_marker("memc")
    if mark is None:
        yield
        return
    body = pyfuncitem.obj
    pyfuncitem.obj = _in_rounds(body, pyfuncitem, _plan(mark))
    yield
    pyfuncitem.obj = body


@pytest.fixture
def memc(request: pytest.FixtureRequest) -> Memory:
    """Measure by how much memory grows: `memc.growth(...)` and `memc.check(...)`."""
    return Memory(request.node)


class Memory:
    """What the fixture is: a measure of the memory of this process and its children.

    `max_growth` is an amount such as "512K", or None for no limit; `of` is "uss",
    "pss" or "rss"; `children` is whether all that descend from this process count.
    """

    def __init__(self, item: pytest.Item) -> None:
        self._item = item

    def growth(
        self, max_growth: str | None = None, *, of: str = "uss", children: bool = True
    ) -> Block:
        """Measure a ``with`` block: it fails the test if memory grew by more.

        ``with memc.growth("1M") as seen:`` tells behind the block `seen.growth_kb`, and
        `seen.diff` what became of every region, as ``memc.diff`` does.
        """
        from memc.limits.meter import Plan

        plan = Plan(max_growth, rounds=1, warmup=0, of=of, children=children)
        return Block(self._item, plan)

    def check(
        self,
        function: Callable[..., object],
        *args: object,
        max_growth: str | None = "2M",
        rounds: int = 5,
        warmup: int = 1,
        of: str = "uss",
        children: bool = True,
    ) -> Grown:
        """Call a function `warmup` times, and `rounds` times more, as the marker does.

        Fails the test if memory grew by more than `max_growth` in all rounds together.
        """
        __tracebackhide__ = True
        from memc.limits.meter import Plan

        plan = Plan(max_growth, rounds=rounds, warmup=warmup, of=of, children=children)
        grown = _run(plan, lambda: function(*args))
        _judge(self._item, grown, pytrace=True)
        return grown


class Block:
    """A ``with`` block that is measured; what it tells is there behind it."""

    def __init__(self, item: pytest.Item, plan: Plan) -> None:
        self._item = item
        self._plan = plan
        self._meter: Meter | None = None
        self._grown: Grown | None = None

    def __enter__(self) -> Self:
        """Take the first reading."""
        __tracebackhide__ = True
        self._meter = _started(self._plan)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Take the last reading and judge, unless the block failed by itself."""
        __tracebackhide__ = True
        if kind is None and self._meter is not None:
            self._grown = _read(self._meter.stop)
            _judge(self._item, self._grown, pytrace=True)

    @property
    def grown(self) -> Grown:
        """All that was seen; RuntimeError before the end of the block."""
        if self._grown is None:
            raise RuntimeError("expected the end of the block: nothing is known before")
        return self._grown

    @property
    def growth_kb(self) -> int:
        """By how much memory grew, in kB; less than 0 if it shrank."""
        return self.grown.growth_kb

    @property
    def diff(self) -> Diff:
        """What became of every region."""
        return self.grown.diff


def _plan(mark: pytest.Mark) -> Plan:
    """Make a plan of a marker; what is wrong with it fails the test."""
    from memc.limits.meter import Plan

    wrong = [repr(word) for word in mark.kwargs if word not in WORDS]
    if len(mark.args) > 1:
        wrong.append(f"{len(mark.args)} values without a name")
    if wrong:
        expected = ", ".join(WORDS)
        pytest.fail(f"marker memc: expected {expected}, not {wrong[0]}", pytrace=False)
    try:
        return Plan(*mark.args, **mark.kwargs)
    except (TypeError, ValueError) as error:
        words = str(error)
    pytest.fail(f"marker memc: {words}", pytrace=False)


def _check_function(item: pytest.Item) -> None:
    """Fail a marked test that no round can be made of, rather than let it pass."""
    import unittest

    cls = getattr(item, "cls", None)
    if cls is not None and issubclass(cls, unittest.TestCase):
        what = "a method of a unittest.TestCase"
    elif not isinstance(item, pytest.Function):
        what = type(item).__name__
    else:
        return
    pytest.fail(f"marker memc: expected a test function, not {what}", pytrace=False)


def _in_rounds(
    body: Callable[..., object], item: pytest.Item, plan: Plan
) -> Callable[..., object]:
    """Return a function that calls the body of a test as planned, and judges it."""
    import inspect

    if inspect.iscoroutinefunction(body):  # and nobody has made a function of it
        words = "expected no coroutine: measure a block of it by the fixture memc"
        pytest.fail(f"marker memc: {words}", pytrace=False)

    def in_rounds(**values: object) -> object:
        __tracebackhide__ = True
        result = None

        def once() -> None:
            __tracebackhide__ = True
            nonlocal result
            result = body(**values)

        _judge(item, _run(plan, once), pytrace=False)
        return result

    return in_rounds


def _run(plan: Plan, once: Callable[[], object]) -> Grown:
    """Call as planned, and return what became of memory."""
    __tracebackhide__ = True
    for _ in range(plan.warmup):
        once()
    meter = _started(plan)
    for _ in range(plan.rounds):
        once()
    return _read(meter.stop)


def _started(plan: Plan) -> Meter:
    """Return a meter that has taken its first reading."""
    __tracebackhide__ = True
    from memc.limits.meter import Meter

    meter = Meter(plan)
    _read(meter.start)
    return meter


def _read(reading: Callable[[], T]) -> T:
    """Take a reading; what is not known fails the test, and never passes."""
    from memc.errors import MemcError

    try:
        return reading()
    except MemcError as error:
        words = str(error)
    pytest.fail(f"memc: {words}", pytrace=False)


def _judge(item: pytest.Item, grown: Grown, *, pytrace: bool) -> None:
    """Keep the growth for reports, and fail if it is over."""
    # pytest wants a frame to show, or says that it has none.
    __tracebackhide__ = pytrace
    item.user_properties.append(("memc_growth_kb", grown.growth_kb))
    if grown.is_over:
        from memc.limits.meter_text import text

        pytest.fail(text(grown), pytrace=pytrace)
