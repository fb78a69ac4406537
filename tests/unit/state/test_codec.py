"""What a codec would not have written it does not read."""

import pytest

from pci_placement.model import InventoryKey, Root
from pci_placement.state.codec import (
    FLAG,
    MOST,
    NOT_KEPT,
    NUMBER,
    TEXT,
    indexed,
    many,
    named,
    optional,
    paired,
    record,
    whole,
    worded,
)

DIGITS = worded(int)
ROOT = record(Root, uuid=TEXT, name=TEXT)
HALF = record(Root, uuid=NOT_KEPT, name=TEXT)
KEY = record(InventoryKey, provider=TEXT, resource_class=TEXT)


@pytest.mark.parametrize(
    ("codec", "value", "content"),
    [
        pytest.param(whole(-1), -1, -1, id="whole number"),
        pytest.param(whole(0), MOST, MOST, id="greatest number"),
        pytest.param(NUMBER, 0.5, 0.5, id="number"),
        pytest.param(NUMBER, 2.0, 2, id="number that is whole"),
        pytest.param(TEXT, "é", "é", id="text"),
        pytest.param(DIGITS, 12, "12", id="a value in words"),
        pytest.param(FLAG, False, False, id="flag"),
        pytest.param(optional(FLAG), None, None, id="none"),
        pytest.param(optional(FLAG), True, True, id="not none"),
        pytest.param(many(DIGITS), frozenset({3, 10}), ["10", "3"], id="set, in order of its text"),
        pytest.param(named(DIGITS, FLAG), {1: True}, {"1": True}, id="by name"),
        pytest.param(paired(many(TEXT), FLAG), {frozenset("a"): True}, [[["a"], True]], id="pairs"),
        pytest.param(
            indexed(ROOT, by=lambda root: root.uuid),
            {"u": Root("u", "n")},
            [{"uuid": "u", "name": "n"}],
            id="by a field",
        ),
        pytest.param(
            KEY, InventoryKey("k", "c"), {"provider": "k", "resource_class": "c"}, id="named tuple"
        ),
    ],
)
def test_what_is_written_is_read(codec, value, content):
    assert codec.write(value) == content
    assert codec.read(content) == value


def test_what_is_not_kept_is_not_written():
    assert HALF.write(Root("u", "n")) == {"name": "n"}


@pytest.mark.parametrize(
    ("codec", "content"),
    [
        *((whole(0), content) for content in (-1, 1.0, True, None, "1", MOST + 1)),
        *((NUMBER, content) for content in (True, "1", float("nan"), float("inf"), 10**400)),
        *((TEXT, content) for content in (None, 1, ["a"], "half of a pair: \ud800")),
        *((DIGITS, content) for content in ("one", 1)),
        *((FLAG, content) for content in (0, 1, None, "true")),
        *((many(TEXT), content) for content in (None, "text", {"a": 1}, [["a"]])),
        *((named(DIGITS, FLAG), content) for content in ([], [["1", True]], {"a": True}, {"1": 1})),
        *((paired(TEXT, FLAG), content) for content in ({}, ["ab"], [["a"]], [["a", 1]], [7])),
        *((ROOT, content) for content in ({}, {"uuid": "u"}, "un", ["u", "n"])),
        (ROOT, {"uuid": "u", "name": 1}),
        (ROOT, {"uuid": "u", "name": "n", "more": 1}),
        (HALF, {"uuid": "u", "name": "n"}),
    ],
)
def test_anything_else_is_refused(codec, content):
    with pytest.raises(ValueError):  # noqa: PT011  in whatever words
        codec.read(content)
