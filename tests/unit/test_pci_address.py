"""What is a PCI address, and what only looks like one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pci_placement.pci_address import split, written

SHAPE = re.compile(
    r"([0-9a-f]{4,8}):([0-9a-f]{2}):([01][0-9a-f])\.([0-7])", re.ASCII | re.IGNORECASE
)
CHARACTERS = st.sampled_from("0123789abfAFgx_+- :.\n\u0663\u212a")
NUMBERS = st.tuples(
    st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFF), st.integers(0, 0x1F), st.integers(0, 7)
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0000:81:10.3", (0, 0x81, 0x10, 3)),
        ("FFFF:ff:1F.7", (0xFFFF, 0xFF, 0x1F, 7)),
        ("10000:e1:00.0", (0x10000, 0xE1, 0, 0)),
        ("e2a5c0de:00:02.0", (0xE2A5C0DE, 0, 2, 0)),
    ],
)
def test_an_address_is_read(text, address):
    assert split(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "::.",
        "81:00.0",
        "000:81:00.0",
        "1e2a5c0de:00:02.0",
        "0000:81:00.8",
        "0000:81:20.0",
        "0000:81:00",
        "0000:81:00.",
        "0000:81:00.0\n",
        " 0000:81:00.0",
        "0000:81:0.00",
        "0000-81-00.0",
        "0000:81:00:0",
        "0000:8g:00.0",
        "0_00:81:00.0",
        "+000:81:00.0",
        "\u0660000:81:00.0",
        "pci0000:00",
    ],
)
def test_other_text_is_none(text):
    assert split(text) is None


@given(st.lists(CHARACTERS, max_size=18).map("".join))
def test_text_is_an_address_where_it_has_the_shape_of_one(text):
    found = SHAPE.fullmatch(text)
    assert split(text) == (found and tuple(int(part, 16) for part in found.groups()))


@given(NUMBERS, st.integers(0, 15), st.sampled_from([*"0:.x7", ""]))
def test_one_other_character_is_noticed(address, place, character):
    text = written(address)
    text = text[:place] + character + text[place + 1 :]
    found = SHAPE.fullmatch(text)
    assert split(text) == (found and tuple(int(part, 16) for part in found.groups()))


@given(NUMBERS)
def test_what_is_written_is_read_again(address):
    assert split(written(address)) == address
