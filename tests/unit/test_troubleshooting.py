"""Every message that a page quotes, in a block of `text`, is one that this package prints."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "pci_placement"
BLOCK = re.compile(r"^```text\n(.*?)^```", re.M | re.S)


def quoted(page: Path) -> list[str]:
    return [line for block in BLOCK.findall(page.read_text()) for line in block.splitlines()]


QUOTED = [line for page in sorted((ROOT / "doc").glob("*.md")) for line in quoted(page)]

WHOLE = [
    "agent/elsewhere.py",
    "agent/telling.py",
    "discovery/raw/disks.py",
    "discovery/raw/host_use.py",
    "mapping/left_behind.py",
    "mapping/match.py",
    "mapping/offers.py",
    "plan/compare.py",
    "plan/drift.py",
    "plan/handover.py",
    "plan/reservations.py",
]
"""Modules that say why something is not offered, or not as it was: the page has all they say."""

LETTERS = 8
"""What is shorter than this is a part of a sentence, and proves nothing."""


def with_gaps(node: ast.AST) -> str:
    """A text of a module, with … for each value that is put into it; empty where it is none."""
    match node:
        case ast.Constant(value=str(text)):
            return re.sub(r"\{[^{}]*\}", "…", text)
        case ast.JoinedStr(values=parts):
            return re.sub("…+", "…", "".join(with_gaps(part) or "…" for part in parts))
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return re.sub("…+", "…", (with_gaps(left) or "…") + (with_gaps(right) or "…"))
    return ""


def documentation(tree: ast.AST) -> set[ast.AST]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def texts(file: Path) -> set[str]:
    """All texts of a module that are long enough to be known again."""
    tree = ast.parse(file.read_text())
    nodes = set(ast.walk(tree)) - documentation(tree)
    found = {with_gaps(node) for node in nodes}
    return {text for text in found if sum(map(str.isalpha, text)) >= LETTERS}


def constants(file: Path) -> set[str]:
    """The messages that have a name in a module."""
    body = ast.parse(file.read_text()).body
    named = {with_gaps(node.value) for node in body if isinstance(node, ast.Assign)}
    return {text for text in named if " " in text}


SAID = {text for file in PACKAGE.rglob("*.py") for text in texts(file)}
NAMED = Counter(text for file in PACKAGE.rglob("*.py") for text in constants(file))


def parts(line: str) -> list[str]:
    """The texts of the package that a quoted line is made of; none where it is of no module.

    A line is one text, or two with a semicolon in between (what is wrong, and what to do), or one
    whose last value is another.
    """
    if line in SAID:
        return [line]
    for at in [found.end() for found in re.finditer("; ", line)]:
        if line[: at - 2] in SAID and (rest := parts(line[at:])):
            return [line[: at - 2], *rest]
    for text in [text for text in SAID if text.endswith("…") and line.startswith(text[:-1])]:
        if rest := parts(line[len(text) - 1 :]):
            return [text, *rest]
    return []


@pytest.mark.parametrize("line", QUOTED)
def test_every_quoted_message_is_one_of_the_code(line):
    assert parts(line), f"nothing in the package says this: {line}"


@pytest.mark.parametrize("line", QUOTED)
def test_a_quoted_message_has_no_second_name(line):
    assert [part for part in parts(line) if NAMED[part] > 1] == []


@pytest.mark.parametrize("module", WHOLE)
def test_troubleshooting_leaves_out_nothing_that_keeps_devices_back(module):
    lines = quoted(ROOT / "doc" / "troubleshooting.md")
    named = constants(PACKAGE / module)
    assert named
    assert named - {part for line in lines for part in parts(line)} == set()


@pytest.mark.parametrize(
    "line",
    [
        "no whitelist entry",
        "no whitelist entry matches it",
        "left as it is: …: no reason of ours",
        "held back: …: …; and nothing else",
    ],
)
def test_what_nobody_says_is_found_out(line):
    assert parts(line) == []
