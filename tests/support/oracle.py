"""An independent reading of maps and smaps text: the truth the tests compare with.

It shares no code with memc and takes only text that is well formed.  It tells the names
of the columns from the kernel's keys by one rule and two exceptions, so that it knows
every field a kernel may print without a list of them.
"""

import re

HEADER = re.compile(
    rb"([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-][sSp-]) ([0-9a-f]+) "
    rb"([0-9a-f]+):([0-9a-f]+) ([0-9]+)(?: +(.*))?",
    re.DOTALL,
)
COUNTER = re.compile(rb"([A-Z][^:]*):[ \t]*([0-9]+)[ \t]*(kB)?[ \t]*")
IRREGULAR = {"MMUPageSize": "mmu_page_size", "THPeligible": "thp_eligible"}
NOT_A_COLUMN = {"size_kb", "start", "end", "perm", "type", "offset", "inode"}


def column_name(key, *, is_kb):
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", key).lower()
    return IRREGULAR.get(key, snake) + ("_kb" if is_kb else "")


def text_of(data):
    return data.replace(b"\\012", b"\n").decode("utf-8", "surrogateescape")


def header(match):
    start, end, perm, offset, major, minor, inode, name = match.groups()
    return {
        "start": int(start, 16),
        "end": int(end, 16),
        "perm": perm.decode().replace("S", "s"),
        "offset": int(offset, 16),
        "dev_major": int(major, 16),
        "dev_minor": int(minor, 16),
        "inode": int(inode),
        "pathname": text_of(name or b""),
    }


def counter(line):
    """Give (column, value), or None for a line that makes no column."""
    if line.startswith(b"VmFlags:"):
        return "vm_flags", tuple(line.decode().split()[1:])
    if line.startswith(b"Name:"):
        value = line[len(b"Name:") :].lstrip(b" \t")
        return "name", value.decode("utf-8", "surrogateescape")
    match = COUNTER.fullmatch(line)
    if match is None:
        return None
    name = column_name(match[1].decode(), is_kb=match[3] is not None)
    return None if name in NOT_A_COLUMN else (name, int(match[2]))


def lines_as_regions(data):
    """Read the regions in the order of the text, torn ones as they are."""
    regions = []
    for line in data.removesuffix(b"\n").split(b"\n") if data else []:
        match = HEADER.fullmatch(line)
        if match:
            regions.append(header(match))
        elif found := counter(line):
            regions[-1].update([found])
    return regions


def repair(regions):
    """Let later lines win; give the regions in order, and how many were changed."""
    kept, changes = [], 0
    for new in regions:
        if not kept or kept[-1]["end"] <= new["start"] > kept[-1]["start"]:
            kept.append(new)
            continue
        older = [r for r in kept if r["start"] < new["start"]]
        newer = [r for r in kept if r["start"] >= new["start"]]
        rest = [r for r in newer if r["start"] >= new["end"]]
        count = len(newer) - len(rest)
        if older and older[-1]["end"] > new["start"]:
            older[-1]["end"] = new["start"]
            count += 1
        changes += count or bool(newer)
        kept = [*older, new, *rest]
    return kept, changes


SPECIAL = {
    "[heap]": "heap",
    "[vdso]": "vdso",
    "[vvar]": "vvar",
    "[vvar_vclock]": "vvar",
    "[vsyscall]": "vsyscall",
}
LIBRARY = re.compile(r"/(?:[^/]*/)*[^/]*(?:\.so|\.so\.[0-9][^/]*)", re.DOTALL)
MEMORY = re.compile(
    r"|\[anon:.*|\[anon_shmem:.*|/dev/zero|/memfd:.*|/SYSV.*|/anon_hugepage", re.DOTALL
)


def type_of(name, perm):
    plain = name.removesuffix(" (deleted)")
    if name in SPECIAL or name.startswith("[stack"):
        return SPECIAL.get(name, "stack")
    if LIBRARY.fullmatch(plain):
        return "shared_lib"
    if "x" in perm and (name == "" or name.startswith(("/", "[anon"))):
        return "code"
    if MEMORY.fullmatch(plain):
        return "anonymous"
    return "mapped_file" if name.startswith("/") else "unknown"


def read(data):
    """Read text to its regions, torn ones repaired, with the fields memc derives."""
    regions, changes = repair(lines_as_regions(data))
    for region in regions:
        region["type"] = type_of(region["pathname"], region["perm"])
        region["size_kb"] = (region["end"] - region["start"]) // 1024
    return regions, changes
