"""What is pushed of a scan: the table of instruments, and each value of it."""

import pytest
from support.crowd_scans import NOW_MS, STRANGE, crowd_scan

from memc.serve.amounts import METRICS, OWNED, Amounts, OwnerAmounts
from memc.serve.instruments import INSTRUMENTS, LINES_MAX

BY_NAME = {instrument.name: instrument for instrument in INSTRUMENTS}
SCAN = crowd_scan(groups=8, owners=2, strange=False, unknown=False, lines=6)


def told(name, scan=SCAN):
    """Return the values that are known, each behind its attributes."""
    return [
        (attributes, value)
        for attributes, value in BY_NAME[name].values(scan)
        if value is not None
    ]


def with_groups(**groups):
    return SCAN._replace(groups=groups)


NOT_PUSHED = {"threads", "mappings", "proportional_swap"}  # not as memory


@pytest.mark.parametrize("word", sorted({*METRICS} - NOT_PUSHED))
def test_memory_of_a_group_is_told_in_bytes(word):
    name = f"memc.group.memory.{word}"
    assert told(name) == [
        ({"memc.group": group}, getattr(amounts, METRICS[word]) * 1024)
        for group, amounts in SCAN.groups.items()
    ]
    assert BY_NAME[name].unit == "By"
    assert BY_NAME[name].is_sum


@pytest.mark.parametrize("word", sorted(OWNED))
def test_memory_of_an_owner_is_told_in_bytes_where_there_is_some(word):
    assert told(f"memc.owner.memory.{word}") == [
        ({"memc.group": group, "memc.owner": owner}, value * 1024)
        for (group, owner), amounts in SCAN.owners.items()
        if (value := getattr(amounts, OWNED[word]))
    ]


@pytest.mark.parametrize(
    ("name", "field", "unit"),
    [
        ("memc.group.process.count", "processes", "{process}"),
        ("memc.group.mapping.count", "mappings", "{mapping}"),
    ],
)
def test_counts_of_a_group_are_told_as_they_are(name, field, unit):
    assert [value for _, value in told(name)] == [
        getattr(amounts, field) for amounts in SCAN.groups.values()
    ]
    assert BY_NAME[name].unit == unit


def test_nothing_is_a_value_of_a_group_but_not_what_is_unknown():
    scan = with_groups(none=Amounts(1, swap_kb=0), unknown=Amounts(1, resident_kb=4))
    assert told("memc.group.memory.swap", scan) == [({"memc.group": "none"}, 0)]
    assert told("memc.group.memory.resident", scan) == [
        ({"memc.group": "unknown"}, 4096)
    ]


def test_an_owner_of_nothing_has_no_value():
    owned = {("a", "heap"): OwnerAmounts(0, None, 4)}
    scan = SCAN._replace(owners=owned)
    assert told("memc.owner.memory.resident", scan) == []
    assert told("memc.owner.memory.unique", scan) == []
    assert [value for _, value in told("memc.owner.memory.swap", scan)] == [4096]


@pytest.mark.parametrize(
    ("group", "container"),
    [
        ("container:9c3f52a1b7d0", "9c3f52a1b7d0"),
        ("container:my-guest", None),  # a name that a person gave
        ("container:0123456789abcdef", None),  # longer than what memc tells
        ("9c3f52a1b7d0", None),  # a program is named so
    ],
)
def test_only_digits_of_an_id_are_the_id_of_a_container(group, container):
    ((attributes, _),) = told(
        "memc.group.process.count", with_groups(**{group: Amounts(1)})
    )
    assert attributes.pop("memc.group") == group
    assert attributes == ({"container.id": container} if container else {})


def test_a_process_is_told_with_what_the_conventions_ask_for():
    found = told("process.memory.usage")
    assert found[0] == (
        {
            "process.pid": 1000,
            "process.executable.name": "worker-0",  # its control group is not known
            "process.creation.time": "2025-11-26T13:03:05.000Z",
        },
        SCAN.lines[0].amounts.resident_kb * 1024,
    )
    assert found[1][0]["process.linux.cgroup"] == SCAN.lines[1].cgroup
    assert [value for _, value in told("process.memory.virtual")] == [
        line.amounts.virtual_kb * 1024 for line in SCAN.lines
    ]


def test_a_process_whose_start_is_not_known_has_no_time_of_it():
    line = SCAN.lines[0]
    scan = SCAN._replace(
        lines=(line._replace(amounts=line.amounts._replace(oldest_start_s=None)),)
    )
    assert "process.creation.time" not in told("process.memory.usage", scan)[0][0]


def test_no_more_single_processes_are_told_than_the_page_says():
    scan = crowd_scan(groups=1, lines=LINES_MAX + 5)
    assert len(told("process.memory.usage", scan)) == LINES_MAX == 1000


def test_a_scan_tells_its_own_times_in_seconds():
    assert told("memc.scan.duration") == [({}, 0.812)]
    assert told("memc.scan.longest_read") == []  # neither smaps nor rollup was read
    assert told("memc.scan.longest_read", crowd_scan(detail="smaps")) == [({}, 0.031)]
    assert not BY_NAME["memc.scan.duration"].is_sum


@pytest.mark.parametrize("name", STRANGE)
def test_every_name_becomes_text_that_protobuf_takes(name):
    line = SCAN.lines[0]._replace(name=name, cgroup=f"/{name}")
    scan = SCAN._replace(
        groups={name: Amounts(1)},
        owners={(name, "heap"): OwnerAmounts(1, 1, 1)},
        lines=(line,),
    )
    for instrument in INSTRUMENTS:
        for attributes, _ in instrument.values(scan):
            for value in attributes.values():
                assert str(value).encode("utf-8")


def test_names_that_differ_stay_different():
    groups = dict.fromkeys(["\udcff", "\\xff", "\udcfe"], Amounts(1))
    found = told("memc.group.process.count", with_groups(**groups))
    assert len({attributes["memc.group"] for attributes, _ in found}) == len(groups)


def test_the_attributes_of_each_instrument_are_those_that_the_table_has():
    scan = crowd_scan(groups=30, lines=30, detail="smaps")
    scan = scan._replace(groups={"container:9c3f52a1b7d0": Amounts(1), **scan.groups})
    for instrument in INSTRUMENTS:
        names = {
            name for attributes, _ in instrument.values(scan) for name in attributes
        }
        assert names == {*instrument.attributes}
    assert scan.timestamp_ms == NOW_MS
