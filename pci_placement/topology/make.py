"""From what this host has and wants, and what Placement says of it, to a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pci_placement.desired import Desired
from pci_placement.model import DevType, Match, PciAddress, PciDevice, State

from .nouns import Bus, Card, Cell, CellState, Group, Node, Topology
from .standing import Standing, Use, standings

NOT_TOLD = "Placement said nothing of this host: what is used and what is drained is not known"
WHICH_IS_NOT_KNOWN = (
    "Placement counts devices and does not tell them apart: of several, the first are drawn as "
    "used, unless `claim list` knows which"
)
BUS_NOT_KNOWN = "PCIe root not known"
KINDS = {DevType.PF: "PF", DevType.VF: "VF", DevType.PCI: "device"}
_STATES = {
    State.OFFERED: CellState.OFFERED,
    State.IGNORED: CellState.IGNORED,
    State.HELD: CellState.HELD,
    State.UNREADABLE: CellState.UNREADABLE,
}
_Ids = tuple[str, str]
_Kind = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Here:
    """What is known of this host beside what it wants: where cards are, and how they are called.

    names are those of products, by vendor and product.
    """

    host: Desired
    root_name: str
    buses: Mapping[PciAddress, str] = field(default_factory=dict)
    names: Mapping[_Ids, str] = field(default_factory=dict)


def make_topology(here: Here, use: Use | None) -> Topology:
    """Draw a host; use is None where Placement gave no answer."""
    said = standings(use, here.host.tree) if use else {}
    drawn = _drawn(here.host, said)
    places: dict[int | None, dict[str, list[PciAddress]]] = {}
    devices = here.host.snapshot.by_address()
    for card in sorted({drawing.card for drawing in drawn.values()}):
        node = devices[card].numa_node if card in devices else None
        bus = here.buses.get(card, BUS_NOT_KNOWN)
        places.setdefault(node, {}).setdefault(bus, []).append(card)
    functions = _by_card(drawn)
    nodes = tuple(
        Node(number, tuple(_bus(here, bus, cards, functions) for bus, cards in buses.items()))
        for number, buses in sorted(places.items(), key=lambda place: (place[0] is None, place[0]))
    )
    notes = _notes(use, drawn)
    return Topology(here.root_name, nodes, use is not None, notes)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A function, its card, its cell, and what it shares with others."""

    card: PciAddress
    cell: Cell
    kind: _Kind


def _drawn(host: Desired, said: Mapping[PciAddress, Standing]) -> dict[PciAddress, _Drawing]:
    classes = {a: name for p in host.tree.providers for a, name in p.addresses.items()}
    found = {
        device.address: _of_device(host, device, classes.get(device.address, ""), said)
        for device in host.snapshot.devices
        if not device.is_bridge
    }
    for address, unreadable in host.snapshot.unreadable.items():
        cell = Cell(address, CellState.UNREADABLE)
        kind = ("function", "", "", unreadable.reason)
        found[address] = _Drawing(unreadable.parent_addr or address, cell, kind)
    return dict(sorted(found.items()))


def _of_device(
    host: Desired, device: PciDevice, wanted: str, said: Mapping[PciAddress, Standing]
) -> _Drawing:
    verdict, standing = host.matching.verdicts[device.address], said.get(device.address)
    kind, card, network = KINDS[device.dev_type], device.card_addr, ""
    state = _STATES[host.state_of(device)]
    note = host.kept.get(card, "")
    if isinstance(verdict, Match):
        network = verdict.entry.physical_network or ""
    else:
        note = verdict.reason
    if standing and state is not CellState.HELD:
        state, wanted, note = standing.state, standing.resource_class, standing.note
    return _Drawing(card, Cell(device.address, state), (kind, wanted, network, note))


def _by_card(drawn: Mapping[PciAddress, _Drawing]) -> dict[PciAddress, list[_Drawing]]:
    found: dict[PciAddress, list[_Drawing]] = {}
    for drawing in drawn.values():
        found.setdefault(drawing.card, []).append(drawing)
    return found


def _bus(
    here: Here,
    name: str,
    cards: Iterable[PciAddress],
    functions: Mapping[PciAddress, list[_Drawing]],
) -> Bus:
    listed = [card for card in cards if not _is_ignored(functions[card])]
    others = [d.cell for card in cards if card not in listed for d in functions[card]]
    return Bus(name, tuple(_card(here, c, functions[c]) for c in listed), tuple(others))


def _is_ignored(drawings: Iterable[_Drawing]) -> bool:
    return all(drawing.cell.state is CellState.IGNORED for drawing in drawings)


def _card(here: Here, address: PciAddress, drawings: Iterable[_Drawing]) -> Card:
    device = here.host.snapshot.by_address().get(address)
    groups = tuple(_groups(drawings))  # a PF on no list tells nothing beside its VFs
    if device is None:
        return Card(address, "", (), "", groups)
    ids = device.vendor_id, device.product_id
    name = here.names.get(ids, ":".join(ids))
    return Card(address, name, device.devnames, device.driver or "", groups)


def _groups(drawings: Iterable[_Drawing]) -> Iterator[Group]:
    cells: dict[_Kind, list[Cell]] = {}
    for drawing in drawings:
        if drawing.cell.state is not CellState.IGNORED or drawing.cell.address != drawing.card:
            cells.setdefault(drawing.kind, []).append(drawing.cell)
    for (kind, resource_class, network, note), found in cells.items():
        yield Group(kind, resource_class, network, note, tuple(found))


def _notes(use: Use | None, drawn: Mapping[PciAddress, _Drawing]) -> tuple[str, ...]:
    if use is None:
        return (NOT_TOLD,)
    is_used = any(drawing.cell.state is CellState.USED for drawing in drawn.values())
    return (WHICH_IS_NOT_KNOWN,) if is_used else ()
