"""Text that was written with marks and digits for what it may not hold."""

import pytest

from pci_placement.discovery.raw.mounts import unescaped
from pci_placement.discovery.raw.texts import with_all_below


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("", ""),
        ("/srv", "/srv"),
        (r"a\040b", "a b"),
        (r"\040\043", " #"),
        (r"\134040", r"\040"),
        (r"\134\040", "\\ "),
        (r"a\011b", r"a\011b"),
        ("a\\", "a\\"),
        (r"\04", r"\04"),
    ],
)
def test_each_mark_is_read_once(written, plain):
    assert unescaped(written) == plain


def test_all_that_something_rests_on_comes_once_and_in_the_order_of_being_found():
    below = {"a": ["b", "c", "b"], "b": ["a", "d"], "c": ["d"]}
    assert with_all_below("a", lambda name: below.get(name, [])) == ["a", "b", "c", "d"]
