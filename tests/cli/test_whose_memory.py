"""``--by user, name, command, cgroup, container, pod, service``, and two levels."""

import csv
import io
import re

import orjson
import pytest
from support.cases import cases
from support.family import counters, document, table
from support.text import header, record
from support.trees import Tree

A, B, C = "a1" * 32, "b2" * 32, "c3" * 32
UID = "0a1b2c3d-1111-2222-3333-444455556666"
POD = f"/kubepods.slice/kubepods-pod{UID.replace('-', '_')}.slice"
STATUS = b"Name:\tx\nPPid:\t1\nUid:\t9\t%d\t9\t9\n"

# pid, comm, user, control groups, command line, PSS
PROCESSES = [
    (11, b"nginx", 33, f"0::{POD}/cri-containerd-{A}.scope", b"nginx: worker 1", 10),
    (12, b"nginx", 33, f"0::{POD}/cri-containerd-{A}.scope", b"nginx: worker 2", 20),
    (
        13,
        b"python3",
        0,
        f"4:memory:/docker/{B}",
        b"python3\0-u\0/w.py\0--port\x001",
        40,
    ),
    (14, b"python3", 0, f"4:memory:/docker/{C}", b"python3\0/w.py\0--port\x002", 80),
    (15, b"sshd", 0, "0::/system.slice/sshd.service", b"/sbin/sshd\0-D\0token=x1", 160),
    (16, b"init", 0, "0::/init.scope", b"", 320),
]


@pytest.fixture(scope="module")
def whose(tmp_path_factory):
    """Give a made-up /proc of six processes, each with a heap and a nameless region."""
    tree = Tree(tmp_path_factory.mktemp("whose") / "proc")
    for pid, comm, uid, cgroup, cmdline, pss in PROCESSES:
        start = pid << 20
        tree.add(
            pid,
            smaps=record(start, start + 65536, *counters(pss, pss))
            + record(start + (1 << 24), start + (1 << 24) + 4096, *counters(1, 1)),
            maps=header(start, start + 65536),
            comm=comm + b"\n",
            status=STATUS % uid,
            cgroup=cgroup.encode() + b"\n",
            cmdline=cmdline and cmdline + b"\0",
        )
    return tree


@pytest.fixture
def show(memc, whose):
    return lambda *args: memc("show", "--all", *args, "--proc", whose)


# expected keys and PSS in order of the sum, level
LEVELS = [
    ({"root": 604, "www-data": 32}, "user"),
    ({"init": 321, "sshd": 161, "python3": 122, "nginx": 32}, "name"),
    (
        {"[init]": 321, "sshd": 161, "python3 /w.py": 122, "nginx: worker #": 32},
        "command",
    ),
    (
        {
            "/init.scope": 321,
            "/system.slice/sshd.service": 161,
            f"/docker/{C}": 81,
            f"/docker/{B}": 41,
            f"{POD}/cri-containerd-{A}.scope": 32,
        },
        "cgroup",
    ),
    ({None: 482, C: 81, B: 41, A: 32}, "container"),
    ({None: 604, UID: 32}, "pod"),
    ({None: 475, "sshd.service": 161}, "service"),
]


@cases(LEVELS, why=1)
def test_processes_with_one_thing_in_common_are_one_row(show, case):
    expected, by = case
    found = document(show("--by", by, "--json"))
    assert found["by"] == by
    assert {row[by]: row["pss_kb"] for row in found["groups"]} == expected
    assert [row[by] for row in found["groups"]] == [*expected]
    assert sum(row["processes"] for row in found["groups"]) == 6
    assert found["total"]["pss_kb"] == sum(expected.values())


@cases(LEVELS, why=1)
def test_csv_has_the_keys_of_json(show, case):
    by = case[1]
    groups = document(show("--by", by, "--json"))["groups"]
    rows = list(csv.DictReader(io.StringIO(show("--by", by, "--csv").out.decode())))
    assert [list(row) for row in rows] == [list(group) for group in groups]
    assert [row[by] for row in rows] == [group[by] or "" for group in groups]


