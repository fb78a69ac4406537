"""Random sequences of what happens to a node, on a real Placement, against a small model.

The host and its configuration change, users claim and release, operators meddle, passes are made
and are killed in the middle. Whatever comes: no claim is lost, what is not ours stays as it is, and
after a pass that went through, what can be claimed is there, and there is nothing left to do.
"""

import itertools
from dataclasses import dataclass, replace
from uuid import NAMESPACE_DNS, uuid5

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from keystoneauth1 import session, token_endpoint
from support import build
from support.compute import Compute, claimable, device_classes, resources
from support.examples import tried
from support.placements import ROOT, Real

from pci_placement import identity, names
from pci_placement.desired import make_desired
from pci_placement.errors import InUse, RequestError
from pci_placement.identity import is_ours
from pci_placement.model import (
    AddressGlob,
    DevType,
    LastPass,
    Layout,
    ObservedProvider,
    PciAddress,
    Pooling,
    Provider,
    Snapshot,
)
from pci_placement.model.config import Limits
from pci_placement.placement import Client, of_session
from pci_placement.settings import ConfigPath, Settings, load
from pci_placement.sync import Reconciler

CARD = PciAddress(0, 1, 0, 0)
VFS = [PciAddress(0, 1, 2, number) for number in range(4)]
PLAIN = [PciAddress(0, bus, 0, 0) for bus in (2, 3)]
LABELS = [*[{}] * 3, *[{"resource_class": "CUSTOM_OWN"}] * 3, {"physical_network": "two"}, None]
FOREIGN_TRAIT = "CUSTOM_OF_SOMEBODY"
ROOT_CLAIM = {"VCPU": 1}
CONSUMER = {"project_id": "lab", "user_id": "lab"}


class Killed(BaseException):
    """The process is gone: nobody catches this on the way."""


class Mortal(Client):
    """A client whose process is killed before or after one of its requests."""

    def __init__(self, adapter, at: int, after: bool) -> None:
        super().__init__(adapter)
        self.left, self.after = at, after

    def send(self, *args, **kwargs):
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed
        answer = super().send(*args, **kwargs)
        if self.left == 0:
            raise Killed
        return answer


@dataclass(frozen=True)
class Listed:
    """What the operator listed: a label for each device, and the whole card or its VFs."""

    labels: tuple
    whole: bool
    pooling: Pooling

    def entries(self, exclusive: bool):
        by_address = zip((*VFS, *PLAIN), self.labels, strict=True)
        entries = [
            build.entry(number, address=AddressGlob(*address), **label)
            for number, (address, label) in enumerate(by_address, 1)
            if label is not None and (exclusive or not self.whole or address in PLAIN)
        ]
        card = build.entry(9, vendor_id="8086", device_type=DevType.PF)
        return tuple([card, *entries] if self.whole else entries)


listed = st.builds(
    Listed,
    st.tuples(*[st.sampled_from(LABELS) for _ in (*VFS, *PLAIN)]),
    st.sampled_from([False, False, True]),
    st.sampled_from(Pooling),
)


def host(vfs: int, plain: int, kind: str) -> Snapshot:
    """A card with some VFs, and some plain devices of one kind or another."""
    card = [build.pf(str(CARD)), *(build.vf(str(a), parent=str(CARD)) for a in VFS[:vfs])]
    others = [build.device(str(a), f"8086:{kind}", numa_node=0) for a in PLAIN[:plain]]
    return build.snapshot(*card, *others)


hosts = st.builds(
    host,
    st.sampled_from([4, 4, 4, 3, 2, 0]),
    st.sampled_from([2, 2, 1, 0]),
    st.sampled_from(["0443", "0443", "0443", "0435"]),
)


