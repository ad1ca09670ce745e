"""Ask a lake: `ask`, `sql`, and each question as a function from Ibis to Ibis."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.fleet.asking import ask, sql
    from memc.fleet.questions import budget, growth, hosts, leaks, limits
    from memc.fleet.questions_code import deleted, holders

__all__ = ["ask", "budget", "deleted", "growth", "holders"]
__all__ += ["hosts", "leaks", "limits", "sql"]


def _find(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'memc.fleet' has no attribute {name!r}")
    from memc.fleet import asking, questions, questions_code

    rooms = (asking, questions, questions_code)
    return next(getattr(room, name) for room in rooms if name in room.__all__)


if not TYPE_CHECKING:
    __getattr__ = _find
