"""Bundles are read as what was put in them; what is no bundle is refused."""

import gzip
import random
import struct
import warnings
import zipfile

import pytest
from support import zips
from support.cases import cases
from support.zips import MEMBERS, OWNED, document, entry, lines, region, zipped

import memc
from memc.errors import MemcError
from memc.files.bundle import SMALL, open_bundle, read_bundle

SAMPLES = "samples.ndjson"
FIRST_OFFSET = 42  # of an entry: where its header is


def loaded(data, tmp_path):
    path = tmp_path / "bug.zip"
    path.write_bytes(data)
    return memc.load(path)


def entry_at(data, name):
    """Return where the entry of a member begins, in the list at the end."""
    at = data.rindex(b"PK\1\2", 0, data.rindex(name))
    assert data[at + 46 :].startswith(name)
    return at


def patched(name, at, form, value, data=None):
    """Return a bundle in which a number of the entry of a member is another."""
    made = bytearray(zipped() if data is None else data)
    struct.pack_into(form, made, entry_at(bytes(made), name) + at, value)
    return bytes(made)


def doubled():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        two = {name: MEMBERS[name] for name in ("manifest.json", SAMPLES)}
        return zipped(two, more=[(entry(SAMPLES), MEMBERS[SAMPLES])])


def ends_with(**more):
    """Return a bundle whose end tells other numbers."""
    made = bytearray(zipped())
    names = ["magic", "disk", "first", "here", "entries", "size", "at", "note"]
    told = dict(zip(names, struct.unpack("<4s4H2LH", made[-22:]), strict=True))
    made[-22:] = struct.pack("<4s4H2LH", *(told | more).values())
    return bytes(made)


def many(count):
    return zipped({str(i): b"" for i in range(count)})


def with_manifest(data):
    return zipped(MEMBERS | {"manifest.json": data})


BOMB = zipped(MEMBERS | {SAMPLES: b" " * (SMALL + 1)})
WHOLE = zipped()
# the words of the error, the bytes, why
REFUSED = [
    ("it is cut short", WHOLE[:-1], "a download that broke off"),
    ("it is cut short", WHOLE[:40], "its first bytes"),
    ("it is cut short", WHOLE + b"\n", "a byte too many"),
    ("it is cut short", b"PK\3\4", "no more than the magic"),
    ("it has 'smaps.txt'; if memc reads that", zipped({"smaps.txt": b""}), "a text"),
    ("without samples.ndjson", zipped({"manifest.json": b"{}"}), "no samples"),
    ("a zip archive of 4 entries", many(4), "a zip of many files"),
    ("no bundle of memc", b"PK\5\6" + bytes(18), "an empty zip"),
    ("another file in it ('x.sh')", zipped(
        {k: v for k, v in MEMBERS.items() if k != "machine.json"} | {"x.sh": b"x"}
    ), "a program beside"),
    ("an absolute path ('/etc/passwd')", zipped({"/etc/passwd": b""}), "/"),
    ("an absolute path ('C:", zipped({"C:\\x": b""}), "a drive"),
    ("a path that leaves it ('../x')", zipped({"../x": b""}), ".."),
    ("a path that leaves it ('..", zipped({"..\\x": b""}), "with backslashes"),
    ("a link ('samples.ndjson')", zipped(
        {"manifest.json": MEMBERS["manifest.json"]},
        more=[(entry(SAMPLES, 0o120777), b"/etc/passwd")],
    ), "a symbolic link"),
    ("two files of one name", doubled(), "a member twice"),
    ("an encrypted zip", patched(b"samples.ndjson", 8, "<H", 1), "a password"),
    ("packed otherwise", patched(b"samples.ndjson", 10, "<H", 12), "bzip2"),
    ("a zip bomb", BOMB, "much from little"),
    ("more than 1,024 MiB", patched(b"samples.ndjson", 24, "<L", 0xFFFFFFF0), "4 GiB"),
    ("more than 1 MiB", patched(b"manifest.json", 24, "<L", 1 << 21), "a manifest"),
    ("Bad CRC-32", patched(b"samples.ndjson", 24, "<L", 9), "a smaller size told"),
    ("overlap", patched(b"samples.ndjson", FIRST_OFFSET, "<L", 0), "one place for two"),
    ("a damaged zip", patched(b"samples.ndjson", FIRST_OFFSET, "<L", 60000), "outside"),
    ("a file is longer", patched(b"samples.ndjson", 20, "<L", 1 << 20), "too long"),
    ("its parts do not follow", ends_with(at=1), "a list elsewhere"),
    ("its end is not", ends_with(disk=1), "on several disks"),
    ("its end is not", ends_with(here=1), "two numbers of entries"),
    ("long entries", ends_with(size=1 << 30), "a long list"),
    ("a zip archive of 65,535 entries", ends_with(here=65535, entries=65535), "huge"),
    ("manifest.json is another", with_manifest(b"[]"), "a list"),
    ("manifest.json is another", with_manifest(b"\xff"), "no JSON"),
    ("manifest.json is another", with_manifest(b"[" * 100_000), "deep"),
    ("manifest.json is another", with_manifest(b'{"format": true}'), "no number"),
    ("a bundle of memc 9.0, whose format is 2: this memc reads 1",
     with_manifest(zips.manifest(format=2, memc="9.0")), "newer"),
    ("a bundle of a newer memc, whose format",
     with_manifest(zips.manifest(format=2, memc="\x1b[2J")), "a hostile release"),
    ("of format 0", with_manifest(zips.manifest(format=0)), "older than the first"),
    ("samples.ndjson: expected", zipped(MEMBERS | {SAMPLES: b"{}\n"}), "other JSON"),
    ("samples.ndjson: expected", zipped(MEMBERS | {SAMPLES: b""}), "no sample"),
]  # fmt: skip


