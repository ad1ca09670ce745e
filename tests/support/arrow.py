"""A small consumer of Arrow PyCapsules, by the letter of the specification."""

import ctypes
import itertools
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p

ADDRESS = ctypes.PYFUNCTYPE(c_void_p, ctypes.py_object, c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)
WIDTHS = {b"L": "Q", b"l": "q", b"g": "d", b"I": "I", b"i": "i", b"C": "B"}


class Schema(ctypes.Structure):
    pass


class Array(ctypes.Structure):
    pass


class Stream(ctypes.Structure):
    pass


Schema._fields_ = [
    ("format", c_char_p),
    ("name", c_char_p),
    ("metadata", c_void_p),
    ("flags", c_int64),
    ("n_children", c_int64),
    ("children", POINTER(POINTER(Schema))),
    ("dictionary", POINTER(Schema)),
    ("release", CFUNCTYPE(None, POINTER(Schema))),
    ("private_data", c_void_p),
]
Array._fields_ = [
    ("length", c_int64),
    ("null_count", c_int64),
    ("offset", c_int64),
    ("n_buffers", c_int64),
    ("n_children", c_int64),
    ("buffers", POINTER(c_void_p)),
    ("children", POINTER(POINTER(Array))),
    ("dictionary", POINTER(Array)),
    ("release", CFUNCTYPE(None, POINTER(Array))),
    ("private_data", c_void_p),
]
Stream._fields_ = [
    ("get_schema", CFUNCTYPE(c_int, POINTER(Stream), POINTER(Schema))),
    ("get_next", CFUNCTYPE(c_int, POINTER(Stream), POINTER(Array))),
    ("get_last_error", CFUNCTYPE(c_char_p, POINTER(Stream))),
    ("release", CFUNCTYPE(None, POINTER(Stream))),
    ("private_data", c_void_p),
]


def move(node):
    """Take a structure over: what is left behind counts as released."""
    taken = type(node).from_buffer_copy(node)
    node.release = type(node.release)()
    return taken


def release(node):
    if node.release:
        node.release(node)
    assert not node.release


def open_stream(source):
    """Take the stream out of its capsule, which is dropped."""
    capsule = source.__arrow_c_stream__()
    return move(Stream.from_address(ADDRESS(capsule, b"arrow_array_stream")))


def schema(source):
    """Give (name, format, has a dictionary) of each column, by the schema's capsule."""
    capsule = source.__arrow_c_schema__()
    return describe(Schema.from_address(ADDRESS(capsule, b"arrow_schema")))


def notes(source):
    """Give the metadata "memc" of each column that has it, by the schema's capsule."""
    capsule = source.__arrow_c_schema__()
    whole = Schema.from_address(ADDRESS(capsule, b"arrow_schema"))
    children = [whole.children[i].contents for i in range(whole.n_children)]
    return {
        c.name.decode(): metadata(c.metadata)["memc"] for c in children if c.metadata
    }


def metadata(address):
    """Read pairs of texts as the C data interface lays them out: counts, then bytes."""

    def number():
        nonlocal address
        address += 4
        return ctypes.c_int32.from_address(address - 4).value

    def text():
        nonlocal address
        size = number()
        address += size
        return ctypes.string_at(address - size, size).decode()

    return {text(): text() for _ in range(number())}


def describe(whole):
    assert whole.format == b"+s"
    found = []
    for i in range(whole.n_children):
        child = whole.children[i].contents
        if child.dictionary:
            assert child.dictionary.contents.format == b"u"
        found.append((child.name.decode(), child.format, bool(child.dictionary)))
    return found


def stream_schema(stream):
    whole = Schema()
    assert stream.get_schema(stream, whole) == 0
    found = describe(whole)
    release(whole)
    return found


def arrays(stream):
    """Yield every array of the stream; each is the caller's to release."""
    while True:
        array = Array()
        assert stream.get_next(stream, array) == 0
        if not array.release:
            return
        yield array


def bits(address, n):
    if address is None:
        return [True] * n
    data = ctypes.string_at(address, (n + 7) // 8)
    return [bool(data[i >> 3] >> (i & 7) & 1) for i in range(n)]


def numbers(address, n, code):
    size = n * {"Q": 8, "q": 8, "d": 8, "B": 1}.get(code, 4)
    return list(memoryview(ctypes.string_at(address, size)).cast(code))


def texts(array):
    assert (array.n_buffers, array.buffers[0]) == (3, None)
    ends = numbers(array.buffers[1], array.length + 1, "i")
    data = ctypes.string_at(array.buffers[2], ends[-1])
    spans = itertools.pairwise(ends)
    return [data[begin:end].decode() for begin, end in spans]


def values(array, form):
    """Give the values of a column, None for null."""
    there = bits(array.buffers[0], array.length)
    assert array.null_count in (-1, there.count(False))
    found = numbers(array.buffers[1], array.length, WIDTHS[form])
    if array.dictionary:
        words = texts(array.dictionary.contents)
        assert len(words) == len(set(words))
        pairs = zip(found, there, strict=True)
        found = [words[number] if ok else None for number, ok in pairs]
    return [v if ok else None for v, ok in zip(found, there, strict=True)]


def read(source):
    """Read all: a dict of columns for each array."""
    stream = open_stream(source)
    fields = stream_schema(stream)
    assert fields == schema(source)
    batches = []
    for array in arrays(stream):
        children = [array.children[i].contents for i in range(array.n_children)]
        pairs = zip(fields, children, strict=True)
        batches.append({f[0]: values(child, f[1]) for f, child in pairs})
        release(array)
    release(stream)
    return fields, batches


def addresses(source):
    """Give where the values and the bits of each column lie, for each array."""
    stream = open_stream(source)
    names = [name for name, _, _ in stream_schema(stream)]
    found = []
    for array in arrays(stream):
        pairs = enumerate(names)
        found.append(
            {
                name: tuple(array.children[i].contents.buffers[b] for b in (1, 0))
                for i, name in pairs
            }
        )
        release(array)
    release(stream)
    return found
