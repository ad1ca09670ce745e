"""What is hidden in a document, and what stays, by the place and form of each text."""

import re

from support.cases import cases

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
