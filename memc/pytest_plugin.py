"""The pytest plugin: a marker and a fixture that fail a test whose memory grew.

pytest loads this module wherever memc is installed.  The module therefore imports
other modules of memc only when they are used.
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
    "in rounds, and fail it if memory grew by more in all rounds together"
)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test whose marker cannot be obeyed, before its fixtures are set up."""
    mark = item.get_closest_marker("memc")
    if mark is not None:
        _plan(mark)
        _check_function(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, None]:
    """Run a marked test in rounds: let a function that does so take its place."""
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
    """The fixture, which measures the memory of this process and its descendants.

    `max_growth` is an amount such as "512K", or None for no limit.  `of` is "uss",
    "pss" or "rss".  With `children`, all descendants of this process count.
    """

    def __init__(self, item: pytest.Item) -> None:
        self._item = item

    def growth(
        self, max_growth: str | None = None, *, of: str = "uss", children: bool = True
    ) -> Block:
        """Measure a ``with`` block; fail the test if memory grew by more.

        After ``with memc.growth("1M") as seen:``, `seen.growth_kb` is the growth in kB,
        and `seen.diff` compares every region as ``memc.diff`` does.

        Raises TypeError or ValueError for wrong arguments.
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
        """Call a function `warmup` times, and then `rounds` times with measurement.

        Fails the test if memory grew by more than `max_growth` in all rounds together.
        Raises TypeError or ValueError for wrong arguments.
        """
        __tracebackhide__ = True
        from memc.limits.meter import Plan

        plan = Plan(max_growth, rounds=rounds, warmup=warmup, of=of, children=children)
        grown = _run(plan, lambda: function(*args))
        _judge(self._item, grown, pytrace=True)
        return grown


class Block:
    """A measured ``with`` block; its results are known after the block."""

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
        """Take the last reading and judge it, unless the block raised an exception."""
        __tracebackhide__ = True
        if kind is None and self._meter is not None:
            self._grown = _read(self._meter.stop)
            _judge(self._item, self._grown, pytrace=True)

    @property
    def grown(self) -> Grown:
        """The result.  Raises RuntimeError before the end of the block."""
        if self._grown is None:
            raise RuntimeError("expected the end of the block: nothing is known before")
        return self._grown

    @property
    def growth_kb(self) -> int:
        """The growth in kB; below 0 if memory shrank."""
        return self.grown.growth_kb

    @property
    def diff(self) -> Diff:
        """The change of every region."""
        return self.grown.diff


def _plan(mark: pytest.Mark) -> Plan:
    """Make a plan from a marker; fail the test if the marker is wrong."""
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
    """Fail a marked test that cannot run in rounds, instead of letting it pass."""
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
    """Return a function that calls the body of a test in rounds and judges it."""
    import inspect

    if inspect.iscoroutinefunction(body):  # no other plugin has made a function of it
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
    """Call a function as planned, and return the growth."""
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
    """Take a reading; fail the test if something cannot be read."""
    from memc.errors import MemcError

    try:
        return reading()
    except MemcError as error:
        words = str(error)
    pytest.fail(f"memc: {words}", pytrace=False)


def _judge(item: pytest.Item, grown: Grown, *, pytrace: bool) -> None:
    """Keep the growth for reports; fail the test if the growth is over the limit."""
    # If all frames are hidden, pytest says that there is none to show.
    __tracebackhide__ = pytrace
    item.user_properties.append(("memc_growth_kb", grown.growth_kb))
    if grown.is_over:
        from memc.limits.meter_text import text

        pytest.fail(text(grown), pytrace=pytrace)
