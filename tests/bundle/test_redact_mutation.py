"""Put a token in the place of every text and number of a document: none may be left."""

import base64
import json

import pytest
from support.cases import cases
from support.redacting import members, redact

from memc.bundle.check import offences

TOKEN = "tok5Zq8Zz"
FORMS = (
    """
{}|/{}|//{}|/home/{}/x.so|/tmp/{} (deleted)|/tmp/a/{}/b|/usr/local/lib/{}.so.1
/opt/a b/{}|/usr/lib/{}.so (deleted)|/lib/../home/{}|/usr/lib/../../home/{}
/usr/lib/./{}|/usr/home/{}|/usr/src/{}|/sys/devices/{}|/proc/{}/x|/run/user/1000/{}
[{}]|[anon:{}]|[anon:{}|[anon_shmem:{}]|[anon: glibc: {}]|[anon: Go: {}]
[anon:cpython:{}]|[anon:v8{}]|[anon:jemalloc{}]|[anon:dalvik-{}]|[anon:scudo:{}]
[anon: glibc: malloc arena{}]|[anon:.bss{}]|[anon:{} guard]|[anon:{}.so]|[stack:{}]
[stack{}]|[heap]{}|[heap{}]|/memfd:{}|/memfd:{} (deleted)|/memfd:java_heap{}
/memfd:doublemapper-{}|/memfd:{}.jit|/dev/{}|/dev/shm/{}|/dev/dri/{}|/dev/dri/card{}
/dev/nvidia-{}|/dev/nvidia0{}|/dev/hugepages/{}|/dev/hugepages-{}|/dev/ashmem/{}-jit
/dev/zero{}|/SYSV{}|/SYSV00000000{}|socket:[{}]|pipe:[{}]|pipe:{}|anon_inode:{}
anon_inode:[{}]|anon_inode:[io_uring]{}|anon_inode:i915{}|anon_inode:[perf_event{}]
/dmabuf:{}|/dmabuf{}|/[aio]{}|/i915{}|/drm mm object{}|/anon_hugepage{}|/secretmem{}
/tmp/hsperfdata_{}/42|/tmp/hsperfdata_x/{}|/mnt/huge/{}|/mnt/huge{}/x|/hugepages{}
/opt/python{}|/opt/libjvm.so{}|/opt/libjvm.so.{}|/opt/libc-{}.so.6|/x/{}.txt|/x/a.{}
/x/.{}|/x/{}.so.1.2|/x/y.so.1.{}|/usr/share/zoneinfo/{}|/usr/lib/locale/{}/LC_TIME
docker-{}.scope|/system.slice/{}.service|/user.slice/user-{}.slice/session-{}.scope
/docker/{}|kworker/{}|python{}|bash {}|{}@mail.example|3.{}|v1.2{}
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
LEFT = {"/usr/lib/{}"}  # of the distribution: the rule keeps it


def region(**more):
    return {
        "start": "0x7f0000001000",
        "end": "0x7f0000009000",
        "type": "mapped_file",
        "perm": "r--p",
        "size_kb": 32,
        "pathname": "/x/y",
        "pathname_hex": "2f782f79",
        "rss_kb": 4,
        "vm_flags": ["rd", "mr"],
        "offset": 0,
        "dev_major": 8,
        "dev_minor": 1,
        "inode": 77,
        "frozen": "a text of a newer kernel",
        "owner": "mapped file",
        "why": "any other file",
        "label": "/x/y",
        "guess": False,
    } | more


def snapshot(**more):
    note = {"code": "torn", "count": 1, "text": "regions"}
    return {
        "pid": 7,
        "name": "x",
        "started": 5,
        "timestamp_ms": 10,
        "total_rss_kb": 4,
        "total_vsize_kb": 32,
        "region_count": 1,
        "cost_ns": 5,
        "bytes_read": 6,
        "regions": [region()],
        "notes": [note],
        "later": "a key of a newer memc",
    } | more


def system(**more):
    process = {
        "pid": 7,
        "name": "x",
        "uid": 1000,
        "started": 5,
        "cgroup": "/x",
        "cmdline": "x -y",
        "later": "a key of a newer memc",
        "snapshot": snapshot(),
    }
    return {
        "timestamp_ms": 10,
        "process_count": 1,
        "skipped": 1,
        "processes": [process],
        "skipped_processes": [{"pid": 8, "name": "y", "reason": "denied"}],
        "notes": [{"code": "late", "count": 1, "text": "samples"}],
        "later": {"deep": ["a key of a newer memc"]},
    } | more


def places(value, path=()):
    """Yield the path of every text in a document, but for addresses."""
    if isinstance(value, str):
        if path[-1] not in ("start", "end"):
            yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from places(inner, (*path, i))


def put(document, path, value):
    new = json.loads(json.dumps(document))
    inner = new
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return new


def spelled(token):
    """Yield how a token may be spelled: plain, in hex and in base64."""
    yield token
    yield token.encode().hex()
    for lead in range(3):
        whole = base64.b64encode(b"\0" * lead + token.encode()).decode()
        yield whole[-(-lead * 8 // 6) : -4]


def left(document):
    text = json.dumps(document).lower()
    return [form for form in spelled(TOKEN) if form.lower() in text]


@pytest.mark.parametrize(
    "path", [*places(system())], ids=lambda p: ".".join(map(str, p))
)
def test_no_text_survives_in_any_form_at_any_place(path):
    for form in FORMS:
        document = put(system(), path, form.replace("{}", TOKEN))
        new = redact(document)
        assert (form, left(new)) == (form, [])
        assert (form, offences(members(new))) == (form, [])


def test_the_token_is_found_where_a_rule_keeps_it():
    path = ("processes", 0, "snapshot", "regions", 0, "pathname")
    for form in LEFT:
        assert left(redact(put(system(), path, form.format(TOKEN))))


@pytest.mark.parametrize("path", [*places(snapshot())], ids=lambda p: str(p[-1]))
def test_no_key_survives(path):
    inner = {TOKEN: 7, "x": TOKEN}
    document = put(snapshot(), path, inner) if len(path) == 1 else snapshot()
    new = redact({**document, TOKEN: 5, f"{TOKEN}_kb": 5})
    assert left(new) == []


KEPT_COLUMNS = [
    ("shared_swap_kb", 5, [5], "words of the kernel"),
    ("folio_huge_kb", None, [None], "not known"),
    (f"{TOKEN}_kb", 5, [], "a word that the kernel has not"),
    ("shared_swap_kb", TOKEN, [None], "a text"),
    ("shared_swap_kb", 0x7F0000001000, [None], "an address"),
    ("shared_swap_kb", True, [None], "no number"),
    ("shared_swap_kb", [TOKEN], [None], "a list"),
]


@cases(KEPT_COLUMNS, why=3)
def test_a_column_of_a_newer_kernel_stays_if_it_has_its_form(case):
    name, value, kept, _ = case
    (new,) = redact(snapshot(regions=[region(**{name: value})]))
    (row,) = new["regions"]
    assert [row[key] for key in row if key == name] == kept
    assert offences(members([new])) == []


NUMBER = 987654321012
IDENTIFYING = [
    (("timestamp_ms",), "the time of day"),
    (("processes", 0, "uid"), "a user"),
    (("processes", 0, "started"), "when the machine was booted"),
    (("processes", 0, "snapshot", "started"), "the same"),
    (("processes", 0, "snapshot", "timestamp_ms"), "the time of day"),
    (("processes", 0, "snapshot", "as_of_ms"), "the time of day"),
    (("processes", 0, "snapshot", "regions", 0, "inode"), "a file"),
    (("processes", 0, "snapshot", "regions", 0, "dev_major"), "a disk"),
    (("processes", 0, "snapshot", "regions", 0, "dev_minor"), "a disk"),
]


@cases(IDENTIFYING, why=1)
def test_no_number_that_identifies_survives(case):
    new = redact(put(system(), case[0], NUMBER))
    text = json.dumps(new)
    assert str(NUMBER) not in text
    assert f"{NUMBER:x}" not in text


ODD_FLAGS = [
    (["rd", TOKEN, "mr"], ["rd", "mr"], "a flag that is a text"),
    (["rd", "??", 7, None, ["x"]], ["rd", "??"], "what is no text"),
    (TOKEN, None, "no list"),
    (None, None, "not known"),
]


@cases(ODD_FLAGS, why=2)
def test_flags_have_the_form_of_the_kernel(case):
    (new,) = redact(snapshot(regions=[region(vm_flags=case[0])]))
    assert new["regions"][0]["vm_flags"] == case[1]


def test_an_offset_in_a_device_counts_from_the_first():
    rows = [
        region(pathname="/dev/mem", start=start, end=end, offset=offset)
        for start, end, offset in (
            ("0x7f0000001000", "0x7f0000002000", 0xFE000000),
            ("0x7f0000002000", "0x7f0000003000", 0xFE005000),
        )
    ]
    (new,) = redact(snapshot(regions=rows))
    assert [row["offset"] for row in new["regions"]] == [0, 0x5000]


ODD_VALUES = [TOKEN, [TOKEN], {TOKEN: TOKEN}, [[TOKEN]], [[{"code": [TOKEN]}]]]
OBJECTS = [
    ("processes",),
    ("skipped_processes",),
    ("processes", 0),
    ("processes", 0, "snapshot"),
    ("processes", 0, "snapshot", "regions"),
    ("processes", 0, "snapshot", "regions", 0),
    ("processes", 0, "snapshot", "notes"),
    ("processes", 0, "snapshot", "notes", 0, "count"),
]


@pytest.mark.parametrize("value", ODD_VALUES)
@pytest.mark.parametrize("place", OBJECTS)
def test_the_check_finds_a_text_where_an_object_is_expected(place, value):
    (new,) = redact(system())
    assert offences(members([new])) == []
    assert offences(members([put(new, place, value)])) != []
