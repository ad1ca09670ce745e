"""Small tables and what the questions answer: the same on every engine.

A row has what its case is about; `ROW` has the rest.  Times are hours.
"""

import datetime as dt

import pyarrow as pa

from memc.fleet.lake import SCHEMA

BEGAN = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
MB = 1024
ROW = {
    "host": "a",
    "boot": "b",
    "group": "g",
    "owner": "heap",
    "name": "n",
    "pid": 7,
    "started": 100,
    "processes": 1,
    "regions": 1,
    "deleted": False,
    "perm": "r-xp",
}


def at(hour, **row):
    """Make a row at an hour, which may be a fraction."""
    ts = BEGAN + hour * HOUR
    return ROW | {"ts": ts, "received": ts, "date": ts.date()} | row


def table_of(name, rows, lacks=()):
    """Make a table of a lake; `lacks` are columns that an older memc did not have."""
    fields = [field for field in SCHEMA[name] if field.name not in lacks]
    columns = [[row.get(field.name) for row in rows] for field in fields]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, fields, strict=True)]
    return pa.table(arrays, names=[field.name for field in fields])


def uss(*amounts, **row):
    """Make a row an hour, with these amounts; None is an amount that is not known."""
    return [at(hour, uss_kb=kb, rss_kb=kb, **row) for hour, kb in enumerate(amounts)]


def lib(path, **row):
    return at(0, **({"path": path, "size_kb": 8, "rss_kb": 4} | row))


