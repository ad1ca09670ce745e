"""What the paths of control groups tell: containers, pods and services."""

import re

from hypothesis import given, strategies as st
from support.cases import cases
from support.group_paths import PATHS, TASK, UID, UID_, A, B

from memc.cgroups.paths import identify, paths_in, place_of


@cases(PATHS, why=3)
def test_path_tells_the_container_the_pod_and_the_service(case):
    expected, runtime, path, _ = case
    place = identify(path)
    assert (place.container, place.pod, place.service) == expected
    assert place.runtime == runtime


# expected, text of /proc/PID/cgroup, why
TEXTS = [
    (["/m"], b"4:memory:/m\n3:cpu:/c\n", "memory alone"),
    (["/m", "/u", "/s"], b"9:name=systemd:/s\n4:memory:/m\n0::/u\n", "all three"),
    (["/m"], b"5:cpu,memory:/m\n", "a hierarchy that it shares"),
    (["/u"], b"0::/u\n", "version 2"),
    (["/u"], b"7:cpu:/c\n0::/u\n", "version 2 with a controller apart"),
    (["/s", "/", "/"], b"9:name=systemd:/s\n4:memory:/\n0::/\n", "the root is last"),
    (["/a:b"], b"0::/a:b\n", "a colon in the path"),
    (["/\udce9"], b"0::/\xe9\n", "bytes that are no text"),
    ([], b"7:cpu:/c\n", "nothing that counts"),
    ([], b"", "nothing"),
    ([], b"0\n::/x\nmemory\n", "no lines of this file"),
]


@cases(TEXTS, why=2)
def test_group_of_the_memory_controller_comes_first(case):
    expected, text, _ = case
    assert paths_in(text) == expected


def test_another_path_tells_what_the_first_one_does_not():
    place = place_of(["/system.slice", "/", "/system.slice/nginx.service"])
    assert place.service == "nginx.service"
    assert not place_of(["/a", "/"])


# ---- Any path at all -----------------------------------------------------------------

WORDS = [
    "docker",
    "kubepods",
    "pod",
    "besteffort",
    "lxc",
    "lxc.payload",
    "lxc.payload.",
    "machine",
    "machine-",
    ".scope",
    ".service",
    ".slice",
    "libpod-",
    "libpod_pod_",
    "crio-",
    "crio-conmon-",
    "cri-containerd-",
    "ecs",
    "slurm",
    "uid_1",
    "job_",
    "job_1",
    "machine-qemu\\x2d",
    "\\x2d",
    "\\xff",
    "libvirt",
    "qemu",
    "systemd-nspawn@",
    "user@1.service",
    "init.scope",
    "..",
    ":",
    "-",
    "_",
    "default",
    "(deleted)",
    "docker-",
    ".libvirt-qemu",
    "actions_job",
    "garden",
]
PIECES = st.one_of(
    st.sampled_from([*WORDS, A, B, UID, UID_, TASK, A[:12], A[:11], " (deleted)"]),
    st.text(max_size=4),
)
PARTS = st.lists(PIECES, max_size=3).map("".join)
ANY_PATH = st.lists(PARTS, max_size=8).map(lambda parts: "/" + "/".join(parts))
BY_DIGITS = re.compile(r"[0-9a-f]{12}|[0-9a-f]{8}[-_][0-9a-f]{4}[-_]")
BY_NAME = re.compile(
    r"lxc[./]|machine-.+\.scope|systemd-nspawn@.+\.service|job_\w|libvirt", re.DOTALL
)


@given(ANY_PATH)
def test_no_path_fails_and_none_makes_a_container_up(path):
    place = identify(path)
    if place.container is not None:
        assert BY_DIGITS.search(path) or BY_NAME.search(path)
        assert place.container
        assert place.runtime
    assert (place.container is None) == (place.runtime is None)
    if place.pod is not None:
        assert BY_DIGITS.search(path)
    if place.service is not None:
        assert place.service in path.split("/") or " (deleted)" in path


@given(st.binary(max_size=200))
def test_no_text_fails(text):
    place_of(paths_in(text))


def test_very_long_path_does_not_take_long():
    deep = "/docker-x" * 2000 + f"/docker/{A}"
    assert identify(deep).container == A
    assert identify("/" + "-pod" * 20_000).pod is None
