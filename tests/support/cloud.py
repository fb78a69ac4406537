"""Providers of one host, as it wants them and as Placement has them; hosts and their configuration.

A provider is written as its key and what matters to a test; all of them stand below ROOT.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

from pci_placement import identity, names
from pci_placement.identity import candidates
from pci_placement.model import (
    MAKING_ROOM,
    Counted,
    EnsureResourceClass,
    EnsureTrait,
    Inventory,
    InventoryKey,
    LastPass,
    ListedProvider,
    ObservedProvider,
    ObservedTree,
    PciAddress,
    Plan,
    Provider,
    ProviderTree,
)
from pci_placement.plan.planner import NOTHING, make_plan, needs_consumers

from .placements import ROOT

PLAIN = "0000:3b:00.0"
CARD = "0000:81:00.0"
VFS = f"{CARD}:vf"
RED, BLUE = f"{VFS}:4ed04ed0", f"{VFS}:b10eb10e"
"""The VF providers of a card whose VFs are on two networks."""

VF = tuple(f"0000:81:10.{number}" for number in range(8))
"""Its VFs: VFS counts them from the first on; RED only the first four, BLUE the other four."""

NIC, QAT, OLD = map(names.resource_class, ("PCI_NIC", "PCI_QAT", "PCI_OLD"))
MARK, DRAINING, SLOT = names.MANAGED, names.DRAINING, names.SLOT
SLOTS = 65536
"""As many slots as a card has that is offered whole and through its VFs."""

POOL, OTHER_POOL = f"{QAT}:numa0:0123abcd", f"{QAT}:numa1:0123abcd"
POOLED = (PLAIN, "0000:3c:00.0", "0000:3d:00.0", "0000:3e:00.0")
OTHER_POOLED = tuple(f"0000:b{number}:00.0" for number in range(4))
ID = names.id_trait("8086", "0443")
"""What all of them are: claims follow their devices only where the hardware is the same."""


def uuid(key: str) -> str:
    return identity.provider_uuid(ROOT.uuid, key)


def name(key: str) -> str:
    return identity.provider_name(ROOT.name, key)


def amounts(inventories: dict) -> dict:
    """Inventories in full; a number is a total of which nothing is reserved."""
    return {
        resource_class: Inventory(amount, max_unit=amount) if isinstance(amount, int) else amount
        for resource_class, amount in inventories.items()
    }


def reserved(total: int, of_it: int | None = None) -> Inventory:
    return Inventory(total, total if of_it is None else of_it, max_unit=total)


def with_room(total: int, of_it: int) -> Inventory:
    """All of it reserved but for the room of claims that move."""
    return Inventory(total, of_it, max_unit=total + MAKING_ROOM)


def _above(key: str) -> str | None:
    return CARD if key.startswith(VFS) else None


def want(
    key: str,
    inventories: dict | None = None,
    *traits: str,
    at: Mapping[str, Iterable[str]] | None = None,
    **fields,
) -> Provider:
    """A provider of ours as this host would have it; at says which devices of a class it counts."""
    counted = {
        address(text): name
        for name, texts in (at or _devices(key, inventories or {})).items()
        for text in texts
    }
    marks = frozenset({MARK, *traits})
    return Provider(key, _above(key), amounts(inventories or {}), marks, counted, **fields)


def _devices(key: str, inventories: dict) -> dict[str, list[str]]:
    """As many devices of a provider as its inventories say, one class after the other."""
    left = iter(_all_devices(key))
    totals = {name: i.total for name, i in amounts(inventories).items() if name != SLOT}
    counted = {name: list(islice(left, total)) for name, total in totals.items()}
    assert totals == {name: len(texts) for name, texts in counted.items()}, "say which: at="
    return counted


def _all_devices(key: str) -> tuple[str, ...]:
    card = identity.card_of_key(key)
    if card is None:
        return OTHER_POOLED if key == OTHER_POOL else POOLED
    if not identity.is_vf_key(key):
        return (str(card), *VF)
    return {RED: VF[:4], BLUE: VF[4:]}.get(key, VF)


def address(text: str) -> PciAddress:
    return PciAddress.parse(text)


def addresses(*texts: str) -> frozenset[PciAddress]:
    return frozenset(map(address, texts))


def have(
    key: str, inventories: dict | None = None, *traits: str, used: dict | None = None, **fields
) -> ObservedProvider:
    """A provider of ours as Placement has it; used is what each consumer holds of it."""
    above = _above(key)
    ours = {
        "uuid": uuid(key),
        "name": name(key),
        "parent": uuid(above) if above else ROOT.uuid,
        "generation": 7,
        "inventories": amounts(inventories or {}),
        "traits": frozenset({MARK, *traits}),
        "consumers": used,
    }
    return ObservedProvider(**{**ours, **fields})


def by_key(providers: Iterable[ObservedProvider], keys: Iterable[str]) -> dict:
    """Our providers by the keys that they may have."""
    known = {uuid(key): key for key in keys}
    return {known[provider.uuid]: provider for provider in providers}


def line(provider: ObservedProvider) -> ListedProvider:
    return ListedProvider(provider.uuid, provider.name, provider.parent, provider.generation)


def observe(*providers: ObservedProvider, keys: Iterable[str] = ()) -> ObservedTree:
    """The tree as Placement lists it; read in full is what can be ours."""
    listed = (ListedProvider(ROOT.uuid, ROOT.name, None, 3), *map(line, providers))
    known = candidates(ROOT, listed, keys)
    return ObservedTree(ROOT, listed, {p.uuid: p for p in providers if p.uuid in known}, known)


def tree(*wanted: Provider, held: Iterable[str] = ()) -> ProviderTree:
    return ProviderTree(wanted, {PciAddress.parse(card): "held" for card in held})


def plan(wanted=(), there=(), held=(), last_pass: LastPass = NOTHING, keys=()) -> Plan:
    """Plan for what is wanted and what is there, of which only what is needed is known."""
    desired = tree(*wanted, held=held)
    seen = observe(*there, keys={*keys, *last_pass.keys, *(p.key for p in wanted)})
    return make_plan(desired, as_asked(desired, seen, last_pass), last_pass)


def as_asked(desired: ProviderTree, seen: ObservedTree, last_pass: LastPass) -> ObservedTree:
    """The tree as a pass reads it: the consumers of those in question, and of no others."""
    blind = {uuid: replace(p, consumers=None) for uuid, p in seen.providers.items()}
    asked = needs_consumers(desired, replace(seen, providers=blind), last_pass)
    known = {
        u: replace(seen.providers[u], consumers=seen.providers[u].consumers or {}) for u in asked
    }
    return replace(seen, providers={**blind, **known})


def left(wanted: Iterable[Provider], there: Iterable[ObservedProvider], **fields) -> LastPass:
    """What the last pass remembers, which wanted these and left those there."""
    return LastPass(
        root=ROOT,
        keys=frozenset(provider.key for provider in wanted),
        providers={p.uuid: replace(p, consumers=None) for p in there},
        ledger={
            InventoryKey(provider.key, name): Counted(
                frozenset(a for a, of in provider.addresses.items() if of == name)
            )
            for provider in wanted
            for name in provider.inventories
            if name != SLOT
        },
        **fields,
    )


def told(actions: Iterable) -> list[str]:
    """A short line an action: its kind, and the key or the name that it is about."""
    return [f"{type(action).__name__} {_about(action)}" for action in actions]


def writes(plan: Plan) -> list[str]:
    """What a plan does to providers."""
    return told(a for a in plan.actions if not isinstance(a, EnsureResourceClass | EnsureTrait))


def _about(action) -> str:
    match action:
        case EnsureResourceClass(name) | EnsureTrait(name):
            return name
    return identity.key_in_name(action.name) or action.name


def the(kind: type, plan: Plan):
    """The only action of a kind."""
    (action,) = (action for action in plan.actions if isinstance(action, kind))
    return action


# --- hosts and configuration

QAT_CARD = {"address": PLAIN, "id": "8086:0443", "numa": 0}
NIC_CARD = {
    "address": CARD,
    "id": "8086:10c9",
    "class": "020000",
    "numa": 1,
    "net": ["ens1f0"],
    "totalvfs": 8,
    "vf_device": "10ca",
    "vfs": {"count": 4, "first": "0000:81:10.0", "step": 2, "net": True},
}
HOST = (QAT_CARD, NIC_CARD)

FILE = "pci-placement.conf"
"""Where the lists are: of its own, so that no other service gives the same devices."""

LISTS = """
[pci]
alias = {"name": "qat", "vendor_id": "8086", "product_id": "0443"}
alias = {"name": "nic", "vendor_id": "8086", "product_id": "10ca", "device_type": "type-VF"}
device_spec = {"vendor_id": "8086", "product_id": "0443"}
device_spec = {"devname": "ens1f0", "physical_network": "physnet1"}
"""
OF_ZUN = f"{LISTS}\n[docker]\nexecute_timeout = 5\n"
"""The same lists in a file that zun-compute reads too: it gives VFs of a network by itself."""


def with_vfs(count: int) -> tuple[dict, ...]:
    """The same host with another number of VFs."""
    card = {**NIC_CARD, "vfs": {**NIC_CARD["vfs"], "count": count}}
    return (QAT_CARD, card if count else {k: v for k, v in card.items() if k != "vfs"})


def configure(folder: Path, lists: str = LISTS, placement: str = "", **own: str) -> Path:
    """Write a configuration file that has everything in it."""
    own = {"root_provider_name": ROOT.name, "state_dir": folder / "state", **own}
    lines = [f"{key} = {value}" for key, value in own.items()]
    file = folder / FILE
    text = ["[pci_placement]", *lines, "[placement]", placement, lists]
    file.write_text("\n".join(text))
    return file
