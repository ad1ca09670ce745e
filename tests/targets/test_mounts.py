"""The types of file systems, by device number."""

import os

import pytest

import memc
from memc.owners import owners
from memc.proc.mounts import read_mounts

# what is told, why, mountinfo
LINES = [
    (
        {(0, 38): "tmpfs"},
        "a tmpfs",
        b"36 25 0:38 / /run/x rw shared:7 - tmpfs none rw\n",
    ),
    ({(8, 1): "ext4"}, "no optional field", b"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"),
    ({}, "no separator", b"36 25 0:38 / /run/x rw shared:7 tmpfs none rw\n"),
    ({}, "no device", b"36 25 x / /run/x rw - tmpfs none rw\n"),
    ({}, "empty", b"\n"),
]


@pytest.mark.parametrize("case", LINES, ids=lambda case: case[1])
def test_line_of_mountinfo_tells_device_and_type(tree, case):
    expected, _, text = case
    (tree.add(7) / "mountinfo").write_bytes(text)
    assert read_mounts(7, proc=str(tree)) == expected


def test_mounts_that_cannot_be_read_are_none(tree):
    tree.add(7)
    assert read_mounts(7, proc=str(tree)) == {}
    assert read_mounts(8, proc=str(tree)) == {}


@pytest.mark.kernel
def test_proc_is_mounted_as_proc():
    device = os.stat("/proc").st_dev
    mounts = read_mounts(os.getpid())
    assert mounts[os.major(device), os.minor(device)] == "proc"


# Files in memory have no device: their major number is 0 (set_anon_super() in
# fs/super.c).
TOLD = [
    ("shared memory", "00:2f", "tmpfs"),
    ("mapped file", "00:2f", "overlay"),
    ("mapped file", "08:01", "tmpfs"),
]


@pytest.mark.parametrize(("owner", "device", "kind"), TOLD)
def test_file_of_a_file_system_that_is_told_as_a_tmpfs_is_shared_memory(
    tmp_path, owner, device, kind
):
    path = tmp_path / "maps"
    path.write_text(f"7f0000000000-7f0000001000 r--s 00000000 {device} 5 /mnt/x\n")
    snap = memc.load(path)
    devices = {(snap[0].dev_major, snap[0].dev_minor): kind}
    assert [o.owner for o in owners(snap, mounts=lambda: devices)] == [owner]
