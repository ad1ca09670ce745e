"""The script that ``memc lake --ssh`` prints, by a real sshd on loopback."""

import getpass
import os
import shutil
import socket
import subprocess
import sys

import pytest
from support.static_command import static

from memc.fleet.shipping import shipped

BIN = os.path.dirname(sys.executable)
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin")
CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
"""
CLIENT = """\
Host one two
    HostName 127.0.0.1
    Port {port}
Host gone
    HostName 127.0.0.1
    Port 1
Host *
    IdentityFile {folder}/user
    IdentitiesOnly yes
    StrictHostKeyChecking no
    UserKnownHostsFile /dev/null
    LogLevel ERROR
"""


def free_port():
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder with a `ssh` that knows three hosts, of which one is down."""
    if SSHD is None or shutil.which("ssh") is None:
        pytest.skip("sshd is not installed")
    folder = tmp_path_factory.mktemp("ssh")
    port = free_port()
    for name in ("host", "user"):
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name]
        subprocess.run(argv, check=True)
    (folder / "sshd_config").write_text(CONFIG.format(port=port, folder=folder))
    (folder / "config").write_text(CLIENT.format(port=port, folder=folder))
    (folder / "bin").mkdir()
    ssh = folder / "bin" / "ssh"
    ssh.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/config "$@"\n')
    ssh.chmod(0o755)
    os.makedirs("/run/sshd", exist_ok=True)
    argv = [SSHD, "-D", "-e", "-f", folder / "sshd_config"]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as server:
        yield folder
        server.terminate()


@pytest.mark.skipif(os.geteuid() != 0, reason="sshd needs root here")
def test_hosts_are_read_where_nothing_is_installed(folder, tmp_path):
    one = f"{os.getpid()} --smaps --compact"  # this machine is large
    every = "--all --smaps --max-stall 50ms --skip-kernel --compact"
    assert every in shipped("ssh")
    (tmp_path / "collect.sh").write_text(shipped("ssh").replace(every, one))
    command = static(tmp_path / "static")
    lake = tmp_path / "lake"
    user = getpass.getuser()
    targets = ["one", f"{user}@two", "gone"]
    env = os.environ | {"PATH": f"{folder}/bin:{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", tmp_path / "collect.sh", lake, command, *targets],
        capture_output=True,
        text=True,
        check=False,
        env=env,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert "gone is missing: " in done.stderr
    import duckdb

    from memc.fleet.lake import files

    for table, hosts in (("owners", ["one", "two"]), ("missing", ["gone"])):
        query = "SELECT DISTINCT host FROM read_parquet(?) ORDER BY 1"
        found = duckdb.execute(query, [files(str(lake), table)]).fetchall()
        assert [host for (host,) in found] == hosts
