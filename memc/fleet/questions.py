"""Questions about a lake: each makes a table of Ibis from one, on any engine.

``growth``, ``leaks``, ``budget`` and ``hosts`` ask the table `groups`, ``limits`` asks
`owners`; ``holders`` and ``deleted`` are in ``questions_code``.
"""

from __future__ import annotations

import ibis

from memc.fleet.questions_parts import (
    TIME,
    amount_of,
    per_hour,
    quotient,
    seconds,
    sorted_by,
    take,
    total,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["budget", "growth", "hosts", "leaks", "limits"]

LEAST_KB = 4096  # less growth is noise
DEFAULT_LIMIT = 65_530  # vm.max_map_count, if nobody changed it
OTHER = "other"
WHOSE = ("host", "part", "group", "owner")
PROCESS = ("host", "group", "name", "pid", "started", "boot", "part")


def growth(groups: ir.Table, *, of: str = "uss", least_kb: int = LEAST_KB) -> ir.Table:
    """Return what grew most: a row for each host, group and owner.

    The growth is from the first time to the last at which the amount is known.
    `peak_kb` is the largest amount in between.  Only growth of at least `least_kb` has
    a row; a negative number asks for what shrank, too.
    """
    ends = _ends(groups, of)
    found = ends.filter(ends.growth_kb >= least_kb).select(
        *WHOSE,
        *("growth_kb", "kb_per_hour", "first_kb", "last_kb", "peak_kb"),
        *("first_processes", "last_processes", "first_ts", "last_ts"),
    )
    return sorted_by(found, ["growth_kb"], WHOSE)


def leaks(
    groups: ir.Table, *, of: str = "uss", least_kb: int = LEAST_KB, least_hosts: int = 2
) -> ir.Table:
    """Return which owner of which group grows on many hosts: a release, not a host.

    `growing` hosts of `hosts` grew by at least `least_kb`, as in `growth`; the other
    sums are over these.  `most_kb` is the growth of the host that grew most.
    """
    ends = _ends(groups, of)
    parts = ends.group_by("host", "group", "owner").aggregate(
        growth_kb=ends.growth_kb.max(), kb_per_hour=ends.kb_per_hour.max()
    )
    grew = parts.growth_kb >= least_kb
    found = parts.group_by("group", "owner").aggregate(
        growing=grew.sum().cast("int64"),
        hosts=parts.count(),
        growth_kb=parts.growth_kb.sum(where=grew).cast("int64"),
        kb_per_hour=parts.kb_per_hour.sum(where=grew).cast("int64"),
        most_kb=parts.growth_kb.max(where=grew),
    )
    found = found.filter(found.growing >= least_hosts)
    found = found.mutate(percent=quotient(found.growing * 100, found.hosts))
    found = found.select(
        *("group", "owner", "growing", "hosts", "percent"),
        *("growth_kb", "kb_per_hour", "most_kb"),
    )
    return sorted_by(found, ["growing", "growth_kb"], ["group", "owner"])


def _ends(groups: ir.Table, of: str) -> ir.Table:
    """Return the first and the last amount of each owner in each group and host.

    Rows of the same time are summed up, as two of one host could be; no engine has to
    choose between them.
    """
    name = amount_of(of)
    rows = take(groups, "groups", *WHOSE, "ts", name, "processes")
    rows = rows.filter(rows[name].notnull())
    for key in WHOSE:  # null is equal to nothing, and a join asks
        rows = rows.mutate(**{key: rows[key].fill_null("")})
    span = rows.group_by(*WHOSE).aggregate(
        first_ts=rows.ts.min(), last_ts=rows.ts.max(), peak_kb=rows[name].max()
    )
    both = rows.join(span, [*WHOSE])
    first, last = both.ts == both.first_ts, both.ts == both.last_ts
    both = both.filter(first | last)
    ends = both.group_by(*WHOSE, "first_ts", "last_ts", "peak_kb").aggregate(
        first_kb=both[name].sum(where=first).cast("int64"),
        last_kb=both[name].sum(where=last).cast("int64"),
        first_processes=both.processes.sum(where=first).cast("int64"),
        last_processes=both.processes.sum(where=last).cast("int64"),
    )
    grown = ends.last_kb - ends.first_kb
    return ends.mutate(
        **{key: ends[key].nullif("") for key in WHOSE},
        peak_kb=ibis.greatest(ends.peak_kb, ends.first_kb, ends.last_kb),
        growth_kb=grown,
        kb_per_hour=per_hour(grown, ends.first_ts, ends.last_ts),
    )


def budget(
    groups: ir.Table, *, of: str = "rss", by: str = "owner", top: int | None = None
) -> ir.Table:
    """Return what the memory of all hosts is for: a row for each owner, or group.

    `mean_kb` is the sum over the hosts of what each has on average over its times; at
    a time without the owner that is 0, and a time at which the amount is not known is
    left out.  `percent` is the share of the sum of all rows, `memory_percent` that of
    the memory of the hosts, null if some do not tell it, and `most_kb` the most that
    one host had at a time.  `unknown` hosts never knew the amount: no sum has them.
    Samples of some processes only are left out.  With `top`, the rows behind the first
    `top` are summed up in one that is called "other".
    """
    name = amount_of(of)
    rows = take(groups, "groups", "host", "part", "ts", by, name, "memory_kb")
    rows = rows.filter(rows.part.isnull())
    times = rows.group_by("host").aggregate(
        times=rows.ts.nunique(), memory_kb=rows.memory_kb.max()
    )
    memory = times.aggregate(
        kb=times.memory_kb.sum(), lacks=times.memory_kb.isnull().sum()
    )
    memory = memory.select(
        memory_kb=(memory.lacks == 0).ifelse(memory.kb.cast("int64"), None)
    )
    at = rows.group_by("host", by, "ts").aggregate(
        kb=total(rows[name]), unknown=rows[name].isnull().any()
    )
    held = at.group_by("host", by).aggregate(
        kb=at.kb.sum(where=~at.unknown).cast("int64"),
        most_kb=at.kb.max(where=~at.unknown),
        left_out=at.unknown.sum().cast("int64"),
    )
    held = held.join(times, "host")
    held = held.mutate(mean_kb=quotient(held.kb, held.times - held.left_out))
    if top is not None:
        held = _with_other(held, by, top)
    found = held.group_by(by).aggregate(
        mean_kb=total(held.mean_kb),
        most_kb=held.most_kb.max(),
        hosts=held.host.nunique(where=held.mean_kb.notnull()),
        unknown=held.host.nunique(where=held.mean_kb.isnull()),
    )
    everything = found.mean_kb.sum().over(ibis.window()).cast("int64")
    found = found.mutate(percent=quotient(found.mean_kb * 100, everything))
    found = found.cross_join(memory)
    found = found.mutate(
        memory_percent=quotient(found.mean_kb * 100, found.memory_kb)
    ).select(
        *(by, "mean_kb", "percent", "memory_percent", "most_kb", "hosts", "unknown"),
    )
    found = sorted_by(found, ["mean_kb"], [by])
    if top is None:
        return found
    is_rest = (found[by] == OTHER).fill_null(ibis.literal(value=False)).cast("int64")
    return sorted_by(found.mutate(is_rest=-is_rest), ["is_rest", "mean_kb"], [by]).drop(
        "is_rest"
    )


def _with_other(held: ir.Table, by: str, top: int) -> ir.Table:
    """Call all owners "other" but the `top` that have most."""
    sums = held.group_by(by).aggregate(kb=total(held.mean_kb))
    first = sorted_by(sums, ["kb"], [by]).limit(top)
    first = first.select(kept=first[by].fill_null(""))
    joined = held.left_join(first, held[by].fill_null("") == first.kept)
    return joined.mutate(
        **{by: joined.kept.notnull().ifelse(joined[by], ibis.literal(OTHER))}
    )


def limits(owners: ir.Table, *, limit: int = DEFAULT_LIMIT) -> ir.Table:
    """Return which processes have most mappings, beside vm.max_map_count.

    `mappings` are those at the last time of the process, and `most_mappings` the most.
    `limit` is what the hosts have, and `percent` the share of it that `most_mappings`
    are.
    """
    rows = take(owners, "owners", *PROCESS, "ts", "regions")
    rows = rows.filter(rows.regions.notnull())
    at = rows.group_by(*PROCESS, "ts").aggregate(mappings=total(rows.regions))
    found = at.group_by(*PROCESS).aggregate(
        mappings=at.mappings.argmax(at.ts),
        most_mappings=at.mappings.max(),
        last_ts=at.ts.max(),
    )
    allowed = ibis.literal(limit, "int64")
    found = found.mutate(
        limit=allowed, percent=quotient(found.most_mappings * 100, allowed)
    )
    found = found.select(
        *("host", "group", "name", "pid", "started", "mappings", "most_mappings"),
        *("limit", "percent", "last_ts", "boot", "part"),
    )
    return sorted_by(found, ["most_mappings", "mappings"], PROCESS)


def hosts(groups: ir.Table, missing: ir.Table | None = None) -> ir.Table:
    """Return what the lake knows of each host: from when to when, and how well.

    `behind_s` is how long before the newest rows of all hosts the last of this host
    came.  `clock_s` is how much later a row came than its time says, at the least:
    below 0, the clock of the host is ahead.  `times` are samples, and `unknown` rows
    whose RSS is not known.  `detail` has the first and the last of several, by name.
    From the table `missing` comes how often a host could not be asked, the last time,
    and why.
    """
    rows = take(
        groups,
        "groups",
        *("host", "ts", "received", "boot", "part", "detail", "rss_kb"),
    )
    at = rows.group_by("host", "ts", "boot", "part", "detail").aggregate(
        came=rows.received.max(),
        soonest=rows.received.min(),
        rows=rows.count(),
        unknown=rows.rss_kb.isnull().sum().cast("int64"),
    )
    found = at.group_by("host").aggregate(
        first_ts=at.ts.min(),
        last_ts=at.ts.max(),
        came=ibis.coalesce(at.came, at.ts).max(),
        times=at.ts.nunique(),
        rows=total(at.rows),
        unknown=total(at.unknown),
        boots=at.boot.nunique(),
        parts=at.part.nunique(),
        detail=at.detail.min(),
        detail_last=at.detail.max(),
        clock_s=(seconds(at.soonest) - seconds(at.ts)).min(),
    )
    newest = seconds(found.came).max().over(ibis.window())
    both = found.detail + ibis.literal(" ") + found.detail_last
    found = found.mutate(
        behind_s=newest - seconds(found.came),
        detail=(found.detail == found.detail_last).ifelse(found.detail, both),
    )
    found = _with_missing(found, missing)
    found = found.select(
        *("host", "last_ts", "behind_s", "first_ts", "times", "rows", "unknown"),
        *("boots", "parts", "detail", "clock_s", "missing", "missing_ts", "reason"),
    )
    return sorted_by(found, [], ["host"])


def _with_missing(found: ir.Table, missing: ir.Table | None) -> ir.Table:
    """Add why hosts could not be asked, also those of which there is nothing else."""
    if missing is None:
        return found.mutate(
            missing=ibis.literal(0, "int64"),
            missing_ts=ibis.null(TIME),
            reason=ibis.null("string"),
        )
    rows = take(missing, "missing", "host", "ts", "reason")
    last = rows.group_by("host").aggregate(
        missing=rows.count(), missing_ts=rows.ts.max()
    )
    both = rows.join(last, ["host"])
    both = both.filter(both.ts == both.missing_ts)
    gone = both.group_by("host", "missing", "missing_ts").aggregate(
        reason=both.reason.min()
    )
    joined = found.outer_join(gone, "host")
    return joined.mutate(
        host=joined.host.coalesce(joined.host_right),
        missing=joined.missing.fill_null(0),
    )
