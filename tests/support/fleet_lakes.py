"""Made-up lakes: some hosts over some hours, with all that real ones do.

There are hosts that do not tell USS, one whose clock is ahead, one that has samples of
some processes only, one with a single sample, one that rebooted and one that was
missing; groups that shrink, that begin late, and that are called something in another
script; equal amounts; and files of an older memc, which lack columns.
"""

import datetime as dt

import pyarrow as pa
from deltalake import DeltaTable, WriterProperties, write_deltalake

from memc.fleet.lake import SCHEMA

BEGAN = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
GROUPS = ("nginx.service", "база данных.service", "日本", 'a"b\\c', "zz\u202e", "tie-1")
OWNERS = ("malloc main heap", "glibc arena", "library text", "JIT code")
OLD_LACKS = ("processes", "received", "part", "pss_kb")
STILL, LEAK_KB, SHRINK_KB = 100_000, 1500, -2000


def host_name(number):
    return f"host-{number:03d}"


def amount_of(host, group, owner, hour):
    """Return the USS in kB: it repeats often, so that there are ties."""
    kb = STILL + 1000 * ((host * 7 + group * 3 + owner) % 5)
    if group == 0 and owner == 0 and host % 3 == 0:  # a leak in a release
        kb += LEAK_KB * hour
    elif group == 1 and owner == 1 and host == 1:  # a leak of one host
        kb += 3 * LEAK_KB * hour
    elif group == 2 and owner == 0:
        kb += SHRINK_KB * hour
    return kb


def hours_of(host, hours):
    return range(hours - 1, hours) if host == 5 else range(hours)


def is_there(host, group, hour, hours):
    """Tell whether a group runs: one begins late, one ends early."""
    if group == 3:
        return hour >= hours // 2
    return not (group == 4 and hour > hours // 2 and host % 2)


def time_of(host, hour):
    ahead = dt.timedelta(days=400) if host == 4 else dt.timedelta()
    return BEGAN + hour * HOUR + ahead


def sample(host, hour, hours):
    """Return what all rows of a sample share."""
    ts = time_of(host, hour)
    reboot = host == 2 and hour >= hours // 2
    return {
        "host": host_name(host),
        "ts": ts,
        "received": BEGAN + hour * HOUR + dt.timedelta(seconds=host),
        "boot": f"boot-{host}-{int(reboot)}",
        "part": "unit nginx" if host == 6 else None,
        "date": ts.date(),
    }


def amounts(host, group, owner, hour):
    kb = amount_of(host, group, owner, hour)
    lost = host == 7 and hour % 5 == 1 and owner == 2  # not always known
    return {
        "size_kb": 4 * kb,
        "rss_kb": None if lost else 2 * kb + owner,
        "pss_kb": None,
        "uss_kb": None if host == 3 or lost else kb,
        "swap_kb": 0,
        "memory_kb": 8 << 20,
        "detail": "rss" if host == 3 else "uss",
    }


def group_rows(host, hours):
    for hour in hours_of(host, hours):
        head = sample(host, hour, hours)
        for group, name in enumerate(GROUPS):
            if not is_there(host, group, hour, hours):
                continue
            for owner, what in enumerate(OWNERS):
                yield head | {
                    "group": name,
                    "owner": what,
                    "processes": 1 + (group + hour) % 3,
                    "regions": 10 * (owner + 1),
                    **amounts(host, group, owner, hour),
                }


def process_of(group, name):
    return {
        "group": name,
        "cgroup": f"/system.slice/{name}",
        "name": f"prog{group}",
        "pid": 1000 + group,
        "started": None if group == 5 else 100 * group,
        "uid": group,
    }


def owner_rows(host, hours):
    for hour in hours_of(host, hours):
        head = sample(host, hour, hours)
        for group, name in enumerate(GROUPS):
            for owner, what in enumerate(OWNERS):
                regions = 10_000 * (group == 0) + 100 * hour + 10 * owner
                yield head | {
                    **process_of(group, name),
                    "owner": what,
                    "why": "a rule",
                    "guess": False,
                    "regions": None if host == 3 and group == 1 else regions,
                    **amounts(host, group, owner, hour),
                    "notes": [],
                }


# The path of a region, whether it was deleted, perm, and size in kB.
MAPPED = (
    ("/usr/lib/libssl.so.3", True, "r-xp", 400),
    ("/usr/lib/libssl.so.3", True, "r--p", 100),
    ("/usr/lib/libssl.so.3", False, "r-xp", 512),
    ("/usr/lib/libc.so.6", False, "r-xp", 1800),
    ("/usr/bin/prog", True, "r-xp", 64),
    ("/memfd:jit", True, "rwxp", 64),
    ("/SYSV00000000", True, "rw-s", 64),
    ("/tmp/data.bin", True, "rw-s", 64),
    (None, False, "rw-p", 128),
)


def region_rows(host, hours):
    for hour in (hours - 2, hours - 1):
        head = sample(host, hour, hours)
        for group, name in enumerate(GROUPS):
            for i, (path, gone, perm, size_kb) in enumerate(MAPPED):
                old = host % 4 == 1 and group == 0 and hour == hours - 1
                if gone and "memfd" not in path and "SYSV" not in path and not old:
                    continue
                yield head | {
                    **process_of(group, name),
                    "owner": "library text" if path else "anonymous",
                    "why": "a rule",
                    "guess": False,
                    "path": path,
                    "deleted": gone,
                    "start": 4096 * (i + 1) - (i == 0) * 2**40,
                    "end": 4096 * (i + 2),
                    "perm": perm,
                    "inode": 100 + i,
                    "pathname": path and path + " (deleted)" * gone,
                    "type": "file" if path else "anonymous",
                    "size_kb": size_kb,
                    "rss_kb": size_kb // 2,
                    "uss_kb": None,
                    "detail": "uss",
                    "notes": [],
                }


def missing_rows(host, hours):
    """Yield why a host was missing: host 1 twice, and one of which nothing is known."""
    names = {1: [host_name(1)] * 2, 2: ["gone-\u00e9"]}.get(host, [])
    for i, name in enumerate(names):
        ts = BEGAN + (hours + i) * HOUR
        head = {"host": name, "ts": ts, "received": ts, "date": ts.date()}
        yield head | {"reason": ("slow", "refused")[i], "text": "it did not answer"}


ROWS = {
    "groups": group_rows,
    "owners": owner_rows,
    "regions": region_rows,
    "missing": missing_rows,
}


def table_of(table, rows, lacks=()):
    schema = pa.schema([field for field in SCHEMA[table] if field.name not in lacks])
    named = [{name: row.get(name) for name in schema.names} for row in rows]
    return pa.Table.from_pylist(named, schema=schema.with_metadata(None))


def make_lake(path, hosts=8, hours=6, tables=tuple(ROWS)):
    """Make a lake with a file for each host and day; host 0 has an older memc."""
    for table in tables:
        for host in range(hosts):
            rows = ROWS[table](host, hours)
            lacks = [name for name in OLD_LACKS if name in SCHEMA[table].names]
            made = table_of(table, rows, lacks if host == 0 else ())
            if not len(made):
                continue
            put(path / table, made)
    return path


def put(path, rows, form="1"):
    """Append a table of Arrow to a table of a lake, which has this format."""
    if not path.exists():
        DeltaTable.create(
            str(path),
            rows.schema,
            partition_by=["date"],
            configuration={"memc.format": form},
            raise_if_key_not_exists=False,
        )
    write_deltalake(
        str(path),
        rows,
        mode="append",
        schema_mode="merge",
        writer_properties=WriterProperties(compression="ZSTD"),
    )
