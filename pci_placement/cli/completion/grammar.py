"""What may stand where on a command line, as values; from the parsers that also read it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

FILES, FOLDERS, ADDRESSES, ALIASES = "@files", "@folders", "@addresses", "@aliases"
CONSUMERS, NODES, ANYTHING = "@consumers", "@nodes", "@"
"""Kinds of words that a shell finds itself, or asks for; whatever else is the words as they are."""
_BY_METAVAR = {
    "FILE": FILES,
    "DIR": FOLDERS,
    "ADDRESS": ADDRESSES,
    "USAGE": ALIASES,
    "CONSUMER": CONSUMERS,
    "NODE": NODES,
    "NAME_OR_UUID": NODES,
}
_OF_COLUMNS = ("columns", "sort_columns")


@dataclass(frozen=True, slots=True)
class Grammar:
    """The words of one command, or of what may stand before any.

    options have the kind of their value, None where they take none; arguments are the kinds of
    the words without an option, the last of which repeats.
    """

    command: str
    options: Mapping[str, str | None]
    arguments: tuple[str, ...]


def grammar(command: str, parser: argparse.ArgumentParser, columns: Iterable[str] = ()) -> Grammar:
    """The words that a parser takes."""
    actions = [a for a in parser._actions if a.help != argparse.SUPPRESS]  # noqa: SLF001  or parse its help
    return Grammar(
        command,
        {o: _value(a, columns) for a in actions for o in a.option_strings},
        tuple(_arguments(actions)),
    )


def _arguments(actions: Sequence[argparse.Action]) -> Iterator[str]:
    positional = [action for action in actions if not action.option_strings]
    yield from map(_kind, positional)
    if positional and positional[-1].nargs not in ("+", "*"):
        yield ANYTHING


def _value(action: argparse.Action, columns: Iterable[str]) -> str | None:
    if action.nargs == 0:
        return None
    return " ".join(columns) if action.dest in _OF_COLUMNS else _kind(action)


def _kind(action: argparse.Action) -> str:
    if action.choices:
        return " ".join(map(str, action.choices))
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    return _BY_METAVAR.get(metavar.removeprefix("LOG_"), ANYTHING)
