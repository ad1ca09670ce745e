"""A cluster of Dask in a world of its own: each host has a network, pids and a name.

Started by ``world.inside``, as pid 1: whatever runs here ends with it.  Prints what
``memc.fleet.dask`` told, as JSON.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from distributed import Client

from memc.fleet import dask
from memc.fleet.lake import SCHEMA

FOLDER = os.path.dirname(os.path.abspath(__file__))
UNSHARE = (
    *("unshare", "--pid", "--uts", "--fork", "--mount-proc", "--kill-child"),
    *("sh", "-c"),
)
SCHEDULER = "10.212.0.1"
# Each host: its name, what is wrong there, how many workers it has.
HOSTS = [
    ("scheduler", "", 0),
    ("plain", "", 1),
    ("twice", "", 2),
    ("no-memc", "no memc", 1),
    ("old", "other version", 1),
    ("hangs", "hangs", 1),
    ("fails", "fails", 1),
    ("dies", "dies", 1),
    ("late", "late", 1),
    ("denied", "denied", 1),
]
LIMIT_S = 20.0


def run(*argv):
    subprocess.run(argv, check=True)


def start(number, name, fault, *argv, before=""):
    """Start a program on a host: a network namespace, a pid namespace, a name."""
    space = f"host{number}"
    script = f'hostname {name}; {before} exec "$@"'
    env = os.environ | {"MEMC_TEST_FAULT": fault, "PYTHONPATH": f"{FOLDER}/faults"}
    return subprocess.Popen(
        ["ip", "netns", "exec", space, *UNSHARE, script, "sh", *argv],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=sys.stderr,
    )


def build():
    run("ip", "link", "set", "lo", "up")
    run("mount", "-t", "tmpfs", "none", "/run")
    run("ip", "link", "add", "bridge0", "type", "bridge")
    run("ip", "addr", "add", "10.212.0.254/24", "dev", "bridge0")
    run("ip", "link", "set", "bridge0", "up")
    for number, _ in enumerate(HOSTS, 1):
        space, link = f"host{number}", f"link{number}"
        run("ip", "netns", "add", space)
        peer = ("peer", "name", "eth0", "netns", space)
        run("ip", "link", "add", link, "type", "veth", *peer)
        run("ip", "link", "set", link, "master", "bridge0", "up")
        address = f"10.212.0.{number}/24"
        run("ip", "-n", space, "addr", "add", address, "dev", "eth0")
        run("ip", "-n", space, "link", "set", "eth0", "up")
        run("ip", "-n", space, "link", "set", "lo", "up")


def start_all():
    for number, (name, fault, workers) in enumerate(HOSTS, 1):
        own = f"10.212.0.{number}"
        if not workers:
            code = "from distributed.cli.dask_scheduler import main; main()"
            argv = [sys.executable, "-c", code, "--host", own, "--port", "8786"]
            start(number, name, "", *argv, "--no-dashboard", "--no-show")
            continue
        code = "from distributed.cli.dask_worker import main; main()"
        options = ["--nthreads", "1", "--no-nanny", "--host", own, "--no-dashboard"]
        address = f"tcp://{SCHEDULER}:8786"
        argv = [sys.executable, "-c", code, address, *options]
        before = '"$@" &' if workers == 2 else ""
        if fault == "denied":  # a process with more rights than the worker has
            before = "sleep 600 &"
            argv = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *argv]
        start(number, name, fault, *argv, before=before)


def told(collected):
    return {
        "found": {
            one.host: [one.boot, one.version, len(one.snapshot().processes)]
            for one in collected.found
        },
        "missing": dict(collected.missing),
        "notes": dict(collected.notes),
    }


def rows(lake):
    """Give all rows of a lake but the time of adding, sorted."""
    import duckdb

    from memc.fleet.lake import files

    made = {}
    for table in ("groups", "owners", "regions"):
        names = [
            name for name in SCHEMA[table].names if name not in ("received", "date")
        ]
        columns = ", ".join(f'"{name}"' for name in names)
        found = files(lake, table)
        query = (
            f"SELECT {columns} FROM read_parquet(?, union_by_name=true) ORDER BY ALL"
        )
        made[table] = [str(row) for row in duckdb.execute(query, [found]).fetchall()]
    return made


def add(client, folder):
    """Add files here and by the workers, and compare the lakes."""
    import memc
    from memc.fleet import lake as kept

    paths = {}
    for number in range(6):
        path = f"{folder}/{number}.json"
        with open(path, "wb") as file:
            file.write(memc.snapshot_all(detail="smaps", skip_kernel=True).to_json())
        paths[path] = f"web{number}"
    here, there = f"{folder}/here", f"{folder}/there"
    for path, host in paths.items():
        kept.add(here, path, host)
    with open(f"{folder}/damaged.json", "w") as file:
        file.write('{"pid": 1,')
    paths[f"{folder}/damaged.json"] = "web9"
    made = dask.add(client, paths, there)
    again = dask.add(client, paths, there)
    one, other = rows(here), rows(there)
    return {
        "same": one == other,
        "rows": {table: len(some) for table, some in other.items()},
        "refused": [[os.path.basename(f.path), f.reason] for f in made if f.reason],
        "added": sum(f.samples for f in made),
        "again": [sum(f.samples for f in again), sum(f.skipped for f in again)],
    }


async def _later(address):
    async with Client(address, asynchronous=True) as client:
        return told(await dask.collect(client, timeout=LIMIT_S))


def main(folder):
    build()
    start_all()
    address = f"tcp://{SCHEDULER}:8786"
    with Client(address, timeout=90) as client:
        client.wait_for_workers(sum(workers for *_, workers in HOSTS), timeout=120)
        start_s = time.monotonic()
        answer = {"collected": told(dask.collect(client, timeout=LIMIT_S))}
        answer["seconds"] = time.monotonic() - start_s
        answer["boot"] = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        answer["later"] = asyncio.run(_later(address))
        ill = [
            f"tcp://10.212.0.{1 + index}:"
            for index, (name, *_) in enumerate(HOSTS)
            if name in ("hangs", "no-memc")
        ]
        ends = [one for one in client.nthreads() if one.startswith(tuple(ill))]
        client.retire_workers(ends, close_workers=True)
        answer["add"] = add(client, folder)
        collected = dask.collect(client, timeout=LIMIT_S)
        lake = f"{folder}/lake"
        put = collected.add(lake)
        answer["lake"] = told(put)
        import duckdb

        from memc.fleet.lake import files

        for table, column in (("owners", "host"), ("missing", "host")):
            query = f"SELECT DISTINCT {column} FROM read_parquet(?) ORDER BY 1"
            found = duckdb.execute(query, [files(lake, table)]).fetchall()
            answer[f"hosts of {table}"] = [host for (host,) in found]
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1])
