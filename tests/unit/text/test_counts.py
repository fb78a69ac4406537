"""A number agrees with its noun, in messages too that somebody writes next."""

import re
from pathlib import Path

import pytest

import pci_placement
from pci_placement.text.counts import counted

PLURALS = (
    "actions|aliases|cards|claims|devices|entries|errors|files|functions|minutes|nodes|providers|"
    "requests|warnings|writes"
)
NAMED = r"\{[^{}]*(?:len\(|count|sent\b|number\b)[^{}]*\} (?:\w+ )?"
UNNAMED = r"\{\} (?:PCI )?"
COUNTS = re.compile(rf"(?:{NAMED}|{UNNAMED})(?:{PLURALS})\b")
KEPT = {
    "cli/config.py": "programs look for it in the answer of config validate, whatever the number",
    "mapping/lint_devices.py": "one function shares its IOMMU group with nobody",
    "zun/hint.py": "one device is never too many",
}


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 entries"), (1, "1 entry"), (2, "2 entries"), (1200, "1,200 entries")],
)
def test_a_noun_agrees_with_its_number(number, said):
    assert counted(number, "entry", "entries") == said


def test_most_nouns_take_an_s():
    assert [counted(number, "card") for number in (1, 2)] == ["1 card", "2 cards"]


def test_no_message_puts_a_count_before_a_plural_by_itself():
    package = Path(pci_placement.__file__).parent
    found = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if COUNTS.search(path.read_text())
    }
    assert found == KEPT.keys()
