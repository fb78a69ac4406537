"""A table has room in so many columns, and what of a cell counts is still there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pci_placement.cli.columns import ListCell, NothingCell
from pci_placement.cli.fitting import CUT, NARROWEST, cut, fitted

NAME, WORDS = "compute-1:pci:0000:81:00.0:vf", "out of service: an operator drained it"


@pytest.mark.parametrize(
    ("line", "width", "shown"),
    [
        ("short", 8, "short"),
        (NAME, 17, "comput…81:00.0:vf"),
        (WORDS, 17, "out of service:…"),
        ("CUSTOM_PCI_QUICKASSIST: 4", 16, "CUST…CKASSIST: 4"),
        ("CUSTOM_PCI_QAT: 1 (1 reserved)", 17, "CUS…CI_QAT: 1 (1…"),
        ("CONTAINER c2ef90b9-02bc-5d53", 16, "CONTAINER c2ef9…"),
        ("CUSTOM_PCI_QUICKASSIST total 4", 25, "CUSTOM…UICKASSIST total 4"),
        (f"below {NAME}", 25, "below comput…0:81:00.0:vf"),
        (f"{NAME}: CUSTOM_PCI_QUICKASSIST 2", 42, "compute…00:81:00.0:vf: CUSTOM…UICKASSIST 2"),
        ("address: slot 'zz' is no number", 28, "address: slot 'zz' is no nu…"),
    ],
)
def test_of_a_line_what_counts_is_left(line, width, shown):
    assert cut(line, width) == shown


@given(st.text(" :ab.", min_size=1), st.integers(NARROWEST, 40))
def test_a_line_that_is_cut_fits_and_says_so(line, width):
    shown = cut(line, width)
    assert len(shown) <= width
    assert (CUT in shown) == (len(line) > width)


def table_width(columns, rows) -> int:
    widths = [
        max([len(name), *(len(line) for row in rows for line in str(row[n]).split("\n"))])
        for n, name in enumerate(columns)
    ]
    return sum(widths) + 3 * len(widths) + 1


@given(st.lists(st.tuples(st.text("ab c:"), st.text("x-", max_size=90), st.integers(0, 9))))
def test_a_table_fits(rows):
    columns, cells = fitted(("name", "state", "total"), rows, 40)
    assert table_width(columns, cells) <= 40
    assert [row[-1] for row in cells if "total" in columns] == [row[-1] for row in rows]


def test_a_column_with_nothing_in_it_is_left_out_unless_it_is_the_first():
    rows = [(NothingCell(None), ListCell([]), 0, "x"), (NothingCell(None), ListCell([]), 1, "y")]
    assert fitted(("a", "b", "c", "d"), rows, 80) == (["a", "c", "d"], [["", 0, "x"], ["", 1, "y"]])


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (57, f"short, {NAME}, last one"),
        (53, f"short, {NAME}, … +1"),
        (27, "short, … +2"),
    ],
)
def test_of_a_list_as_many_items_as_have_room_are_shown_and_the_others_counted(width, shown):
    _, rows = fitted(("name", "used by"), [("x", ListCell(["short", NAME, "last one"]))], width)
    assert rows == [["x", shown]]


def test_of_a_list_whose_first_item_has_no_room_that_is_cut():
    _, rows = fitted(("name", "used by"), [("x", ListCell([NAME, "short"]))], 25)
    assert rows == [["x", "com…0:vf, … +1"]]


def test_what_cannot_fit_is_as_narrow_as_it_may_be():
    columns = tuple("abcdefghij")
    _, rows = fitted(columns, [[WORDS] * 10], 40)
    assert {len(cell) for cell in rows[0]} <= {NARROWEST, NARROWEST - 1}


def test_what_is_to_be_copied_is_never_cut():
    _, rows = fitted(("name", "state"), [(NAME, WORDS)], 42, whole=("name",))
    assert rows == [[NAME, "out of…"]]