@cases(LEVELS, why=1)
def test_totals_without_regions_are_grouped_too(memc, whose, tmp_path, case):
    path = tmp_path / "totals.json"
    made = memc("--all", "--totals", "--full", "--proc", whose)
    path.write_bytes(made.out)
    rows = document(memc("show", path, "--by", case[1], "--json"))["groups"]
    assert {row[case[1]] for row in rows} == {*case[0]}
    assert sum(row["processes"] for row in rows) == 6
    assert {row["regions"] for row in rows} == {None}


@pytest.mark.parametrize("by", [by for _, by in LEVELS])
def test_document_and_copy_are_grouped_as_what_is_live(memc, show, whose, tmp_path, by):
    live = document(show("--by", by, "--json"))["groups"]
    path = tmp_path / "all.json"
    path.write_bytes(memc("--all", "--smaps", "--full", "--proc", whose).out)
    for file in (path, whose):
        found = document(memc("show", file, "--by", by, "--json"))["groups"]
        assert found == live


# expected lines but for amounts, level
TEXTS = [
    (["root", "www-data"], "user"),
    (["(no container)", f"{C[:12]} (docker)", f"{B[:12]} (docker)"], "container"),
    (["(no pod)", "0a1b2c3d-1111"], "pod"),
    (["(no service)", "sshd.service"], "service"),
    (["/init.scope", "/system.slice/sshd.service", f"docker {C[:12]}"], "cgroup"),
]


@cases(TEXTS, why=1)
def test_table_has_names_of_users_and_twelve_digits_of_ids(show, case):
    expected, by = case
    lines = table(show("--by", by))
    assert lines[0][-1] == {"cgroup": "CONTROL GROUP"}.get(by, by.upper())
    assert [line[-1] for line in lines[1 : len(expected) + 1]] == expected
    assert lines[0][-2] == "PROCESSES"


def test_pod_and_container_of_a_group_are_told(show):
    text = show("--by", "cgroup").out.decode()
    assert f"pod 0a1b2c3d-1111, containerd {A[:12]}\n" in text
    assert (
        f"{POD}/cri-containerd-{A}.scope"
        in show("--by", "cgroup", "--wide").out.decode()
    )


# ---- Two levels ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "inner", ["owner", "type", "path", "process", "region", "name"]
)
@pytest.mark.parametrize("outer", ["user", "cgroup", "container"])
def test_rows_of_two_levels_are_flat_and_have_both_keys(show, outer, inner):
    found = document(show("--by", f"{outer},{inner}", "--json"))
    rows, key = found["groups"], {"process": "pid", "region": "start"}.get(inner, inner)
    assert found["by"] == f"{outer},{inner}"
    sums = {}
    for row in rows:
        assert row.keys() >= {outer, key}
        assert ("processes" in row) == (inner != "process")
        sums[row[outer]] = sums.get(row[outer], 0) + row["pss_kb"]
    alone = document(show("--by", outer, "--json"))["groups"]
    assert sums == {row[outer]: row["pss_kb"] for row in alone}
    assert [*sums] == [row[outer] for row in alone]


def test_table_of_two_levels_has_a_line_above_each_group(show):
    lines = show("--by", "user,process").out.decode().splitlines()
    assert lines[0].split()[-5:] == ["PID", "USER", "/", "NAME", "COMMAND"]
    assert lines[1].endswith("   root")
    assert lines[2].split()[-3:] == ["16", "init", "[init]"]
    assert [line.split()[0] for line in lines[1:4]] == ["604K", "321K", "161K"]
    assert [line for line in lines if line.endswith("   www-data")]


def test_top_is_for_each_level(show):
    args = ("--by", "user,process", "--top", "1")
    rows = document(show(*args, "--json"))["groups"]
    assert [(row["user"], row["pid"]) for row in rows] == [("root", 16)]
    text = show(*args).out.decode()
    assert "  … 3 more\n" in text
    assert re.search(r"[0-9]  … 1 more\n|  … 1 more\n", text)


