"""The types of file systems, by device number."""

import mmap
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


@pytest.mark.kernel
def test_file_of_a_file_system_that_is_told_as_a_tmpfs_is_shared_memory(tmp_path):
    file = tmp_path / "x"
    file.write_bytes(b"x" * 4096)
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ):
        snap = memc.snapshot(os.getpid())
        row = [region.pathname for region in snap].index(str(file))
        region = snap[row]
        devices = {(region.dev_major, region.dev_minor): "tmpfs"}
        assert owners(snap, mounts=lambda: devices)[row].owner == "shared memory"
