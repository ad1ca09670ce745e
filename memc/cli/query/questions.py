"""The canned questions: each is SQL on the views, and a table for people."""

from __future__ import annotations

from memc.cli.common.opened import time_of
from memc.cli.query.who import find, hint
from memc.cli.usage import UsageError
from memc.errors import MemcError
from memc.files.recording.times import show_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable

    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.moment import Moment
    from memc.files.recording.recording import Recording
    from memc.files.recording.sql import Answer

__all__ = ["Question", "Span", "question_of"]

NS_PER_MS = 1_000_000
# Who was gone at a time: it had ended, or ran another program.
GONE = """\
select process from event where segment={segment} and kind='ended' and t_ms<={t_ms}
    union select p.process from event e join process q on q.process=e.process
      join process p on p.boot=q.boot and p.pid=q.pid
        and p.start_ticks=q.start_ticks and p.exec<q.exec
      where e.segment={segment} and e.kind='exec' and e.t_ms<={t_ms}"""
# Pages of hugetlb are in no RSS; a process without any has no row in beside.
HUGETLB = """\
ifnull((select b.hugetlb_kb from beside b where b.segment={segment}
    and b.process={process} and b.t_ms<={t_ms} order by b.t_ms desc limit 1), 0)"""
SIDE = """\
select process, max(t_ms) t_ms, rss_kb, {hugetlb} hugetlb_kb
  from usage where segment={segment} and t_ms<={t_ms} and process not in (
    {gone})
  group by process"""
GREW = """\
with a as ({a}),
b as ({b}),
both as (select i.process, a.process is not null is_before, a.rss_kb rss_before_kb,
    a.hugetlb_kb hugetlb_before_kb, b.process is not null is_after,
    b.rss_kb rss_after_kb, b.hugetlb_kb hugetlb_after_kb,
    case when b.process is null then 0 else b.rss_kb + b.hugetlb_kb end
    - case when a.process is null then 0 else a.rss_kb + a.hugetlb_kb end growth_kb
  from (select process from a union select process from b) i
  left join a on a.process=i.process left join b on b.process=i.process)
select p.pid, p.name, p.process, is_before, is_after, rss_before_kb, rss_after_kb,
  hugetlb_before_kb, hugetlb_after_kb,
  growth_kb, round(growth_kb * 3600000.0 / {length_ms}) kb_per_hour
from both join process p on p.process=both.process
order by growth_kb desc nulls last, p.process"""
RSS = """\
select t_ms, pid, name, process, rss_kb, swap_kb, {hugetlb} hugetlb_kb
from usage
where segment in (select id from segment where id between {first} and {last})
  and process in ({processes}){times}
order by process, segment, t_ms"""
# The row that holds at the begin came before it, in the same segment.
RSS_TIMES = """
  and t_ms<={end_ms} and (segment>{first} or t_ms>={begin_ms}
    or (process, t_ms) in (select process, max(t_ms) from usage
      where segment={first} and t_ms<={begin_ms} group by process))"""
EVENTS = """\
select t_ms, pid, name, kind, detail, process, segment
from event
where segment between {first} and {last}{times}{kinds}
order by segment, t_ms"""
KILLED = "kind='oom' or json_extract(detail, '$.oom')"
# A row of zero regions says that the owner is not there any more.
OWNER = """\
with b as (select process, owner, max(t_ms) t_ms, rss_kb, swap_kb, pss_kb, uss_kb,
    size_kb, regions
  from owner where {b_where}
  group by process, owner),
a as (select process, owner, max(t_ms) t_ms, rss_kb, regions
  from owner where {a_where}
  group by process, owner)
select b.t_ms, p.pid, p.name, b.process, b.owner, b.rss_kb, b.swap_kb, b.pss_kb,
  b.uss_kb, b.size_kb, b.regions, a.rss_kb rss_before_kb,
  {growth} growth_kb
from b join process p on p.process=b.process
left join a on a.process=b.process and a.owner=b.owner
where b.regions>0 or a.regions>0
order by b.process, b.rss_kb desc nulls last, b.size_kb desc, b.owner"""


class Question:
    """A question: its `sql`, and how its answer looks as a text.

    `check` raises MemcError for an answer that needs other words than an empty table.
    """

    def __init__(
        self,
        sql: str,
        text: Callable[[Answer, Namespace], str],
        check: Callable[[Answer], None] = lambda _: None,
    ) -> None:
        self.sql = sql
        self.text = text
        self.check = check


class Span:
    """A part of a recording, from one Unix time in ms to another.

    `first` and `last` are the numbers of the segments that hold it.
    """

    def __init__(self, recording: Recording, args: Namespace) -> None:
        begin_ms, end_ms = recording.begin_ms, recording.end_ms
        self.is_whole = not (args.begin or args.end)
        self.begin_ms = time_of(recording, args.begin) if args.begin else begin_ms
        self.end_ms = time_of(recording, args.end) if args.end else end_ms
        if args.begin and args.end and self.begin_ms > self.end_ms:
            words = f"{show_time(self.begin_ms)} is after {show_time(self.end_ms)}"
            raise UsageError(f"--from and --to: {words}")
        within = [
            segment.id
            for segment in recording.segments
            if segment.began_ms <= self.end_ms and self.begin_ms <= segment.until_ms
        ]
        if not within:
            words = f"from {show_time(self.begin_ms)} to {show_time(self.end_ms)}"
            whole = f"from {show_time(begin_ms)} to {show_time(end_ms)}"
            raise MemcError(
                f"{recording.path}: nothing was recorded {words}: "
                f"the recording goes {whole}"
            )
        self.first, self.last = min(within), max(within)


