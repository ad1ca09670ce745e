"""memc only reads: no call in its code acts on a process, a network or another file."""

import re

import pytest
from support.corpus import CHECKOUT

# Why, what the code may not have, and the files that may: each with its reason.
CHANGES = r"rename|replace|(?:un|sym)?link|remove|f?ch(?:mod|own)|f?truncate|mk\w+"
FORBIDDEN = [
    (
        "signals",
        r"\bkill\((?![^()]*(?:\([^()]*\))?[^()]*, 0\))",  # 0 asks only
        {"memc/cli/record/program.py"},  # what memc got, to the COMMAND that it runs
    ),
    ("signals by other calls", r"\b(?:killpg|tgkill|tkill|sigqueue)\(", set()),
    ("signals by a pidfd", r"pidfd_(?:open|send_signal|getfd)", set()),
    ("traces", r"\bptrace\(|\bPTRACE_[A-Z]+|process_vm_(?:read|write)v", set()),
    ("memory of others", r"process_madvise|clear_refs|[\"']/?mem[\"']", set()),
    ("limits of others", r"\bprlimit|sched_set|\bsetpriority", set()),
    (
        "a network",
        r"^\s*(?:import|from) (?:socket|ssl|http|urllib|asyncio)\b|\bsocket\(",
        {
            "memc/serve/receiver.py",  # reads URLs and certificates, sends nothing
            "memc/serve/otlp_http.py",  # what the libraries of memc push met
            "memc/record/notify.py",  # $NOTIFY_SOCKET of systemd, on this machine
            "memc/fleet/dask.py",  # asyncio, in which the client of Dask works
            "memc/fleet/engines.py",  # is a master of Spark there?
            "memc/top/app.py",  # asyncio, whose loop textual runs: it hears signals
            "memc/serve/listen.py",  # memc serve: where Prometheus asks
            "memc/serve/tls.py",
            "memc/serve/app.py",  # asyncio, whose loop uvicorn runs
            "memc/serve/web.py",
        },
    ),
    (
        "opens for writing",
        r"\b(?:O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND)\b|\bopen\([^)\n]*[\"'][wax]",
        {
            "memc/files/place.py",  # --output
            "memc/record/place.py",  # memc record --output
            "memc/record/lock.py",  # the file beside it
            "memc/files/standard.py",  # /dev/null, for a closed stdout
            "csrc/main.c",  # likewise
        },
    ),
    (
        "changes files",
        rf"\bos\.(?:{CHANGES}|(?:set|remove)xattr)\(",
        {
            "memc/files/atomic.py",  # --output
            "memc/files/inherit.py",
            "memc/record/lock.py",  # the file beside a recording
            "memc/record/room.py",  # the WAL of a recording that was deleted
            "memc/fleet/lake_",  # the files of a lake, which nobody else names
            "memc/fleet/found.py",  # what was taken in from incoming/ of a lake
            "memc/serve/listen.py",  # the socket of memc serve --socket
            "memc/cli/serve/once.py",  # the mode of --output
        },
    ),
]


def code():
    """Give the path and the text of each source file."""
    for folder, pattern in (("memc", "*.py"), ("csrc", "*.[ch]")):
        for path in sorted((CHECKOUT / folder).rglob(pattern)):
            yield str(path.relative_to(CHECKOUT)), path.read_text()


@pytest.mark.parametrize("case", FORBIDDEN, ids=lambda case: case[0])
def test_no_code_of_memc_does_more_than_read(case):
    _, pattern, allowed = case
    found = {
        f"{path}: {match[0]}"
        for path, text in code()
        for match in re.finditer(pattern, text, re.MULTILINE)
        if not any(path.startswith(start) for start in allowed)
    }
    assert found == set()