def test_processes_are_an_outer_level_too(show):
    rows = document(show("--by", "process,owner", "--json"))["groups"]
    assert {row["pid"] for row in rows} == {pid for pid, *_ in PROCESSES}
    assert {row["processes"] for row in rows} == {1}


# words of the error, value of --by
WRONG = [
    (b"expected one of owner, type, path, region, process, user", "users"),
    (b"expected one level or two different ones", "user,user"),
    (b"expected one level or two different ones", "user,name,owner"),
    (b"expected a region inside of something", "region,user"),
    (b"expected one of", "user,"),
]


@cases(WRONG, why=1)
def test_other_words_are_refused(show, case):
    result = show("--by", case[1])
    assert result.status == 2
    assert case[0] in result.err


# ---- Command lines -------------------------------------------------------------------


def test_commands_tell_namesakes_apart(show):
    lines = show("--by", "process").out.decode().splitlines()
    assert lines[0].endswith("COMMAND")
    said = "\n".join(lines)
    assert "python3 /w.py --port 1\n" in said
    assert "python3 /w.py --port 2\n" in said
    assert "nginx: worker 2\n" in said
    assert "[init]\n" in said
    assert "/sbin/sshd" not in said
    assert "/sbin/sshd -D token=x1\n" in show("--by", "process", "--wide").out.decode()


def test_json_has_command_lines_if_asked_alone(show):
    args = ("--by", "process", "--json")
    assert b"token" not in show(*args).out
    rows = document(show(*args, "--command"))["groups"]
    assert rows[1]["command"] == "/sbin/sshd -D token=x1"
    assert {row["pid"]: row["command"] for row in rows}[16] == ""
    csv_text = show("--by", "process", "--csv").out
    assert b"token=x1" in csv_text


@pytest.mark.parametrize("form", [["--wide"], ["--csv"], ["--json", "--command"], []])
def test_arguments_are_hidden_if_asked(show, form):
    text = show("--by", "process", "--redact", *form).out.decode()
    assert "token" not in text
    assert "--port" not in text
    assert "sshd …" in text
    assert "python3 /w.py …" in text
    assert "nginx: worker #" in text


# ---- Which processes -----------------------------------------------------------------

# expected pids, arguments, why
CHOSEN = [
    ([14], ["--container", C[:4]], "four digits"),
    ([14], ["--container", C[:12].upper()], "capital letters"),
    ([14], ["--container", C], "the whole ID"),
    ([13, 14], ["--container", C[:12], "--container", B[:12]], "either of two"),
    ([13, 14], ["--match", "w[.]py"], "a script"),
    ([13], ["--match", "--port 1$"], "arguments with a blank between them"),
    ([13], ["--match", "w.py", "--container", B[:12]], "both tests"),
    ([12], ["--match", "worker 2", "--name", "nginx"], "with another test"),
]


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case[2])
def test_processes_are_chosen_by_container_and_command_line(
    memc, whose, tmp_path, case
):
    expected, args, _ = case
    path = tmp_path / "all.json"
    path.write_bytes(memc("--all", "--smaps", "--full", "--proc", whose).out)
    for where in (["--proc", whose], [whose], [path]):
        args_ = [f"--match={args[1]}", *args[2:]] if args[0] == "--match" else args
        found = document(memc("show", *where, *args_, "--by", "process", "--json"))
        assert sorted(row["pid"] for row in found["groups"]) == expected


@pytest.mark.parametrize("prefix", [C[:3], "zz"])
def test_too_few_digits_are_no_container(memc, whose, prefix):
    result = memc("show", "--proc", whose, "--container", prefix)
    assert result.status == 1
    assert f"no process in container '{prefix}'".encode() in result.err


@pytest.mark.kernel
def test_match_never_finds_the_memc_that_asks(memc):
    word = "no-other-process-has-this-argument"
    result = memc("show", "--match", word, "--by", "process")
    assert result.status == 1
    assert b"no process with a command line that matches" in result.err
    in_shell = ("sh", "-c", '"$@"; exit $?', "sh")
    assert memc("show", "--match", word, prefix=in_shell).status == 1


