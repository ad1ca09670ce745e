"""Text laid out as the kernel prints it, for what takes shortcuts on such text."""

from hypothesis import strategies as st

from support.grammar import FLAGS, KEYS, NAMES, PERMS, names

NO_UNIT = [b"THPeligible", b"ProtectionKey"]
PAGE = 4096


def counter(key, value):
    """Write a counter line as show_smap() does."""
    if key in NO_UNIT:
        return b"%-16s%8d\n" % (key + b":", value)
    return b"%-16s%8d kB\n" % (key + b":", value)


def region(start, end, *, perm=b"rw-p", device=(0, 0), inode=0, offset=0, name=b""):
    """Write a header as show_map_vma() does."""
    prefix = b"%08x-%08x %s %08x %02x:%02x %d " % (
        start,
        end,
        perm,
        offset,
        *device,
        inode,
    )
    return (prefix.ljust(73) + name if name else prefix) + b"\n"


def record(number, *, values, flags=b"rd wr mr mw me ac ", name=b""):
    """Write record `number` of a text whose keys are those of `values`."""
    start = 0x7F0000000000 + 4 * number * PAGE
    lines = [counter(key, value) for key, value in values.items()]
    flag_line = [] if flags is None else [b"VmFlags: " + flags + b"\n"]
    return b"".join([region(start, start + PAGE, name=name), *lines, *flag_line])


ALL = [*KEYS, *NO_UNIT]
UNKNOWN = [b"Future", b"FutureToo"]
SOME = [b"Size", b"Rss", b"Pss", b"Private_Dirty", b"Swap", b"THPeligible"]

# Most numbers fill few of the eight characters; some fill all, or more.
amounts = st.one_of(
    st.integers(0, 9999),
    st.sampled_from([0, 99999999, 100000000, 2**32, 2**64 - 1]),
)
flag_lines = st.one_of(
    st.none(),
    st.lists(st.sampled_from(FLAGS), max_size=8).map(
        lambda flags: b"".join(flag + b" " for flag in flags)
    ),
)
headers = st.builds(
    region,
    st.just(0),
    st.just(PAGE),
    perm=st.sampled_from(PERMS),
    device=st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 300)),
    inode=amounts,
    offset=st.sampled_from([0, 0x1000, 2**36, 2**64 - 4096]),
    name=st.one_of(st.sampled_from(NAMES), names),
)


@st.composite
def records(draw, *, smaps=True):
    """Draw a text of which most records have the same keys in the same places."""
    width = draw(st.sampled_from([0x1000, 0x555500000000, 2**63, 0x100000000]))
    every = st.sampled_from([*ALL, *UNKNOWN])
    keys = draw(st.lists(every, unique=True, min_size=1, max_size=8))
    lines = []
    for number in range(draw(st.integers(1, 10))):
        place = b"%08x-%08x" % tuple(width + (2 * number + i) * PAGE for i in (0, 1))
        header = draw(headers)
        lines.append(place + header[header.index(b" ") :])
        if smaps:
            odd = draw(st.integers(0, 5)) == 0
            shown = draw(st.permutations(keys))[1:] if odd else keys
            lines += [counter(key, draw(amounts)) for key in shown]
            flags = draw(flag_lines)
            lines += [] if flags is None else [b"VmFlags: " + flags + b"\n"]
    return b"".join(lines)
