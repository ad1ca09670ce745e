"""What stands on the command line of an interactive shell after TAB."""

import os
import select
import subprocess

import pytest
from support.cases import cases

MEMC = "memc() { printf '<%s>' \"$@\"; echo; } >>typed"
SETUP = {
    "bash": (["bash", "--norc", "-i"], MEMC),
    "zsh": (["zsh", "-f", "-i"], f"autoload -Uz compinit; compinit -u -D; {MEMC}"),
    "fish": (
        ["fish", "--no-config", "-i"],
        "function memc; printf '<%s>' $argv >>typed; echo >>typed; end",
    ),
}
# what is typed, what memc gets, why
CASES = [
    ("memc sho\t1", ["show", "1"], "a command, and a blank behind it"),
    ("memc show --by=serv\t", ["show", "--by=service"], "a value behind ="),
    ("memc show --by serv\t", ["show", "--by", "service"], "a value"),
    ("memc show --by=service,ow\t", ["show", "--by=service,owner"], "a list behind ="),
    ("memc show --by service,ow\t", ["show", "--by", "service,owner"], "a list"),
    ("memc show --color=ne\t 1", ["show", "--color=never", "1"], "words follow"),
    ("memc record --regions to\t", ["record", "--regions", "top:5"], "a colon"),
    ("memc record --regions top:\t", ["record", "--regions", "top:5"], "behind it"),
    ("memc query a\\ f\t", ["query", "a file"], "a blank in the name of a file"),
    ("memc query --backup=a\\ f\t", ["query", "--backup=a file"], "behind ="),
    ("memc query 'a f\t", ["query", "a file"], "in quotes"),
    ("memc show --proc fol\t", ["show", "--proc", "folder"], "a folder"),
    ("memc query d\t", ["query", "d$(>pwned)"], "the name of a hostile file"),
]


@pytest.fixture(scope="session")
def typed(shell, tmp_path_factory):
    """Type all lines, and give what memc got for each."""
    folder = tmp_path_factory.mktemp("typed")
    (folder / "a file").touch()
    (folder / "d$(>pwned)").touch()
    (folder / "folder").mkdir()
    argv, define = SETUP[shell.name]
    lines = [define, f"source {shell.script}", *(line for line, _, _ in CASES), "exit"]
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "TERM": "dumb"}
    master, slave = os.openpty()
    child = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *argv],
        stdin=slave, stdout=slave, stderr=slave, cwd=folder,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **home},
    )  # fmt: skip
    os.close(slave)
    try:
        for line in lines:
            os.write(master, f"{line}\r".encode())
        while _read(master):
            pass
        child.wait(timeout=60)
    finally:
        child.kill()
        child.wait()
        os.close(master)
    assert not (folder / "pwned").exists()
    return (folder / "typed").read_text().splitlines()


def _read(master):
    """Read what the shell prints: b"" when it has ended, or waits for more."""
    if not select.select([master], [], [], 60)[0]:
        return b""
    try:
        return os.read(master, 1 << 16)
    except OSError:  # the shell has ended
        return b""


@cases([(i, *case) for i, case in enumerate(CASES)], why=3)
def test_word_is_completed_as_it_is_meant(typed, case):
    i, _, expected, _ = case
    assert len(typed) == len(CASES)
    # zsh takes away the slash behind a folder.
    assert typed[i].replace("/>", ">") == "".join(f"<{word}>" for word in expected)
