"""Made-up documents of reports, one of each kind, in the shape that the page shows."""

import random

NOON = 1_795_694_400_000  # 2026-11-26T12:00:00Z
MIN = 60_000
HOSTILE = (
    "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=2>"
    '<a href="javascript:window.pwned=3">x</a> {{=1}}'
)
NAMES = ("postgres", "web", "java", "\\x1b[31mred", HOSTILE, "日本語", "cron", "ssh")
OWNERS = ("malloc main heap", "library text", "glibc arena", "thread stack")
LEVELS = ["service", "process", "owner", "region"]


class Tree:
    """Nodes in parallel lists; `done` sums the amounts from the leaves up."""

    def __init__(self, root, *, is_diff=False):
        self.label, self.parent, self.pid = [root], [-1], [None]
        self.kb, self.change = [None], [None] if is_diff else None

    def add(self, parent, label, kb=None, *, pid=None, change=None):
        self.label.append(label)
        self.parent.append(parent)
        self.kb.append(kb)
        self.pid.append(pid)
        if self.change is not None:
            self.change.append(change)
        return len(self.label) - 1

    def done(self, t_ms=None):
        for amounts in filter(None, (self.kb, self.change)):
            for node in range(len(amounts) - 1, 0, -1):
                if amounts[node] is not None:
                    above = self.parent[node]
                    amounts[above] = (amounts[above] or 0) + amounts[node]
        return {
            "t_ms": t_ms,
            "label": self.label,
            "parent": self.parent,
            "kb": self.kb,
            "change_kb": self.change,
            "pid": self.pid,
        }


