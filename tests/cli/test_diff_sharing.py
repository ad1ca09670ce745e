"""``memc diff``: what others share is no change of the process; and who is compared."""

import json

import pytest
from support.cases import cases
from support.commands import COMMANDS
from support.text import record
from support.trees import Tree

DIFF = COMMANDS["python"]
KEYS = ("Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty")
MORE = ("Anonymous", "Swap")


def text(*amounts, perm="r-xp"):
    lines = [f"{k}: {kb} kB".encode() for k, kb in zip(KEYS + MORE, amounts)]  # noqa: B905
    return record(0x10000, 0x20000, *lines, perm=perm, name=b"/lib/libc.so")


# the kind, exit status, why, before, after: RSS, PSS, shared c d, private c d, ...
CHANGES = [
    ("shared differently", 0, "PSS alone",
     (64, 32, 64, 0, 0, 0), (64, 16, 64, 0, 0, 0)),
    ("shared differently", 0, "another one maps it, too",
     (64, 64, 0, 0, 64, 0), (64, 32, 64, 0, 0, 0)),
    ("shared differently", 0, "a child ended that shared dirty pages",
     (64, 32, 0, 64, 0, 0, 64, 0), (64, 64, 0, 0, 0, 64, 64, 0)),
    ("shared differently", 0, "no fields but RSS and PSS", (64, 32), (64, 16)),
    ("same", 0, "nothing", (64, 32, 64, 0, 0, 0), (64, 32, 64, 0, 0, 0)),
    ("grew", 1, "RSS grew", (64, 32, 64, 0, 0, 0), (68, 36, 68, 0, 0, 0)),
    ("grew", 1, "it wrote to a page of a file: clean became dirty",
     (64, 32, 64, 0, 0, 0, 0, 0), (64, 36, 60, 0, 0, 4, 4, 0)),
    ("grew", 1, "it wrote, and fields of anonymous memory are missing",
     (64, 32, 64, 0, 0, 0), (64, 36, 60, 0, 0, 4)),
    ("shrank", 1, "some was swapped out",
     (64, 64, 0, 0, 0, 64, 64, 0), (60, 60, 0, 0, 0, 60, 60, 4)),
]  # fmt: skip


@cases(CHANGES, why=2)
def test_sharing_alone_is_no_difference_unless_asked_for(tmp_path, case):
    kind, status, _, before, after = case
    paths = tmp_path / "before", tmp_path / "after"
    for path, amounts in zip(paths, (before, after), strict=True):
        path.write_bytes(text(*amounts))
    result = DIFF("diff", *paths, "--by", "region", "--json")
    document = json.loads(result.out)
    assert (result.status, document["same"]) == (status, status == 0)
    kinds = [change["kind"] for change in document["changes"]]
    assert (kinds or ["same"]) == [kind]
    asked = DIFF("diff", *paths, "--by", "owner", "--json", "--pss")
    assert asked.status == (0 if kind == "same" else 1)
    if kind != "same":
        name = kind.replace(" ", "_")
        assert json.loads(asked.out)["changes"][0][name] == 1
    told = DIFF("diff", *paths).out.decode()
    assert ("\nshared differently: others map" in told) == (kind.startswith("shared"))


def test_other_permissions_are_a_change_though_sharing_changed_too(tmp_path):
    paths = tmp_path / "before", tmp_path / "after"
    paths[0].write_bytes(text(64, 32))
    paths[1].write_bytes(text(64, 16, perm="r--p"))
    assert DIFF("diff", *paths).status == 1


# what is said, why, start time and name of the later process
LATER = [
    ("", "the same process", 1000, "a"),
    ("process 1 is another one than in {file}: it started at another time",
     "the pid was used again", 2000, "a"),
]  # fmt: skip


@pytest.mark.parametrize("case", LATER, ids=lambda case: case[1])
def test_pid_that_another_process_has_now_is_told(tmp_path, case):
    said, _, started, name = case
    tree = Tree(tmp_path / "proc")
    stat = "1 (%s) S %s%d 0\n"
    tree.add(1, smaps=text(64, 32), stat=(stat % ("a", "0 " * 18, 1000)).encode())
    saved = tmp_path / "saved.json"
    saved.write_bytes(DIFF(1, "--smaps", "--full", "--proc", tree).out)
    later = (stat % (name, "0 " * 18, started)).encode()
    tree.remove(1)
    tree.add(1, smaps=text(64, 32), stat=later)
    result = DIFF("diff", saved, 1, "--proc", tree)
    words = f"memc: {said.format(file=saved)}\n" if said else ""
    assert (result.status, result.err.decode()) == (0, words)