# Why, the question, its rows, its choices, and the columns that are expected.
GROWTH = [
    (
        "the growth is from the first time to the last, and the peak is in between",
        uss(0, 99 * MB, 10 * MB),
        {},
        [{"growth_kb": 10 * MB, "kb_per_hour": 5 * MB, "peak_kb": 99 * MB}],
    ),
    (
        "an amount that is not known is no amount: the times around it count",
        uss(None, 1 * MB, None, 9 * MB, None),
        {},
        [{"growth_kb": 8 * MB, "first_kb": MB, "kb_per_hour": 4 * MB}],
    ),
    ("a host that knows nothing has no row", uss(None, None), {"least_kb": 0}, []),
    ("less than 4 MiB is noise", uss(0, 4 * MB - 1), {}, []),
    ("4 MiB are growth", uss(0, 4 * MB), {}, [{"growth_kb": 4 * MB}]),
    (
        "what shrank has its rate cut toward 0, and not down",
        uss(10, 9, 3),
        {"least_kb": -100},
        [{"growth_kb": -7, "kb_per_hour": -3, "first_kb": 10, "last_kb": 3}],
    ),
    (
        "one time is no growth, and has no rate",
        uss(5),
        {"least_kb": 0},
        [{"growth_kb": 0, "kb_per_hour": None}],
    ),
    (
        "equal growth is sorted by host, group and owner; capitals and scripts by byte",
        [
            row
            for host, group in (("b", "g"), ("a", "ö"), ("a", "日本"), ("B", "g"))
            for row in uss(0, 8 * MB, host=host, group=group)
        ],
        {},
        [
            {"host": "B", "group": "g"},
            {"host": "a", "group": "ö"},
            {"host": "a", "group": "日本"},
            {"host": "b", "group": "g"},
        ],
    ),
    (
        "two rows of one time are summed up: none is chosen",
        uss(0, 8 * MB, boot="b") + uss(1 * MB, 9 * MB, boot="c"),
        {},
        [
            {
                "growth_kb": 16 * MB,
                "first_kb": MB,
                "last_kb": 17 * MB,
                "last_processes": 2,
            }
        ],
    ),
    (
        "samples of some processes are apart from those of all",
        uss(0, 8 * MB) + uss(0, 9 * MB, part="unit"),
        {},
        [{"part": "unit", "growth_kb": 9 * MB}, {"part": None, "growth_kb": 8 * MB}],
    ),
    (
        "memory whose owner is not known is of no owner, and grows",
        uss(0, 8 * MB, owner=None),
        {},
        [{"owner": None, "growth_kb": 8 * MB}],
    ),
    (
        "of another amount",
        [at(0, rss_kb=0, uss_kb=0), at(2, rss_kb=8 * MB, uss_kb=0)],
        {"of": "rss"},
        [{"growth_kb": 8 * MB, "kb_per_hour": 4 * MB}],
    ),
    (
        "more than 2 TiB, and times that are no whole hours",
        [at(0.5, uss_kb=0), at(2.25, uss_kb=2**42)],
        {},
        [{"growth_kb": 2**42, "kb_per_hour": 2**42 * 3600 // 6300}],
    ),
]
LEAKS = [
    (
        "one host that grows is no leak of a release",
        uss(0, 8 * MB, host="a") + uss(0, 0, host="b"),
        {},
        [],
    ),
    (
        "two of three hosts grow; what shrinks on the third takes nothing off",
        uss(0, 8 * MB, host="a") + uss(0, 6 * MB, host="b") + uss(9 * MB, 0, host="c"),
        {},
        [
            {
                "growing": 2,
                "hosts": 3,
                "percent": 66,
                "growth_kb": 14 * MB,
                "kb_per_hour": 14 * MB,
                "most_kb": 8 * MB,
            }
        ],
    ),
    (
        "a host counts once, also with samples of some processes",
        uss(0, 8 * MB) + uss(0, 9 * MB, part="unit"),
        {"least_hosts": 1},
        [{"growing": 1, "hosts": 1, "growth_kb": 9 * MB}],
    ),
    (
        "a host that does not know the amount is no host that does not grow",
        uss(0, 8 * MB, host="a") + uss(0, 8 * MB, host="b") + uss(None, None, host="c"),
        {},
        [{"growing": 2, "hosts": 2, "percent": 100}],
    ),
]
BUDGET = [
    (
        "a mean is over all times of the host, also those without the owner",
        [at(0, rss_kb=10), at(0, owner="jit", rss_kb=6), at(1, rss_kb=20)],
        {},
        [
            {"owner": "heap", "mean_kb": 15, "percent": 83, "most_kb": 20, "hosts": 1},
            {"owner": "jit", "mean_kb": 3, "percent": 16},
        ],
    ),
    (
        "a time at which the amount is not known is left out, and is not 0",
        [at(0, rss_kb=10), at(1, rss_kb=None), at(2, rss_kb=20)],
        {},
        [{"mean_kb": 15, "unknown": 0}],
    ),
    (
        "a host that never knew it is counted, and in no sum",
        [at(0, rss_kb=10), at(0, host="b", rss_kb=None)],
        {},
        [{"mean_kb": 10, "hosts": 1, "unknown": 1, "percent": 100}],
    ),
    (
        "a sum of nothing is not known",
        [at(0, rss_kb=None)],
        {},
        [{"mean_kb": None, "hosts": 0, "unknown": 1, "percent": None}],
    ),
    (
        "hosts add up; the share of memory is of all hosts",
        [at(0, rss_kb=10, memory_kb=100), at(0, host="b", rss_kb=30, memory_kb=100)],
        {},
        [{"mean_kb": 40, "most_kb": 30, "memory_percent": 20, "hosts": 2}],
    ),
    (
        "the share of memory is not known if one host does not tell its memory",
        [at(0, rss_kb=10, memory_kb=100), at(0, host="b", rss_kb=30)],
        {},
        [{"mean_kb": 40, "memory_percent": None}],
    ),
    (
        "samples of some processes are left out",
        [at(0, rss_kb=10), at(1, rss_kb=99, part="unit")],
        {},
        [{"mean_kb": 10}],
    ),
    (
        "the rest is called other, is last, and the sum stays; ties are cut by name",
        [at(0, owner=o, rss_kb=k) for o, k in (("a", 1), ("c", 4), ("b", 4), ("d", 4))],
        {"top": 2},
        [
            {"owner": "b", "mean_kb": 4},
            {"owner": "c", "mean_kb": 4},
            {"owner": "other", "mean_kb": 5, "hosts": 1},
        ],
    ),
    (
        "by group",
        [at(0, rss_kb=1), at(0, group="h", rss_kb=2), at(0, group="h", rss_kb=3)],
        {"by": "group"},
        [{"group": "h", "mean_kb": 5}, {"group": "g", "mean_kb": 1}],
    ),
]
SSL = "/usr/lib/libssl.so.3"
HOLDERS = [
    (
        "a name without folders is that of a file, wherever it is",
        [lib(SSL), lib("/opt/libssl.so.3", pid=8), lib("/opt/xlibssl.so.3", pid=9)],
        {"path": "libssl.so.3"},
        [{"path": "/opt/libssl.so.3"}, {"path": SSL}],
    ),
    (
        "a star is any text, and a point is a point",
        [lib(SSL), lib("/usr/lib/libsslxso.3")],
        {"path": "libssl.*"},
        [{"path": SSL}],
    ),
    (
        "a star in a name does not go into folders, and one in a path does",
        [lib("/usr/lib/a/b.so")],
        {"path": "/usr/*b.so"},
        [{"path": "/usr/lib/a/b.so"}],
    ),
    (
        "another size is another build, and so is a file that was deleted",
        [
            lib(SSL, host="a"),
            lib(SSL, host="a", size_kb=4, perm="r--p"),
            lib(SSL, host="b", size_kb=12),
            lib(SSL, host="c", size_kb=10),
            lib(SSL, host="d", size_kb=12, deleted=True),
        ],
        {"path": SSL},
        [
            {
                "mapped_kb": 12,
                "deleted": False,
                "hosts": 2,
                "processes": 2,
                "host": "a",
            },
            {"mapped_kb": 10, "deleted": False, "hosts": 1},
            {"mapped_kb": 12, "deleted": True, "hosts": 1, "host": "d"},
        ],
    ),
    (
        "only the last time of a host counts: what it mapped before may be gone",
        [lib(SSL), at(1, path="/x")],
        {"path": SSL},
        [],
    ),
    (
        "a process in two samples of one time is one process",
        [lib(SSL), lib(SSL, part="unit")],
        {"path": SSL},
        [{"processes": 1, "mapped_kb": 8}],
    ),
]
DELETED = [
    ("a library that is there is no reason to restart", [lib(SSL)], {}, []),
    (
        "files and processes are counted, not regions",
        [
            lib(SSL, deleted=True),
            lib(SSL, deleted=True, perm="r--p"),
            lib("/usr/bin/n", deleted=True),
            lib(SSL, deleted=True, pid=8),
        ],
        {},
        [{"processes": 2, "files": 2, "file": "/usr/bin/n", "pid": 7, "rss_kb": 16}],
    ),
    (
        "a library without code counts, data and memory that only look deleted do not",
        [
            lib(SSL, deleted=True, perm="r--p"),
            lib("/tmp/data", deleted=True, perm="rw-s", group="data"),
            lib("/memfd:jit", deleted=True, group="jit"),
            lib("/SYSV00000000", deleted=True, group="sysv"),
            lib("/dev/zero", deleted=True, group="zero"),
        ],
        {},
        [{"group": "g"}],
    ),
    (
        "a process without a known start is a process",
        [lib(SSL, deleted=True, started=None), lib(SSL, deleted=True, boot=None)],
        {},
        [{"processes": 2}],
    ),
]
LIMITS = [
    (
        "mappings of all owners are summed up; the most is over time",
        [
            at(0, regions=50_000),
            at(0, owner="jit", regions=2424),
            at(1, regions=10),
        ],
        {},
        [{"mappings": 10, "most_mappings": 52_424, "percent": 80, "limit": 65_530}],
    ),
    (
        "another limit",
        [at(0, regions=50)],
        {"limit": 100},
        [{"percent": 50, "limit": 100}],
    ),
    ("what is not known is no mapping", [at(0, regions=None)], {}, []),
    (
        "a pid that was used again is another process",
        [at(0, regions=2), at(1, regions=3, started=200)],
        {},
        [{"started": 200, "mappings": 3}, {"started": 100, "mappings": 2}],
    ),
]
HOSTS = [
    (
        "what is known of a host, and how long it is behind the newest",
        [
            at(0, rss_kb=1, detail="uss"),
            at(1, detail="rss"),
            at(
                0,
                host="b",
                rss_kb=1,
                boot="x",
                received=BEGAN - 60 * dt.timedelta(0, 1),
            ),
        ],
        {},
        [
            {"host": "a", "times": 2, "rows": 2, "unknown": 1, "detail": "rss uss"},
            {"host": "b", "behind_s": 3660, "clock_s": -60, "times": 1},
        ],
    ),
    (
        "a host that rebooted, and one whose rows do not say when they came",
        [at(0), at(1, boot="c"), at(1, host="b", received=None)],
        {},
        [{"boots": 2, "behind_s": 0}, {"clock_s": None, "behind_s": 0}],
    ),
]
CASES = [
    (question, *case)
    for question, cases in (
        ("growth", GROWTH),
        ("leaks", LEAKS),
        ("budget", BUDGET),
        ("holders", HOLDERS),
        ("deleted", DELETED),
        ("limits", LIMITS),
        ("hosts", HOSTS),
    )
    for case in cases
]


def shown(found, expected):
    """Return of the rows that were found what is expected, to compare."""
    pairs = zip(found, expected, strict=False)
    cut = [{name: row[name] for name in keys} for row, keys in pairs]
    return cut + found[len(expected) :]
