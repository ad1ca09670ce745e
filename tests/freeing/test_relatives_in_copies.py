"""The children of a process in a copy of /proc that others made."""

import os
import threading

import pytest
from support.cases import cases

from memc.freeing.relatives import _children
from memc.proc.files import ProcessFiles
from memc.proc.root import open_root


def outside(path):
    secret = path.parent.parent.parent.parent / "secret"
    secret.write_bytes(b"7 ")
    path.symlink_to(secret)


# why, what stands in the place of the file
ODD = [
    ("a link out of the copy", outside),
    ("a pipe, on which memc would wait", os.mkfifo),
    ("a device without end", lambda path: path.symlink_to("/dev/zero")),
    ("a folder", lambda path: path.mkdir()),
]


@pytest.fixture
def listing(tree):
    """Give a function that lists the children of process 5 on a thread."""

    def listing():
        with open_root(str(tree)) as root, ProcessFiles(root, 5) as files:
            found = []
            run = threading.Thread(
                target=lambda: found.append([*_children(files)]), daemon=True
            )
            run.start()
            run.join(10)
            return found

    return listing


@cases(ODD, why=0)
def test_odd_list_of_children_tells_none(tree, listing, case):
    thread = tree.add(5) / "task" / "5"
    thread.mkdir(parents=True)
    case[1](thread / "children")
    assert listing() == [[]]


def test_children_of_each_thread_are_told(tree, listing):
    folder = tree.add(5) / "task"
    for thread, text in ((5, b"6 7 "), (8, b"9 ")):
        (folder / str(thread)).mkdir(parents=True)
        (folder / str(thread) / "children").write_bytes(text)
    assert sorted(listing()[0]) == [6, 7, 9]
