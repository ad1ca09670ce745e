"""The unit of systemd that ``memc record --unit`` prints."""

import os
import shlex
import subprocess

import pytest
from support.cases import cases
from support.commands import COMMANDS

from memc.cli.common import service
from memc.cli.record import unit

# What the unit must say, why
LINES = [
    ("Type=notify", "memc tells when it records"),
    ("WatchdogSec=60", "it is started again if it hangs"),
    ("DynamicUser=yes", "it needs no user of its own"),
    ("AmbientCapabilities=CAP_PERFMON", "it may read processes of others"),
    ("CapabilityBoundingSet=CAP_PERFMON", "and no more"),
    ("StateDirectory=memc", "the folder of FILE"),
    ("ExecReload=/bin/kill -HUP $MAINPID", "FILE was moved away"),
    ("Restart=on-failure", "it goes on in FILE"),
    ("NoNewPrivileges=yes", "it runs no other program"),
]


def unit_of(*options, **env):
    result = COMMANDS["python"]("record", "--unit", *options, env=env)
    assert result.status == 0
    return result.out.decode()


def command_of(text):
    line = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    return line.removeprefix("ExecStart=")


@cases(LINES, why=1)
def test_unit_has_the_line(case):
    line, _ = case
    assert line in unit_of().splitlines()


def test_unit_hides_nothing_of_proc():
    names = {line.partition("=")[0] for line in unit_of().splitlines()}
    assert not names & {"ProtectProc", "ProcSubset", "PrivateUsers"}


@pytest.mark.parametrize(
    "options", [(), ("--interval", "5s", "--name", 'a "b%$ c'), ("--max-size=200M",)]
)
def test_systemd_finds_no_fault(options, tmp_path):
    path = tmp_path / "memc-record.service"
    path.write_text(unit_of(*options))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(path)],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    faults = [line for line in done.stderr.splitlines() if path.name in line]
    assert (done.returncode, faults) == (0, [])


def test_unit_runs_this_memc_with_the_options_that_were_given():
    words = shlex.split(command_of(unit_of("--interval", "5s", "--max-size=200M")))
    assert os.access(words[0], os.X_OK)
    assert words[1:] == ["record", "-o", "%S/memc/memc.memc", "--quiet", "--interval",
                         "5s", "--max-size=200M"]  # fmt: skip


# what systemd reads, why, the word
QUOTED = [
    ("--all", "plain", "--all"),
    ('"a b"', "a blank", "a b"),
    ('""', "nothing", ""),
    ("50%%", "a specifier", "50%"),
    ("^a$$", "a variable", "^a$"),
    ('"a\\"b"', "a quote", 'a"b'),
    ('"a\\\\.b"', "a backslash", "a\\.b"),
    ('";"', "the end of a command", ";"),
    ('"a\\nb"', "a line", "a\nb"),
]


@cases(QUOTED, why=1)
def test_words_are_quoted_as_systemd_reads_them(case):
    expected, _, word = case
    assert service.quoted(word) == expected


@pytest.mark.parametrize("more", [("-o", "x.memc"), ("--", "true")])
def test_unit_has_its_own_file_and_no_command(more):
    result = COMMANDS["python"]("record", "--unit", *more)
    assert (result.status, result.out) == (2, b"")
    assert b"--unit records into %S/memc/memc.memc" in result.err


def test_memc_that_the_user_of_the_unit_may_not_run_is_told(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(service, "say", said.append)
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    program = hidden / "memc"
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setattr(unit, "program", lambda: [str(program)])
    unit.text([])
    assert len(said) == 1
    assert "the user of the unit may not run it" in said[0]
    monkeypatch.setattr(unit, "program", lambda: ["/bin/sh"])
    unit.text([])
    assert len(said) == 1
