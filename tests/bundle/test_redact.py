"""What is hidden in a document, and what stays, by the place and form of each text."""

import re

import pytest
from support.cases import cases

from memc.bundle.allowed import Allowed
from memc.bundle.names import Names
from memc.bundle.options import BundleOptions
from memc.bundle.pseudonyms import Pseudonyms

KEY = bytes(range(32))
P = "p-[a-z2-7]{8}"


def names(*, key=KEY, who=(), **options):
    return Names(Pseudonyms(key), BundleOptions(**options), frozenset(who))


KEPT = [
    ("[heap]", "a name of the kernel"),
    ("[stack:4242]", "the stack of a thread"),
    ("/usr/lib/x86_64-linux-gnu/libc.so.6", "a file of the distribution"),
    ("/lib64/ld-linux-x86-64.so.2", "a loader"),
    ("/usr/local/lib/libpython3.11.so.1.0", "known words in a folder of the user's"),
    ("/home/.venv/lib/python3.11/site-packages/numpy", "the folders of a package"),
    ("/dev/dri/renderD128", "a known device"),
    ("/dev/zero (deleted)", "shared anonymous memory"),
    ("[anon: glibc: malloc arena]", "a name of glibc's"),
    ("[anon: Go: heap]", "a name of Go's"),
    ("anon_inode:[io_uring]", "a ring of the kernel"),
    ("/SYSV00000000 (deleted)", "System V memory without a key"),
    ("/memfd:doublemapper (deleted)", "a memfd of .NET"),
    ("/usr/lib/locale/C.utf8/LC_CTYPE", "the locale that all have"),
]


@cases(KEPT, why=1)
def test_what_all_machines_have_stays(case):
    assert names().region(case[0]) == case[0]


HIDDEN = [
    ("/home/ann/x.so", f"/home/{P}/{P}\\.so", "a user and a library"),
    (
        "/tmp/upload7.pdf (deleted)",
        rf"/tmp/{P}\.ext \(deleted\)",
        "a file that is gone",
    ),
    (
        "/usr/lib/old.so.1 (deleted)",
        rf"/usr/lib/{P}\.so\.1 \(deleted\)",
        "unknown, gone",
    ),
    ("/lib/../home/ann", rf"/lib/{P}/home/{P}", "a way out of the distribution"),
    ("/usr/home/ann", f"/usr/home/{P}", "a home below /usr"),
    ("/usr/lib/locale/de_DE.utf8", rf"/usr/lib/locale/{P}\.ext", "the language"),
    ("/usr/share/zoneinfo/Asia/Tokyo", f"/usr/share/zoneinfo/{P}/{P}", "the place"),
    ("/srv/192.168.7.12/db", f"/srv/{P}/{P}", "an address of a network"),
    ("/run/user/1000/bus", f"/run/{P}/{P}/{P}", "the number of a user"),
    ("/usr/lib/x@y.org.so", rf"/usr/lib/{P}\.so", "an address of mail"),
    ("[anon:ann's cache]", rf"\[anon:{P}\]", "a name that a program gave"),
    ("[anon:my thread stack]", rf"\[anon:{P}-stack-thread\]", "words of a rule"),
    ("[anon:acme jit]", rf"\[anon:{P}-jit\]", "the word for compiled code"),
    ("[anon:jemalloc_ann]", rf"\[anon:jemalloc-{P}\]", "a start of a rule"),
    ("/memfd:ann (deleted)", rf"/memfd:{P} \(deleted\)", "a memfd"),
    ("/dev/shm/ann.db", rf"/dev/shm/{P}\.db", "shared memory"),
    ("/dev/nvidia-ann", f"/dev/nvidia-{P}", "a device that is not known"),
    ("/dev/ann", f"/dev/{P}", "any other device"),
    ("/SYSV0000beef (deleted)", r"/SYSV[0-9a-f]{8} \(deleted\)", "a key of System V"),
    ("socket:[98765]", r"socket:\[1\]", "an inode"),
    ("anon_inode:ann", f"anon_inode:{P}", "an object that is not known"),
    ("anon_inode:[perf_event]ann", f"anon_inode:{P}", "a known object and more"),
    ("[ann]", rf"\[{P}\]", "brackets that the kernel never wrote"),
    ("[stack:ann]", r"\[stack:0\]", "a stack that the kernel never wrote"),
    ("ann", P, "no path at all"),
    ("/tmp/hsperfdata_ann/4242", f"/tmp/hsperfdata_{P}/0", "the user of a JVM"),
    ("/opt/a b/libjvm.so", f"/opt/{P}/libjvm.so", "a library that rules look for"),
    ("/home/julia/x", f"/home/{P}/{P}", "a user whose name is a word"),
    ("/home/julia", f"/home/{P}", "a user whose name is a word, at the end"),
    ("/home/ruby.ann/x", rf"/home/{P}\.ext/{P}", "a user whose name begins so"),
    ("/media/julia/USB", f"/media/{P}/{P}", "what a user plugged in"),
    ("/srv/code-ann/x", f"/srv/{P}/{P}", "no rule looks at the start of a folder"),
    ("/run/user/501/bus", f"/run/{P}/{P}/{P}", "the short number of a user"),
    (
        "/usr/lib/python3.12/site-packages/ann/x.so",
        rf"/usr/lib/python3\.12/site-packages/{P}/{P}\.so",
        "a package that pip put there",
    ),
    (
        "/usr/lib/node_modules/ann/x.node",
        rf"/usr/lib/node_modules/{P}/{P}\.node",
        "a package that npm put there",
    ),
    (
        "/usr/lib/debug/home/julia/x",
        f"/usr/lib/debug/home/{P}/{P}",
        "symbols of a user's file",
    ),
    ("/usr/share/nginx/html/x", f"/usr/share/nginx/html/{P}", "pages of a site"),
    ("/usr/lib/10.1.2.3/x", f"/usr/lib/{P}/x", "an address of a network, below /usr"),
    ("/usr/lib/ip-10-1-2-3/x", f"/usr/lib/{P}/x", "such an address as a name"),
    ("/usr/lib/fe80::1/x", f"/usr/lib/{P}/x", "such an address of six"),
    ("/usr/lib/AKIAIOSFODNN7EXAMPLE", f"/usr/lib/{P}", "a key to a cloud"),
    ("/usr/lib/ghp_abcdEFGHijkl", f"/usr/lib/{P}", "a key to a forge"),
    ("/opt/x.so.192.168.7.12", rf"/opt/{P}\.so", "such an address as a version"),
    ("/opt/x.so.2024.1130", rf"/opt/{P}\.so", "a date as a version"),
    ("/\u0661\u0662/x", f"/{P}/{P}", "digits of another script"),
    ("[stack:\u0661]", r"\[stack:0\]", "such digits for a thread"),
    ("/dev/video\u0661", f"/dev/{P}", "such digits for a device"),
    ("/opt/python-ann.bin", rf"/opt/python-{P}\.bin", "a program that rules look for"),
]