def question_of(name: str, args: Namespace, recording: Recording) -> Question:
    """Return the question that the arguments ask."""
    return {"rss": _rss, "grew": _grew, "owner": _owner, "events": _events}[name](
        args, recording
    )


def _rss(args: Namespace, recording: Recording) -> Question:
    from memc.cli.query.rss_text import text

    span = Span(recording, args)
    processes = _known(recording, args.rss)
    times = ""
    if not span.is_whole:
        times = RSS_TIMES.format(
            first=span.first, begin_ms=span.begin_ms, end_ms=span.end_ms
        )
    hugetlb = "0"
    sql = f"select 1 from _beside where process in ({_ids(processes)}) limit 1"
    if recording._reader.row(sql) is not None:  # it is asked for each row
        hugetlb = HUGETLB.format(
            segment="usage.segment", process="usage.process", t_ms="usage.t_ms"
        )
    sql = RSS.format(
        first=span.first,
        last=span.last,
        times=times,
        processes=_ids(processes),
        hugetlb=hugetlb,
    )
    return Question(sql, lambda answer, args: text(answer, args, recording, span))


def _known(recording: Recording, who: str) -> list[RecordedProcess]:
    found = find(recording, who)
    if not found:
        words = f"no process '{who}' was recorded{hint(recording, who)}"
        raise MemcError(f"{recording.path}: {words}")
    return found


def _ids(processes: Iterable[RecordedProcess]) -> str:
    return ", ".join(str(process.id) for process in processes)


def _grew(args: Namespace, recording: Recording) -> Question:
    from memc.cli.query.grew_text import text

    t1_ms, t2_ms = (time_of(recording, word) for word in args.grew)
    if t1_ms >= t2_ms:
        words = f"{show_time(t1_ms)} is not before {show_time(t2_ms)}"
        raise UsageError(f"--grew: {words}")
    before, after = recording.at(t1_ms), recording.at(t2_ms)
    sql = GREW.format(a=_side(before), b=_side(after), length_ms=t2_ms - t1_ms)
    return Question(sql, lambda answer, args: text(answer, args, t1_ms, t2_ms))


def _side(moment: Moment) -> str:
    """Return the SQL for what each process had at a time."""
    place = {"segment": moment.segment.id, "t_ms": moment.as_of_ms}
    hugetlb = HUGETLB.format(process="usage.process", **place)
    return SIDE.format(hugetlb=hugetlb, gone=GONE.format(**place), **place)


def _owner(args: Namespace, recording: Recording) -> Question:
    from memc.cli.query.owner_text import text

    processes = find(recording, args.owner)
    who = f"process in ({_ids(processes)})"
    if not processes:
        sql = "select 1 from _owner where name=?"
        if recording._reader.row(sql, (args.owner,)) is None:
            words = f"no process and no owner '{args.owner}' was recorded"
            words += hint(recording, args.owner)
            raise MemcError(f"{recording.path}: {words}")
        who = f"owner={_quoted(args.owner)}"
    before, growth = "false", "null"
    if args.begin:
        moment = recording.at(time_of(recording, args.begin))
        before = f"{who} and segment={moment.segment.id} and t_ms<={moment.as_of_ms}"
        growth = "b.rss_kb - ifnull(a.rss_kb, 0)"
    if args.end or not processes:
        end_ms = time_of(recording, args.end) if args.end else recording.end_ms
        moment = recording.at(end_ms)
        now = f"{who} and segment={moment.segment.id} and t_ms<={moment.as_of_ms}"
        gone = GONE.format(segment=moment.segment.id, t_ms=moment.as_of_ms)
        now = f"{now}\n    and process not in ({gone})"
    else:  # the last that is known of each
        last = ", ".join(f"({p.last_segment}, {p.id})" for p in processes)
        now = f"(segment, process) in (values {last})"
    sql = OWNER.format(b_where=now, a_where=before, growth=growth)

    def check(answer: Answer) -> None:
        if not answer.rows:
            raise MemcError(
                f"{recording.path}: no owners were recorded for '{args.owner}' then: "
                "its regions were not read (see --duty of memc record, and "
                f"'denied' in memc query {recording.path} --events)"
            )

    return Question(sql, text, check)


def _quoted(text: str) -> str:
    """Return a text as SQL has it."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _events(args: Namespace, recording: Recording) -> Question:
    from memc.cli.query.events_text import text

    span = Span(recording, args)
    times = ""
    if not span.is_whole:
        times = f" and t_ms between {span.begin_ms} and {span.end_ms}"
    asked = [KILLED if k == "killed" else f"kind={_quoted(k)}" for k in args.kind or ()]
    kinds = f"\n  and ({' or '.join(asked)})" if asked else ""
    sql = EVENTS.format(first=span.first, last=span.last, times=times, kinds=kinds)
    return Question(sql, lambda answer, args: text(answer, args, recording))
