"""Columns out: the Arrow streams of tables, snapshots and system snapshots.

Read by a consumer that keeps to the specification and no library; what libraries make
of them is in tests/arrow, which has its own requirements.
"""

import ctypes
import gc
import os
import threading
from pathlib import Path

import pytest
from support import arrow
from support.text import header, record
from support.trees import PAGE_KB

import memc
from memc.errors import MemcError
from memc.fields import CORE, TYPES

ODD = b"/odd \xff name"
TEXT = (
    record(0x1000, 0x3000, b"Rss: 4 kB", b"VmFlags: rd wr ", name=b"/a")
    + record(0x3000, 0x4000, b"Rss: 0 kB", b"New: 7", perm="r-xs", name=b"/a")
    + record(0x5000, 0x6000, b"Pss: 1 kB", b"VmFlags: ", name="/b \N{BLACK STAR}".encode())
    + record(2**64 - 0x800000, 2**64 - 0x7FF000, perm="--xp", name=b"[vsyscall]")
)


def plain(value):
    """Give a value as Arrow shows it."""
    if isinstance(value, tuple):
        value = " ".join(value)
    if isinstance(value, str):
        return os.fsencode(value).decode("utf-8", "replace")
    return value


def shown(table):
    return {name: list(map(plain, column)) for name, column in table.columns.items()}


@pytest.fixture
def table(backend):
    return backend.parse_text(TEXT, "smaps", strict=True)


def test_every_value_of_a_table_arrives(table):
    fields, batches = arrow.read(table)
    assert [shown(table)] == batches
    assert list(table.columns) == [name for name, _, _ in fields]
    assert [2**64 - 0x800000] == batches[0]["start"][3:]
    assert [4, 0, None, None] == batches[0]["rss_kb"]
    assert ["rd wr", None, "", None] == batches[0]["vm_flags"]
    assert ["r-xs"] == batches[0]["perm"][1:2]


def test_schema_says_what_each_column_is(table):
    forms = {name: (form, text) for name, form, text in arrow.schema(table)}
    assert {
        **dict.fromkeys(["start", "end", "offset", "inode", "size_kb"], (b"L", False)),
        **dict.fromkeys(["dev_major", "dev_minor"], (b"I", False)),
        **dict.fromkeys(["perm", "type"], (b"C", True)),
        "pathname": (b"I", True),
    } == {name: forms[name] for name in CORE}
    assert ((b"L", False), (b"I", True)) == (forms["new"], forms["vm_flags"])


def test_path_that_is_not_utf8_is_replaced_and_kept_in_hex(backend):
    names = [b"/a", ODD, b"", b"/odd \xfe name", b"\xed\xa0\x80"]
    text = b"".join(
        header(i * 4096, (i + 1) * 4096, name=name) for i, name in enumerate(names)
    )
    table = backend.parse_text(text, "maps", strict=True)
    _, [found] = arrow.read(table)
    assert [name.decode("utf-8", "replace") for name in names] == found["pathname"]
    assert [None, ODD.hex(), None, names[3].hex(), names[4].hex()] == found["pathname_hex"]
    order = list(found)
    assert order.index("pathname_hex") == order.index("pathname") + 1


def test_table_without_rows_has_a_schema_and_no_array(backend):
    table = backend.parse_text(b"", "smaps", strict=True)
    fields, batches = arrow.read(table)
    assert ([*CORE], []) == ([name for name, _, _ in fields], batches)


def test_every_type_and_permission_has_its_name(backend):
    perms = [f"{r}{w}{x}{s}" for r in "r-" for w in "w-" for x in "x-" for s in "sp-"]
    text = b"".join(
        header(i * 4096, (i + 1) * 4096, perm) for i, perm in enumerate(perms)
    )
    table = backend.parse_text(text, "maps", strict=True)
    assert perms == arrow.read(table)[1][0]["perm"]
    stream = arrow.open_stream(table)
    [array] = arrow.arrays(stream)
    where = CORE.index("type")
    words = arrow.texts(array.children[where].contents.dictionary.contents)
    assert list(TYPES) == words
    arrow.release(array)
    arrow.release(stream)


