"""An ordinary user who looks at his own processes, and one who sees no others."""

import orjson
import pytest
from support.boxes import IS_ROOT, WITHOUT_RIGHTS, hiding
from support.cases import cases
from support.commands import COMMANDS
from support.ending import victims

pytestmark = pytest.mark.kernel

MEMC = COMMANDS["python"]
MIB = 12
ROOT_ONLY = pytest.mark.skipif(not IS_ROOT, reason="only root mounts proc for others")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Give a process of a user without rights, with 12 MiB of its own."""
    folder = tmp_path_factory.mktemp("own")
    with victims("anon", MIB, folder, prefix=WITHOUT_RIGHTS) as them:
        yield them.pids[0]


def known(document, path=""):
    """Yield each key of a document, and whether what it tells is known."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from known(value, f"{path}.{key}")
    elif isinstance(document, list):
        for value in document:
            yield from known(value, path)
    else:
        yield path, document is not None


# status, the option that judges or groups, why
OWNER = [
    (0, ("show", "--json"), "regions by owner"),
    (0, ("show", "--by", "process", "--wide", "--json"), "a line of a process"),
    (0, ("show", "--by", "user,owner", "--json"), "two levels"),
    (0, ("show", "--freed", "--json"), "shared memory and open files, too"),
    (0, ("show", "--by", "process", "--sort", "freed", "--json"), "the column FREED"),
    (0, ("show", "--risk", "--json"), "every limit"),
    (0, ("check", "--max-rss", "1G", "--json"), "below the limit"),
    (1, ("check", "--max-uss", "1M", "--json"), "above the limit"),
    (0, ("check", "--max-peak", "1G", "--max-regions", "9999", "--json"), "and others"),
    (0, ("diff", "--after", "10ms", "--json"), "what grew"),
]


@cases(OWNER, why=2)
def test_owner_is_told_all_that_root_is_told(own, case):
    status, (command, *options), _ = case
    args = (command, own, *options)
    by_owner, by_root = MEMC(*args, prefix=WITHOUT_RIGHTS), MEMC(*args)
    assert (by_owner.status, by_owner.err) == (status, b"")
    told, all_told = (orjson.loads(result.out) for result in (by_owner, by_root))
    if not (told.get("changes") and all_told.get("changes")):
        for document in (told, all_told):  # one may have seen a change, by chance
            document.pop("changes", None)
    assert {*known(told)} == {*known(all_told)}


@pytest.mark.parametrize("case", ["--full", "--smaps", "--rss", "--uss", "--totals"])
def test_owner_reads_the_plain_forms(own, case):
    for command in COMMANDS.values():
        done = command(own, case, "--compact", prefix=WITHOUT_RIGHTS)
        assert (done.status, done.err) == (0, b"")


@pytest.mark.parametrize("by", ["process", "user", "owner"])
def test_owner_is_among_all(own, by):
    args = ("show", "--all", "--by", by, "--json")
    result = MEMC(*args, prefix=WITHOUT_RIGHTS)
    assert result.status == 0
    groups = orjson.loads(result.out)["groups"]
    if by == "process":
        groups = [row for row in groups if row["pid"] == own]
    assert sum(row["pss_kb"] or 0 for row in groups) >= MIB << 10


@pytest.mark.usefixtures("own")
def test_owner_is_told_what_the_machine_has():
    result = MEMC("machine", "--json", prefix=WITHOUT_RIGHTS)
    assert (result.status, result.err) == (0, b"")
    document = orjson.loads(result.out)
    assert document["processes_read"] >= 1
    assert all(line["kb"] is not None for line in document["lines"])
    read = next(
        p for p in document["lines"][0]["parts"] if p["name"] == "of those read"
    )
    assert read["kb"] >= MIB << 10
    known_kb = sum(line["kb"] for line in document["lines"])
    assert known_kb + document["unexplained_kb"] == document["total_kb"]


# ---- others are hidden ---------------------------------------------------------------

NAMED = ("--name", "^sh$|^sleep$", "--user", "65534")
# status, arguments, why
UNSEEN = [
    (1, ("show", "--all", "--risk"), "memc tells no limits of itself"),
    (1, ("show", "--all", "--risk", "--json"), "no document without processes"),
    (1, ("show", *NAMED), "another user's"),
    (1, ("show", *NAMED, "--freed"), "likewise"),
    (1, ("show", *NAMED, "--risk"), "likewise"),
    (1, ("show", *NAMED, "--by", "process"), "likewise"),
    (2, ("check", "--all", "--max-rss", "1G"), "nobody to judge"),
    (2, ("check", *NAMED, "--by", "user", "--max-rss", "1G"), "another user's"),
    (2, ("diff", "--all", "--after", "10ms"), "nobody twice"),
    (2, ("diff", *NAMED, "--by", "process", "--after", "10ms"), "another user's"),
]


@ROOT_ONLY
@cases(UNSEEN, why=2)
def test_nobody_is_told_with_what_hides_them(case):
    status, args, _ = case
    alone = (*hiding("invisible"), "sh", "-c", 'kill -9 4; exec "$@"', "sh")
    result = MEMC(*args, prefix=alone)
    words = b"hidden by the mount option hidepid: needs the same user or CAP_SYS_PTRACE"
    assert (result.status, result.out) == (status, b"")
    assert words in result.err


def test_nobody_is_told_without_such_words_where_all_are_seen():
    result = MEMC("show", "--name", "no such name")
    assert result.err == b"memc: no process with a name that matches 'no such name'\n"
