"""Which hardware an inventory counts, where another card came to its address.

The traits of a provider say it, and they are written before its inventories. Where a pass was cut
off between the two, they are those of the card that came, over the inventories of the one that
went. The card may come back, and with it what was reserved of it and what its claims hold.
"""

from __future__ import annotations

from dataclasses import replace

from pci_placement import names
from pci_placement.model import LastPass, ObservedProvider, ProviderKey, Trait
from pci_placement.model.last_pass import REREAD

NOBODY_KNOWS: frozenset[Trait] = frozenset()


def hardware(have: ObservedProvider, key: ProviderKey, last_pass: LastPass) -> frozenset[Trait]:
    """The traits of the hardware that a provider counts; of both where it may be the one or other.

    They are what it says itself, unless a pass was cut off that was about to change them.
    """
    now, then = names.ids_among(have.traits), last_pass.providers.get(have.uuid)
    before = names.ids_among(then.traits) if then and have.inventories else now
    if then is None or before in (now, NOBODY_KNOWS):
        return now
    begun = {place.resource_class for place in last_pass.begun if place.provider == key}
    known = begun | then.inventories.keys()
    if not begun or have.inventories.keys() & (begun - then.inventories.keys()):
        return now
    if have.inventories.keys().isdisjoint(known):
        return now  # somebody else has written it since, who knows the card that came
    # a class of both cards does not tell; that something of it changed may be by us or by others
    unwritten = begun - then.inventories.keys() or have.inventories == then.inventories
    return before if unwritten else before | now


def as_counted(have: ObservedProvider, key: ProviderKey, last_pass: LastPass) -> ObservedProvider:
    """The provider as it is to be remembered while it is not certain what was written of it.

    With the traits of what it counts; it is to be read again for those that it has.
    """
    of, now = hardware(have, key, last_pass), names.ids_among(have.traits)
    return have if of == now else replace(have, traits=have.traits - now | of, generation=REREAD)
