"""Names of groups: what a person named, without what multiplies."""

import re

import pytest
from hypothesis import example, given, strategies as st
from support.cases import cases
from support.group_paths import PATHS, POD, USER, A

from memc.serve import names
from memc.serve.names import bounded, name_of
from memc.table.build import column
from memc.table.columns import Columns
from memc.table.fields import CORE
from memc.table.region import Table
from memc.targets.target import Target

HASH = "0f3a9b2c4d5e6f708192a3b4c5d6e7f8"
GUID = "0f3a9b2c-4d5e-6f70-8192-a3b4c5d6e7f8"
ONE, TWO = "container:a1a1a1a1a1a1", "container:b2b2b2b2b2b2"
COMM = "comm"

# expected, path, why
SERVICES = [
    ("nginx.service", "/system.slice/nginx.service", "itself"),
    (
        "postgresql@.service",
        "/system.slice/system-postgresql.slice/postgresql@15-main.service",
        "its instances are one",
    ),
    ("session", "/user.slice/user-1000.slice/session-3.scope", "a login"),
    ("session", "/user.slice/user-1000.slice/session-c2.scope", "one of a greeter"),
    (
        "app-gnome-firefox.scope",
        f"{USER}/app.slice/app-gnome-firefox-4242.scope",
        "an application, which has the number of a process",
    ),
    (ONE, f"/system.slice/docker-{A}.scope", "docker with systemd"),
    (ONE, f"/docker/{A}", "docker without"),
    (ONE, f"{POD}/cri-containerd-{A}.scope", "containerd"),
    (ONE, f"/kubepods/besteffort/pod{GUID}/{A}", "a pod without systemd"),
    ("run.service", "/system.slice/run-u123.service", "systemd-run"),
    ("run.service", f"/system.slice/run-r{HASH}.service", "systemd-run at random"),
    ("run.service", "/system.slice/run-p12-i34.service", "systemd-run since 257"),
    ("run.scope", "/user.slice/run-1234.scope", "an old systemd-run"),
    (
        "machine-qemu-vm.scope",
        r"/machine.slice/machine-qemu\x2d1\x2dvm.scope",
        "first escapes, then digits",
    ),
    (COMM, "/", "the root: it is known by its program"),
    (COMM, None, "no control group"),
    (COMM, "", "an empty one"),
    (
        "sshd@.service",
        "/system.slice/sshd@12-10.0.0.1:22-10.0.0.2:5555.service",
        "an instance has dots",
    ),
    ("redis.service", "/system.slice/redis-6379.service", "a number that stands alone"),
    ("php8-fpm.service", "/system.slice/php8.2-fpm.service", "one in a word"),
    ("k3s.service", "/system.slice/k3s.service", "in the middle of it"),
    ("facade.service", "/system.slice/facade.service", "a word of six such letters"),
    ("app.service", "/system.slice/app-a1b2c3d4.service", "a hash"),
    ("vte-spawn.scope", f"{USER}/app.slice/vte-spawn-{GUID}.scope", "a terminal"),
    ("snap.x.x.scope", f"{USER}/app.slice/snap.x.x-{GUID}.scope", "a snap"),
    ("user.slice", "/user.slice/user-1000.slice", "the number of a user"),
    ("job", "/job/1234", "a number alone says nothing: what is above it does"),
    (COMM, "/1234", "and without that, the program"),
    (COMM, "/-1.service", "nothing is left of it"),
    ("init.scope", "/init.scope", "systemd itself"),
    ("work@.service", f"{USER}/app.slice/work@{HASH}.service", "a random instance"),
]
# What serve calls the places of PATHS, in their order.
OF_PLACES = f"""
{ONE} {ONE} {ONE} {ONE} nginx.service {TWO} {TWO} {ONE} {ONE} {ONE} {ONE} {ONE} {ONE}
{TWO} {TWO} {ONE} {ONE} {ONE} {ONE} {ONE} {ONE} {ONE} {ONE} {ONE} {ONE} nginx.service
{ONE} kubepods-burstable-pod.slice crio-conmon.scope crio-conmon libpod-conmon.scope
{ONE} {ONE} {ONE} {ONE} {ONE} {ONE} {ONE} {ONE} {ONE} {ONE} {ONE}
container:d4d4d4d4d4d4 {ONE} container:0a1b2c3d1111 container:web01 container:web01
container:web01 sshd.service nginx.service container:b lxc.monitor.web {ONE}
machine-qemu-opnsense.scope machine-qemu-my-vm.scope machine-qemu-vm.scope container:vm
container:vm libvirt_init.scope machine-vm.scope machine-é.scope systemd-nspawn@.service
ssh.service slurm_job slurm_job slurm_job slurm_job slurmstepd.scope job nginx.service
nginx.service getty@.service session app-org.kde.konsole.scope pipewire.service
user@.service user@.service docker.service dev-disk-by-uuid.swap init.scope comm comm
user.slice registry jobs comm {ONE} comm {ONE}""".split()

