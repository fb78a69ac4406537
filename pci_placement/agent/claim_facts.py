"""What a choice of devices rests on: read of this host, of what is remembered, and of Placement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pci_placement import identity, names
from pci_placement.claims.facts import Before, Facts, Wanted, counted_before
from pci_placement.claims.record import without
from pci_placement.desired import Desired
from pci_placement.errors import ClaimUnknown
from pci_placement.mapping.claims import IS_ANOTHER_NOW, Counts, counted, is_as_counted
from pci_placement.model import (
    ClaimRecord,
    ConsumerUuid,
    InventoryKey,
    LastPass,
    Match,
    ObservedProvider,
    ObservedTree,
    PciAddress,
    PciDevice,
    ProviderKey,
    ProviderUuid,
    ResourceClass,
)
from pci_placement.placement.listing import RootWanted
from pci_placement.plan.reservations import OUT_OF_SERVICE, RESERVED_BY_HAND, state_of

if TYPE_CHECKING:
    from pci_placement.placement import Client

NOT_COUNTED_YET = (
    "what the providers of this host count is not known: no pass over {} is remembered; say sync"
)
NOT_OFFERED_NOW = "it is not offered now: {}"
NOT_ON_THE_BUS = "it is not there"
TAKEN_OUT = (OUT_OF_SERVICE, RESERVED_BY_HAND)

Claimed = Mapping[ProviderUuid, Mapping[ResourceClass, int]]
"""What a consumer holds, as Placement says it."""


@dataclass(frozen=True)
class Counting:
    """What this host has, and what its providers count by what the last pass left."""

    root: ProviderUuid
    host: Desired
    last_pass: LastPass

    @property
    def name(self) -> str:
        """How the root is called."""
        return self.last_pass.root.name if self.last_pass.root else self.root

    def check(self) -> None:
        """Raise ClaimUnknown where no pass is remembered: then nobody knows what counts what."""
        known = self.last_pass.root
        if known is None or known.uuid != self.root:
            raise ClaimUnknown(NOT_COUNTED_YET.format(self.root))

    @cached_property
    def counts(self) -> Counts:
        """Which devices each inventory counts."""
        return counted(self.host.tree, self.last_pass.ledger)

    @cached_property
    def devices(self) -> Mapping[PciAddress, PciDevice]:
        """What is there."""
        return self.host.snapshot.by_address()

    @cached_property
    def keys(self) -> Mapping[ProviderUuid, ProviderKey]:
        """All providers that can be ours."""
        keys = {*self.host.keys, *self.last_pass.keys, *(key.provider for key in self.counts)}
        return {identity.provider_uuid(self.root, key): key for key in keys}

    def wanted(self, claimed: Claimed) -> Wanted:
        """How many devices somebody holds of each inventory of ours."""
        return {
            InventoryKey(self.keys[uuid], name): amount
            for uuid, resources in claimed.items()
            if uuid in self.keys
            for name, amount in resources.items()
            if name != names.SLOT
        }

    @cached_property
    def before(self) -> Mapping[InventoryKey, Before]:
        """Which other devices the inventories counted when some claims were made."""
        return counted_before(self.last_pass.ledger)

    def near(self, wanted: Wanted) -> set[InventoryKey]:
        """The inventories that count devices of the same cards, or did."""
        cards = {self._card(a) for key in wanted for a in self.all_of(key)}
        every = {*self.counts, *self.before}
        return {
            k for k in every if k in wanted or any(self._card(a) in cards for a in self.all_of(k))
        }

    def all_of(self, key: InventoryKey) -> tuple[PciAddress, ...]:
        """The devices of which any claim on an inventory may be."""
        before = self.before.get(key)
        return *self.counts.get(key, ()), *(before.devices if before else ())

    def _card(self, address: PciAddress) -> PciAddress:
        device = self.devices.get(address)
        return device.card_addr if device else address

    def not_offered(self) -> Iterator[tuple[PciAddress, str]]:
        """The counted devices that this host would give to nobody now, and why."""
        offered = {address for p in self.host.tree.providers for address in p.addresses}
        every = {address for key in (*self.counts, *self.before) for address in self.all_of(key)}
        for address in every - offered:
            yield address, NOT_OFFERED_NOW.format(self._why_not(address))

    def replaced(self) -> Iterator[tuple[PciAddress, str]]:
        """The counted devices in whose place there is other hardware since the last pass."""
        here: set[PciAddress] = set()
        counted: set[PciAddress] = set()
        for key in (*self.counts, *self.before):
            known = self.all_of(key)
            counted.update(known)
            here.update(address for address in known if self._is_as_counted(key, address))
        yield from dict.fromkeys(counted - here, IS_ANOTHER_NOW).items()

    def _is_as_counted(self, key: InventoryKey, address: PciAddress) -> bool:
        left = self.last_pass.providers.get(identity.provider_uuid(self.root, key.provider))
        return is_as_counted(left, self.devices.get(address))

    def _why_not(self, address: PciAddress) -> str:
        verdict = self.host.matching.verdicts.get(address)
        if verdict is None or isinstance(verdict, Match):
            return self.host.kept.get(self._card(address), NOT_ON_THE_BUS)
        return verdict.reason

    @property
    def once(self) -> frozenset[PciAddress]:
        """The devices for one-time use."""
        wanted = self.host.tree.providers
        return frozenset(a for p in wanted if p.one_time_use for a in p.addresses)

    def is_sure(self, key: InventoryKey) -> bool:
        """Whether it is certain what an inventory counts: of one device its provider's key says."""
        entry = self.last_pass.ledger.get(key)
        devices = self.counts.get(key, ())
        alone = [identity.device_key(address) for address in devices] == [key.provider]
        return alone or (entry is not None and entry.sure)


