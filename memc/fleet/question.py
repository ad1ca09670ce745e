"""The questions that a lake answers: their names, and what each may be told."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import ibis.expr.types as ir

__all__ = ["QUESTIONS", "Question"]


class Question:
    """A question: the table it is asked of, what it may be told, how many rows it has.

    `takes` are the words for its own choices, beside those of all questions.
    """

    __slots__ = ("name", "table", "takes", "top")

    def __init__(
        self, name: str, table: str, takes: Sequence[str] = (), top: int | None = 50
    ) -> None:
        self.name = name
        self.table = table
        self.takes = takes
        self.top = top

    def expression(self) -> Callable[..., ir.Table]:
        """Return the function that makes a table of Ibis."""
        from memc.fleet import questions, questions_code

        room = questions_code if self.table == "regions" else questions
        made: Callable[..., ir.Table] = getattr(room, self.name)
        return made


QUESTIONS = {
    question.name: question
    for question in (
        Question("growth", "groups", ("of", "least_kb")),
        Question("leaks", "groups", ("of", "least_kb", "least_hosts")),
        Question("budget", "groups", ("of", "by", "top"), top=None),
        Question("holders", "regions", ("path",)),
        Question("deleted", "regions"),
        Question("limits", "owners", ("limit",)),
        Question("hosts", "groups", ("missing",), top=None),
    )
}
