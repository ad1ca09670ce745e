"""The document of a report: one dict, which the page shows.

Amounts are in KiB; None is what is not known, and never 0.  Texts are plain text: what
could act on a terminal is escaped in them as `memc show` does, but nothing else, so the
page has to make markup safe.  ::

    kind      "snapshot", "diff" (A and B) or "recording" (a span of one)
    title     what this is of, in words
    when      the time or the span: UTC, and the local time if that differs
    host, kernel    "" if not known, as of a file
    memc      the version that made the report
    detail    what was read of live processes: "smaps", "rss", ...; "" of files
    measure   what the map counts: "pss", "rss" or "size"; with pages of hugetlb
    levels    the levels of the trees below the root: "service", "process", "owner",
              "region"; from "owner" on if there is one process
    skipped   how many processes could not be read
    notes     why the report is not whole: sentences
    gaps      [[begin_ms, end_ms, why], ...] in which nothing was recorded
    numbers   three of {"label", "value_kb": int or None, "text", "note"}; `text` is
              the amount as memc shows it, with its unit and the sign of a change
    trees     [{"t_ms", "label", "parent", "kb", "change_kb", "pid"}, ...]
    series    None, or {"t_ms", "step_ms", "names", "kb", "events"}
    grew      None, or [{"name", "pid", "owner", "before_kb", "after_kb",
              "per_hour_kb", "points"}, ...]
    largest   [{"name", "pid", "user", "service", "rss_kb", "pss_kb", "swap_kb",
              "regions"}, ...]
    how       sentences: how it was measured, and what is not known

A tree has its nodes in parallel lists: node 0 is the root, whose `parent` is -1, and
a parent stands before its children.  The `kb` of a parent is the sum of those of its
children that are known, and None if none is; so is `change_kb`, which is None as a
whole but in a diff.  In a diff `kb` is the amount after, 0 of what is gone.  What is
below 1/20,000 of the whole is summed in one node, such as "12 smaller regions".  `pid`
is None but for processes.  `t_ms` is None if the time is not known.  The trees of a
recording stand in the order of time: the last is shown first.

In `series`, `kb` has a list for each name: the largest amount in the step that begins
at each of `t_ms`, None where nothing was recorded.  They have the names of the first
level of the trees, eight at most, the largest first, and then "others".  An event is
{"t_ms", "kind", "text"}.

`grew` has what grew most first, then what shrank, processes (`owner` is None) and
owners (`pid` is None) each in their order.  `points` are amounts at even times from the
begin to the end.  In a diff there is no time: `per_hour_kb` may be None, and `points`
is empty.  `before_kb` is None of what was not there or is not known.
"""

from __future__ import annotations

__all__: list[str] = []
