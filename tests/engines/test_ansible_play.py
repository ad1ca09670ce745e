"""The playbook that ``memc lake --ansible`` prints, run by Ansible on local hosts."""

import os
import shutil
import subprocess
import sys

import pytest

from memc.fleet.shipping import shipped

BIN = os.path.dirname(sys.executable)
PLAY = os.path.join(BIN, "ansible-playbook")
INVENTORY = """\
one ansible_connection=local
two ansible_connection=local
fails ansible_connection=local memc=false
hangs ansible_connection=local memc='sleep 600;' stall=3
gone ansible_connection=ssh ansible_host=192.0.2.1 ansible_ssh_common_args='{down}'
"""
DOWN = "-o ConnectTimeout=1 -o BatchMode=yes"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not os.access(PLAY, os.X_OK):
        pytest.skip("ansible-core is not installed")
    folder = tmp_path_factory.mktemp("ansible")
    (folder / "memc.yml").write_text(shipped("ansible"))
    (folder / "hosts").write_text(INVENTORY.format(down=DOWN))
    return folder


@pytest.fixture(scope="module")
def play(folder):
    env = os.environ | {
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "LC_ALL": "C.UTF-8",
        "PATH": f"{BIN}:{os.environ['PATH']}",
    }

    def play(*more):
        return subprocess.run(
            [PLAY, "-i", folder / "hosts", folder / "memc.yml", *more],
            capture_output=True,
            text=True,
            check=False,
            env=env,
            timeout=300,
        )

    return play


def test_syntax_is_right(play):
    done = play("--syntax-check", "-e", "lake=/nowhere")
    assert done.returncode == 0, done.stderr


def hosts(lake, table):
    import duckdb

    from memc.fleet.lake import files

    query = "SELECT DISTINCT host FROM read_parquet(?, union_by_name=true) ORDER BY 1"
    return [host for (host,) in duckdb.execute(query, [files(lake, table)]).fetchall()]


@pytest.mark.parametrize("how", ["installed", "static"])
def test_hosts_are_added_and_those_that_fail_are_missing(folder, play, how):
    lake = folder / how
    native = shutil.which("memc", path=BIN)
    more = ["-e", f"static={native}"] if how == "static" else []
    limit = ["--limit", "one,two,localhost"] if how == "static" else []
    options = f"options='{os.getpid()} --smaps --compact'"  # this machine is large
    done = play("-e", f"lake={lake}", "-e", options, *more, *limit)
    assert done.returncode == 0, done.stdout + done.stderr
    assert hosts(str(lake), "owners") == ["one", "two"]
    if how == "installed":
        assert hosts(str(lake), "missing") == ["fails", "gone", "hangs"]
    assert "smaps" not in done.stdout  # nobody's memory is in a log
