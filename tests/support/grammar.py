"""Hypothesis strategies: text made from the grammar, and damaged text."""

from hypothesis import strategies as st

PAGE = 4096
PERMS = [
    r + w + x + s for r in (b"r", b"-") for w in (b"w", b"-") for x in (b"x", b"-")
    for s in (b"p", b"s", b"S", b"-")
]  # fmt: skip
NAMES = [
    b"[heap]",
    b"[stack]",
    b"[stack:12]",
    b"[vdso]",
    b"[vvar]",
    b"[vvar_vclock]",
    b"[vsyscall]",
    b"[anon: a b]",
    b"[anon_shmem:x]",
    b"[uprobes]",
    b"anon_inode:[perf_event]",
    b"/memfd:jit (deleted)",
    b"/dev/zero (deleted)",
    b"/SYSV0000002a (deleted)",
    b"/anon_hugepage (deleted)",
    b"/lib/libc.so.6",
    b"/lib/x.so (deleted)",
    b"/etc/ld.so.cache",
    b"/srv/a.sock.d/x",
    b"/usr/bin/cat",
    b"/a\\012b ",
]
KEYS = b"""Size KernelPageSize MMUPageSize Rss Pss Pss_Dirty Shared_Clean Shared_Dirty
Private_Clean Private_Dirty Referenced Anonymous KSM LazyFree AnonHugePages
ShmemPmdMapped FilePmdMapped Shared_Hugetlb Private_Hugetlb Swap SwapPss
Locked""".split()
UNKNOWN = [b"Future", b"NewThing", b"Order2Pages", b"Pss_Anon", b"A", b"ABcD"]
# Unknown keys whose snake_case is a name that is taken, or no ASCII at all.
AWKWARD = [b"RSS", b"Size_kb", b"Start", b"Type", b"Vm_Flags", b"NAME", b"THP_eligible"]
AWKWARD += [b"PathnameHex", b"RegionName"]
AWKWARD += [b"M\xc3\x9cll", b"Not\xff", b"Two words", b"Tab\tbed", b"X" * 300, b"R-s/s"]
FLAGS = b"rd wr ex sh mr mw me ms ac nr wf dd dp ss ?? q1 zzz".split()

numbers = st.one_of(
    st.integers(0, 1 << 20), st.sampled_from([2**64 - 1, 2**63, 2**32, 0])
)
small = st.integers(0, 1 << 40)
blanks = st.sampled_from([b" ", b"   ", b"\t", b"\t\t", b""])
any_bytes = st.binary(max_size=12).map(
    lambda b: b.replace(b"\0", b"?").replace(b"\n", b" ")
)
names = st.one_of(
    st.just(b""), st.sampled_from(NAMES), any_bytes.map(lambda b: b"/" + b)
)


@st.composite
def headers(draw):
    """Draw a maps line; the addresses are close together, so that many overlap."""
    start = draw(st.one_of(st.integers(0, 60), st.just(2**52 - 8))) * PAGE
    end = start + draw(st.integers(0, 7)) * PAGE
    return b"%08x-%08x %b %08x %02x:%02x %d %b" % (
        start,
        end,
        draw(st.sampled_from(PERMS)),
        draw(numbers),
        draw(st.integers(0, 2**32 - 1)),
        draw(st.integers(0, 255)),
        draw(numbers),
        b" " * draw(st.integers(0, 3)) + draw(names),
    )


@st.composite
def counters(draw, keys, values=numbers):
    key = draw(st.sampled_from(keys))
    return b"%b:%b%d%bkB" % (key, draw(blanks), draw(values), draw(blanks))


def unitless(keys):
    return st.builds(
        lambda key, gap, n: b"%b:%b%d" % (key, gap, n),
        st.sampled_from(keys),
        blanks,
        numbers,
    )


flags = st.lists(st.sampled_from(FLAGS), max_size=5).map(
    lambda names: b"VmFlags: " + b"".join(name + b" " for name in names)
)
words = any_bytes.map(lambda b: b"Text: " + b)
name_lines = any_bytes.map(lambda b: b"Name:   " + b)


def smaps(*, awkward=False, values=numbers):
    """Give text of whole records, with any counters in any order."""
    unknown = UNKNOWN + (AWKWARD if awkward else [])
    line = st.one_of(
        counters(KEYS, values),
        counters(KEYS, values),
        counters(unknown, values),
        unitless([b"THPeligible", b"ProtectionKey", *unknown]),
        flags,
        name_lines,
        words,
    )
    record = st.tuples(headers(), st.lists(line, max_size=6)).map(
        lambda r: [r[0], *r[1]]
    )
    return st.lists(record, max_size=8).map(
        lambda records: b"".join(line + b"\n" for lines in records for line in lines)
    )


maps = st.lists(headers(), max_size=12).map(
    lambda lines: b"".join(line + b"\n" for line in lines)
)


@st.composite
def damaged(draw, texts):
    """Draw text and harm it a few times."""
    text = draw(texts)
    for harm in draw(st.lists(st.sampled_from(HARMS), min_size=1, max_size=4)):
        text = harm(draw, text)
    return text


def flip(draw, text):
    where = draw(st.integers(0, max(len(text) - 1, 0)))
    byte = draw(st.sampled_from(list(b"\0\n\r\t :-0fFgrwxspkB9Z\xff")))
    return text[:where] + bytes([byte]) + text[where + 1 :]


def insert(draw, text):
    where = draw(st.integers(0, len(text)))
    what = draw(st.sampled_from([b"\0", b"\n", b" ", b"9" * 20, b"f" * 9, b"kB", b":"]))
    return text[:where] + what + text[where:]


def cut_end(draw, text):
    return text[: draw(st.integers(0, len(text)))]


def cut_middle(draw, text):
    a, b = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
    return text[:a] + text[b:]


def shuffle_lines(draw, text):
    return b"\n".join(draw(st.permutations(text.split(b"\n"))))


def double_line(draw, text):
    lines = text.split(b"\n")
    at = draw(st.integers(0, len(lines) - 1))
    return b"\n".join([*lines[:at], lines[at], *lines[at:]])


def carriage_returns(_draw, text):
    return text.replace(b"\n", b"\r\n")


HARMS = [
    flip,
    flip,
    insert,
    cut_end,
    cut_middle,
    shuffle_lines,
    double_line,
    carriage_returns,
]
