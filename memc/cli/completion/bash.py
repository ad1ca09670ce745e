"""The completion of bash."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memc.cli.completion.forms import Form, Value

__all__ = ["parts"]

FUNCTIONS = {"name": "process"}  # of kinds whose function is not called as they are
INDENT = "    "


def parts(forms: list[Form]) -> Mapping[str, str]:
    """Return what stands in the script in the place of each word of its template."""
    names = [form.name for form in forms if form.name]
    runs = [f"$command == {form.name}" for form in forms if form.runs]
    return {
        "COMMANDS": " ".join(names),
        "RUNS": " || ".join(runs),
        "NAMES": _cases(
            (form.name or "''", f"options='{' '.join(_names(form))}'") for form in forms
        ),
        "OPTIONS": _cases(_options(forms)),
        "TARGETS": "\n".join(_targets(forms)),
    }


def _names(form: Form) -> list[str]:
    return [name for row in form.rows for name in row.names]


def _options(forms: list[Form]) -> Iterable[tuple[str, str]]:
    for form in forms:
        for row in form.rows:
            if not row.values:
                continue
            count = 0 if row.optional else len(row.values)
            more = "" if count == 1 else f" count={count}"
            for name in row.names:
                yield f"'{form.name} {name}'", f"kind={_kind(row.values[0])}{more}"


def _targets(forms: list[Form]) -> Iterable[str]:
    """Yield the arms for targets: those at one place stand before those at any."""
    for form in forms:
        last = len(form.steps) - 1
        for i, value in enumerate(form.steps):
            is_any = i == last and not form.behind
            place = f"'{form.name} '" if is_any else f"'{form.name} {i} '"
            yield f"{INDENT}{place}*) kind={_kind(value)} ;;"
        for word, value in form.behind.items():
            # A word is asked for once, files may follow one another.
            place = f"'{form.name} {last + 1} " if value.words else f"'{form.name} '*' "
            yield f"{INDENT}{place}{word}') kind={_kind(value)} ;;"


def _kind(value: Value) -> str:
    calls = [FUNCTIONS.get(kind, kind) for kind in value.kinds]
    if value.words:
        how = "several" if value.several else "words"
        calls = [f"{how} {' '.join(value.words)}", *calls]
    return f"'{'|'.join(calls)}'"


def _cases(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the arms of a case; patterns that do the same are one arm."""
    arms: dict[str, list[str]] = {}
    for pattern, done in pairs:
        arms.setdefault(done, []).append(pattern)
    lines = []
    for done, patterns in arms.items():
        *first, last = patterns
        lines += [f"{INDENT}{pattern} | \\" for pattern in first]
        lines.append(f"{INDENT}{last}) {done} ;;")
    return "\n".join(lines)
