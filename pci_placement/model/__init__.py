"""Every noun of the program: frozen values that do no I/O.

Read this package first. A pass over a host turns a `Snapshot` and a list of `WhitelistEntry` and
`PciAlias` into `Match` values, those into a desired `ProviderTree`, and that together with an
`ObservedTree` into a `Plan`.
"""

from .action import Effect, Names, Providers
from .actions import (
    CreateProvider,
    DeleteProvider,
    Drain,
    MoveProvider,
    ProviderAction,
    RenameProvider,
    SetInventories,
    SetTraits,
    Undrain,
)
from .claim import ClaimRecord, Given
from .config import (
    AddressGlob,
    AddressPattern,
    AddressRegex,
    Layout,
    Limits,
    PciAlias,
    PciAliasUsage,
    Pooling,
    Problem,
    Severity,
    Source,
    Tags,
    WhitelistEntry,
)
from .expression import Expression
from .host import DevType, PciAddress, PciDevice, Snapshot, Unreadable
from .last_pass import Begins, Begun, Counted, LastPass, Ledger
from .left_behind import LeftBehind
from .moves import Move, follow, follow_all
from .name_actions import (
    DeleteResourceClass,
    DeleteTrait,
    EnsureResourceClass,
    EnsureTrait,
    NameAction,
)
from .offer import Match, Matching, Refusal, State, Verdict
from .outcome import Done, Outcome, Result
from .plan import Action, Plan
from .provider import (
    MAKING_ROOM,
    Consumers,
    ConsumerUuid,
    Inventories,
    Inventory,
    InventoryKey,
    ListedProvider,
    ObservedProvider,
    ObservedTree,
    Provider,
    ProviderKey,
    ProviderTree,
    ProviderUuid,
    ResourceClass,
    Root,
    Trait,
)
from .reasons import Reason, ReasonCode
from .reshape import Reshape

__all__ = [
    "MAKING_ROOM",
    "Action",
    "AddressGlob",
    "AddressPattern",
    "AddressRegex",
    "Begins",
    "Begun",
    "ClaimRecord",
    "ConsumerUuid",
    "Consumers",
    "Counted",
    "CreateProvider",
    "DeleteProvider",
    "DeleteResourceClass",
    "DeleteTrait",
    "DevType",
    "Done",
    "Drain",
    "Effect",
    "EnsureResourceClass",
    "EnsureTrait",
    "Expression",
    "Given",
    "Inventories",
    "Inventory",
    "InventoryKey",
    "LastPass",
    "Layout",
    "Ledger",
    "LeftBehind",
    "Limits",
    "ListedProvider",
    "Match",
    "Matching",
    "Move",
    "MoveProvider",
    "NameAction",
    "Names",
    "ObservedProvider",
    "ObservedTree",
    "Outcome",
    "PciAddress",
    "PciAlias",
    "PciAliasUsage",
    "PciDevice",
    "Plan",
    "Pooling",
    "Problem",
    "Provider",
    "ProviderAction",
    "ProviderKey",
    "ProviderTree",
    "ProviderUuid",
    "Providers",
    "Reason",
    "ReasonCode",
    "Refusal",
    "RenameProvider",
    "Reshape",
    "ResourceClass",
    "Result",
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
    "follow",
    "follow_all",
]