# ---- All processes -------------------------------------------------------------------


@pytest.fixture
def system(backend, tree):
    status = b"Name:\tx\nUid:\t1000\t1001\t1001\t1001\n"
    cgroup = b"4:cpu,memory:/docker/fbb1\n1:name=systemd:/\n0::/\n"
    tree.add(1, smaps=TEXT, comm=b"one\n", status=status, cgroup=cgroup)
    tree.add(2, smaps=b"", comm=b"thread\n")
    name = record(0x1000, 0x2000, b"Name: [stack]", name=ODD)
    tree.add(30, smaps=name, comm=b"\xff\n", cgroup=b"0::/user.slice\n")
    return backend.collect_all(
        "smaps", skip_kernel=False, jobs=2, proc=str(tree), cgroups=True
    )


def test_processes_of_a_system_are_arrays_of_one_schema(system):
    fields, batches = arrow.read(system)
    names = [name for name, _, _ in fields]
    assert ["pid", "name", "uid", "cgroup"] == names[:4]
    assert [4, 1] == [len(batch["pid"]) for batch in batches]
    assert ["region_name", "pathname_hex"] == [n for n in names if n[-4:] in ("name", "_hex") and "_" in n][::-1]
    one, other = batches
    assert ([1] * 4, [30]) == (one["pid"], other["pid"])
    assert (["one"] * 4, ["\N{REPLACEMENT CHARACTER}"]) == (one["name"], other["name"])
    assert ([1001] * 4, [None]) == (one["uid"], other["uid"])
    assert (["/docker/fbb1"] * 4, ["/user.slice"]) == (one["cgroup"], other["cgroup"])


def test_column_that_a_process_lacks_is_null(system):
    _, (one, other) = arrow.read(system)
    expected = shown(system.processes[0].snapshot)
    assert expected == {name: one[name] for name in expected}
    assert ([None] * 4, [None]) == (one["region_name"], other["rss_kb"])
    assert (["[stack]"], [ODD.hex()]) == (other["region_name"], other["pathname_hex"])
    assert ([None], [None]) == (other["vm_flags"], other["new"])


def test_all_arrays_of_a_system_have_the_same_dictionaries(system):
    stream = arrow.open_stream(system)
    found = list(arrow.arrays(stream))
    words = [
        [
            arrow.texts(array.children[i].contents.dictionary.contents)
            for i in range(array.n_children)
            if array.children[i].contents.dictionary
        ]
        for array in found
    ]
    assert words[0] == words[1]
    for node in (*found, stream):
        arrow.release(node)


def test_cgroups_are_read_only_when_asked_for(backend, tree):
    tree.add(1, maps=header(0x1000, 0x2000), cgroup=b"0::/x\n")
    system = backend.collect_all("maps", skip_kernel=False, jobs=1, proc=str(tree))
    assert system.processes[0].cgroup is None
    assert [None] == arrow.read(system)[1][0]["cgroup"]


def test_both_backends_give_the_same_streams(backends, tree):
    tree.add(1, smaps=TEXT + record(2**64 - 0x1000, 2**64 - 1, name=ODD))
    tree.add(2, smaps=TEXT, status=b"Uid:\t7\t8\n")
    made = [
        b.collect_all("smaps", skip_kernel=False, jobs=1, proc=str(tree), cgroups=True)
        for b in backends
    ]
    assert arrow.read(made[0]) == arrow.read(made[1])


# ---- Memory --------------------------------------------------------------------------


def address_of(view):
    return ctypes.addressof(ctypes.c_char.from_buffer_copy(view)) if 0 else None


def memory(view):
    """Give where a read-only view lies."""
    import _ctypes

    raw = (ctypes.c_ssize_t * 16)()
    get = ctypes.pythonapi.PyObject_GetBuffer
    get(ctypes.py_object(view), ctypes.byref(raw), 0)
    address = raw[0]
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(raw))
    return address
