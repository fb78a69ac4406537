"""What is remembered, field by field: the one table by which it is written and read.

A field that is added to one of these values and not to its table is an error at the first import.
It also changes what stands in the file: see `versions`.
"""

from __future__ import annotations

from pci_placement import identity, names
from pci_placement.model import (
    Begun,
    ConsumerUuid,
    Counted,
    Inventory,
    InventoryKey,
    LastPass,
    ObservedProvider,
    PciAddress,
    ProviderUuid,
    Root,
)
from pci_placement.model.last_pass import REREAD

from .codec import (
    FLAG,
    NOT_KEPT,
    NUMBER,
    TEXT,
    indexed,
    many,
    named,
    optional,
    paired,
    record,
    whole,
    worded,
)

_COUNT = whole(least=0)
_ADDRESS = worded(PciAddress.parse)
_KEY = worded(identity.read_key)
_CLASS = worded(names.read_resource_class)
_TRAIT = worded(names.read_trait)
_UUID = worded(ProviderUuid)
_CONSUMER = worded(ConsumerUuid)

_ROOT = record(Root, uuid=_UUID, name=TEXT)

_INVENTORY_KEY = record(InventoryKey, provider=_KEY, resource_class=_CLASS)

_INVENTORY = record(
    Inventory,
    total=_COUNT,
    reserved=_COUNT,
    min_unit=_COUNT,
    max_unit=_COUNT,
    step_size=_COUNT,
    allocation_ratio=NUMBER,
)

_PROVIDER = record(
    ObservedProvider,
    uuid=_UUID,
    name=TEXT,
    parent=optional(_UUID),
    generation=whole(least=REREAD),
    inventories=named(_CLASS, _INVENTORY),
    traits=many(_TRAIT),
    has_aggregates=FLAG,
    unused=FLAG,
    others=named(_CLASS, _INVENTORY),
    consumers=NOT_KEPT,  # they come and go without a trace: they are asked for at every pass
)

_COUNTED = record(
    Counted,
    devices=many(_ADDRESS),
    old_devices=many(_ADDRESS),
    old_claims=named(_CONSUMER, _COUNT),
    sure=FLAG,
)

_BEGUN = record(Begun, total=_COUNT, counted=_COUNTED)

LAST_PASS = record(
    LastPass,
    root=optional(_ROOT),
    keys=many(_KEY),
    traits=many(_TRAIT),
    providers=indexed(_PROVIDER, by=lambda provider: provider.uuid),
    kinds=named(TEXT, TEXT),
    ledger=paired(_INVENTORY_KEY, _COUNTED),
    begun=paired(_INVENTORY_KEY, _BEGUN),
    may_reshape=FLAG,
    read_at=NUMBER,
    reread=FLAG,
    withheld_of=_COUNT,
    forsaken_at=optional(_COUNT),
    given=NOT_KEPT,  # the record of claims has it, which is not a pass's to write
)
