"""Cards that nova or cyborg report in this compute node's tree.

Both call the provider of a card `<compute node>_<ADDRESS>`; nova counts a card's VFs on the one
that is named after the PF. The names in the tree tell, so nobody's provider has to be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .model import ListedProvider, PciAddress, Snapshot

_REPORTED = re.compile(
    r".*_([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])", re.ASCII | re.IGNORECASE
)


def reported_cards(listed: Iterable[ListedProvider], snapshot: Snapshot) -> dict[PciAddress, str]:
    """The cards that somebody else reports in this tree, and the names of the providers."""
    cards = {device.address: device.card_addr for device in snapshot.devices}
    found: dict[PciAddress, str] = {}
    for provider in listed:
        named = _REPORTED.fullmatch(provider.name)
        if named:
            address = PciAddress.parse(named[1])
            found[cards.get(address, address)] = provider.name
    return found