class NodeMachine(RuleBasedStateMachine):
    """One compute node in a real Placement, and what a compute service gave to whom."""

    def __init__(self, placement, empty: Settings) -> None:
        super().__init__()
        placement.reset()
        self.empty = empty
        auth = token_endpoint.Token(placement.url, "admin")
        self.adapter = of_session(session.Session(auth), None, None)
        self.client = Client(self.adapter)
        self.real = Real(self.client)
        self.compute = Compute()
        self.last_pass = LastPass()
        self.synced = False
        self.numbers = itertools.count()
        self.drained: set[str] = set()

    @initialize(seen=hosts, lists=listed, exclusive=st.booleans(), strict=st.booleans())
    def begin(self, seen, lists, exclusive, strict) -> None:
        self.seen, self.lists = seen, lists
        self.exclusive, self.limits = exclusive, Limits(0 if strict else None)
        inventory = {"VCPU": {"total": 64}}
        self.client.send(
            "PUT",
            f"/resource_providers/{ROOT.uuid}/inventories",
            {"resource_provider_generation": 0, "inventories": inventory},
        )
        self.real.create_foreign("disks", "node-disks", "CUSTOM_OF_SOMEBODY_ELSE")
        self.foreign = self.of_others()

    # --- what is true of the moment

    @property
    def settings(self) -> Settings:
        """As conf.load gives them, with lists made here."""
        return replace(
            self.empty,
            whitelist=self.lists.entries(self.exclusive),
            layout=Layout(self.lists.pooling, self.exclusive),
            limits=self.limits,
        )

    @property
    def tree(self):
        return make_desired(self.settings, self.seen).tree

    def reconciler(self, client: Client | None = None, force: bool = False) -> Reconciler:
        return Reconciler(self.settings, lambda: self.seen, client or self.client, [].append, force)

    def ours(self) -> dict[str, ObservedProvider]:
        """Our providers by key, with their users."""
        keys = {p.key for p in self.tree.providers} | self.last_pass.keys
        found = self.client.observe(self.reconciler().root, keys)
        mine = {uuid for uuid, have in found.providers.items() if is_ours(have)}
        found = self.client.with_consumers(found, mine)
        return {found.keys[uuid]: found.providers[uuid] for uuid in mine}

    def of_others(self) -> list:
        """Of what is not ours everything that a pass could change, generation included."""
        url = f"/resource_providers/{identity.provider_uuid(ROOT.uuid, 'disks')}"
        return [self.client.send("GET", url + what) for what in ("", "/traits", "/inventories")]

    def held(self) -> dict[str, int]:
        """How many devices each consumer has, by Placement's account."""
        found: dict[str, int] = {}
        for consumer in (c for c, devices in self.compute.given.items() if devices):
            allocations = self.client.send("GET", f"/allocations/{consumer}")["allocations"]
            assert allocations.pop(ROOT.uuid)["resources"] == ROOT_CLAIM
            found[consumer] = sum(
                on["resources"][name]
                for on in allocations.values()
                for name in device_classes(on["resources"])
            )
        return found

    # --- what happens

    @rule(seen=hosts)
    def change_the_host(self, seen) -> None:
        self.seen, self.synced = seen, False

    @rule(lists=listed)
    def change_the_lists(self, lists) -> None:
        self.lists, self.synced = lists, False

    @precondition(lambda self: self.synced)
    @rule(lists=listed)
    def regroup(self, lists) -> None:
        """New lists, and a pass at once."""
        self.lists = lists
        self.sync(force=True, full=False)

    @rule(force=st.booleans(), full=st.booleans())
    def sync(self, force, full) -> None:
        known = self.last_pass.to_be_read() if full else self.last_pass
        report = self.reconciler(force=force).run_once(known)
        assert report.planned.breaches == ()
        assert report.outcome.stopped is None
        assert not report.outcome.failed
        self.last_pass, self.synced = report.last_pass, True
        self.check(force)

    def check(self, force: bool) -> None:
        """What holds after a pass that went through."""
        there = self.ours()
        for provider, name, have in self.offers(there):
            free = claimable(provider, have, name, self.seen)
            assert free <= len(self.compute.there(provider, name)), (provider.key, name)
        for key in self.drained & there.keys():
            assert all(
                inventory.reserved == inventory.total
                for name, inventory in there[key].inventories.items()
                if name != names.SLOT
            )
        wanted = {provider.key for provider in self.tree.providers}
        for key in there.keys() - wanted:
            assert all(i.reserved == i.total for i in there[key].inventories.values())
        assert self.reconciler(force=force).look(self.last_pass).plan.actions == ()

    @rule(at=st.integers(1, 40), after=st.booleans())
    def kill_a_pass(self, at, after) -> None:
        """What it would have remembered is lost; what it remembered before is there."""
        try:
            report = self.reconciler(Mortal(self.adapter, at, after)).run_once(self.last_pass)
        except Killed:
            self.synced = False
        else:
            assert report.planned.breaches == ()
            self.last_pass, self.synced = report.last_pass, True

    @precondition(lambda self: self.synced)
    @rule()
    def lose_the_cache(self) -> None:
        self.last_pass = LastPass(traits=self.last_pass.traits)
        self.sync(force=False, full=True)

    @precondition(lambda self: self.synced)
    @rule(data=st.data())
    def claim(self, data) -> None:
        """Users take what they can get, here and there."""
        for provider, name, _ in list(self.offers(self.ours())):
            have = self.ours()[provider.key]
            most = claimable(provider, have, name, self.seen)
            amount = data.draw(st.integers(0, most))
            if amount:
                self.take(data, provider, name, have, amount)

    def take(self, data, provider: Provider, name, have, amount: int) -> None:
        devices = data.draw(st.permutations(self.compute.there(provider, name)))
        consumer = str(uuid5(NAMESPACE_DNS, f"{next(self.numbers)}"))
        held = resources(provider, have.inventories, name, amount, self.seen)
        self.put(consumer, {have.uuid: {"resources": held}, ROOT.uuid: {"resources": ROOT_CLAIM}})
        self.compute.given[consumer] = set(devices[:amount])

    def offers(self, there):
        for provider in self.tree.providers:
            have = there.get(provider.key)
            for name in device_classes(have.inventories) if have else ():
                if name in provider.inventories:
                    yield provider, name, have

    def put(self, consumer: str, allocations: dict) -> None:
        body = {"allocations": allocations, "consumer_generation": None, **CONSUMER}
        self.client.send("PUT", f"/allocations/{consumer}", body, "1.31")

    @rule(data=st.data())
    def release(self, data) -> None:
        holding = sorted(c for c, devices in self.compute.given.items() if devices)
        if holding:
            consumer = data.draw(st.sampled_from(holding))
            self.client.send("DELETE", f"/allocations/{consumer}")
            self.compute.given[consumer] = set()

    @precondition(lambda self: self.synced)
    @rule(address=st.sampled_from([CARD, *PLAIN]), drained=st.booleans())
    def drain_or_undrain(self, address, drained) -> None:
        try:
            report = self.reconciler().set_drained(address, drained, self.last_pass)
        except RequestError:
            return
        assert report.outcome.stopped is None
        self.last_pass = report.last_pass
        keys = {key for key in self.ours() if identity.card_of_key(key) == address}
        self.drained = self.drained | keys if drained else self.drained - keys

    @rule(data=st.data(), what=st.sampled_from(["rename", "trait", "reserve", "delete", "ratio"]))
    def meddle(self, data, what) -> None:
        there = self.ours()
        if there:
            key = data.draw(st.sampled_from(sorted(there)))
            getattr(self, f"_{what}")(key, there[key])

    def _rename(self, _key: str, have: ObservedProvider) -> None:
        self.client.send(
            "PUT",
            f"/resource_providers/{have.uuid}",
            {"name": f"{have.name}~{next(self.numbers)}", "parent_provider_uuid": have.parent},
        )

    def _trait(self, key: str, have: ObservedProvider) -> None:
        if have.traits:
            self.real.add_trait(key, FOREIGN_TRAIT)

    def _reserve(self, key: str, have: ObservedProvider) -> None:
        for name in device_classes(have.inventories)[:1]:
            if have.inventories[name].reserved == 0:
                self.real.reserve(key, name, 1)

    def _delete(self, key: str, have: ObservedProvider) -> None:
        try:
            self.client.send("DELETE", f"/resource_providers/{have.uuid}")
        except InUse:
            return
        self.drained.discard(key)
        self.synced = False

    def _ratio(self, _key: str, have: ObservedProvider) -> None:
        """Somebody offers more than there is; until the next pass nobody claims it here."""
        if have.inventories:
            url = f"/resource_providers/{have.uuid}/inventories"
            body = self.client.send("GET", url)
            for inventory in body["inventories"].values():
                inventory["allocation_ratio"] = 2.0
            self.client.send("PUT", url, body)
            self.synced = False

    # --- what always holds

    @invariant()
    def no_claim_is_lost(self) -> None:
        if hasattr(self, "foreign"):
            given = {c: len(devices) for c, devices in self.compute.given.items() if devices}
            assert self.held() == given

    @invariant()
    def what_is_not_ours_stays(self) -> None:
        if hasattr(self, "foreign"):
            assert self.of_others() == self.foreign


@pytest.fixture
def empty(tmp_path):
    file = tmp_path / "zun.conf"
    file.write_text(f"[pci_placement]\nroot_provider_name = {ROOT.name}\nsettle_time = 0\n")
    return load([ConfigPath(str(file))])


def test_whatever_comes(placement, empty):
    run_state_machine_as_test(
        lambda: NodeMachine(placement, empty),
        settings=tried(
            12,
            stateful_step_count=25,
            phases=[Phase.generate],  # to shrink a failing sequence takes very long
            suppress_health_check=list(HealthCheck),
        ),
    )
