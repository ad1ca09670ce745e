"""A made-up crowd of processes, as `memc top` shows it: the same in each run.

Tests of the live view use it, and so do its pictures in the docs.
"""

from dataclasses import replace

from memc.errors import MemcError
from memc.human.units import safe
from memc.top.moment import Details, Line, Owner, Region, Tell

BEGIN_MS = 1_764_165_785_000  # 2025-11-26 14:03:05 UTC
TOTAL_KB = 32 << 20
MIB = 1024

# name, user, service, RSS in MiB, growth in MiB a minute, swap in MiB, faults a second
KINDS = [
    ("postgres", "postgres", "postgresql.service", 3287, 12.3, 0, 812),
    ("java", "tomcat", "tomcat.service", 2939, -0.1, 12, 40),
    ("python3", "web", "web.service", 1044, 8.0, 0, 33),
    ("firefox-esr", "anna", "user@1000.service", 918, 1.4, 96, 210),
    ("node", "web", "chat.service", 512, 0.0, 0, 2),
    ("redis-server", "redis", "redis.service", 388, 0.2, 0, 1),
    ("Xorg", "root", "display-manager.service", 164, 0.0, 8, 4),
    ("nginx", "www-data", "nginx.service", 61, 0.0, 0, 0),
    ("systemd-journald", "root", "systemd-journald.service", 58, 0.1, 0, 3),
    ("dockerd", "root", "docker.service", 49, -0.4, 31, 1),
    ("sshd", "root", "ssh.service", 11, 0.0, 2, 0),
    ("bash", "anna", "user@1000.service", 5, 0.0, 1, 0),
]

# Names that other people chose: for a terminal, for rich and for the eye.
HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07",
    "[bold red]x[/] [@click=app.quit]quit[/]",
    "{{=1}} %s $(reboot) \\",
    "絵文字プロセス名前",
    "e\u0301\u0301\u0301 a\u200bb \u202egnp.exe",
    "👩‍👩‍👧‍👦 family",
    "\ud800\udcff not UTF-8".encode("utf-8", "surrogatepass").decode("latin-1"),
    " " * 12,
    "x" * 300,
    "",
]


class Crowd:
    """A source of a made-up crowd; each look is a second later."""

    def __init__(
        self, processes=40, *, regions=12, hostile=False, largest_regions=None
    ):
        self.now = 0
        self.ended = set()  # keys of processes that are gone
        self.error = None  # what look() raises
        self.note = ""  # why there are no details
        self.calls = []
        self.regions = regions
        self.largest_regions = largest_regions
        names = [(safe(name), "eve", "", 7, 0.0, 0, 0) for name in HOSTILE]
        self.kinds = [
            *(KINDS[i % len(KINDS)] for i in range(processes)),
            *(names if hostile else ()),
        ]
        self.lines = [self._line(i, kind) for i, kind in enumerate(self.kinds)]

    def look(self):
        self.calls.append("look")
        if self.error:
            raise self.error
        self.now += 1
        lines = []
        for line, kind in zip(self.lines, self.kinds, strict=True):
            if line.key not in self.ended:
                self._move(line, kind)
                lines.append(replace(line))  # of this moment alone
        return Tell(
            t_ms=BEGIN_MS + self.now * 1000,
            lines=lines,
            total_kb=TOTAL_KB,
            available_kb=TOTAL_KB // 10,
            swap_used_kb=410 * MIB,
            psi_some=1.2,
            own_cpu=0.9,
            notes=[],
        )

    def details(self, line):
        self.calls.append(("details", line.pid))
        if self.note:
            return Details(note=self.note)
        regions = self.regions
        if self.largest_regions is not None and line.key == 1:
            regions = self.largest_regions
        return Details(
            owners=owners_of(line),
            regions=[_region(i) for i in range(regions)],
            age_s=2.0,
            between_s=0.9,
        )

    def save(self, line):
        self.calls.append(("save", None if line is None else line.pid))
        return b'{"made": "up"}\n'

    def close(self):
        self.calls.append("close")

    def _line(self, i, kind):
        name, user, service, mib, growth, swap, faults = kind
        turn = i // len(KINDS)
        rss = mib * MIB * 100 // (100 + 41 * turn) - 13 * i
        anon = rss * 9 // 10
        now = max(rss, 200)
        line = Line(
            key=i + 1,
            pid=1234 + 37 * i,
            ppid=1234 + 37 * (i % len(KINDS)) if turn else 1,
            name=name,
            cmdline=f"/usr/bin/{name} --worker {turn}" if service else "",
            user=user,
            cgroup=f"/system.slice/{service}" if service else "",
            container="c0ffee123456" if name == "node" else "",
            service=service or name,
            state="S",
            threads=1 + i % 7,
            rss_kb=now,
            anon_kb=anon,
            file_kb=now - anon,
            shmem_kb=0,
            swap_kb=swap * MIB,
            faults_s=float(faults),
            rate_kb_min=growth * MIB,
            regions=None,
            history=[],
        )
        for back in range(60, 0, -1):
            line.history.append(max(0, int(now - growth * MIB * back / 12)))
        if name == "python3" and not turn:
            line.warning = "over --max-rss 1G"
        return line

    def _move(self, line, kind):
        line.rss_kb = max(0, int(line.rss_kb + kind[4] * MIB / 60))
        if self.now % 5 == 0:
            line.history = [*line.history[1:], line.rss_kb]


class Replay(Crowd):
    """The crowd as a recording: keys move the time."""

    speed = 0

    def position(self, width):
        return [("[replay 14:03:05, 1 h of 2 h]"[:width], "head")]

    def look(self):
        tell = super().look()
        self.now -= 1
        tell.is_live = False
        tell.t_ms = BEGIN_MS + self.now * 1000
        tell.begin_ms, tell.end_ms = BEGIN_MS - 3_600_000, BEGIN_MS + 3_600_000
        tell.event = "started: nginx 1493"
        return tell

    def _go(self, *call, by=0):
        self.calls.append(call)
        self.now += by

    def step(self, n):
        self._go("step", n, by=n)

    def move(self, ms):
        self._go("move", ms, by=ms // 1000)

    def event(self, n):
        self._go("event", n, by=7 * n)

    def go(self, text):
        if text == "never":
            raise MemcError("expected a time such as 14:03, not 'never'")
        self._go("go", text)

    def play(self, speed):
        self.speed = speed
        self._go("play", speed)


def owners_of(line):
    """Give the owners of a process: the largest first, in sum its RSS."""
    parts = [
        ("shared memory", 64, 0.0),
        ("malloc main heap", 24, 11.9),
        ("library text", 8, 0.0),
        ("thread stack", 3, 0.0),
        ("vdso", 0, 0.0),
    ]
    return [
        Owner(
            name=name,
            rss_kb=line.rss_kb * share // 100,
            swap_kb=line.swap_kb if share == 24 else 0,
            rate_kb_min=rate * MIB,
            history=[
                line.rss_kb * share // 100 + int(rate * i * 40) for i in range(60)
            ],
        )
        for name, share, rate in parts
    ]


def _region(i):
    start = 0x7F0000000000 + i * 0x200000
    names = [
        "/usr/lib/x86_64-linux-gnu/libc.so.6",
        "[heap]",
        "",
        "/dev/shm/cache (deleted)",
    ]
    return Region(
        start=start,
        end=start + 0x100000,
        perms="rw-p" if i % 4 else "r-xp",
        pathname=names[i % 4],
        owner=["library text", "malloc main heap", "malloc arena", "shared memory"][
            i % 4
        ],
        rss_kb=(1 << 20) // (i + 1),
        swap_kb=0,
    )
