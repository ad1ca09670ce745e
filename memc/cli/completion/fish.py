"""The completion of fish."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from memc.cli.completion.forms import Form, Row, Value

__all__ = ["parts"]

# The functions of fish, or of the script, for each kind; files need none.
FUNCTIONS = {"user": "__fish_complete_users"}
HEAD = "complete -c memc"
INDENT = "    "


def parts(forms: list[Form]) -> Mapping[str, str]:
    """Return what stands in the script in the place of each word of its template."""
    return {
        "COMMANDS": " ".join(form.name for form in forms if form.name),
        "RUNS": " ".join(form.name for form in forms if form.runs),
        "TAKES": "\n".join(_takes(form) for form in forms),
        "LINES": "\n".join(line for form in forms for line in _lines(form)),
    }


def _takes(form: Form) -> str:
    """Return the arm with the options that take values, each once for each word."""
    names = [
        name
        for row in form.rows
        if not row.optional
        for name in row.names
        for _ in row.values
    ]
    words = " ".join(names)
    does = f"string split ' ' -- '{words}'"
    return f"{INDENT * 2}case {form.name or _quoted('')}\n{INDENT * 3}{does}"


def _lines(form: Form) -> Iterator[str]:
    inside = f"{HEAD} -n {_quoted(f'__memc_in {form.name}'.rstrip())}"
    if form.name:
        yield f"{HEAD} -n __memc_first -a {form.name} -d {_quoted(form.line)}"
    for row in form.rows:
        yield f"{inside} {_option(row)}"
        for name in row.names if row.optional else ():
            place = f"__memc_after {form.name} {name}"
            yield f"{HEAD} -n {_quoted(place)} {_offers(row.values[0])}"
    last = len(form.steps) - 1
    for i, value in enumerate(form.steps):
        more = " more" if i == last and not form.behind else ""
        yield from _target(f"{form.name or _quoted_twice()} {i}{more}", value)
    for word, value in form.behind.items():
        more = "only" if value.words else "more"
        yield from _target(f"{form.name} {last + 1} {more} {word}", value)


def _quoted_twice() -> str:
    return '""'


def _target(place: str, value: Value) -> Iterator[str]:
    how = _offers(value)
    if how:
        yield f"{HEAD} -n {_quoted(f'__memc_at {place}')} {how}"


def _option(row: Row) -> str:
    names = [f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in row.names]
    words = [*names]
    if row.values:
        if not row.optional:
            words.append("-r" if "file" in row.values[0].kinds else "-x")
        words.append(_offers(row.values[0]))
    return " ".join(filter(None, [*words, f"-d {_quoted(row.help)}"]))


def _offers(value: Value) -> str:
    """Return the words that say what is offered for a value; "" for nothing."""
    words = " ".join(value.words)
    offered = [f"(__memc_several {words})" if value.several else words] if words else []
    offered += [
        f"({FUNCTIONS.get(kind, f'__memc_{kind}')})"
        for kind in value.kinds
        if kind != "file"
    ]
    files = "-F" if "file" in value.kinds else ""
    given = f"-a {_quoted(' '.join(offered))}" if offered else ""
    return f"{files} {given}".strip()


def _quoted(text: str) -> str:
    """Return a text in quotes of fish."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
