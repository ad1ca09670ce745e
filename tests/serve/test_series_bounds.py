"""The bounds of a scan: its groups, its series, and what becomes of the others."""

from hypothesis import given, settings, strategies as st
from support.cases import cases

from memc.serve.amounts import METRICS, Amounts, OwnerAmounts, add
from memc.serve.bounds import FIXED, MIN_SERIES, OF_GROUP, Bounds
from memc.serve.scan import OTHER

ALL = tuple(METRICS)


def one(size, *, unknown=(), start=None):
    """Return the amounts of a process of a size."""
    known = {field: size for name, field in METRICS.items() if name not in unknown}
    most = None if "mappings" in unknown else size
    return Amounts(
        1,
        **known,
        mappings_max=most,
        oldest_start_s=start,
        unknown=dict.fromkeys(unknown, 1),
    )


def sized(**sizes):
    return {name.replace("_", " "): [one(size)] for name, size in sizes.items()}


def fold(groups, members, max_series=10_000):
    return Bounds(groups, max_series).fold(members)


# ---- Sums ----------------------------------------------------------------------------


def test_sums_are_over_all_members():
    total = add([one(3, start=9.0), one(4, start=8.5), one(5)])
    assert total == Amounts(3, *[12] * len(METRICS), 5, 8.5, {})


def test_what_one_member_does_not_tell_is_left_out_and_counted():
    total = add([one(3), one(4, unknown=("unique", "mappings")), one(5)])
    assert (total.processes, total.resident_kb) == (3, 12)
    assert (total.unique_kb, total.mappings, total.mappings_max) == (None, None, None)
    assert total.unknown == {"unique": 1, "mappings": 1}


def test_no_members_have_no_memory():
    assert add([]).resident_kb == 0


# ---- Groups --------------------------------------------------------------------------

# expected groups in order, expected left out, groups, members, why
FOLDS = [
    (["b", "a"], 0, 2, sized(a=1, b=2), "room for all"),
    (["b", OTHER], 1, 1, sized(a=1, b=2), "the largest stays"),
    (["a", "b"], 0, 2, sized(b=1, a=1), "equal ones by name"),
    ([], 0, 1, {}, "nothing"),
    (["a", OTHER], 1, 5, sized(a=1, other=9), "a group of this name is among others"),
    (["a", OTHER], 3, 1, sized(a=9, b=1, c=2, other=3), "with others"),
]


@cases(FOLDS, why=4)
def test_the_largest_groups_are_told(case):
    expected, left_out, groups, members, _ = case
    told, count = fold(groups, members)
    assert ([*told], count) == (expected, left_out)


def test_a_group_whose_memory_nobody_knows_goes_by_what_is_known():
    members = {"a": [one(9), one(0, unknown=("resident",))], "b": [one(1)]}
    assert [*fold(1, members)[0]] == ["a", OTHER]


def test_other_lacks_what_one_of_its_groups_lacks():
    members = {"a": [one(9)], "b": [one(1)], "c": [one(2, unknown=("swap",))]}
    other = fold(1, members)[0][OTHER]
    assert (other.processes, other.resident_kb, other.swap_kb) == (2, 3, None)
    assert other.unknown == {"swap": 1}


def test_a_group_stays_while_it_is_near():
    bounds = Bounds(2, 10_000)
    assert [*bounds.fold(sized(a=4, b=3, c=2, d=1))[0]] == ["a", "b", OTHER]
    # b is the third, and the fourth: it stays.
    assert [*bounds.fold(sized(a=4, b=2, c=3, d=1))[0]] == ["a", "b", OTHER]
    assert [*bounds.fold(sized(a=4, b=1, c=3, d=2))[0]] == ["a", "b", OTHER]
    # It is the fifth: it leaves, and the largest takes its place.
    assert [*bounds.fold(sized(a=4, b=1, c=3, d=2, e=5))[0]] == ["e", "a", OTHER]
    # Back as the second it has to wait: those that are told are near.
    assert [*bounds.fold(sized(a=4, b=4.5, c=3, d=2, e=5))[0]] == ["e", "a", OTHER]
    # When one ends there is a place.
    assert [*bounds.fold(sized(b=4, c=3, d=2, e=5))[0]] == ["e", "b", OTHER]


NAMES = st.text("abc", min_size=1, max_size=3) | st.just(OTHER)
MEMBER = st.builds(one, st.integers(0, 50), unknown=st.sets(st.sampled_from(ALL)))
MEMBERS = st.dictionaries(NAMES, st.lists(MEMBER, min_size=1, max_size=3), max_size=12)


