"""Messages to the manager of services, over sockets that the tests make."""

import os
import socket

import pytest
from support.cases import cases

from memc.record.notify import Notify

US = 1_000_000


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    """Give a socket that listens, and its name as the environment has it."""
    name = str(tmp_path / "notify")
    if request.param == "abstract":
        name = f"@memc-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(name.replace("@", "\0", 1))
        made.settimeout(10)
        yield made, name


def test_facts_arrive_as_one_datagram_each(manager):
    listening, name = manager
    notify = Notify({"NOTIFY_SOCKET": name})
    notify.tell(READY=1, STATUS="two words, é")
    notify.tell(WATCHDOG=1)
    notify.close()
    got = [listening.recv(4096) for _ in range(2)]
    assert got == ["READY=1\nSTATUS=two words, é".encode(), b"WATCHDOG=1"]


# the name of the socket, why nobody is told
NOBODY = [
    (None, "no manager"),
    ("", "empty"),
    ("relative", "no absolute path"),
    ("vsock:2:1", "another kind of socket"),
    ("/nothing/here", "there is no such socket"),
    ("/" + "x" * 200, "longer than an address can be"),
]


@cases(NOBODY, why=1)
def test_manager_that_cannot_be_told_does_not_matter(case):
    name, _ = case
    notify = Notify({} if name is None else {"NOTIFY_SOCKET": name})
    notify.tell(READY=1)
    notify.close()


def test_manager_that_reads_nothing_does_not_stop_the_recorder(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "s"))
        notify = Notify({"NOTIFY_SOCKET": str(tmp_path / "s")})
        for _ in range(10_000):  # more than its queue holds
            notify.tell(WATCHDOG=1)
        notify.close()


# how often to tell, why, the environment
WATCHDOGS = [
    (30.0, "half of the time", {"WATCHDOG_USEC": str(60 * US)}),
    (0.5, "this process is meant",
     {"WATCHDOG_USEC": str(US), "WATCHDOG_PID": str(os.getpid())}),
    (None, "another process is meant",
     {"WATCHDOG_USEC": str(US), "WATCHDOG_PID": "1"}),
    (None, "none", {}),
    (None, "no number", {"WATCHDOG_USEC": "1s"}),
    (None, "0", {"WATCHDOG_USEC": "0"}),
]  # fmt: skip


@cases(WATCHDOGS, why=1)
def test_watchdog_is_told_in_half_of_its_time(case):
    expected, _, environ = case
    assert Notify({"NOTIFY_SOCKET": "/x", **environ}).watchdog_s == expected
    assert Notify(environ).watchdog_s is None
