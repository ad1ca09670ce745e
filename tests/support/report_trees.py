"""What must hold of every tree of a report, and the paths in one."""

from itertools import groupby


def check(tree):
    """Each parent comes first and has the sum of its parts that are known."""
    labels, parents = tree["label"], tree["parent"]
    assert parents[0] == -1
    assert all(0 <= parent < i for i, parent in enumerate(parents) if i)
    assert len({*map(len, (labels, parents, tree["kb"], tree["pid"]))}) == 1
    for amounts in filter(None, (tree["kb"], tree["change_kb"])):
        assert len(amounts) == len(labels)
        rows = sorted(range(1, len(parents)), key=parents.__getitem__)
        for parent, parts in groupby(rows, key=parents.__getitem__):
            known = [kb for i in parts if (kb := amounts[i]) is not None]
            assert amounts[parent] == (sum(known) if known else None), labels[parent]


def paths(tree, amounts="kb"):
    """Return the amount of each node, by the labels from below the root to it."""
    found, names = {}, []
    for label, parent in zip(tree["label"], tree["parent"], strict=True):
        names.append("" if parent < 0 else f"{names[parent]}/{label}".strip("/"))
    for name, kb in zip(names, tree[amounts], strict=True):
        assert name not in found
        found[name] = kb
    return found