@settings(max_examples=40)
@given(st.lists(MEMBERS, min_size=1, max_size=4), st.integers(1, 5))
def test_sums_over_groups_are_those_of_all_processes(scans, groups):
    bounds = Bounds(groups, 10_000)
    for members in scans:
        told, left_out = bounds.fold(members)
        assert len([name for name in told if name != OTHER]) <= groups
        assert len(told) + left_out - (OTHER in told) == len(members)
        expected = add(each for some in members.values() for each in some)
        assert add(told.values()) == expected


# ---- Series --------------------------------------------------------------------------


def owned(*pairs):
    """Return owners of (group, owner, resident)."""
    return {(g, o): OwnerAmounts(kb, kb, 0) for g, o, kb in pairs}


def series(groups, owners):
    """Count the series of a scan as metrics have them, at most."""
    of_owners = sum(bool(n) for each in owners.values() for n in each)
    return FIXED + OF_GROUP * len(groups) + of_owners


def test_owners_of_the_smallest_groups_make_room():
    """Each owner has two amounts above 0."""
    room = FIXED + 3 * OF_GROUP + 13
    bounds = Bounds(3, room)
    groups, _ = bounds.fold(sized(a=3, b=2, c=1))
    owners = owned(*[("a", owner, 3) for owner in "xyz"], ("b", "x", 2), ("c", "x", 1))
    told, left_out = bounds.fold_owners(groups, owners, hidden=set())
    assert (told, left_out) == (owners, 0)
    owners |= owned(("a", "w", 3), ("c", "y", 1))
    told, left_out = bounds.fold_owners(groups, owners, hidden=set())
    large = {key: amounts for key, amounts in owners.items() if key[0] == "a"}
    assert told == large | owned((OTHER, "x", 3), (OTHER, "y", 1))
    assert left_out == 2
    assert series(groups, told) <= room


def test_owners_stay_where_they_are_while_the_order_changes():
    bounds = Bounds(3, FIXED + 3 * OF_GROUP + 5)
    for a, b in ((3, 2), (2, 3)):
        groups, _ = bounds.fold(sized(a=a, b=b, c=1))
        owners = owned(("a", "x", a), ("b", "x", b), ("c", "x", 1))
        told, left_out = bounds.fold_owners(groups, owners, hidden=set())
        assert told == owned(("a", "x", a), (OTHER, "x", b + 1))
        assert left_out == 2


def test_owners_of_groups_that_are_left_out_are_those_of_other():
    bounds = Bounds(1, 10_000)
    groups, _ = bounds.fold(sized(a=3, b=2, c=1))
    owners = owned(("a", "x", 3), ("b", "x", 2), ("c", "x", 1), ("c", "y", 1))
    told, left_out = bounds.fold_owners(groups, owners, hidden=set())
    assert told == owned(("a", "x", 3), (OTHER, "x", 3), (OTHER, "y", 1))
    assert left_out == 0


def test_owners_of_other_are_not_known_if_those_of_one_group_in_it_are_not():
    bounds = Bounds(1, 10_000)
    groups, _ = bounds.fold(sized(a=3, b=2, c=1))
    owners = owned(("a", "x", 3), ("b", "x", 2))
    told, _ = bounds.fold_owners(groups, owners, hidden={"c"})
    assert told == owned(("a", "x", 3))


OWNERS = st.dictionaries(
    st.tuples(NAMES, st.sampled_from("pqrstuvw")),
    st.builds(
        OwnerAmounts,
        *(st.integers(0, 9) | st.none() for _ in OwnerAmounts._fields),
    ),
    max_size=60,
)


@given(MEMBERS, OWNERS, st.integers(1, 9), st.integers(MIN_SERIES, 140))
def test_max_series_is_never_exceeded(members, owners, groups, most):
    bounds = Bounds(groups, most)
    told, _ = bounds.fold(members)
    owners = {key: amounts for key, amounts in owners.items() if key[0] in members}
    found, left_out = bounds.fold_owners(told, owners, hidden=set())
    assert series(told, found) <= most
    assert {group for group, _ in found} <= {*told, OTHER}
    if not left_out and all(None not in each for each in owners.values()):
        assert sum(e.resident_kb for e in found.values()) == sum(
            e.resident_kb for e in owners.values()
        )


@given(MEMBERS, st.integers(MIN_SERIES, 140))
def test_groups_alone_are_within_max_series(members, most):
    told, _ = Bounds(100, most).fold(members)
    assert series(told, {}) <= most
