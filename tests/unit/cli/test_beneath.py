"""What has no room in a row stands below the table, and nothing of it is lost."""

from hypothesis import given
from hypothesis import strategies as st

from pci_placement.cli.beneath import NAMED, fields, laid_out
from pci_placement.cli.columns import ListCell, NothingCell

NAMES = ("check", "state", "detail", "cure")
LONG = "nothing listens there: check the port, and whether the service runs at all"
SENTENCES = ("detail", "cure")


def label(row) -> str:
    return row["check"]


def laid(*rows, width=60):
    return laid_out(NAMES, rows, width, SENTENCES, label)


def test_what_has_room_stays_in_the_table():
    rows = [("login", "ok", "1.39", "none"), ("role", "ok", "may write", NothingCell(None))]
    assert laid(*rows) == (
        list(NAMES),
        [["login", "ok", "1.39", "none"], ["role", "ok", "may write", ""]],
        [],
    )


def test_of_two_columns_without_room_the_first_is_cut_and_both_are_told_below():
    columns, cells, lines = laid(("login", "problem", LONG, "look"), ("role", "ok", "yes", ""))
    assert columns == ["check", "state", "detail"]
    assert [row[2] for row in cells] == ["nothing listens there: check the port…", "yes"]
    assert lines == [
        "login: nothing listens there: check the port, and whether",
        "  the service runs at all",
        "  cure: look",
    ]


def test_where_other_columns_are_wide_a_table_does_without_sentences():
    columns, _, lines = laid(("c" * 30, "problem", LONG, ""))
    assert columns == ["check", "state"]
    assert lines[0] == f"{'c' * 30}: nothing listens there: check"


def test_rows_that_say_the_same_are_told_of_once():
    rows = [(f"row {n}", "ok", LONG, "") for n in range(NAMED + 2)]
    assert laid(*rows)[2][0].startswith("row 0, row 1, row 2, … +2: nothing")


def test_no_rows_are_no_lines():
    assert laid() == (["check"], [], [])


@given(st.lists(st.tuples(*[st.text("abc  d", min_size=1, max_size=90)] * 4), max_size=4))
def test_every_word_of_a_sentence_is_shown(rows):
    _, cells, lines = laid(*rows, width=50)
    said = " ".join([*(str(c) for row in cells for c in row), *lines]).split()
    for row in rows:
        assert set(" ".join(row[2:]).split()) <= {word.rstrip(":") for word in said}


def test_of_a_field_each_item_is_a_line_and_what_was_cut_is_told_below():
    cells, lines = fields(("usage", "hint"), (ListCell(["a", "b"]), LONG), 40)
    assert cells == ["a\nb", "nothing listens there: chec…"]
    assert " ".join(" ".join(lines).split()) == f"hint: {LONG}"


def test_what_is_to_be_copied_is_not_broken():
    query = "resources1=CUSTOM_PCI_QAT:1&resources2=CUSTOM_PCI_NIC:1"
    assert fields(("query",), (query,), 40)[1] == ["query:", f"  {query}"]
