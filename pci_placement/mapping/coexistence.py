"""Cards that nova or cyborg report in this compute node's tree.

Both call the provider of a card `<compute node>_<ADDRESS>`, but for cyborg's driver for Ascend
chips (and its fake one), which writes `<kind>_0000_3b_00_0`; nova counts a card's VFs on the one
that is named after the PF. The names in the tree tell, so nobody's provider has to be read.

Source: nova/compute/pci_placement_translator.py; cyborg/accelerator/drivers, _generate_dep_list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pci_placement.model import ListedProvider, PciAddress, Snapshot

_REPORTED = re.compile(
    r".*_([0-9a-f]{4,8})[:_]([0-9a-f]{2})[:_]([01][0-9a-f])[._]([0-7])", re.ASCII | re.IGNORECASE
)


def reported_cards(listed: Iterable[ListedProvider], snapshot: Snapshot) -> dict[PciAddress, str]:
    """The cards that somebody else reports in this tree, and the names of the providers."""
    cards = {device.address: device.card_addr for device in snapshot.devices}
    cards |= {a: found.parent_addr for a, found in snapshot.unreadable.items() if found.parent_addr}
    found: dict[PciAddress, str] = {}
    for provider in listed:
        address = reported_address(provider.name)
        if address:
            found[cards.get(address, address)] = provider.name
    return found


def reported_address(name: str) -> PciAddress | None:
    """The address in a provider's name, where it is one that nova or cyborg give."""
    named = _REPORTED.fullmatch(name)
    return PciAddress(*(int(number, 16) for number in named.groups())) if named else None
