"""Processes of a few regions, made by hand."""

from memc.table.build import column, table
from memc.targets.target import Target


def made(rows, pid=7, name="prog", file="", started=1, **more):
    """Make a process of regions: a path, RSS and size."""
    paths = [path for path, _, _ in rows]
    columns = {
        "start": column("Q", [(i + 1) << 20 for i in range(len(rows))]),
        "end": column(
            "Q", [((i + 1) << 20) + (s << 10) for i, (*_, s) in enumerate(rows)]
        ),
        "perm": column("B", [1 | 16] * len(rows), list(map(str, range(32)))),
        "offset": column("Q", [0] * len(rows)),
        "dev_major": column("I", [0] * len(rows)),
        "dev_minor": column("I", [0] * len(rows)),
        "inode": column("Q", [0] * len(rows)),
        "pathname": column("I", [*range(len(rows))], paths),
        "type": column("B", [0] * len(rows), ["anonymous"]),
        "size_kb": column("Q", [size for *_, size in rows]),
        "rss_kb": column("Q", [rss for _, rss, _ in rows]),
        **{name: column("Q", values) for name, values in more.items()},
    }
    return Target(
        table(len(rows), columns), pid, name, proc="", file=file, started=started
    )