@cases(REFUSED, why=2)
def test_what_is_no_bundle_is_refused_and_says_why(tmp_path, case):
    words, data, _ = case
    with pytest.raises(MemcError) as caught:
        loaded(data, tmp_path)
    said = str(caught.value)
    assert said.startswith(str(tmp_path / "bug.zip"))
    assert words in said, said
    assert said.isprintable()
    assert len(said) < len(str(tmp_path)) + 200


def test_a_bundle_is_what_was_put_in_it(tmp_path):
    snap = loaded(zipped(), tmp_path)
    assert (snap.pid, snap.name, len(snap)) == (7, "p-abcdefgh", 1)
    samples = lines(document(0, region()), document(1500, region(), region(0x5000)))
    first, last = loaded(zipped(MEMBERS | {SAMPLES: samples}), tmp_path)
    assert (first.timestamp_ms, last.timestamp_ms, len(last)) == (0, 1500, 2)


@cases(
    [
        (lambda: zipped(method=zipfile.ZIP_STORED), "not packed"),
        (lambda: gzip.compress(zipped()), "packed by gzip"),
        (lambda: zipped({k: MEMBERS[k] for k in reversed(MEMBERS)}), "another order"),
        (lambda: zipped({k: v for k, v in MEMBERS.items() if k != "machine.json"}),
         "not of a live machine"),
    ],
    why=1,
)  # fmt: skip
def test_a_bundle_that_was_zipped_again_is_one(tmp_path, case):
    assert loaded(case[0](), tmp_path).pid == 7


def test_owners_are_those_that_were_found_then(tmp_path):
    other = region(0x5000, owner="glibc arena", why="a", label="x", guess=False)
    rows = region(**OWNED), other, region(0x9000, **OWNED)
    snap = loaded(zipped(MEMBERS | {SAMPLES: lines(document(0, *rows))}), tmp_path)
    found = [(o.owner, o.why, o.label, o.guess) for o in snap.owners()]
    assert found == [(r["owner"], r["why"], r["label"], r["guess"]) for r in rows]
    assert snap.owners()[0] is snap.owners()[2]
    assert memc.owners.owners(snap, threads={7: 0x5800})[1].owner == "glibc arena"
    assert [row.owner.owner for row in snap.rows("owner")] == [r["owner"] for r in rows]


@cases(
    [
        ({"owner": "x"}, "the others are missing"),
        ({**OWNED, "guess": 1}, "a number"),
        ({**OWNED, "why": None}, "a null"),
    ],
    why=1,
)
def test_owners_that_are_not_whole_are_found_anew(tmp_path, case):
    rows = region(**case[0])
    snap = loaded(zipped(MEMBERS | {SAMPLES: lines(document(0, rows))}), tmp_path)
    assert [owner.owner for owner in snap.owners()] == ["anonymous"]


def test_the_document_of_what_was_loaded_has_the_owners_again(tmp_path):
    snap = loaded(zipped(), tmp_path)
    again = tmp_path / "again.json"
    again.write_bytes(snap.to_json(full=True))
    assert repr(memc.load(again).owners()) == repr(snap.owners())


def opened(data):
    """Return what is wrong with these bytes, "" if they are a bundle."""
    try:
        open_bundle(data, "x")
    except MemcError as error:
        return str(error)
    return ""


def test_random_damage_is_an_error_or_a_bundle():
    rng = random.Random(18)
    for _ in range(3000):
        data = bytearray(WHOLE)
        for _ in range(rng.choice((1, 1, 2, 5))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        assert opened(bytes(data)).isprintable()


def test_every_cut_is_an_error():
    for size in range(4, len(WHOLE)):
        with pytest.raises(MemcError, match="zip archive"):
            open_bundle(WHOLE[:size], "x")


def test_what_is_no_zip_is_no_bundle(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("{}")
    with pytest.raises(MemcError, match="expected a bundle, which memc bundle writes"):
        read_bundle(str(path))