# ---- Files that tell less ------------------------------------------------------------

# words of the error, options that memc wrote the file with, level
LESS = [
    ("tells no control groups: memc --all --full writes them", ["--all"], "cgroup"),
    ("tells no control groups: memc --all --full writes them", ["--all"], "pod"),
    (
        "tells no control groups: memc --all --full writes them",
        ["--all"],
        "service,name",
    ),
    ("tells no command lines: memc --all --full writes them", ["--all"], "command"),
    ("tells no users: memc --all writes them", [11, "--full"], "user"),
    ("tells no users: memc --all writes them", [11], "user,owner"),
    ("tells no names: memc --full writes them", [11], "name"),
]


@pytest.mark.parametrize("case", LESS, ids=lambda case: f"{case[2]} of {case[1]}")
def test_file_that_does_not_tell_is_an_error_that_says_so(memc, whose, tmp_path, case):
    words, args, by = case
    path = tmp_path / "saved.json"
    path.write_bytes(memc(*args, "--smaps", "--proc", whose).out)
    result = memc("show", path, "--by", by)
    assert result.status == 1
    assert result.err.decode() == f"memc: {path}: {words}\n"


@pytest.mark.parametrize("by", ["container", "command", "cgroup,owner"])
def test_copy_without_these_files_is_an_error_that_says_so(memc, tree, by):
    tree.add(1, smaps=record(0x1000, 0x3000, b"Rss: 4 kB"))
    for where in ([tree], ["--all", "--proc", tree]):
        result = memc("show", *where, "--by", by)
        assert result.status == 1
        assert b": no process has c" in result.err


def test_process_that_does_not_tell_is_a_row_of_its_own(memc, tree):
    smaps = record(0x1000, 0x3000, *counters(4, 4))
    tree.add(1, smaps=smaps, cgroup=b"0::/a\n")
    tree.add(2, smaps=smaps)
    rows = document(memc("show", "--all", "--proc", tree, "--by", "cgroup", "--json"))
    assert {row["cgroup"] for row in rows["groups"]} == {"/a", None}
    text = memc("show", "--all", "--proc", tree, "--by", "cgroup").out.decode()
    assert "(not known)" in text
    assert "1 process could not be placed: no cgroup to read.\n" in text
    text = memc("show", "--all", "--proc", tree, "--by", "container").out.decode()
    assert "1 process could not be placed" in text


# ---- memc diff -----------------------------------------------------------------------


@pytest.mark.parametrize("by", ["user", "container", "command", "user,owner"])
def test_diff_groups_as_show_does(memc, whose, tmp_path, by):
    path = tmp_path / "all.json"
    path.write_bytes(memc("--all", "--smaps", "--full", "--proc", whose).out)
    grown = path.read_bytes().replace(b'"pss_kb": 160,', b'"pss_kb": 200,')
    later = tmp_path / "later.json"
    later.write_bytes(grown)
    found = orjson.loads(memc("diff", path, later, "--by", by, "--json").out)
    assert found["by"] == by
    (row,) = (row for row in found["changes"] if row["pss_growth_kb"])
    assert row["pss_growth_kb"] == 40
    key = by.partition(",")[0]
    assert row[key] == {"user": "root", "container": None, "command": "sshd"}[key]
    assert row["processes"] in (1, 2, 4)
    assert "40K" in memc("diff", path, later, "--by", by).out.decode()


def test_diff_of_files_that_do_not_tell_is_an_error(memc, whose, tmp_path):
    path = tmp_path / "all.json"
    path.write_bytes(memc("--all", "--smaps", "--proc", whose).out)
    result = memc("diff", path, path, "--by", "pod")
    assert result.status == 2
    assert b"tells no control groups" in result.err


def test_every_row_of_json_but_those_by_process_has_processes(memc, whose):
    for by in ("owner", "type", "path", "region", "user", "process"):
        args = ("show", "--all", "--proc", whose, "--by", by, "--json")
        for row in document(memc(*args))["groups"]:
            assert ("processes" in row) == (by != "process")
