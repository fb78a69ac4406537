"""What to write instead of a key that means nothing in an entry: by its meaning, then its spelling.

Nearness of letters misleads where it matters: `device_id` is the word of lspci, libvirt and the
kernel for product_id, and looks like device_type.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection

MEANT = {
    "product_id": "device_id device product pid pci_device_id deviceid devid",
    "vendor_id": "vendor vid pci_vendor_id venid",
    "address": "pci_address addr pci_addr pci pci_slot slot bdf busid bus_id bus_info",
    "devname": "interface ifname nic netdev device_name dev_name net_dev pf_name iface",
    "physical_network": "physnet physnets network physical_net provider_network phys_net net",
    "device_type": "type dev_type pci_type devtype",
    "resource_class": "class rc resource placement_class",
    "traits": "trait required required_traits",
    "trusted": "trust",
    "numa_policy": "numa numa_affinity affinity_policy",
    "name": "alias alias_name",
}
"""What other programs call it, and people after them. A list of synonyms, not of keys."""

OTHER_LIST = {
    "name": "a name belongs to an alias: write it in [pci] alias",
    "numa_policy": "numa_policy belongs to an alias: write it in [pci] alias",
    "address": "address belongs to a whitelist entry: write it in [pci] device_spec",
    "devname": "devname belongs to a whitelist entry: write it in [pci] device_spec",
    "physical_network": "physical_network belongs to a whitelist entry; a request names it: "
    "ALIAS@PHYSNET",
}
"""Where a key is known that is not known here."""

_BY_SYNONYM = {word: key for key, words in MEANT.items() for word in words.split()}


def hint(key: str, known: Collection[str]) -> str:
    """Say what to write instead of a key, where only some are known."""
    spelled = key.strip().lower().replace("-", "_")
    meant = spelled if spelled in known else _BY_SYNONYM.get(spelled, spelled)
    if meant in known:
        return f"write {meant!r}"
    if meant in OTHER_LIST and set(known) & _OF_ENTRIES:
        return OTHER_LIST[meant]
    near = difflib.get_close_matches(spelled, known, n=1)
    return f"write {near[0]!r}" if near else f"known keys are {', '.join(sorted(known))}"


_OF_ENTRIES = {"vendor_id"}
"""A key of a whole entry: in an address object, which has others, no other list is meant."""