def tree(*, regions=4, processes=3, seed=1, t_ms=None, is_diff=False):
    """Make a tree of four levels; a process of the last service is not known."""
    pick = random.Random(seed)
    made = Tree("all processes", is_diff=is_diff)
    for number, name in enumerate(NAMES):
        service = made.add(0, f"{name}.service" if number < 3 else name)
        for each in range(processes):
            pid = 1000 * (number + 1) + each
            process = made.add(service, f"{pid} {name}", pid=pid)
            if number == len(NAMES) - 1 and not each:
                continue  # its amounts could not be read
            for place, owner in enumerate(OWNERS):
                above = made.add(process, owner)
                for row in range(regions):
                    start = 0x7F0000000000 + (place * regions + row) * 0x100000
                    words = f"{start:x}-{start + 0x100000:x} rw-p /usr/lib/{name}.so"
                    kb = 4 * pick.randrange(1, 3000 // (place + 1))
                    change = pick.choice((0, 0, 4, 400, -80)) if is_diff else None
                    made.add(above, words, kb, change=change)
                made.add(above, "12 smaller regions", 48, change=0)
    return made.done(t_ms)


def largest():
    rows = [
        {
            "name": name,
            "pid": 1000 * number,
            "user": "www-data" if number % 2 else "root",
            "service": f"{name}.service" if number < 4 else name,
            "rss_kb": 400_000 // number,
            "pss_kb": 390_000 // number if number < 6 else None,
            "swap_kb": 0 if number % 2 else 1200,
            "regions": 300 * number if number < 7 else None,
        }
        for number, name in enumerate(NAMES, 1)
    ]
    lost = {"name": "ssh", "pid": 8000, "user": None, "service": "ssh"}
    return [*rows, lost | dict.fromkeys(("rss_kb", "pss_kb", "swap_kb", "regions"))]


def number(label, kb, text, note=""):
    return {"label": label, "value_kb": kb, "text": text, "note": note}


def _base(kind, title, trees):
    return {
        "kind": kind,
        "title": title,
        "when": "2026-11-26T12:00:00Z (2026-11-26 13:00:00 CET)",
        "host": "web-1",
        "kernel": "6.18.5",
        "memc": "1.1.0",
        "detail": "smaps",
        "measure": "pss",
        "levels": LEVELS,
        "skipped": 3,
        "notes": ["3 processes could not be read: 3 no permission"],
        "gaps": [],
        "numbers": [],
        "trees": trees,
        "series": None,
        "grew": None,
        "largest": largest(),
        "how": [
            "PSS divides each shared page among the processes that map it.",
            "3 processes could not be read; their memory is not in the map.",
        ],
    }


def snapshot_document(**of_tree):
    """Make the document of live processes; `of_tree` is for `tree`."""
    made = _base("snapshot", "Memory of 25 processes", [tree(t_ms=NOON, **of_tree)])
    total = made["trees"][0]["kb"][0]
    made["numbers"] = [
        number("PSS", total, f"{total / 1024:.0f} MiB"),
        number("Swap", 4800, "4.69 MiB", "of 25 processes"),
        number("Processes", None, "25", "3 could not be read"),
    ]
    return made


def diff_document(**of_tree):
    """Make the document of what changed between two times."""
    trees = [tree(t_ms=NOON, is_diff=True, **of_tree)]
    made = _base("diff", "What changed: before.json, after.json", trees)
    after, change = trees[0]["kb"][0], trees[0]["change_kb"][0]
    made["numbers"] = [
        number("PSS before", after - change, f"{(after - change) / 1024:.0f} MiB"),
        number("PSS after", after, f"{after / 1024:.0f} MiB"),
        number("Change", change, f"{change:+} KiB"),
    ]
    made["grew"] = _grew(points=0, per_hour=None)
    return made


def recording_document(*, minutes=1440, **of_tree):
    """Make the document of a day, with a gap of 20 minutes."""
    span = minutes * MIN
    times = [NOON + span * part // 5 for part in range(6)]
    trees = [
        tree(seed=seed, t_ms=t_ms, **of_tree) for seed, t_ms in enumerate(times, 1)
    ]
    made = _base("recording", "Memory recorded in day.memc", trees)
    made["when"] = (
        "2026-11-26T12:00:00Z to 2026-11-27T12:00:00Z "
        "(2026-11-26 13:00:00 to 2026-11-27 13:00:00 CET)"
    )
    made["measure"], made["detail"] = "rss", ""
    made["gaps"] = [[NOON + 600 * MIN, NOON + 620 * MIN, "not recording"]]
    made["series"] = _series(minutes)
    made["grew"] = _grew(points=24, per_hour=1)
    total = trees[-1]["kb"][0]
    made["numbers"] = [
        number("RSS at the end", total, f"{total / 1024:.0f} MiB"),
        number("Highest", total + 9000, "600 MiB", "at 2026-11-26 19:12:00 UTC"),
        number("Grew", 123_456, "+121 MiB", "+5.02 MiB an hour"),
    ]
    return made


def _series(minutes):
    pick = random.Random(2)
    lines = []
    for _ in range(9):
        kb, line = 50_000, []
        for minute in range(minutes):
            kb = max(kb + pick.randrange(-900, 1000), 0)
            line.append(None if 600 <= minute < 620 else kb)
        lines.append(line)
    kinds = ("oom", f"{HOSTILE} (5000) ended"), ("over", "2000 web: over 1 GiB RSS")
    return {
        "t_ms": [NOON + minute * MIN for minute in range(minutes)],
        "step_ms": MIN,
        "names": [*NAMES, "others"],
        "kb": lines,
        "events": [
            {"t_ms": NOON + minutes * MIN * (part + 1) // 3, "kind": kind, "text": text}
            for part, (kind, text) in enumerate(kinds)
        ],
    }


def _grew(*, points, per_hour):
    made = []
    for place, name in enumerate((*NAMES, *OWNERS)):
        is_owner = place >= len(NAMES)
        before = None if place == 2 else 40_000
        after = 0 if place in (7, 11) else 90_000 - 7000 * (place % len(NAMES))
        change = after - (before or 0)
        line = [
            None if point in (9, 10) else (before or 0) + change * point // 24
            for point in range(points)
        ]
        made.append(
            {
                "name": name,
                "pid": None if is_owner else 1000 * (place + 1),
                "owner": name if is_owner else None,
                "before_kb": before,
                "after_kb": after,
                "per_hour_kb": per_hour and change // 24,
                "points": line,
            }
        )
    return made


DOCUMENTS = {
    "snapshot": snapshot_document(),
    "diff": diff_document(),
    "recording": recording_document(),
}
