"""Groups of the regions of many processes."""

from support.readers import PURE
from support.text import header

from memc.analysis import groups
from memc.targets.target import Target

MAPS = header(0x10000, 0x30000, name=b"[heap]")


def targets(count):
    table = PURE.parse_text(MAPS, "maps", strict=True)
    return [Target(table, pid, "x", proc="", file="") for pid in range(1, count + 1)]


def test_a_group_grows_in_place_with_each_process():
    """A copy for each process would grow with the square of their number."""
    first, second = targets(2)
    made = groups.Groups("owner", ("size_kb",), [first, second], ["malloc main heap"])
    groups.add(made, first, [0])
    owners = made.owners[0]
    groups.add(made, second, [0])
    assert made.owners[0] is owners
    assert owners == {*first.find_owners(), *second.find_owners()}
