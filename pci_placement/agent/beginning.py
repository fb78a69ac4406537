"""Beginning the record of who has which device, at the first pass that finds none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pci_placement.model import ClaimRecord, ConsumerUuid, ObservedTree, Problem
from pci_placement.state.claims import ClaimsFile, Unknown

if TYPE_CHECKING:
    from pci_placement.placement import Client


def begin_record(file: ClaimsFile, client: Client, seen: ObservedTree) -> Problem | None:
    """Write down who has claims already, of whom nobody knows which devices.

    Why it is begun a second time, or not at all though what is there says nothing. seen is
    Placement before the pass changed anything: what the pass makes, nobody had before. Raises
    OSError, and PciPlacementError where Placement does not answer.
    """
    found = file.read()
    if not isinstance(found, Unknown):
        return None
    if found.may_begin:
        file.write(ClaimRecord(of_before=frozenset(_consumers(client, seen))))
    return found.problem if found.was_there else None


def _consumers(client: Client, seen: ObservedTree) -> Iterator[ConsumerUuid]:
    used = {uuid for uuid, have in seen.providers.items() if have.inventories and not have.unused}
    asked = client.with_consumers(seen, used)
    for have in asked.providers.values():
        yield from have.consumers or {}
