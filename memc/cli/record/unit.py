"""The unit of systemd for a recorder that is always on."""

from __future__ import annotations

import os
import shutil
import sys

from memc.cli.output import say

__all__ = ["text"]

FILE = "%S/memc/memc.memc"
# More than CAP_PERFMON is for others' page tables; memc says so in the recording.
UNIT = """\
# As root: memc record --unit > /etc/systemd/system/memc-record.service
#          systemctl daemon-reload && systemctl enable --now memc-record
# Then:    memc query /var/lib/memc/memc.memc
[Unit]
Description=memc record: keeps what the memory of processes is for

[Service]
Type=notify
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
WatchdogSec=60
DynamicUser=yes
StateDirectory=memc
StateDirectoryMode=0750
# CAP_PERFMON reads the layout and smaps of all processes.  For --detail rss and uss of
# other users' processes, add CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH to both lines.
AmbientCapabilities=CAP_PERFMON
CapabilityBoundingSet=CAP_PERFMON
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateNetwork=yes
# No ProtectProc= and no ProcSubset=: memc has to see /proc as it is.
Nice=10
IOSchedulingClass=idle
CPUQuota=10%
MemoryMax=200M
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
"""


def text(options: list[str]) -> str:
    """Return the unit; `options` are those of the command line but --unit."""
    memc = _memc()
    words = [*map(_quoted, memc), "record", "-o", FILE, "--quiet"]
    if not _may_all_run(memc[0]):
        where = "install memc where every user may run it, such as in /opt"
        say(f"{memc[0]}: the user of the unit may not run it: {where}")
    return UNIT.format(command=" ".join([*words, *map(_quoted, options)]))


def _memc() -> list[str]:
    """Return the command that runs this memc."""
    beside = os.path.join(os.path.dirname(sys.executable), "memc")
    found = beside if os.access(beside, os.X_OK) else shutil.which("memc")
    if found is not None:
        return [os.path.abspath(found)]
    return [sys.executable, "-m", "memc"]


def _may_all_run(path: str) -> bool:
    """Tell whether others may run a program, by its mode and those of its folders."""
    real = os.path.realpath(path)
    while real != "/":
        if not os.stat(real).st_mode & 0o001:
            return False
        real = os.path.dirname(real)
    return True


def _quoted(word: str) -> str:
    """Quote a word so that systemd takes it as it is (systemd.service(5))."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("%", "%%").replace("$", "$$").replace("\n", "\\n")
    is_plain = word and not any(c.isspace() or c in "\"'\\;" for c in word)
    return escaped if is_plain else f'"{escaped}"'
