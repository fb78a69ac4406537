"""Facts for a choice of devices, written with what matters to a test."""

from collections.abc import Iterable, Mapping

from pci_placement import identity, names
from pci_placement.claims.choice import Chosen, Refused, choose
from pci_placement.claims.facts import Facts
from pci_placement.claims.record import with_given
from pci_placement.model import (
    ClaimRecord,
    DevType,
    Given,
    InventoryKey,
    PciAddress,
    PciDevice,
)

VFS_OF_A, VFS_OF_B, POOL = "0000:81:00.0:vf", "0000:c1:00.0:vf", "CUSTOM_PCI_GPU:numa0:0123abcd"
CARD_A, CARD_B = "0000:81:00.0", "0000:c1:00.0"
NIC, WHOLE, GPU = map(names.resource_class, ("PCI_NIC", "PCI_WHOLE", "PCI_GPU"))


def place(provider: str, resource_class: str = NIC) -> InventoryKey:
    return InventoryKey(identity.read_key(provider), resource_class)


def vfs(count: int, bus: str = "81", **fields) -> list[PciDevice]:
    """The first VFs of a card."""
    card = PciAddress.parse(f"0000:{bus}:00.0")
    return [
        PciDevice(
            PciAddress.parse(f"0000:{bus}:10.{number}"),
            "8086",
            "10ca",
            dev_type=DevType.VF,
            parent_addr=card,
            **fields,
        )
        for number in range(count)
    ]


def facts(
    counts: Mapping[InventoryKey, Iterable[PciDevice]],
    claims: Mapping[str, Mapping[InventoryKey, int]],
    record: ClaimRecord | None = None,
    **fields,
) -> Facts:
    """Facts in which every counted device is there."""
    counts = {key: tuple(devices) for key, devices in counts.items()}
    return Facts(
        counts={key: tuple(d.address for d in devices) for key, devices in counts.items()},
        devices={d.address: d for devices in counts.values() for d in devices},
        claims=claims,
        record=record or ClaimRecord(),
        **fields,
    )


def given_to(who: str, device: PciDevice, at: InventoryKey) -> ClaimRecord:
    """A record in which somebody was given one device."""
    given = Given(device.address, device.card_addr, at, device.vendor_id, device.product_id)
    return ClaimRecord({who: (given,)})


def chosen(facts: Facts, who: str) -> list[str]:
    """The addresses that somebody is given."""
    choice = choose(facts, who)
    assert isinstance(choice, Chosen), choice
    return [str(given.address) for given in choice.devices]


def refused(facts: Facts, who: str) -> str:
    """Why somebody is given nothing."""
    choice = choose(facts, who)
    assert isinstance(choice, Refused), choice
    return choice.reason


def after(facts: Facts, who: str) -> ClaimRecord:
    """The record once somebody was given what it has claimed."""
    choice = choose(facts, who)
    assert isinstance(choice, Chosen), choice
    return with_given(facts.record, who, choice.devices, facts.once)