# expected, path, why
GROUPS = [
    ("/system.slice/nginx.service", "/system.slice/nginx.service", "as it is"),
    (
        "/system.slice/docker-a1a1a1a1a1a1.scope",
        f"/system.slice/docker-{A}.scope",
        "a container by its first digits",
    ),
    ("/docker/a1a1a1a1a1a1", f"/docker/{A}", "without systemd, too"),
    (
        "/user.slice/user.slice/session",
        "/user.slice/user-1000.slice/session-1.scope",
        "no number of a login",
    ),
    ("/", "/", "the root"),
    ("(not known)", None, "not told"),
]
# expected, path, why
CONTAINERS = [
    (ONE, f"/docker/{A}/system.slice/nginx.service", "a service in it"),
    ("container:web01", "/lxc/web01", "a name that a person gave"),
    ("(no container)", "/system.slice/nginx.service", "none"),
    ("(not known)", None, "not told"),
]
# expected, comm, why
COMMS = [
    ("nginx", "nginx", "as it is"),
    ("python3.11", "python3.11", "a version says something"),
    ("kworker", "kworker/0:1", "a thread of the kernel"),
    ("pool-thread", "pool-1-thread-22", "a thread of Java"),
    ("run", "run#7", "one of many"),
    ('a"b\\c\nd', 'a"b\\c\nd', "what metrics have to escape"),
    ("\udcff", "\udcff", "bytes that are no text"),
    ("(no name)", "", "no name"),
    ("(no name)", "#1", "nothing else"),
]


def process(*, paths=None, comm=COMM, uid=None):
    table = Table(0, Columns(CORE, lambda _: column("Q", [])))
    target = Target(table, 1, comm, proc="/proc", file=None)
    target.facts.paths = paths
    target.facts.uid = uid
    return target


def of_path(path, by):
    return name_of(process(paths=None if path is None else [path]), by)


@cases(SERVICES, why=2)
def test_group_is_what_a_person_named(case):
    expected, path, _ = case
    assert of_path(path, "service") == expected


@pytest.mark.parametrize(("expected", "case"), [*zip(OF_PLACES, PATHS, strict=True)])
def test_each_known_place_has_a_name_that_stays(expected, case):
    assert of_path(case[2], "service") == expected.replace("_job", " job")


@cases(GROUPS, why=2)
def test_path_of_a_control_group_is_without_what_multiplies(case):
    expected, path, _ = case
    assert of_path(path, "cgroup") == expected


@cases(CONTAINERS, why=2)
def test_container_is_known_by_twelve_digits_or_its_name(case):
    expected, path, _ = case
    assert of_path(path, "container") == expected


@cases(COMMS, why=2)
def test_name_of_a_program_is_without_numbers_behind_signs(case):
    expected, comm, _ = case
    assert name_of(process(comm=comm), "name") == expected


def test_user_has_a_name():
    assert name_of(process(uid=0), "user") == "root"
    assert name_of(process(), "user") == "(not known)"


def test_group_that_tells_most_counts_even_if_it_is_not_the_first():
    """On version 1 the memory controller may know only a slice."""
    paths = ["/user.slice", "/", "/system.slice/nginx.service"]
    assert name_of(process(paths=paths), "service") == "nginx.service"
    assert name_of(process(paths=["/user.slice", "/"]), "service") == "user.slice"


@pytest.mark.parametrize(
    "form",
    [
        "/system.slice/job-{}.service",
        "/system.slice/job@{}.service",
        "/system.slice/run-u{}.service",
        "/user.slice/user-1000.slice/session-{}.scope",
        "/app-{}.scope",
        "/app{}.scope",
        "/jobs/{}",
        "/job_{}/{}",
    ],
)
def test_a_thousand_groups_that_differ_by_digits_are_one(form):
    found = {of_path(form.replace("{}", str(i)), "service") for i in range(1000)}
    assert len(found) == 1


@pytest.mark.parametrize("by", names.BY)
def test_a_path_is_never_a_name(by):
    """Only groups by control group have paths, and theirs are of the kernel."""
    found = name_of(process(paths=[f"/{'x' * 200}/y.service"], comm="z"), by)
    assert "/" not in found or by == "cgroup"


TEXTS = st.text(st.sampled_from("ab09f-_.:@\\x2d #é") | st.characters(), max_size=80)


@given(TEXTS)
@example("-" * 255)
@example("a" * 255)
@example("0" * 255)
@example("\ud800\\x2da")  # of a document: no path of a kernel has it
def test_a_name_is_made_of_any_text_and_stays(part):
    found = bounded(part)
    assert bounded(found) == found or "\\" in part + found
    if not part.endswith(".service"):
        assert not re.search("[0-9]", found.partition("@")[0])