@cases(HIDDEN, why=2)
def test_what_may_tell_who_or_where_is_hidden(case):
    name, form, _ = case
    new = names().region(name)
    assert re.fullmatch(form, new), new
    assert new != name


def test_a_name_of_here_is_hidden_in_a_file_of_the_distribution():
    here = names(who={"ann"})
    assert here.region("/usr/lib/libann.so") != "/usr/lib/libann.so"
    assert here.region("/usr/lib/libbob.so") == "/usr/lib/libbob.so"
    assert here.process("ann") != "ann"


def test_the_same_key_gives_the_same_pseudonyms_and_another_key_others():
    told = [names(key=key).region("/home/ann") for key in (KEY, KEY, b"2" * 32)]
    assert told[0] == told[1] != told[2]


SHORT = ("tim", "lin", "ron", "pac", "ann", "abc")
COMMON = [
    "/usr/lib/locale/C.utf8/LC_TIME",
    "/usr/lib/x86_64-linux-gnu/libc.so.6",
    "/opt/electron/lib/python3.11/site-packages/x.so",
    "[anon: Go: heap]",
]


@pytest.mark.parametrize("who", SHORT)
def test_a_short_name_of_here_refuses_neither_words_nor_pseudonyms(who):
    """A user may be called "tim" on a machine with LC_TIME, or as letters by chance."""
    here, allowed = names(who={who}), Allowed({}, frozenset({who}))
    given = [*COMMON, *(f"/srv/{n}x" for n in range(3000))]
    assert [new for new in map(here.region, given) if not allowed.is_region(new)] == []
    assert allowed.is_region("/usr/lib/libx.so")
    assert not allowed.is_region(f"/usr/lib/lib{who}x.so")


def test_a_user_of_here_is_hidden_though_a_word_is_called_so():
    here = names(who={"Julia"})
    assert re.fullmatch(f"/srv/{P}/julia", here.region("/srv/julia/julia"))


@cases(HIDDEN, why=2)
def test_the_check_allows_what_became_of_a_name(case):
    assert Allowed({}).is_region(names().region(case[0]))


LEAKS = [
    ("/home/julia/x", "a user whose name is a word"),
    ("/srv/julia-p-aaaaaaaa/x", "a start where no rule looks for it"),
    ("/usr/lib/node_modules/ann/x", "what npm put there"),
    ("/usr/share/zoneinfo/Asia/Tokyo", "the place"),
    ("/\u0661/p-aaaaaaaa", "digits of another script"),
    ("/opt/p-aaaaaaaa.so.192.168.7.12", "an address of a network"),
]


@cases(LEAKS, why=1)
def test_the_check_finds_what_a_rule_might_leave(case):
    assert not Allowed({}).is_region(case[0])
