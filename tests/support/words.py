"""What the errors and notes of memc say, word for word."""

CUT = "the rest of the line: the text is cut short here"
CRLF = "a line feed alone: every line ends in CR LF, the text was changed on its way"
WIDE = "a number of at most 64 bits"
WIDE_DEVICE = "a device number of at most 32 bits"
NO_NUL = "a line without NUL bytes"
EARLY = "a region before its counters"
TORN = "the process changed its regions while it was read: "
NO_SWAP = (
    "swap_kb is unknown: VmSwap leaves shared memory out; "
    "smaps_rollup tells it (--totals --smaps)"
)
ENDED = "the process ended or called exec while it was read: the list is cut short"


def but_swap(notes):
    """Leave out what the detail "totals" notes while another test has swap in use."""
    return [note for note in notes if note.text != NO_SWAP]


def expected(what, line, column):
    return f"expected {what} at line {line}, column {column}"


def passed_over(n, what, line, column):
    """Give the note on n bad lines, of which this is the first."""
    lines = "1 line" if n == 1 else f"{n} lines"
    text = f"{lines} passed over, the first: {expected(what, line, column)}"
    return ("bad_line", n, text)


def torn(n):
    regions = "1 region" if n == 1 else f"{n} regions"
    return ("torn", n, f"{TORN}{regions} replaced or put in order")
