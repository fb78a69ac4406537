"""Every noun of the program: frozen values that do no I/O.

Read this package first. A pass over a host turns a `Snapshot` and a list of `WhitelistEntry` and
`PciAlias` into `Match` values, those into a desired `ProviderTree`, and that together with an
`ObservedTree` into a `Plan`.
"""

from .config import (
    AddressGlob,
    AddressPattern,
    AddressRegex,
    PciAlias,
    PciAliasUsage,
    Problem,
    Severity,
    Source,
    Tags,
    WhitelistEntry,
)
from .host import DevType, PciAddress, PciDevice, Snapshot, Unreadable
from .offer import Match, Matching, Refusal, State, Verdict
from .plan import (
    Action,
    CreateProvider,
    DeleteProvider,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    MoveProvider,
    Plan,
    RenameProvider,
    SetInventories,
    SetTraits,
    Undrain,
)
from .provider import (
    Consumers,
    Inventories,
    Inventory,
    ListedProvider,
    ObservedProvider,
    ObservedTree,
    Provider,
    ProviderTree,
    ResourceClass,
    Root,
    Trait,
)

__all__ = [
    "Action",
    "AddressGlob",
    "AddressPattern",
    "AddressRegex",
    "Consumers",
    "CreateProvider",
    "DeleteProvider",
    "DevType",
    "Drain",
    "EnsureResourceClass",
    "EnsureTrait",
    "Inventories",
    "Inventory",
    "ListedProvider",
    "Match",
    "Matching",
    "MoveProvider",
    "ObservedProvider",
    "ObservedTree",
    "PciAddress",
    "PciAlias",
    "PciAliasUsage",
    "PciDevice",
    "Plan",
    "Problem",
    "Provider",
    "ProviderTree",
    "Refusal",
    "RenameProvider",
    "ResourceClass",
    "Root",
    "SetInventories",
    "SetTraits",
    "Severity",
    "Snapshot",
    "Source",
    "State",
    "Tags",
    "Trait",
    "Undrain",
    "Unreadable",
    "Verdict",
    "WhitelistEntry",
]
