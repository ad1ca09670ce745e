"""Asks a source in a thread of its own, so that keys are answered meanwhile."""

from __future__ import annotations

from threading import Condition, Thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Call = Callable[[], Any]
    Then = Callable[[Any], None]

__all__ = ["Reading"]


class Reading:
    """Makes calls one after the other, and hands over what they return.

    `hand_over(then, result)` is called in the thread of the calls; the result is the
    exception if one was raised.  A call of a kind that still waits is replaced by the
    next of that kind: nothing heaps up while a call takes long.
    """

    def __init__(self, hand_over: Callable[[Then, Any], Any]) -> None:
        self._hand_over = hand_over
        self._waiting: dict[str | int, tuple[Call, Then]] = {}
        self._count = 0
        self._news = Condition()
        self._is_open = True
        self._is_busy = False
        # A call that hangs in the kernel must not keep the program from ending.
        self._thread = Thread(target=self._run, name="memc top reads", daemon=True)
        self._thread.start()

    def ask(self, kind: str | None, call: Call, then: Then) -> None:
        """Make a call soon, and hand over to `then` what it returns.

        A call of no kind is made in any case.
        """
        with self._news:
            self._count += 1
            self._waiting[self._count if kind is None else kind] = call, then
            self._news.notify()

    @property
    def is_idle(self) -> bool:
        """Tell whether no call waits, or is made now."""
        return not self._waiting and not self._is_busy

    def close(self, wait_s: float = 1.0) -> None:
        """Make no further calls; wait a little for the one that is made now."""
        with self._news:
            self._is_open = False
            self._waiting.clear()
            self._news.notify()
        self._thread.join(wait_s)

    def _run(self) -> None:
        while True:
            with self._news:
                while self._is_open and not self._waiting:
                    self._news.wait()
                if not self._is_open:
                    return
                self._is_busy = True
                kind = next(iter(self._waiting))
                call, then = self._waiting.pop(kind)
            try:
                result = call()
            except Exception as error:  # noqa: BLE001  (whoever asked shows it)
                result = error
            if self._is_open:
                self._hand_over(then, result)
            self._is_busy = False
