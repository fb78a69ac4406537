"""What the demo prints: headings, sentences, commands with their output, and the provider tree."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import textwrap
from collections.abc import Iterator, Sequence

from pci_placement import names
from pci_placement.model import Inventory, ListedProvider, ObservedProvider, ObservedTree
from pci_placement.text.visible import Ours

WIDTH = 96


def heading(text: str) -> None:
    """Start a part of the story."""
    line = f"== {text} "
    _print(_bold(line + "=" * (WIDTH - len(line))))


def tell(text: str) -> None:
    """Say something in sentences."""
    _print("\n" + textwrap.fill(" ".join(text.split()), WIDTH))


def progress(text: str) -> None:
    """Say what takes a moment."""
    sys.stdout.write(f"{text} … ")
    sys.stdout.flush()


def done(text: str) -> None:
    """Finish the line that `progress` began."""
    _print(text)


def block(text: str) -> None:
    """Show lines as they are."""
    _print("\n" + textwrap.indent(text.strip("\n"), "    "))


def command(line: str, output: str, most: int) -> None:
    """Show a command and its output, the middle of a long one left out."""
    lines = output.strip().splitlines()
    if len(lines) > most:
        cut = f"… {len(lines) - most} more lines …"
        lines = [*lines[: most - 2], cut, *lines[-2:]]
    _print(_bold(f"  $ {line}"))
    for text in lines:
        _print(f"  {text}")


@contextlib.contextmanager
def captured() -> Iterator[io.StringIO]:
    """Catch what a command prints, stderr included, in the order in which it comes."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        yield text


def tree(observed: ObservedTree) -> None:
    """Draw the tree of a compute node as Placement has it."""
    _print("")
    _print(f"    {observed.root.name}   the compute node itself: VCPU, MEMORY_MB, DISK_GB")
    for line in _branches(observed, observed.root.uuid, ""):
        _print(f"    {line}")


def _branches(observed: ObservedTree, parent: str, indent: str) -> Iterator[str]:
    children = sorted((p for p in observed.listed if p.parent == parent), key=lambda p: p.name)
    for child in children:
        last = child is children[-1]
        yield f"{indent}{'└─' if last else '├─'} {_provider(child, observed)}"
        yield from _branches(observed, child.uuid, indent + ("   " if last else "│  "))


def _provider(line: ListedProvider, observed: ObservedTree) -> str:
    provider = observed.providers[line.uuid]
    key = line.name.removeprefix(f"{observed.root.name}:pci:")
    label = "its VFs" if ":vf" in key else key
    return f"{label:<14}{_inventories(provider)}".rstrip()


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
    shown = [t for t in sorted(provider.traits) if t.startswith(("CUSTOM_PHYSNET_", _NUMA))]
    return f"  [{' '.join(shown)}]" if shown else ""


_NUMA = names.numa_trait(0)[:-1]


def examples(title: str, lines: Sequence[str]) -> None:
    """Show commands for the reader to type."""
    _print(f"\n{title}\n")
    for line in lines:
        _print(f"    {line}")


def _bold(text: str) -> str:
    """A paragraph that stands out, on a terminal."""
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ
    return Ours(f"\n{text}" if plain else f"\n\033[1m{text}\033[0m")


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.write("\n")
    sys.stdout.flush()
