"""A made-up /proc for ``memc show``: a family, and a process that cannot be read."""

import re

import orjson

from support.corpus import OWN
from support.text import header, record

SMAPS = (OWN / "smaps" / "linux-6.18.44-x86_64-threads.txt").read_bytes()
MAPS = (OWN / "maps" / "linux-6.18.44-x86_64-threads.txt").read_bytes()


def counters(rss, pss=None, swap=0):
    """Write the counters of a region that is private."""
    lines = [b"Rss: %d kB" % rss, b"Private_Clean: 0 kB", b"Private_Dirty: %d kB" % rss]
    lines += [] if pss is None else [b"Pss: %d kB" % pss]
    return [*lines, b"Swap: %d kB" % swap]


def status(uid, parent):
    return b"Name:\tx\nPPid:\t%d\nUid:\t9\t%d\t9\t9\n" % (parent, uid)


# pid, comm, effective user, parent, control groups
FAMILY = [
    (10, b"init", 0, 0, b"0::/init.scope\n"),
    (11, b"nginx", 33, 10, b"0::/system.slice/nginx.service\n"),
    (12, b"nginx", 33, 11, b"0::/system.slice/nginx.service/worker\n"),
    (13, b"a-very-long-nam", 1000, 11, b"3:memory:/x:y\n0::/user.slice\n"),
    (14, b"kthread", 0, 2, b"0::/\n"),
]


def fill(tree):
    """Put the processes into a tree, with all that is asked of them."""
    for pid, comm, uid, parent, cgroup in FAMILY:
        smaps = record(pid << 20, (pid << 20) + 65536, *counters(pid, pid))
        tree.add(
            pid,
            smaps=b"" if comm == b"kthread" else smaps,
            maps=header(pid << 20, (pid << 20) + 65536),
            status=status(uid, parent),
            comm=comm + b"\n",
            cgroup=cgroup,
            cmdline=b"/usr/bin/a-very-long-name-indeed\0-x\0",
        )
    tree.add(20, smaps=SMAPS, maps=MAPS, status=status(0, 1), comm=b"threads\n")
    tree.add(30, smaps=None, maps=None, status=status(0, 1), comm=b"broken\n")
    return tree


def document(result, status=0):
    """Give what --json printed."""
    assert result.status == status
    return orjson.loads(result.out)


def table(result, status=0):
    """Give the lines of a table, as lists of cells."""
    assert result.status == status
    lines = result.out.decode().splitlines()
    return [re.split(" {2,}", line.strip()) for line in lines]
