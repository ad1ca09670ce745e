"""The completion of zsh."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from memc.cli.completion.forms import Form, Row, Value

__all__ = ["parts"]

# The functions of zsh, or of the script, for each kind.
FUNCTIONS = {
    "file": "_files",
    "folder": "_directories",
    "user": "_users",
    "name": "__memc_process",
}
INDENT = "    "
SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\[]:"})


def parts(forms: list[Form]) -> Mapping[str, str]:
    """Return what stands in the script in the place of each word of its template."""
    runs = [f"$command == {form.name}" for form in forms if form.runs]
    return {
        "RUNS": " || ".join(runs),
        "COMMANDS": "\n".join(
            f"{INDENT * 2}{_quoted(f'{form.name}:{_escaped(form.line)}')}"
            for form in forms
            if form.name
        ),
        "FORMS": "\n\n".join("\n".join(_function(form)) for form in forms),
    }


def _function(form: Form) -> Iterator[str]:
    """Yield the function that completes a form."""
    yield f"__memc_of_{form.name}() {{"
    specs = [spec for row in form.rows for spec in _specs(row)]
    *most, last = [*specs, *_targets(form)]
    yield f"{INDENT}_arguments -S \\"
    yield from (f"{INDENT * 2}{spec} \\" for spec in most)
    yield f"{INDENT * 2}{last}"
    if form.behind:
        yield f"{INDENT}[[ $state == behind ]] || return"
        yield f"{INDENT}case $line[1] in"
        for word, value in form.behind.items():
            place = f"{len(form.steps) + 1}"
            head = f"(($#line == {place})) && " if value.words else ""
            yield f"{INDENT}{word}) {head}_wanted values expl value {_call(value)} ;;"
        yield f"{INDENT}esac"
    yield "}"


def _specs(row: Row) -> Iterator[str]:
    """Yield what _arguments is told of an option, by each of its names."""
    without = "" if row.repeated else f"({' '.join([*row.names, *row.others])})"
    star = "*" if row.repeated else ""
    for name in row.names:
        sign = ("=" if name.startswith("--") else "+") if row.values else ""
        value = "".join(_message(value, optional=row.optional) for value in row.values)
        head = f"{without}{star}{name}{sign}"
        yield _quoted(f"{head}[{_escaped(row.help)}]{value}")


def _targets(form: Form) -> Iterator[str]:
    last = len(form.steps) - 1
    for i, value in enumerate(form.steps):
        place = "*" if i == last and not form.behind else f"{i + 1}"
        yield _quoted(f"{place}{_message(value)}")
    if form.behind:
        yield _quoted("*: :->behind")


def _message(value: Value, *, optional: bool = False) -> str:
    """Return the part of a spec that says what a value is, and what completes it."""
    head = "::" if optional else ":"
    return f"{head}{_escaped(value.name)}:{_action(value)}"


def _action(value: Value) -> str:
    """Return what _arguments shall do for a value; a blank: offer nothing."""
    calls = [FUNCTIONS.get(kind, f"__memc_{kind}") for kind in value.kinds]
    if not value.words:
        if len(calls) < 2:
            return f" {calls[0]}" if calls else " "
    elif not calls:
        words = " ".join(word.replace(":", "\\:") for word in value.words)
        return f" __memc_several {words}" if value.several else f"({words})"
    words = " ".join(word.replace(":", "\\:") for word in value.words)
    calls = [*([f"compadd {words}"] if words else []), *calls]
    return f"{{{'; '.join(calls)}}}"


def _call(value: Value) -> str:
    """Return a command that offers a value."""
    if value.words:
        return f"compadd {' '.join(value.words)}"
    return FUNCTIONS.get(value.kinds[0], f"__memc_{value.kinds[0]}")


def _escaped(text: str) -> str:
    return text.translate(SPECIAL)


def _quoted(text: str) -> str:
    """Return a text in quotes of the shell."""
    return "'" + text.replace("'", "'\\''") + "'"
