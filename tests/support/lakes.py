"""Lakes that tests fill, and what is in them, read by DuckDB as engines do."""

import duckdb

from memc.fleet import lake
from support.commands import COMMANDS

PYTHON = COMMANDS["python"]


def memc_lake(*args, **options):
    return PYTHON("lake", *map(str, args), **options)


def ask(folder, table, sql):
    """Return the rows of SQL on a table of a lake, which it calls t."""
    files = lake.files(str(folder), table)
    if not files:
        return []
    with duckdb.connect() as db:
        named = ", ".join(f"'{path}'" for path in files)
        view = f"read_parquet([{named}], union_by_name=true, hive_partitioning=true)"
        return db.execute(f"with t as (select * from {view}) {sql}").fetchall()


def count(folder, table="owners"):
    found = ask(folder, table, "select count(*) from t")
    return found[0][0] if found else 0


def samples(folder, table="owners"):
    """Return the samples in a table: host, boot, Unix time in ms, part."""
    sql = "select distinct host, boot, epoch_ms(ts), part from t order by all"
    return ask(folder, table, sql)


def rows_of(folder, table, columns="*", where="true"):
    """Return the rows of a table in one order, without the time of adding."""
    what = "* exclude (received)" if columns == "*" else columns
    return ask(folder, table, f"select {what} from t where {where} order by all")
