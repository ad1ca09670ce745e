"""``memc.load`` and ``to_json`` without orjson, or with one that cannot be used."""

import os
import subprocess
import sys

import pytest
from support.cases import cases
from support.text import record
from support.without_orjson import HIDDEN, run

import memc

ASK = "from memc.table import json_text; print(json_text.ORJSON)"
TELL = """
import sys
import memc

for path in sys.argv[1:]:
    for strict in (False, True):
        try:
            found = memc.load(path, strict=strict)
        except memc.FormatError as error:
            print(error)
            continue
        for one in found if isinstance(found, list) else [found]:
            told = [one.to_json(full=f, pretty=p) for f in (0, 1) for p in (0, 1)]
            print(*told, one.notes)
"""
NAMES = (b"/a b", b"[heap]", b"/\xff\xc3\xa9", b"", b"/\\\x7f")


def smaps(count):
    """Write regions with names of all kinds."""
    return b"".join(
        record(
            n << 13,
            (n << 13) + 4096,
            b"Rss: 4 kB",
            b"VmFlags: rd wr",
            name=NAMES[n % len(NAMES)],
        )
        for n in range(1, count + 1)
    )


def last(old, new):
    """Return a function that changes the last place in a text."""
    return lambda data: new.join(data.rsplit(old, 1))


SIZE = b'"size_kb":4'
# why, what becomes of a document
DAMAGED = [
    ("nothing", lambda data: data),
    ("a number of more than 64 bits", last(SIZE, b'"size_kb":18446744073709551616')),
    ("more digits than int() takes", last(SIZE, b'"size_kb":4' + b"0" * 5000)),
    ("a number that is too large", last(SIZE, b'"size_kb":1e999')),
    ("NaN", last(SIZE, b'"size_kb":NaN')),
    ("a float", last(SIZE, b'"size_kb":4.5e-7')),
    ("half of a pair", last(b"/a b", b"/\\ud800")),
    ("a byte", last(b"/a b", b"/\xff")),
    ("a control character", last(b"/a b", b"/\x1b")),
    ("a key twice", last(SIZE, b'"size_kb":5,"size_kb":4')),
    ("levels", last(SIZE, b'"x":%b1%b' % (b"[" * 9999, b"]" * 9999))),
    ("levels without end", last(SIZE, b'"x":' + b"[" * 9999)),
    ("an object", last(SIZE, b'"size_kb":{"a":[]}')),
    ("a mark", lambda data: b"\xef\xbb\xbf" + data),
    ("a cut", lambda data: data[: len(data) * 2 // 3]),
    ("more behind it", lambda data: data + b"x"),
    ("a stream", lambda data: data + b"\n" + data),
    ("a damaged stream", lambda data: data + b"\n" + data[:99] + b"\n" + data),
    ("brackets alone", lambda _: b"[" * 99999),
    ("braces alone", lambda _: b'{"pid":' * 99999),
]


@pytest.mark.parametrize("count", [5, 3000])
def test_any_document_is_read_and_written_as_with_orjson(tmp_path, count):
    text = tmp_path / "smaps"
    text.write_bytes(smaps(count))
    whole = memc.load(text).to_json()
    paths = []
    for number, (_, change) in enumerate(DAMAGED):
        path = tmp_path / f"{number:02}.json"
        path.write_bytes(change(whole))
        paths.append(path)
    assert all(path.read_bytes() != whole for path in paths[1:])
    expected = run(TELL, *paths, begin="")
    assert expected.count("expected JSON") > len(DAMAGED) // 2
    assert run(TELL, *paths) == expected


def test_it_is_hidden():
    """What the other tests rest on."""
    assert run(ASK) == "None\n"
    argv = [sys.executable, "-c", ASK]
    found = subprocess.run(
        argv, cwd="/", env=os.environ | HIDDEN, check=True, capture_output=True
    )
    assert found.stdout == b"None\n"


def test_it_is_not_loaded_before_there_is_json_to_read_or_write():
    code = (
        "import sys, memc, os; memc.snapshot(os.getpid()); print('re' in sys.modules)"
    )
    assert run(code) == "False\n"


# why, what is found in its place
BROKEN = [
    ("an empty package", {"orjson/__init__.py": ""}),
    ("a package without its module", {"orjson/__init__.py": "from .orjson import *\n"}),
    ("a module that fails", {"orjson.py": "raise SystemError('panic')\n"}),
    ("a file that is no Python", {"orjson.py": "\0"}),
    ("a library of another machine", {"orjson.so": "x"}),
    ("no version", {"orjson.py": "loads = dumps = OPT_INDENT_2 = JSONDecodeError = 1"}),
    (
        "an old version",
        {
            "orjson.py": "__version__ = '3.8.14'\n"
            "loads = dumps = OPT_INDENT_2 = JSONDecodeError = 1"
        },
    ),
    ("another orjson", {"orjson.py": "__version__ = '4.0.0rc1'\n"}),
]


@cases(BROKEN, why=0)
def test_one_that_cannot_be_used_is_as_if_it_were_not_there(tmp_path, case):
    for name, text in case[1].items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "one.json").write_bytes(memc.snapshot(os.getpid()).to_json())
    begin = "import sys; sys.path.insert(0, sys.argv.pop(1))"
    assert run(ASK, tmp_path, begin=begin) == "None\n"
    args = (tmp_path / "one.json",)
    assert run(TELL, tmp_path, *args, begin=begin) == run(TELL, *args, begin="")
