"""Which control group counts the memory of a process, and what the group tells."""

import os

import pytest
from support import children
from support.cases import cases
from support.groups import Made, enter, live_group
from support.odd_files import make_endless, make_socket

from memc.cgroups.chain import Chains, read_chain
from memc.cgroups.lines import memory_line
from memc.cgroups.members import read_members
from memc.cgroups.mounts import Mount, mounts_in, read_mounts
from memc.errors import MemcError
from memc.proc.files import ProcessFiles
from memc.proc.root import open_root

MIB = 1 << 20

# expected, text, why
LINES = [
    ((1, "/docker/a"), b"4:memory:/docker/a\n0::/x\n", "version 1 before 2"),
    ((1, "/a"), b"0::/x\n4:cpu,memory:/a\n", "with other controllers, behind"),
    ((2, "/x"), b"3:cpu:/y\n0::/x\n", "memory is not of version 1"),
    ((2, "/../b"), b"0::/../b\n", "outside of the namespace"),
    ((2, "/a:b:c"), b"0::/a:b:c\n", "colons in a name"),
    ((2, "/a (deleted)"), b"0::/a (deleted)\n", "a removed group"),
    ((2, "/\udcff"), b"0::/\xff\n", "not UTF-8"),
    (None, b"1:name=systemd:/init.scope\n", "systemd's own hierarchy counts no memory"),
    (None, b"1:memoryx:/a\n5:xmemory:/b\n", "only the very name"),
    (None, b"", "no lines"),
    (None, b"0::\n0:\nmemory\n::::\n4:memory:x\n", "garbage"),
]


@cases(LINES, why=2)
def test_line_tells_the_group_that_counts_the_memory(case):
    expected, text, _ = case
    assert memory_line(text) == expected


V1 = b"35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
V2 = b"41 31 0:38 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n"

# expected version, root and point of each; text, why
MOUNTS = [
    ([(1, b"/", b"/sys/fs/cgroup/memory")], V1, "version 1"),
    ([(2, b"/", b"/sys/fs/cgroup")], V2, "version 2, with an optional field"),
    (
        [(1, b"/", b"/sys/fs/cgroup/memory"), (2, b"/", b"/sys/fs/cgroup")],
        V1 + V2,
        "both",
    ),
    ([], V1.replace(b"rw,memory", b"rw,cpu"), "another controller"),
    ([], V1.replace(b"rw,memory", b"rw,memory2"), "not that name"),
    (
        [(2, b"/a b", b"/x\\y\n")],
        V2.replace(b" / /sys/fs/cgroup", b" /a\\040b /x\\134y\\012"),
        "escaped",
    ),
    (
        [(2, b"/", b"/c"), (2, b"/docker/a", b"/sys/fs/cgroup")],
        V2.replace(b" / ", b" /docker/a ") + V2.replace(b"/sys/fs/cgroup", b"/c"),
        "the one with more groups first",
    ),
    ([], b"41 31 0:38 / /x\n- cgroup2 x\n41 31 x / /x rw - cgroup2 c rw\n", "garbage"),
]


@cases(MOUNTS, why=2)
def test_mountinfo_tells_where_memory_groups_are(case):
    expected, text, _ = case
    found = [(mount.version, mount.root, mount.point) for mount in mounts_in(text)]
    assert found == expected


# expected names, root of the mount, path of the group, why
BELOW = [
    ([b"a", b"b"], "/", "/a/b", "the whole hierarchy"),
    ([], "/", "/", "the root itself"),
    ([b"b"], "/a", "/a/b", "a mount that begins lower, as in a container"),
    ([], "/a", "/a", "the group that is mounted"),
    (None, "/a", "/ab", "a name that only begins alike"),
    (None, "/a", "/", "above the mount"),
    (None, "/", "/../b", "outside of the namespace"),
    ([b"b"], "/..", "/../b", "a mount of the namespace above"),
    (None, "/..", "/", "where this namespace is below that mount is not known"),
    (None, "/", "/a/../../etc", "never out of the mount"),
]


@cases(BELOW, why=3)
def test_path_of_a_group_leads_below_the_mount(case):
    expected, root, path, _ = case
    assert Mount(2, root.encode(), b"/x").below(path) == expected


@pytest.fixture(params=[1, 2])
def made(request, tmp_path):
    found = Made(tmp_path / "groups", request.param)
    found.root()
    return found


def test_all_groups_above_are_read_and_the_nearest_limit_is_found(made):
    made.group("/a", 1000 * MIB, 900 * MIB)
    made.group("/a/b", 100 * MIB, 50 * MIB)
    made.group("/a/b/c", None, 50 * MIB)
    chain = read_chain([made.mount], made.version, "/a/b/c")
    assert [g.path for g in chain.groups][:3] == ["/a/b/c", "/a/b", "/a"]
    assert chain.sees_all
    assert chain.limit_kb == 100 << 10
    assert chain.nearest().path == "/a"
    assert chain.rooms() == [(50 << 10, "/a/b"), (100 << 10, "/a")]


