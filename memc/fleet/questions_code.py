"""Questions about code that is mapped: ``holders`` and ``deleted``, of `regions`.

Both ask the last time of each host at which its regions were kept.
"""

from __future__ import annotations

import re

import ibis

from memc.fleet.questions_parts import sorted_by, take, total
from memc.owners.kinds import SPECIAL_STARTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["deleted", "holders"]

PROCESS = ("host", "boot", "pid", "started", "group", "name")
LIBRARY = r"\.so(\.|$)"


def holders(regions: ir.Table, path: str) -> ir.Table:
    """Return who maps which build of a file: a row for each group, name and build.

    `path` is a whole path, or the name of a file without folders; "*" is any text.  The
    kernel does not tell the build: here it is the path, how large the mappings of a
    process are, and whether the file was deleted, as after an update.  `host` is the
    first by name.
    """
    rows = _latest(regions, "path", "deleted", "size_kb", "rss_kb")
    rows = rows.filter(rows.path.re_search(_pattern(path)))
    process = _files(rows)
    keys = ("path", "deleted", "mapped_kb", "group", "name")
    found = process.group_by(*keys).aggregate(
        hosts=process.host.nunique(),
        processes=process.count(),
        rss_kb=total(process.rss_kb),
        host=process.host.min(),
        last_ts=process.last_ts.max(),
    )
    found = found.select(
        *("path", "deleted", "mapped_kb", "group", "name"),
        *("hosts", "processes", "rss_kb", "host", "last_ts"),
    )
    return sorted_by(found, ["hosts", "processes"], keys)


def deleted(regions: ir.Table) -> ir.Table:
    """Return who maps libraries or programs that were deleted, and must restart.

    A row is for each host, group and name.  `files` are how many different files, and
    `file` is the first by name; `pid` is the lowest.
    """
    rows = _latest(regions, "path", "deleted", "perm", "size_kb", "rss_kb")
    is_code = rows.perm.contains("x") | rows.path.re_search(LIBRARY)
    is_special = rows.path.re_search(_begins(SPECIAL_STARTS))
    rows = rows.filter(rows.deleted, is_code, ~is_special)
    files = _files(rows)
    keys = ("host", "group", "name")
    found = files.group_by(*keys).aggregate(
        processes=files.life.nunique(),
        pid=files.pid.min(),
        files=files.path.nunique(),
        file=files.path.min(),
        rss_kb=total(files.rss_kb),
        last_ts=files.last_ts.max(),
    )
    found = found.select(
        *keys, "processes", "pid", "files", "file", "rss_kb", "last_ts"
    )
    return sorted_by(found, ["processes"], keys)


def _latest(regions: ir.Table, *names: str) -> ir.Table:
    """Return these columns of the rows of the last time of each host, or part of it."""
    rows = take(regions, "regions", *PROCESS, "part", "ts", *names)
    rows = rows.mutate(part=rows.part.fill_null(""))
    last = rows.group_by("host", "part").aggregate(last_ts=rows.ts.max())
    at = [
        rows.host == last.host,
        rows.part == last.part,
        rows.ts == last.last_ts,
    ]
    return rows.semi_join(last, at)


def _files(rows: ir.Table) -> ir.Table:
    """Return a row for each process and file; a process may be in several parts."""
    rows = rows.mutate(life=_life(rows))
    keys = ("host", "group", "name", "life", "path", "deleted")
    at = rows.group_by(*keys, "part").aggregate(
        pid=rows.pid.min(),
        mapped_kb=total(rows.size_kb),
        rss_kb=total(rows.rss_kb),
        last_ts=rows.ts.max(),
    )
    return at.group_by(*keys).aggregate(
        pid=at.pid.min(),
        mapped_kb=at.mapped_kb.max(),
        rss_kb=at.rss_kb.max(),
        last_ts=at.last_ts.max(),
    )


def _life(rows: ir.Table) -> ir.StringValue:
    """Return what tells one process of a host from every other."""
    blank = ibis.literal(" ")
    numbers = [rows[name].fill_null(-1).cast("string") for name in ("pid", "started")]
    return rows.boot.fill_null("") + blank + numbers[0] + blank + numbers[1]


def _pattern(path: str) -> str:
    """Return the regular expression for a whole path, or for the name of a file."""
    any_text = ".*" if "/" in path else "[^/]*"
    text = any_text.join(map(re.escape, path.split("*")))
    return f"^{text}$" if "/" in path else f"(^|/){text}$"


def _begins(starts: tuple[str, ...]) -> str:
    return f"^({'|'.join(map(re.escape, starts))})"
