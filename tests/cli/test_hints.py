"""A wrong word on the command line: what the user may have meant."""

import pytest
from support.cases import cases
from support.commands import COMMANDS

# what memc says, why, the arguments
OPTIONS = [
    ("'--by': --by is an option of memc show, memc diff", "show's", ["1", "--by"]),
    ("'--by': --by is an option of memc show, memc diff", "=", ["1", "--by=type"]),
    ("'--name': --name is an option of memc show, memc diff",
     "no pid, but a name", ["--name", "nginx"]),
    ("'--max-rss': --max-rss is an option of memc check", "check's",
     ["1", "--max-rss", "1M"]),
    ("'--smap': did you mean '--smaps'?", "a typo", ["1", "--smap"]),
    ("'--incr': did you mean '--incremental'?", "a beginning", ["1", "--incr"]),
    ("'--zzz'\n", "nothing is like it", ["1", "--zzz"]),
    ("'--max-rsss': did you mean '--max-rss', an option of memc check and memc record?",
     "a typo of another command's", ["1", "--max-rsss"]),
    ("'--bye': did you mean '--by'?", "a typo", ["show", "1", "--bye", "type"]),
    ("'--bye': did you mean '--by'?", "a typo before", ["show", "--bye", "type", "1"]),
    ("'--bye': did you mean '--by'?", "a typo and =", ["show", "1", "--bye=type"]),
    ("'--pretyy'", "no option is like it", ["diff", "a", "b", "--pretyy"]),
    ("'--jso': did you mean '--json'?", "a typo", ["diff", "a", "b", "--jso"]),
    ("'--max-rs': did you mean '--max-rss'?", "no short form", ["check", "1",
     "--max-rs", "1M"]),
    ("'--compact': --compact is an option of memc PID", "the plain form's",
     ["show", "1", "--compact"]),
    ("'--top': --top is an option of memc show, memc diff", "show's",
     ["check", "1", "--top", "3"]),
    ("unexpected '2': give all targets before the options, or all after",
     "a target between options", ["show", "1", "--by", "type", "2"]),
    ("--jobs needs --all", "one process is read by one thread", ["1", "--jobs", "2"]),
    ("--skip-kernel needs --all", "one process", ["1", "--skip-kernel"]),
    ("not 'python3'; memc show --name python3 finds processes by name",
     "a name after an option", ["--smaps", "python3"]),
    ("not '7zip'; memc show --name 7zip finds processes by name",
     "a name that begins with a digit", ["7zip"]),
    ("; memc show is a command, which comes before options and pids",
     "a command behind a pid", ["1", "show"]),
    ("; memc bundle is a command, which comes before options and pids",
     "a command behind an option", ["--output", "x", "bundle"]),
    ("not './x' (files: memc show)", "a path", ["./x"]),
    ("not 'x.smaps' (files: memc show)", "a file", ["x.smaps"]),
]  # fmt: skip


@cases(OPTIONS, why=1)
def test_wrong_word_is_2_and_told_what_may_be_meant(memc, case):
    said, _, args = case
    result = memc(*args)
    assert (result.status, result.out) == (2, b"")
    words, _, hint = result.err.decode().partition("\nmemc: try 'memc ")
    assert said in f"{words}\n"
    assert hint.endswith("--help'\n")


@pytest.mark.parametrize("command", ["show", "check"])
def test_name_for_a_file_is_told_the_option_for_names(command):
    limit = ["--max-rss", "1M"] if command == "check" else []
    result = COMMANDS["python"](command, "nginx", *limit)
    said = "memc: nginx: No such file or directory (--name finds processes by name)\n"
    assert (result.out, result.err.decode()) == (b"", said)