# expected limit and word, text, why
LIMITS = [
    ((None, "max"), b"max\n", "the word of version 2"),
    ((None, "max"), b"9223372036854771712\n", "2^63 without a page, of version 1"),
    ((None, "max"), b"9223372036854775807\n", "2^63 - 1"),
    ((None, "max"), b"4611686018427387904\n", "2^62"),
    ((4503599627370495, 4503599627370495), b"4611686018427387903\n", "just below it"),
    ((0, 0), b"0\n", "0 is a limit"),
    ((None, None), b"-1\n", "not a number of the kernel"),
    ((None, None), b"", "empty"),
    ((None, None), b"12 MB\n", "words"),
    ((None, None), b"9" * 50, "too many digits"),
    ((None, None), "²\n".encode(), "a digit elsewhere"),
    ((None, None), None, "no file"),
]


@cases(LIMITS, why=2)
def test_limit_is_a_number_or_none_or_not_known(made, case):
    (limit, word), text, _ = case
    name = "memory_limit_in_bytes" if made.version == 1 else "memory_max"
    made.group("/a", **{name: text})
    group = read_chain([made.mount], made.version, "/a").groups[0]
    assert group.limit_kb == limit
    assert group.limits.get("max") == word
    if word is None:
        with pytest.raises(MemcError, match="the limit of /a cannot be read"):
            read_chain([made.mount], made.version, "/a").rooms()


def test_working_set_is_without_the_cache_that_goes_first(made):
    stat = b"inactive_file 1048576\n"
    if made.version == 1:
        stat = b"inactive_file 0\ntotal_inactive_file 1048576\n"
    made.group("/a", 4 * MIB, 3 * MIB, memory_stat=stat)
    group = read_chain([made.mount], made.version, "/a").groups[0]
    assert group.inactive_file_kb == 1024
    assert group.working_set_kb == 2048


def test_events_have_the_same_names_in_both_versions(tmp_path):
    one, two = Made(tmp_path / "1", 1), Made(tmp_path / "2", 2)
    one.group("/a", MIB, memory_oom_control=b"under_oom 0\noom_kill 3\n")
    (one.folder / "a" / "memory.failcnt").write_bytes(b"7\n")
    two.group("/a", MIB, memory_events=b"low 0\nhigh 5\nmax 7\noom 1\noom_kill 3\n")
    group = read_chain([one.mount], 1, "/a").groups[0]
    assert group.events == {"oom_kill": 3, "max": 7}
    events = read_chain([two.mount], 2, "/a").groups[0].events
    assert events == {"low": 0, "high": 5, "max": 7, "oom": 1, "oom_kill": 3}


def test_whole_group_tells_swap_kernel_memory_peak_and_all_limits(tmp_path):
    two = Made(tmp_path / "2", 2)
    two.group(
        "/a",
        memory_high=b"4096\n",
        memory_low=b"0\n",
        memory_min=b"8192\n",
        memory_swap_max=b"max\n",
        memory_swap_current=b"16384\n",
        memory_peak=b"32768\n",
        memory_stat=b"kernel 65536\nanon 4096\n",
    )
    (group,) = read_chain([two.mount], 2, "/a", full=True).groups
    assert group.limits == {
        "max": "max",
        "high": 4,
        "low": 0,
        "min": 8,
        "swap.max": "max",
    }
    assert (group.swap_kb, group.peak_kb, group.kernel_kb) == (16, 32, 64)
    assert group.stat == {"kernel": 65536, "anon": 4096}


def test_group_that_does_not_count_its_children_limits_none_of_them(tmp_path):
    """Version 1 before Linux 5.11: memory.use_hierarchy was 0."""
    one = Made(tmp_path / "1", 1)
    one.group("/a", 2 * MIB, memory_use_hierarchy=b"0\n")
    one.group("/a/b", 9 * MIB)
    chain = read_chain([one.mount], 1, "/a/b")
    assert [group.path for group in chain.groups] == ["/a/b"]
    assert read_chain([one.mount], 1, "/a").limit_kb == 2048


def test_limit_above_what_is_mounted_is_told_by_version_1(tmp_path):
    one = Made(tmp_path / "1", 1, root="/pod/a")
    stat = b"hierarchical_memory_limit 1048576\ntotal_inactive_file 0\n"
    one.group("/", 2 * MIB, MIB >> 1, memory_stat=stat)
    chain = read_chain([one.mount], 1, "/pod/a")
    assert not chain.sees_all
    assert chain.limit_kb == chain.above_kb == 1024
    with pytest.raises(MemcError, match="a group above /pod/a has a limit"):
        chain.rooms()


