"""Which sections the suite has, in their order, and which rows the README shows."""

import importlib

# bench_NAME.py: what needs much memory or many processes comes last.
ORDER = (
    *("parse", "real", "commands", "startup", "python", "repeated", "record", "report"),
    *("top", "serve", "push", "scrape", "fleet", "files", "bundle", "export", "memory"),
    *("instructions", "stall", "all"),
)

# What the README calls the rows that it shows, and their names: one screen of it.
HEADLINES = {
    "smaps in Python, 20,000 regions / floor": (
        "in Python, `fast.parse_smaps` / smaps floor, 20,000 regions"
    ),
    "`memc PID --smaps`, 20,000 / `cat smaps`": (
        "`memc PID --smaps --compact` / `cat smaps`, 20,000 regions"
    ),
    "`memc PID`, Python / `cat maps`": ("`memc PID --compact` / `cat maps`, Python"),
    "`rss` of Node.js / `smaps`": (
        'in Python, `memc.snapshot(detail="rss")` / "smaps", Node.js'
    ),
    "`uss` of Node.js / `smaps`": (
        'in Python, `memc.snapshot(detail="uss")` / "smaps", Node.js'
    ),
    "`memc PID --rss`, bash / `true`": "`memc PID --rss` / `true`",
    "`memc show PID`, bash / `pmap -X`": "`memc show PID` / `pmap -X`",
    "RSS of bash in Python / psutil's": ("`memc.rss_kb` / psutil `memory_info`, bash"),
    "`show --all --by process`, 1,000 / floor": (
        "`memc show --all --by process` / smaps_rollup floor, 1,000 processes"
    ),
    "`show --all`, 1,000 / smaps floor": (
        "`memc show --all` / smaps floor, 1,000 processes"
    ),
    "`--all --smaps`, wall, 2 CPUs / floor": (
        "`memc --all --smaps --compact` / smaps floor, wall, 2 CPUs"
    ),
    "second sample of 1,000 / smaps floor": (
        "`snapshot_all(after=last)`, smaps / smaps floor, 1,000 quiet processes"
    ),
    "sampler of bash every 10 ms": "sampler of bash every 10 ms, smaps, incremental",
    "load of JSON, 20,000 regions": "`memc.load` of JSON, 20,000 regions",
    "each of 1,000 snapshots kept": "1,000 sampled of 300 regions, smaps",
}


def modules():
    return [importlib.import_module(f"bench_{name}") for name in ORDER]


def sections():
    """Give for each section its title, its text and the names of its rows."""
    found = []
    for module in modules():
        title, _, text = module.__doc__.partition("\n\n")
        found.append((title.strip().rstrip("."), text, tuple(module.ROWS)))
    return found


def names():
    return [what for _, _, rows in sections() for what in rows]
