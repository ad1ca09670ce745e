"""The tables of a recording, which is one SQLite file, and the views for its readers.

Users may rely on the views; the names of the tables begin with "_".  A recording is
cut into segments.  Each begins with a row for every process, so that it can be read,
and dropped, alone.  ``WITHOUT ROWID`` and the segment in front of each key keep the
rows of a segment together: dropping it frees whole pages.
"""

from __future__ import annotations

__all__ = [
    "APPLICATION_ID",
    "EVENTS",
    "LATE",
    "SCHEMA",
    "SEGMENTED",
    "SEGMENT_MS",
    "VERSION",
    "VIEWS",
]

APPLICATION_ID = 0x4D454D43  # "MEMC": tells a recording from other SQLite files
VERSION = 1
SEGMENT_MS = 600_000  # a segment is no longer than this
LATE = 1.5  # intervals: a longer time between two ticks is a gap

# These must stand before the first table is made.
SETTINGS = f"""
pragma page_size=4096;
pragma auto_vacuum=incremental;
pragma application_id={APPLICATION_ID};
pragma user_version={VERSION};
"""

TABLES = """
create table _run(id integer primary key, memc text not null, kernel text, host text,
  boot text not null, pid int, options text not null, began_ms int not null,
  ended_ms int, why text) strict;
create table _segment(id integer primary key, run int not null, began_ms int not null,
  boot_ns int not null, ended_ms int) strict;
create table _process(id integer primary key, boot text not null, pid int not null,
  start_ticks int not null, exec int not null default 0, ppid int, uid int,
  name text not null, name_raw blob, cmdline text, cgroup text, first_ms int not null,
  last_ms int, last_segment int, unique(boot, pid, start_ticks, exec)) strict;
create table _tick(segment int, t_ms int, cost_ns int, read_ns int, processes int,
  changed int, skipped int, primary key(segment, t_ms)) strict, without rowid;
create table _machine(segment int, t_ms int, total_kb int, available_kb int,
  swap_free_kb int, shmem_kb int, oom_kill int, psi_some_us int, psi_full_us int,
  primary key(segment, t_ms)) strict, without rowid;
create table _usage(segment int, process int, t_ms int, rss_kb int, vsize_kb int,
  anon_kb int, file_kb int, shmem_kb int, swap_kb int, minflt int, majflt int,
  threads int, state text,
  primary key(segment, process, t_ms)) strict, without rowid;
create table _beside(segment int, process int, t_ms int, hugetlb_kb int,
  same_memory_as int, primary key(segment, process, t_ms)) strict, without rowid;
create table _owner(id integer primary key, name text not null unique) strict;
create table _held(segment int, process int, t_ms int, owner int, rss_kb int,
  swap_kb int, pss_kb int, uss_kb int, size_kb int, regions int,
  primary key(segment, process, t_ms, owner)) strict, without rowid;
create table _frame(segment int, process int, t_ms int, base int not null,
  meta text not null, data blob not null,
  primary key(segment, process, t_ms)) strict, without rowid;
create table _string(id integer primary key, value blob not null unique,
  last_segment int not null) strict;
create table _event(segment int, t_ms int, process int, kind text not null,
  detail text) strict;
create index _event_at on _event(segment, t_ms);
"""

# The tables whose rows go with their segment.  Processes and strings go with the last
# segment that names them.
SEGMENTED = ("_tick", "_machine", "_usage", "_beside", "_held", "_frame", "_event")

# The kinds of events.
EVENTS = (
    "started",
    "ended",
    "exec",
    "renamed",
    "over",
    "under",
    "oom",
    "gap",
    "denied",
    "degraded",
    "note",
)

# Each view, its comment, and what it selects.  null: the kernel did not say.
VIEWS = {
    "process": """-- one row for each program that a process ran; exec begins a new one
      select id process, pid, boot, start_ticks, exec, ppid, uid, name, cmdline, cgroup,
      first_ms, last_ms from _process""",
    "usage": """-- a row holds until the next row of its process, or its end
      select u.t_ms, datetime(u.t_ms/1000, 'unixepoch') time, p.pid, p.name, u.process,
      rss_kb, vsize_kb, anon_kb, file_kb, shmem_kb, swap_kb, minflt, majflt, threads,
      state, u.segment from _usage u join _process p on p.id=u.process""",
    "beside": """-- hugetlb, which is in no rss_kb; the pid whose memory a process has
      select b.t_ms, p.pid, p.name, b.process, hugetlb_kb, same_memory_as, b.segment
      from _beside b join _process p on p.id=b.process""",
    "owner": """-- a row holds until the next row of its process and owner, or its end
      select h.t_ms, p.pid, p.name, h.process, o.name owner, rss_kb, swap_kb, pss_kb,
      uss_kb, size_kb, regions, h.segment from _held h
      join _process p on p.id=h.process join _owner o on o.id=h.owner""",
    "event": """-- what happened; the machine's own events have no process
      select t_ms, p.pid, p.name, kind, detail, e.process, e.segment
      from _event e left join _process p on p.id=e.process""",
    "tick": """-- each time at which the recorder looked; between two ticks it did not
      select t_ms, cost_ns, read_ns, processes, changed, skipped, segment
      from _tick""",
    "machine": """-- the machine at each tick
      select t_ms, total_kb, available_kb, swap_free_kb, shmem_kb, oom_kill,
      psi_some_us, psi_full_us, segment from _machine""",
    "segment": """-- each begins with a row for every process
      select id, run, began_ms, boot_ns, ended_ms from _segment""",
    "run": """-- each time that memc began to record into this file
      select id, memc, kernel, host, boot, pid, options, began_ms, ended_ms, why
      from _run""",
}

MADE = "".join(f"create view {name} as {text};\n" for name, text in VIEWS.items())
SCHEMA = f"{SETTINGS}begin exclusive;{TABLES}{MADE}commit;"
