"""Into which groups a wish is cut: few first, and every division among providers is found."""

from functools import cache
from itertools import combinations_with_replacement, product

import pytest

from pci_placement.mapping.splits import equal_parts, parts_for_any, splits

FEW = [(count, providers) for count in range(1, 11) for providers in range(1, 6)]


def divisions(count: int, providers: int) -> list[tuple[int, ...]]:
    """All ways to divide so many devices among so many providers, whoever gets which share."""
    shares = combinations_with_replacement(range(count + 1), providers)
    return [division for division in shares if sum(division) == count]


def partitions(count: int, most: int) -> list[tuple[int, ...]]:
    if not count:
        return [()]
    return [
        (part, *rest)
        for part in range(min(count, most), 0, -1)
        for rest in partitions(count - part, part)
    ]


@cache
def makes(parts: tuple[int, ...], division: tuple[int, ...]) -> bool:
    """Whether the parts can be given to the providers such that each gets its share."""
    if not parts:
        return True
    first, *rest = parts
    return any(
        makes(tuple(rest), (*division[:who], share - first, *division[who + 1 :]))
        for who, share in enumerate(division)
        if share >= first
    )


@pytest.mark.parametrize(("count", "providers"), FEW)
def test_the_parts_for_any_division_make_them_all(count, providers):
    parts = parts_for_any(count, providers)
    assert sum(parts) == count
    assert all(makes(parts, division) for division in divisions(count, providers))


@pytest.mark.parametrize(("count", "providers"), FEW)
def test_no_fewer_parts_make_every_division(count, providers):
    most = len(parts_for_any(count, providers))
    wanted = divisions(count, providers)
    fewer = [parts for parts in partitions(count, count) if len(parts) < most]
    assert [p for p in fewer if all(makes(p, division) for division in wanted)] == []


@pytest.mark.parametrize(
    ("count", "providers", "parts"),
    [
        (8, 1, (8,)),
        (8, 2, (4, 4)),
        (7, 2, (4, 3)),
        (11, 4, (3, 3, 3, 2)),
        (2, 4, (1, 1)),
        (1, 1, (1,)),
    ],
)
def test_equal_parts_differ_by_one_at_most(count, providers, parts):
    assert equal_parts(count, providers) == parts


def test_eight_devices_are_asked_for_whole_first_and_one_by_one_last():
    assert [split for (split,) in splits([8])] == [
        (8,),
        (4, 4),
        (4, 2, 1, 1),
        (2, 2, 2, 2),
        (2, 2, 1, 1, 1, 1),
        (1,) * 8,
    ]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([1], [((1,),)]),
        ([2], [((2,),), ((1, 1),)]),
        ([3], [((3,),), ((2, 1),), ((1, 1, 1),)]),
        ([1, 1], [((1,), (1,))]),
        (
            [4, 1, 2],
            [
                ((4,), (1,), (2,)),
                ((2, 2), (1,), (1, 1)),
                ((2, 1, 1), (1,), (1, 1)),
                ((1, 1, 1, 1), (1,), (1, 1)),
            ],
        ),
    ],
)
def test_several_wishes_are_cut_alike(counts, expected):
    assert list(splits(counts)) == expected


@pytest.mark.parametrize("counts", [[5], [13, 2], [64, 64, 1], [1000]])
def test_every_split_is_for_all_devices_in_more_and_more_groups(counts):
    found = splits(counts)
    assert all([sum(parts) for parts in split] == counts for split in found)
    sizes = [sum(map(len, split)) for split in found]
    assert sizes == sorted(sizes)
    assert found[0] == tuple((count,) for count in counts)
    assert found[-1] == tuple((1,) * count for count in counts)


@pytest.mark.parametrize("count", range(2, 130))
def test_the_number_of_splits_is_bounded(count):
    assert len(splits([count])) <= 2 * (count - 1).bit_length()


def test_the_most_devices_are_asked_for_in_twenty_queries():
    assert len(splits([1000])) == 20


@pytest.mark.parametrize(("first", "second"), list(product([1, 3, 6], [2, 5])))
def test_a_smaller_wish_adds_no_split(first, second):
    assert len(splits([first, second])) == len(splits([max(first, second)]))
