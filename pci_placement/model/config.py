"""What the operator wrote: whitelist entries, aliases, wishes, and what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from .expression import Expression
from .host import DevType, PciAddress
from .provider import ResourceClass, Trait


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """Where a piece of configuration stands: entry counts from 1 within one option of one file.

    entry is 0 where the option is no list. line (from 1, 0 where nobody knows) and text are for
    people: what stands elsewhere in the file may change them.
    """

    file: str
    option: str
    entry: int
    line: int = field(default=0, compare=False)
    text: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        entry = f", entry {self.entry}" if self.entry else ""
        return f"{self.file}{line}: {self.option}{entry}"


class Severity(StrEnum):
    """How bad a `Problem` is.

    With one error nothing is written to Placement. A warning is told at every pass, a note only to
    who asks for a check.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to tell the operator about the configuration, and what to write instead.

    key is what makes it the same problem when its numbers change; by default all of its text does.
    """

    problem: str
    suggestion: str = ""
    source: Source | None = None
    severity: Severity = Severity.ERROR
    key: str = ""

    def __str__(self) -> str:
        where = f"{self.source}: " if self.source else ""
        return where + self.problem + (f"; {self.suggestion}" if self.suggestion else "")


@dataclass(frozen=True, slots=True)
class AddressGlob:
    """nova's glob over addresses; None stands for any value of a field."""

    domain: int | None = None
    bus: int | None = None
    slot: int | None = None
    function: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether every field is given: only such an address reaches from a PF to its VFs."""
        return self.only is not None

    @property
    def only(self) -> PciAddress | None:
        """The one address that the glob matches, if every field is given."""
        fields = (self.domain, self.bus, self.slot, self.function)
        given = [field for field in fields if field is not None]
        return PciAddress(*given) if len(given) == len(fields) else None

    def matches_bus(self, address: PciAddress) -> bool:
        """Whether the address is on a bus that the glob allows."""
        return self.domain in (None, address.domain) and self.bus in (None, address.bus)

    def matches(self, address: PciAddress) -> bool:
        """Whether the address has each field that is given."""
        return (
            self.matches_bus(address)
            and self.slot in (None, address.slot)
            and self.function in (None, address.function)
        )


@dataclass(frozen=True, slots=True)
class AddressRegex:
    """Four regular expressions, each matched at the start of its field (as nova does).

    Source: nova/pci/devspec.py, PciAddressRegexSpec.match.
    """

    domain: Expression
    bus: Expression
    slot: Expression
    function: Expression

    @property
    def is_exact(self) -> bool:
        """Whether the expressions spell an address out: nova then reaches from a PF to its VFs.

        It looks for the PF in /sys under just these characters, so `8` for a bus reaches nothing.

        Source: nova/pci/utils.py, is_physical_function.
        """
        fields = (self.domain, self.bus, self.slot, self.function)
        spelled = "{}:{}:{}.{}".format(*(field.pattern for field in fields))
        return re.fullmatch(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]", spelled) is not None

    def matches_bus(self, address: PciAddress) -> bool:
        """Whether the address is on a bus that the expressions allow."""
        domain, bus = f"{address.domain:04x}", f"{address.bus:02x}"
        return self.domain.matches(domain) and self.bus.matches(bus)

    def matches(self, address: PciAddress) -> bool:
        """Whether all four expressions match the fields as sysfs writes them."""
        return (
            self.matches_bus(address)
            and self.slot.matches(f"{address.slot:02x}")
            and self.function.matches(f"{address.function:x}")
        )


AddressPattern = AddressGlob | AddressRegex


@dataclass(frozen=True, slots=True)
class Tags:
    """What a whitelist entry says about the devices it selects, beyond selecting them."""

    physical_network: str | None = None
    device_type: DevType | None = None
    resource_class: ResourceClass | None = None
    traits: frozenset[Trait] = frozenset()
    trusted: bool = False
    managed: bool | None = None
    live_migratable: bool | None = None
    remote_managed: bool = False
    one_time_use: bool = False
    allow_host_use: bool = False


class Pooling(StrEnum):
    """Which plain devices and whole PFs share a provider."""

    DEVICE = "device"
    NUMA = "numa"


@dataclass(frozen=True, slots=True)
class Layout:
    """How devices are arranged in providers.

    With exclusive a PF may be offered beside its VFs, and Placement refuses the second kind.
    """

    pooling: Pooling = Pooling.DEVICE
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class WhitelistEntry:
    """One permission to give devices away; None in a field selects any value."""

    source: Source
    vendor_id: str | None = None
    product_id: str | None = None
    address: AddressPattern | None = None
    devname: str | None = None
    tags: Tags = Tags()

    @property
    def physical_network(self) -> str | None:
        """The physical network that the selected devices are wired to."""
        return self.tags.physical_network


@dataclass(frozen=True, slots=True)
class PciAlias:
    """One definition of a name for a kind of device; a name may have several.

    device_type None means a plain device or a VF, never a PF, as in the pools of nova and of zun
    (which reads no aliases). Either both ids are given or resource_class is.

    Source: nova/pci/stats.py, PciDeviceStats._filter_pools_for_unrequested_pfs; zun/pci/stats.py.
    """

    source: Source
    name: str
    vendor_id: str | None = None
    product_id: str | None = None
    device_type: DevType | None = None
    resource_class: ResourceClass | None = None
    traits: frozenset[Trait] = frozenset()
    numa_policy: str | None = None
    live_migratable: bool | None = None

    @property
    def device_types(self) -> tuple[DevType, ...]:
        """The kinds of function that this definition stands for."""
        return (self.device_type,) if self.device_type else (DevType.PCI, DevType.VF)


@dataclass(frozen=True, slots=True)
class PciAliasUsage:
    """A wish for `count` devices of an alias, on one physical network if that is given.

    Source: zun, specs/pci-device-model.rst.
    """

    pci_alias_name: str
    count: int = 1
    physical_network: str | None = None

    def __str__(self) -> str:
        network = f"@{self.physical_network}" if self.physical_network else ""
        return f"{self.pci_alias_name}:{self.count}{network}"


LEAST = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a pass may remove.

    max_removals None stands for half of our providers, at least two. With removes False (the
    policy upsert-only) nothing is ever removed, with force everything is.
    """

    max_removals: int | None = None
    removes: bool = True
    force: bool = False

    def allow(self, removals: int, providers: int) -> bool:
        """Whether so many removals may be made where there are so many providers of ours."""
        most = max(LEAST, providers // 2) if self.max_removals is None else self.max_removals
        return self.force or not removals or (self.removes and removals <= most)