def test_root_of_version_2_has_no_limit_and_a_group_without_the_controller_is_passed(
    tmp_path,
):
    two = Made(tmp_path / "2", 2)
    assert read_chain([two.mount], 2, "/").groups == []
    two.group("/a", MIB)
    two.add("/a/b", cgroup_type=b"domain\n")
    assert [g.path for g in read_chain([two.mount], 2, "/a/b").groups] == ["/a"]


# words of the error, version of the mount, its root, version and path of the group, why
UNKNOWN = [
    ("the control groups of version 1 are not mounted here", 2, "/", 1, "/a", "only 2"),
    ("the control groups of version 2 are not mounted here", 1, "/", 2, "/a", "only 1"),
    ("outside of what is mounted here", 2, "/", 2, "/../a", "another namespace"),
    ("outside of what is mounted here", 2, "/b", 2, "/a", "a mount that begins lower"),
    ("no such group", 2, "/", 2, "/gone", "removed"),
    ("no memory is counted here", 2, "/x", 2, "/x/bare", "no controller, no root"),
]


@cases(UNKNOWN, why=5)
def test_group_that_cannot_be_read_says_why(tmp_path, case):
    words, mounted, root, version, path, _ = case
    made = Made(tmp_path / "groups", mounted, root)
    made.add("/", cgroup_type=b"domain\n")
    made.group("/a")
    made.add("/bare", cgroup_type=b"domain\n")
    with pytest.raises(MemcError, match=words):
        read_chain([made.mount], version, path)


def make_link(path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    "spoil", [os.mkfifo, os.mkdir, make_socket, make_endless, make_link]
)
def test_odd_file_among_those_of_a_group_is_not_known(made, spoil):
    """A file system of somebody else may stand there."""
    folder = made.group("/a", MIB)
    names = sorted(file.name for file in folder.iterdir() if file.name != "cgroup.type")
    for name in names:
        (folder / name).unlink()
        spoil(folder / name)
    (folder / "cgroup.type").write_bytes(b"domain\n") if made.version == 2 else None
    chain = read_chain([made.mount], made.version, "/a")
    assert "/a" not in [group.path for group in chain.groups]


def test_link_is_not_followed_on_the_way_to_a_group(made, tmp_path):
    (tmp_path / "secret").mkdir()
    (made.folder / "a").symlink_to(tmp_path / "secret")
    with pytest.raises(MemcError, match="control group /a: Not a directory"):
        read_chain([made.mount], made.version, "/a")


def test_another_file_system_at_the_mount_point_is_refused(made):
    made.group("/a", MIB)
    hidden = Mount(made.version, b"/", made.mount.point, device=1)
    with pytest.raises(MemcError, match="something else is mounted over it"):
        read_chain([hidden], made.version, "/a")
    assert read_chain([hidden, made.mount], made.version, "/a").limit_kb == 1024


def test_copy_of_proc_never_leads_to_the_groups_of_this_machine(tree):
    tree.add(7, cgroup=b"4:memory:/\n0::/\n")
    tree.add(8)
    chains = Chains(str(tree))
    words = {7: "a copy of /proc has no files of control groups", 8: "cgroup: No such"}
    with open_root(str(tree)) as root:
        for pid, expected in words.items():
            with (
                ProcessFiles(root, pid) as files,
                pytest.raises(MemcError, match=expected),
            ):
                chains.of(files)


def test_members_are_those_of_the_groups_below_too(made):
    (made.group("/a") / "cgroup.procs").write_bytes(b"5\n0\n")
    (made.group("/a/b") / "cgroup.procs").write_bytes(b"7\nx\n5\n")
    (made.group("/c") / "cgroup.procs").write_bytes(b"9\n")
    assert read_members([made.mount], made.version, "/a") == [5, 7]
    with pytest.raises(MemcError, match="no such group"):
        read_members([made.mount], made.version, "/d")


@pytest.mark.kernel
def test_group_of_a_live_process_is_read():
    with live_group(limit=64 * MIB) as folder:
        if folder is None:
            pytest.skip("no memory control group of version 1 can be made here")
        with (
            children.waiting(preexec_fn=enter(folder)) as child,
            open_root("/proc") as root,
            ProcessFiles(root, child.pid) as files,
        ):
            chain = Chains().of(files)
            assert chain.groups[0].limit_kb == 64 << 10
            usage_kb = int((folder / "memory.usage_in_bytes").read_bytes()) >> 10
            assert abs(chain.groups[0].usage_kb - usage_kb) < 1024
            assert chain.nearest().path == chain.path
            members = read_members(read_mounts(), chain.version, chain.path)
            assert members == [child.pid]
