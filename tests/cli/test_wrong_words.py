"""What the user meant otherwise is an error that says what would help."""

import pytest
from support.commands import COMMANDS
from support.text import header, record

import memc as package

EMPTY = "name another by --proc or MEMC_PROC"
BAD_PID = "pid: expected a positive number, not '-1'"
NO_PATTERN = "expected a regular expression, not ''"
NO_GROUP = "expected a control group, not ''"

FEW = "an ID needs four digits or more"
SORT_FREED = "--sort freed adds it"
ROW = record(4096, 8192, b"Rss: 4 kB", b"Pss: 4 kB")

# words on stderr, arguments
WRONG = [
    (FEW, ["show", "--all", "--container", "abc"]),
    (
        FEW,
        ["check", "--container", "1", "--max-rss", "1G"],
    ),
    ("digits of an ID, 4 or more, or a name", ["show", "--container", ""]),
    ("digits of an ID, 4 or more, or a name", ["diff", "--container", " "]),
    (NO_GROUP, ["machine", "--cgroup", ""]),
    (NO_GROUP, ["show", "--cgroup", ""]),
    (NO_GROUP, ["check", "--cgroup", "", "--max-rss", "1G"]),
    (NO_PATTERN, ["show", "--name", ""]),
    (NO_PATTERN, ["show", "--match", ""]),
    (NO_PATTERN, ["show", "--all", "--path", ""]),
    (BAD_PID, ["show", "-1"]),
    (BAD_PID, ["show", "-1", "--freed"]),
    (BAD_PID, ["show", "--risk", "-1"]),
    (BAD_PID, ["check", "-1", "--max-rss", "1G"]),
    (BAD_PID, ["diff", "-1", "--after", "1s"]),
    (
        SORT_FREED,
        ["show", "--all", "--by", "process", "--columns", "freed"],
    ),
    (SORT_FREED, ["show", "--all", "--columns", "freed", "--json"]),
    ("--sort growth --after TIME", ["show", "--all", "--columns", "growth", "--csv"]),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: " ".join(case[1]))
def test_error_says_what_would_help(tree, case):
    words, args = case
    tree.add(
        5, smaps=ROW, maps=header(4096, 8192), status=b"Name:\tx\nUid:\t0\t0\t0\t0\n"
    )
    done = COMMANDS["python"](*args, "--proc", tree)
    assert done.status != 0
    assert done.out == b""
    assert words in done.err.decode()


def test_group_of_no_name_is_an_error_in_python():
    for cgroup in ("", ["/", ""]):
        with pytest.raises(ValueError, match="expected a pattern, not ''"):
            package.machine(cgroup=cgroup)


# status, arguments of a folder without processes
COMMANDS_OF_ALL = [
    (1, ["--all"]),
    (1, ["--all", "--totals"]),
    (1, ["--all", "--smaps", "--count", "2", "--interval", "1ms"]),
    (1, ["show", "--all"]),
    (1, ["show", "--all", "--risk"]),
    (1, ["show", "--all", "--by", "process", "--sort", "freed"]),
    (1, ["show", "--name", "x"]),
    (2, ["diff", "--all", "--after", "1ms"]),
    (2, ["check", "--all", "--max-rss", "1G"]),
    (1, ["machine"]),
    (1, ["1"]),
    (1, ["1", "--totals"]),
    (1, ["show", "1"]),
    (1, ["show", "1", "--risk"]),
    (1, ["show", "1", "--freed"]),
    (2, ["check", "1", "--max-rss", "1G"]),
    (2, ["diff", "1", "--after", "1ms"]),
]


@pytest.mark.parametrize("memc", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("case", COMMANDS_OF_ALL, ids=lambda case: " ".join(case[1]))
def test_folder_without_processes_is_no_proc(memc, tmp_path, case):
    status, args = case
    done = memc(*args, env={"MEMC_PROC": str(tmp_path)})
    why = "No data available: not a proc file system, or a copy of one"
    said = f"memc: {tmp_path}: {why}: {EMPTY}\n"
    assert (done.status, done.out, done.err.decode()) == (status, b"", said)
