"""The rule table of region types, walked on both backends through the text."""

from support import oracle
from support.cases import cases
from support.text import header

from memc.table.fields import TYPES

# type, name, permissions, why
RULES = [
    ("heap", "[heap]", "rw-p", "rule 1"),
    ("heap", "[heap]", "rwxp", "rule 1 before 5: 2.6 kernels had executable heaps"),
    ("unknown", "[heap stuff]", "rw-p", "only the very name"),
    ("mapped_file", "/odd/[heap]", "rw-p", "a file of that name"),
    ("stack", "[stack]", "rw-p", "rule 2"),
    ("stack", "[stack]", "rwxp", "rule 2 before 5"),
    ("stack", "[stack:1234]", "rw-p", "thread stacks of 3.4 to 4.4"),
    ("vdso", "[vdso]", "r-xp", "rule 3 before 5"),
    ("vvar", "[vvar]", "r--p", "rule 3"),
    ("vvar", "[vvar_vclock]", "r--p", "6.13 split it off: a mend of the prior art"),
    ("vsyscall", "[vsyscall]", "--xp", "rule 3"),
    ("unknown", "[vdso_data]", "r--p", "only the very names"),
    ("shared_lib", "/lib/x.so", "r--p", "ends in .so"),
    ("shared_lib", "/lib/x.so", "r-xp", "rule 4 before 5"),
    ("shared_lib", "/lib/libc.so.6", "rw-p", ".so. and a digit"),
    ("shared_lib", "/lib/libz.so.1.2.3", "r--p", ".so. and a digit"),
    ("shared_lib", "/lib/libz.so.1-old", "r--p", "whatever follows the digit"),
    ("shared_lib", "/lib/x.so.so.1", "r--p", "the second .so. begins in the first"),
    ("shared_lib", "/lib/x.so.d.so.3", "r--p", "the second .so. counts too"),
    ("shared_lib", "/lib/x.so (deleted)", "r--p", "deleted aside"),
    ("shared_lib", "/lib/libc.so.6 (deleted)", "r--p", "deleted aside"),
    ("shared_lib", "/.so", "r--p", "nothing before .so"),
    ("shared_lib", "/a\nb/x.so", "r--p", "a newline in a folder"),
    ("shared_lib", "/memfd:x.so (deleted)", "r--p", "rule 4 before 6"),
    ("mapped_file", "/etc/ld.so.cache", "r--p", ".so. and a letter: a mend"),
    ("mapped_file", "/srv/a.sock.d/x", "r--p", ".so inside a folder: a mend"),
    ("mapped_file", "/x.so.d/a.sock", "r--p", ".so in a folder and in a word: a mend"),
    ("mapped_file", "/lib/libc.so.6/x", "r--p", "only the last component"),
    ("mapped_file", "/lib/x.so.", "r--p", "no digit behind .so."),
    ("mapped_file", "/lib/x.so ", "r--p", "a blank behind .so"),
    ("mapped_file", "/lib/x.SO", "r--p", "capitals"),
    ("unknown", "libart.so", "r--p", "no file: the name starts with no slash"),
    ("code", "/usr/bin/cat", "r-xp", "rule 5: a file"),
    ("code", "/etc/ld.so.cache", "r-xp", "rule 5 before 7"),
    ("code", "/usr/bin/cat (deleted)", "r-xp", "rule 5: a deleted file"),
    ("code", "", "rwxp", "rule 5: nameless JIT code"),
    ("code", "", "--xp", "rule 5: only executable"),
    ("code", "[anon:jit]", "rwxp", "rule 5: named JIT code"),
    ("code", "[anon_shmem:jit]", "r-xs", "rule 5: [anon…]"),
    ("code", "/memfd:jit-cache (deleted)", "r-xs", "rule 5 before 6"),
    ("unknown", "[uprobes]", "r-xp", "executable, but none of the three"),
    ("unknown", "[vectors]", "r-xp", "executable, but none of the three"),
    ("unknown", "anon_inode:bpf", "r-xp", "executable, but none of the three"),
    ("anonymous", "", "rw-p", "rule 6: nameless"),
    ("anonymous", "", "---p", "rule 6: a reservation"),
    ("anonymous", "[anon:glibc: malloc]", "rw-p", "rule 6: a mend"),
    ("anonymous", "[anon:]", "rw-p", "rule 6: an empty name"),
    ("anonymous", "[anon_shmem:x]", "rw-s", "rule 6: a mend"),
    ("anonymous", "/dev/zero", "rw-p", "rule 6"),
    ("anonymous", "/dev/zero (deleted)", "rw-s", "rule 6: shared anonymous: a mend"),
    ("anonymous", "/memfd:x (deleted)", "rw-s", "rule 6: a mend"),
    ("anonymous", "/memfd: (deleted)", "rw-s", "rule 6: an empty name"),
    ("anonymous", "/SYSV0000002a (deleted)", "rw-s", "rule 6"),
    ("anonymous", "/anon_hugepage (deleted)", "rw-p", "rule 6"),
    ("anonymous", "/anon_hugepage", "rw-p", "rule 6: the same, not deleted"),
    ("mapped_file", "/dev/zeroes", "rw-p", "only the very name"),
    ("mapped_file", "/anon_hugepages", "rw-p", "only the very name"),
    ("mapped_file", "/home/memfd:x", "rw-p", "not at the start"),
    ("mapped_file", "/usr/share/x.dat", "r--s", "rule 7"),
    ("mapped_file", "/dev/nvidia0", "rw-s", "rule 7: a device"),
    ("mapped_file", "/", "r--p", "rule 7: nothing behind the slash"),
    ("mapped_file", "/x\udcff", "r--p", "rule 7: not UTF-8"),
    ("unknown", "[anon]", "rw-p", "rule 8: no colon"),
    ("unknown", "anon_inode:[perf_event]", "rw-s", "rule 8"),
    ("unknown", "socket:[38753]", "rw-s", "rule 8"),
    ("unknown", "[sigpage]", "r--p", "rule 8"),
]


def raw(name):
    """Give the name as the kernel prints it."""
    return name.encode("utf-8", "surrogateescape").replace(b"\n", b"\\012")


@cases(RULES, why=3)
def test_region_is_of_the_type_its_first_rule_says(backend, case):
    expected, name, perm, _ = case
    text = header(0, 4096, perm, raw(name))
    table = backend.parse_text(text, "maps", strict=True)
    assert expected == table[0].type


@cases(RULES, why=3)
def test_the_oracle_knows_the_same_rules(case):
    expected, name, perm, _ = case
    assert expected == oracle.type_of(name, perm)


def test_every_type_is_reached_by_a_rule():
    assert set(TYPES) == {rule[0] for rule in RULES}


def test_types_of_a_whole_text_are_those_of_its_lines(backend):
    text = b"".join(
        header(i * 4096, (i + 1) * 4096, perm, raw(name))
        for i, (_, name, perm, _) in enumerate(RULES)
    )
    expected = [rule[0] for rule in RULES]
    table = backend.parse_text(text, "maps", strict=True)
    assert expected == list(table.columns["type"])
    assert [TYPES.index(name) for name in expected] == list(
        table.columns["type"].values
    )
