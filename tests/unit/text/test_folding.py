"""A terminal would break a line in the middle of a word; sentences are folded before."""

import pytest

from pci_placement.text.folding import folded

LONG = "/a/path/that/is/wider/than/the/screen"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short enough", "short enough"),
        ("one two three four five\n", "one two\n  three four\n  five\n"),
        ("  one two three four\nnext\n", "  one two\n    three\n    four\nnext\n"),
        (f"read {LONG}: there", f"read\n  {LONG}:\n  there"),
        (f"  {LONG}\n", f"  {LONG}\n"),
        ("is it really meant? [y/N] ", "is it really\n  meant?\n  [y/N] "),
        (" " * 20, " " * 20),
        ("\n" * 20, "\n" * 20),
    ],
    ids=lambda text: repr(text)[:12],
)
def test_words_stay_whole(text, shown):
    assert folded(text, 12) == shown
    assert folded(shown, 12) == shown
