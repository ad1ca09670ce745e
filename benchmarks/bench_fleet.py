"""Questions to a lake.

What `memc.fleet.ask` takes on DuckDB, in CPU time of all its threads. The lake has the
table `groups` of 1,000 hosts over 24 hours, each with 40 groups of 12 owners: 11.5
million rows, made up. The packages are loaded already.
"""

import atexit
import os
import resource
import shutil
import tempfile
import time
from functools import cache, partial

from rows import Figure

HOSTS, FILES = 1000, 8
MAKE = """
copy (select 'host-' || lpad(h::varchar, 6, '0') host,
  timestamptz '2026-11-26 00:00:00+00' + to_minutes(m * 60) ts, ts received,
  'boot-' || h boot, 'svc-' || g || '.service' "group", 'owner ' || o owner,
  4 processes, 4 + (g * o) % 160 regions,
  2048 + (g * 7919 + o * 104729) % 200000 + (h * 31 + g + m) % 64 * 16
    + case when (h * 40 + g) % 997 = 3 and o = 1 then m * 960 else 0 end rss_kb,
  rss_kb // 2 uss_kb, 'uss' detail
  from range({first}, {last}) x(h), range(40) y(g), range(12) z(o), range(24) w(m)
  order by host, "group", owner, ts) to '{path}' (format parquet, compression zstd)
"""


@cache
def lake():
    """Make the lake once; it ends with this process."""
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq
    from deltalake import write_deltalake

    folder = tempfile.mkdtemp(prefix="memc-bench-")
    atexit.register(shutil.rmtree, folder)
    each = HOSTS // FILES
    for number in range(FILES):
        path = os.path.join(folder, "rows.parquet")
        first = number * each
        with duckdb.connect() as con:
            con.execute(MAKE.format(first=first, last=first + each, path=path))
        rows = pq.read_table(path)
        day = pa.array(["2026-11-26"] * len(rows)).cast(pa.date32())
        made = rows.append_column("date", day)
        groups = os.path.join(folder, "groups")
        write_deltalake(groups, made, mode="append", partition_by=["date"])
        os.unlink(path)
    return folder


def asked(question, _, **told):
    """Ask once; return the CPU of that in s."""
    from memc import fleet

    folder = lake()
    fleet.ask(folder, question, **told)
    start = time.process_time_ns()
    fleet.ask(folder, question, **told)
    return (time.process_time_ns() - start) / 1e9


def peak_gib(_):
    """Return the peak of this process after the questions, which made the lake too."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


ROWS = {
    "growth on 1,000 hosts, 11.5 M rows": Figure(
        ours=partial(asked, "growth"), unit="s", goal=3
    ),
    "leaks on 1,000 hosts": Figure(ours=partial(asked, "leaks"), unit="s"),
    "budget of 1,000 hosts": Figure(ours=partial(asked, "budget"), unit="s"),
    "growth on one host of 1,000": Figure(
        ours=partial(asked, "growth", hosts=["host-000017"]), unit="s", goal=0.2
    ),
    "peak, questions to a lake": Figure(ours=peak_gib, unit="GiB", goal=4),
}


def bench_row(what, row, fill):
    fill(what, row)