@dataclass(frozen=True, slots=True)
class Asked:
    """Asks Placement about the claims on one host."""

    client: Client
    here: Counting

    def facts(self, record: ClaimRecord, claimed: Claimed) -> Facts:
        """What a choice rests on for a consumer that holds this."""
        here = self.here
        wanted = here.wanted(claimed)
        near = here.near(wanted)
        tree = self._observed({key.provider for key in near})
        claims = self._claims(tree)
        record = without(record, self._ended(record, claims, near))
        taken_out = dict(self._taken_out(tree))
        return Facts(
            counts={key: devices for key, devices in here.counts.items() if key in near},
            devices=here.devices,
            claims=claims,
            record=record,
            unfit={**dict(here.replaced()), **dict(here.not_offered()), **taken_out},
            once=here.once,
            unsure=frozenset(key for key in wanted if not here.is_sure(key)),
            before={key: each for key, each in here.before.items() if key in near},
        )

    def all_claims(self) -> Mapping[ConsumerUuid, Wanted]:
        """Who holds how many devices of which inventory of ours."""
        return self._claims(self._observed({*self.here.keys.values()}))

    def is_over(self, claimed: Claimed) -> bool:
        """Whether who holds this has nothing of this host any more.

        What it holds may be of a provider that a pass has made since we looked.
        """
        if not claimed:
            return True
        if claimed.keys() & self.here.keys.keys():
            return False
        listed = {line.uuid for line in self.client.tree(self.here.root)} - {self.here.root}
        return claimed.keys().isdisjoint(listed)

    def _observed(self, providers: set[ProviderKey]) -> ObservedTree:
        here = self.here
        wanted = RootWanted(here.name, here.root)
        tree = self.client.observe(wanted, {*here.keys.values()}, here.last_pass.providers)
        asked = {u for u, key in tree.keys.items() if key in providers and u in tree.providers}
        return self.client.with_consumers(_unasked(tree), asked)

    def _claims(self, tree: ObservedTree) -> Mapping[ConsumerUuid, Wanted]:
        found: dict[ConsumerUuid, dict[InventoryKey, int]] = {}
        for uuid, have in tree.providers.items():
            for who, resources in (have.consumers or {}).items():
                found.setdefault(who, {}).update(self.here.wanted({uuid: resources}))
        return {who: wanted for who, wanted in found.items() if wanted}

    def _ended(
        self, record: ClaimRecord, claims: Mapping[ConsumerUuid, Wanted], near: set[InventoryKey]
    ) -> set[ConsumerUuid]:
        """Of those who were given devices that are counted near those whose claims have ended."""
        devices = {a for key in near for a in self.here.all_of(key)}
        missing = {
            who
            for who, given in record.given.items()
            if who not in claims and any(each.address in devices for each in given)
        }
        return {who for who in sorted(missing) if self.is_over(self.client.claims_of(who))}

    def _taken_out(self, tree: ObservedTree) -> Iterator[tuple[PciAddress, str]]:
        """The devices of providers that an operator keeps anybody from claiming."""
        for have in tree.providers.values():
            if (state := state_of(have)) in TAKEN_OUT:
                yield from ((address, state) for address in self._counted_by(have))

    def _counted_by(self, have: ObservedProvider) -> Iterator[PciAddress]:
        for key, devices in self.here.counts.items():
            if identity.provider_uuid(self.here.root, key.provider) == have.uuid:
                yield from devices


def _unasked(tree: ObservedTree) -> ObservedTree:
    """The same tree without what was told of consumers on the way: claims come at any moment."""
    return replace(
        tree, providers={u: replace(have, consumers=None) for u, have in tree.providers.items()}
    )
