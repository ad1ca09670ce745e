"""Tables, errors and notes as plain values that can be compared."""

from memc.errors import FormatError

CORE = (
    "start",
    "end",
    "perm",
    "offset",
    "dev_major",
    "dev_minor",
    "inode",
    "pathname",
    "type",
    "size_kb",
)


def rows(table):
    """Give the regions by columns: only what is there, absent is not None."""
    columns = {name: list(column) for name, column in table.columns.items()}
    assert all(len(values) == len(table) for values in columns.values())
    return [
        {name: values[i] for name, values in columns.items() if values[i] is not None}
        for i in range(len(table))
    ]


def notes(table):
    return [(note.code, note.count, note.text) for note in table.notes]


def starts(table):
    return list(table.columns["start"])


def outcome(backend, data, kind, *, strict):
    """Everything a caller can see of one parse, an error included."""
    try:
        table = backend.parse_text(data, kind, strict=strict)
    except FormatError as error:
        return "error", error.line, error.column, str(error)
    return "table", list(table.columns), rows(table), notes(table)
