"""What a bundle tells of a machine, and the names of it that it must not tell."""

import os
import pwd

import pytest
from support.cases import cases

from memc.bundle.check import offences
from memc.bundle.machine import _group, is_live, machine, release
from memc.bundle.who import names_of_here
from memc.cgroups.group import Group
from memc.table.json_text import dumps

RELEASES = [
    ("6.1.0-13-amd64", "6.1.0-13-amd64", "Debian"),
    ("6.8.0-45-generic", "6.8.0-45-generic", "Ubuntu"),
    ("5.14.0-362.8.1.el9_3.x86_64", "5.14.0-362.8.1.el9_3.x86_64", "Red Hat"),
    ("6.6.9-200.fc39.x86_64", "6.6.9-200.fc39.x86_64", "Fedora"),
    ("6.1.61-85.141.amzn2023.x86_64", "6.1.61-85.141.amzn2023.x86_64", "Amazon"),
    ("5.15.133.1-microsoft-standard-WSL2", "5.15.133.1-microsoft-standard-WSL2", "WSL"),
    ("6.12.0-rc3", "6.12.0-rc3", "before a release"),
    ("6.1.0-acme-prod", "6.1.0+", "built by a company"),
    ("6.1.0-13-amd64-annsbox", "6.1.0-13-amd64+", "a name behind what is known"),
    ("6.1.0-generically", "6.1.0+", "a word that begins as one"),
    ("4.4.0", "4.4.0", "no more than numbers"),
    (None, "annsbox", "no number at all"),
    (None, "", "nothing"),
]


@cases(RELEASES, why=2)
def test_a_release_is_told_without_what_somebody_called_theirs(case):
    expected, text = (case[1], case[0]) if case[0] and "+" in case[1] else case[:2]
    assert release(text) == expected


def test_a_live_machine_tells_numbers_and_words_of_the_kernel_alone():
    told = machine("/proc", [os.getpid()])
    assert told["max_map_count"] > 0
    assert told["mem_total_kb"] > 0
    texts = {value for value in told["thp"].values() if value is not None}
    assert texts <= {"always", "madvise", "never", "defer", "defer+madvise", "advise",
                     "within_size", "deny", "force"}  # fmt: skip
    groups = told.pop("cgroups")
    assert all(members == [os.getpid()] for members in (g["pids"] for g in groups))
    told.pop("thp")
    assert all(isinstance(value, int | None) for value in told.values())


def test_a_process_that_is_gone_has_no_group():
    assert machine("/proc", [2**22 - 1])["cgroups"] == []


def test_an_event_that_a_newer_kernel_counts_makes_no_bundle_refused():
    group = Group(2, "/shop")
    group.events = {"max": 1, "oom_of_a_newer_kernel": 2}
    told = _group(group)
    assert told["events"] == {"max": 1}
    assert offences({"machine.json": dumps(told)}) == []


def test_a_copy_of_proc_is_not_live(tree):
    tree.add(1, maps=b"")
    assert is_live("/proc")
    assert not is_live(str(tree))


def test_what_the_kernel_does_not_tell_is_none(tree):
    tree.add(1, maps=b"")
    told = machine(str(tree), [1])
    assert told["max_map_count"] is None
    assert told["mem_total_kb"] is None


def test_users_and_the_machine_are_names_of_here(monkeypatch):
    users = [
        pwd.struct_passwd(("ann", "x", 1000, 1000, "", "/srv/homes/annie", "/bin/sh")),
        pwd.struct_passwd(("mail", "x", 8, 8, "", "/var/mail", "/bin/sh")),
        pwd.struct_passwd(("nobody", "x", 65534, 65534, "", "/none", "/bin/sh")),
        pwd.struct_passwd(("ed", "x", 1001, 1001, "", "/home/ed", "/bin/sh")),
    ]
    monkeypatch.setattr(pwd, "getpwall", lambda: users)
    monkeypatch.setenv("SUDO_USER", "bertha")
    found = names_of_here()
    assert {"ann", "annie", "bertha"} <= found
    assert not {"mail", "nobody", "none", "ed", "root", ""} & found


@pytest.mark.parametrize("host", ["web7.shop.example.com"])
def test_each_part_of_the_name_of_the_machine_counts(monkeypatch, host):
    parts = tuple(os.uname())
    named = os.uname_result((parts[0], host, *parts[2:]))
    monkeypatch.setattr(os, "uname", lambda: named)
    found = names_of_here()
    assert {host, "web7", "shop", "example"} <= found
    assert "com" not in found
