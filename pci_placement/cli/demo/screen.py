"""What the demo prints: headings, sentences, commands with their output, and the provider tree."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import textwrap
from collections.abc import Iterator, Sequence

from pci_placement import names
from pci_placement.cli.output import terminal_width
from pci_placement.model import Inventory, ListedProvider, ObservedProvider, ObservedTree
from pci_placement.text.counts import counted
from pci_placement.text.visible import Ours

_WITHOUT_TERMINAL, _WIDEST, _INDENT = 80, 120, 2


def width() -> int:
    """How wide the story is told: as wide as the terminal, as far as lines can be read."""
    return min(terminal_width(), _WIDEST) if sys.stdout.isatty() else _WITHOUT_TERMINAL


def room() -> int:
    """How much of it is left for what a command prints."""
    return width() - _INDENT


def heading(text: str) -> None:
    """Start a part of the story."""
    line = f"== {text} "
    _print("")
    _print(_bold(line + "=" * (width() - len(line))))


def tell(text: str) -> None:
    """Say something in sentences."""
    _print("\n" + _wrapped(" ".join(text.split()), width()))


def progress(text: str) -> None:
    """Say what takes a moment."""
    sys.stdout.write(f"{text} … ")
    sys.stdout.flush()


def done(text: str) -> None:
    """Finish the line that `progress` began."""
    _print(text)


def block(text: str) -> None:
    """Show lines as they are."""
    _print("\n" + textwrap.indent(text.strip("\n"), " " * _INDENT))


def command(line: str, output: str, most: int) -> None:
    """Show a command and its output, the middle of a long one left out; words stay whole."""
    lines = [text for told in output.strip().splitlines() for text in _fitting(told)]
    if len(lines) > most:
        cut = f"… {counted(len(lines) - most + 1, 'more line')} …"
        lines = [*lines[: most - 2], cut, *lines[-1:]]
    _print("")
    for text in as_typed(line):
        _print(_bold(text))
    for text in lines:
        _print(f"{' ' * _INDENT}{text}")


def as_typed(line: str) -> list[str]:
    """A command as it can be pasted: in several lines where it is long."""
    parts = textwrap.wrap(
        f"$ {line}",
        width() - _INDENT - 2,
        break_long_words=False,
        break_on_hyphens=False,
        subsequent_indent="    ",
    )
    return [" " * _INDENT + part + " \\" * (part != parts[-1]) for part in parts]


def _fitting(line: str) -> list[str]:
    """A line of a table as it is, and any other with its words whole."""
    is_whole = line.startswith(("+", "|")) or len(line) <= room()
    return [line] if is_whole else _wrapped(line, room()).split("\n")


def _wrapped(text: str, room: int) -> str:
    return textwrap.fill(text, room, break_long_words=False, break_on_hyphens=False)


class _Captured(io.StringIO):
    """What a command prints to, as wide as what is left of the screen."""

    columns = 0


@contextlib.contextmanager
def captured() -> Iterator[io.StringIO]:
    """Catch what a command prints, stderr included, in the order in which it comes."""
    text = _Captured()
    text.columns = room()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        yield text


def tree(observed: ObservedTree) -> None:
    """Draw the tree of a compute node as Placement has it."""
    _print("")
    _print(f"  {observed.root.name}   the compute node itself: VCPU, MEMORY_MB, DISK_GB")
    for line in _branches(observed, observed.root.uuid, ""):
        _print(f"  {line}")


def _branches(observed: ObservedTree, parent: str, indent: str) -> Iterator[str]:
    children = sorted((p for p in observed.listed if p.parent == parent), key=lambda p: p.name)
    for child in children:
        last = child is children[-1]
        yield f"{indent}{'└─' if last else '├─'} {_provider(child, observed)}"
        yield from _branches(observed, child.uuid, indent + ("   " if last else "│  "))


def _provider(line: ListedProvider, observed: ObservedTree) -> str:
    provider = observed.providers[line.uuid]
    key = line.name.removeprefix(f"{observed.root.name}:pci:")
    label = f"{'its VFs':<9}" if ":vf" in key else f"{key:<14}"
    return f"{label}{_inventories(provider)}".rstrip()


def _inventories(provider: ObservedProvider) -> str:
    if not provider.inventories:
        return "a PF: nothing of its own to claim"
    return ", ".join(
        f"{name}: {_free(name, inventory, provider)}"
        for name, inventory in provider.inventories.items()
    ) + _telling(provider)


def _free(name: str, inventory: Inventory, provider: ObservedProvider) -> str:
    used = {str(held): amount for held, amount in provider.used.items()}.get(name, 0)
    return f"{inventory.total - inventory.reserved - used} of {inventory.total} free"


def _telling(provider: ObservedProvider) -> str:
    """The traits that a person wants to see; the others would only fill the line."""
    shown = [t for t in sorted(provider.traits) if t.startswith((_PHYSNET, _NUMA))]
    told = [t.removeprefix(_PHYSNET).removeprefix("CUSTOM_PCI_") for t in shown]
    return f"  [{' '.join(told)}]" if told else ""


_PHYSNET, _NUMA = "CUSTOM_PHYSNET_", names.numa_trait(0)[:-1]


def examples(title: str, lines: Sequence[str]) -> None:
    """Show commands for the reader to type."""
    tell(title)
    for line in lines:
        _print("\n".join(as_typed(line)))


def _bold(text: str) -> str:
    """A line that stands out, on a terminal."""
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ
    return Ours(text if plain else f"\033[1m{text}\033[0m")


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.write("\n")
    sys.stdout.flush()
