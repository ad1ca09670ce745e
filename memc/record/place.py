"""Where a recording may be: a regular file of ours, on a disk of this machine."""

from __future__ import annotations

import os
from contextlib import suppress
from stat import S_ISREG

from memc.errors import MemcError
from memc.files.place import NEW_MODE, Place
from memc.files.recording.open import HEADER_SIZE, check_header
from memc.files.walk import is_open_to_others, is_trusted
from memc.proc.file_system import kind_of

__all__ = ["prepare"]

# What memc and SQLite write beside a recording.
BESIDE = ("-lock", "-wal", "-shm", "-journal")
FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
# f_type of statfs(2): file systems where SQLite cannot share memory between processes.
NETWORK = {0x6969: "NFS", 0xFF534D42: "CIFS", 0xFE534D42: "SMB2", 0x01021997: "9p"}


def prepare(path: str) -> tuple[Place, str]:
    """Make the file if there is none; return its place and real path.

    Raises MemcError if the file may not be a recording, and OSError if it cannot be
    opened.
    """
    place = Place(path)
    try:
        return place, _prepare(place, path)
    except BaseException:
        place.close()
        raise


def _prepare(place: Place, path: str) -> str:
    fd = os.open(place.name, FLAGS, NEW_MODE, dir_fd=place.folder)
    try:
        found = os.fstat(fd)
        if not S_ISREG(found.st_mode):
            raise MemcError(f"{path}: not a regular file: memc record needs one")
        network = NETWORK.get(kind_of(fd))
        if network:
            words = f"on {network}, where a recording cannot be shared with its readers"
            raise MemcError(f"{path}: {words}: give --output on a disk of this machine")
        if found.st_size:
            check_header(os.pread(fd, HEADER_SIZE, 0), path)
        _check_owner(found, place, path)
        if found.st_nlink > 1:  # there the WAL and the lock have another name
            raise MemcError(f"{path}: it has other names (hard links): remove them")
        for end in BESIDE:
            with suppress(FileNotFoundError):
                beside = os.lstat(place.name + end, dir_fd=place.folder)
                if not S_ISREG(beside.st_mode):
                    raise MemcError(f"{path}{end}: not a regular file")
                _check_owner(beside, place, path + end)
        folder = os.readlink(f"/proc/self/fd/{place.folder}")
        return os.path.join(folder, place.name)
    finally:
        os.close(fd)  # before SQLite opens it: to close it later would drop its locks


def _check_owner(found: os.stat_result, place: Place, path: str) -> None:
    """Raise MemcError if another user may read or change what is recorded."""
    if not is_trusted(found) or (
        found.st_nlink > 1 and is_open_to_others(place.folder)
    ):
        words = f"it belongs to another user (uid {found.st_uid})"
        raise MemcError(f"{path}: {words}, or has other names")
