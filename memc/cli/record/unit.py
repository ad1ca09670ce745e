"""The unit of systemd for a recorder that is always on."""

from __future__ import annotations

from memc.cli.common.service import program, quoted, say_if_hidden

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
    memc = program()
    say_if_hidden(memc[0])
    words = [*map(quoted, memc), "record", "-o", FILE, "--quiet"]
    return UNIT.format(command=" ".join([*words, *map(quoted, options)]))
