"""Processes to read, which the suite starts itself and ends when it is done.

No benchmark reads, signals or stops any other process.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from report import AbsentError

SHELL = shutil.which("bash") or "/bin/sh"
NAMESPACE = ("--pid", "--fork", "--mount-proc", "--kill-child")
SLOW = "left out by --quick"

# Real programs that wait, by name: their words, and the end of the line that they say
# when they are ready.
JAVA = """\
class Wait {
    public static void main(String[] words) throws Exception {
        System.out.println("ready");
        System.in.read();
    }
}
"""
WAITING = {
    "shell": (SHELL, "-c", "echo ready; read x"),
    "node": ("node", "-e", "process.stdin.resume(); console.log('ready')"),
    "python": (sys.executable, "-c", "import polars, pyarrow; print('ready', flush=True); input()"),  # noqa: E501
    "java": ("java", "FOLDER/Wait.java"),
    "chromium": (
        *("chromium", "--headless=new", "--no-sandbox", "--disable-gpu"),
        *("--user-data-dir=FOLDER", "--remote-debugging-port=0", "about:blank"),
    ),
}  # fmt: skip
READY = {"chromium": b"DevTools listening on"}

# Machines of processes: groups of so many shells, sleepers, and processes of a count of
# regions.  "few" has the regions of a small server, in 125 processes; a crowd has 100
# processes for each group, mostly shells.
MACHINES = {"few": (1, 99, 0, ((20, 1_000), (4, 5_000)))}


def crowd(count):
    return count // 100, 59, 30, ((10, 300),)


# Starts them all and waits; they end with it, because it is the first process of their
# world.  A group is a shell with children, for a shell is slow with many.  Its shells
# are forked from it, and the others are programs of their own.
INIT = """
exec 3<&0
regions=$1 groups=$2 shells=$3 sleepers=$4
shift 4
group() {
    for i in $(seq "$shells"); do
        (echo ready; read x) <&3 &
    done
    for i in $(seq "$sleepers"); do
        sleep infinity &
    done
    while [ $# -gt 0 ]; do
        for i in $(seq "$1"); do
            "$regions" "$2" <&3 &
        done
        shift 2
    done
    echo ready
    read x <&3
}
for i in $(seq "$groups"); do
    group "$@" &
done
read x <&3
"""


@dataclass
class Target:
    """A process, or a machine of processes, which has a /proc of its own.

    A command that is started by way of `enter` sees that /proc as its own.
    """

    pid: int
    proc: str = "/proc"
    enter: tuple[str, ...] = ()
    folder: Path | None = None  # for files about this target
    native: object = None  # see native.py
    child: object = None  # the process, or what is told to work

    def pids(self):
        return [int(name) for name in os.listdir(self.proc) if name.isdigit()]

    def regions(self):
        """Count the regions of every process."""
        found = 0
        for pid in self.pids():
            with open(f"{self.proc}/{pid}/maps", "rb") as maps:
                found += len(maps.readlines())
        return found


@contextmanager
def running(*argv, ready=1, said=b"ready", **options):
    """Start a program, wait until it has said that it is ready, and kill it at last."""
    try:
        child = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", **options
        )
    except FileNotFoundError:
        raise AbsentError(f"{argv[0]} is not installed") from None
    try:
        wait_for(child, ready, said)
        yield child
    finally:
        child.kill()
        with suppress(BrokenPipeError):
            child.communicate()


def wait_for(child, ready, said):
    while ready:
        line = child.stdout.readline()
        ready -= said in line
        if not line:
            raise AbsentError(f"{os.path.basename(child.args[0])} does not start")


@contextmanager
def real(name, folder):
    """Run a program of WAITING."""
    (folder / "Wait.java").write_text(JAVA)
    words = [word.replace("FOLDER", str(folder)) for word in WAITING[name]]
    said = READY.get(name, b"ready")
    with running(*words, said=said, stderr=subprocess.STDOUT) as child:
        yield Target(child.pid, folder=folder, child=child)


@contextmanager
def of_regions(native, size, folder):
    """Run a process of so many regions, or of 3,000 regions of files."""
    words = [str(size)]
    if size == "files":
        found = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
        large = (path for path in found if path.stat().st_size >= 4 * 4096)
        words = ["3000", *map(str, large)]
    with running(native.regions, *words) as child:
        yield Target(child.pid, folder=folder, child=child)


@contextmanager
def machine(native, size, folder):
    """Start a pid namespace with a machine of MACHINES, or a crowd of so many."""
    plan = MACHINES.get(size) or crowd(int(size.split()[1]))
    groups, shells, _, counts = plan
    user = ("--user", "--map-root-user") if os.geteuid() else ()
    words = map(str, (*plan[:3], *(n for pair in counts for n in pair)))
    init = (SHELL, "-c", INIT, "sh", native.regions, *words)
    ready = groups * (1 + shells + sum(many for many, _ in counts))
    with running("unshare", *user, *NAMESPACE, *init, ready=ready) as child:
        pid = psutil.Process(child.pid).children()[0].pid
        enter = ("nsenter", "--target", str(pid), "--mount", "--pid")
        if user:
            enter += ("--user", "--preserve-credentials")
        proc = os.path.join("/proc", str(pid), "root", "proc")
        yield Target(pid, proc, enter, folder)


@contextmanager
def people(native, words, folder):
    """Start crowd.c in a pid namespace."""
    user = ("--user", "--map-root-user") if os.geteuid() else ()
    argv = ("unshare", *user, *NAMESPACE, native.crowd, *words)
    with running(*argv) as child:
        pid = psutil.Process(child.pid).children()[0].pid
        proc = os.path.join("/proc", str(pid), "root", "proc")
        yield Target(pid, proc, folder=folder, child=child)


class Targets:
    """The targets that are running: call it with a kind to have one of that kind.

    A number is a process of so many regions, "files" one of 3,000 regions of files;
    the names of WAITING are real programs; "few" and "crowd N" are machines, and
    "people N REGIONS" are the processes of crowd.c.
    """

    def __init__(self, native, *, quick):
        self.native = native
        self.quick = quick
        self.started = {}
        self.stack = ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stack.close()

    def __call__(self, kind):
        if self.quick and kind in (60_000, "crowd 4000", "crowd 10000"):
            raise AbsentError(SLOW)
        if kind not in self.started:
            self.started[kind] = self.stack.enter_context(self.start(kind))
        return self.started[kind]

    @contextmanager
    def start(self, kind):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
            folder = Path(name)
            if kind in WAITING:
                started = real(kind, folder)
            elif str(kind).startswith("people"):
                started = people(self.native, kind.split()[1:], folder)
            elif kind in MACHINES or str(kind).startswith("crowd"):
                started = machine(self.native, kind, folder)
            else:
                started = of_regions(self.native, kind, folder)
            with started as target:
                target.native = self.native
                yield target


@contextmanager
def stall(native, wanted):
    """Run a process with `wanted` bytes in one region, or a third of what is free.

    Gives it and how many bytes they are.
    """
    third = psutil.virtual_memory().available // 3
    size = min(wanted, third >> 20 << 20)
    with running(native.stall, str(size)) as child:
        yield child, size
