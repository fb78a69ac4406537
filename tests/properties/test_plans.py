"""What holds on every way from one host and configuration to another, at every moment of it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st
from support.examples import tried
from support.placements import ROOT, Simulated
from support.strategies import ELSEWHERE, IN_USE, View, changes, devices_of, view, views

from pci_placement import identity, names
from pci_placement.mapping.exclusive import SLOTS
from pci_placement.model import DevType, ObservedProvider, PciAddress, Plan
from pci_placement.plan.planner import make_plan

NEVER = st.just(False)
ALWAYS = st.just(True)

ways = tried(50)


def uuid(key: str) -> str:
    return identity.provider_uuid(ROOT.uuid, key)


def plan_for(placement: Simulated, seen: View, before: View | None = None) -> Plan:
    """The plan of a pass; `before` is what the last one saw."""
    traits = before.config.entry_traits if before else frozenset()
    last_pass = replace(placement.last_pass, traits=traits)
    observed = placement.observe(seen.tree)
    plan = make_plan(seen.tree, observed, last_pass)
    placement.last_pass = last_pass
    assert placement.judge(plan, seen.tree, observed) == ()
    return plan


def moments(placement: Simulated, plan: Plan) -> Iterator[None]:
    """Carry out a plan, and stop after each action."""
    for action in plan.actions:
        placement.write(action)
        yield


def synced(seen: View) -> Simulated:
    placement = Simulated()
    placement.apply(plan_for(placement, seen))
    return placement


def free(provider: ObservedProvider, name: str) -> int:
    inventory = provider.inventories.get(name)
    if inventory is None:
        return 0
    return max(0, inventory.total - inventory.reserved - provider.used.get(name, 0))


def claimable(provider: ObservedProvider) -> int:
    return sum(free(provider, name) for name in devices_of(provider.inventories))


def in_use(provider: ObservedProvider) -> int:
    return sum(n for name, n in provider.used.items() if name != names.SLOT)


def slots_of(seen: View, key: str, name: str) -> int:
    """How many slots a device of a class takes: a whole card all of them."""
    devices = seen.snapshot.by_address()
    counted = seen.tree.by_key()[key].addresses
    whole = (devices[a].dev_type is DevType.PF for a, n in counted.items() if n == name)
    return SLOTS if any(whole) else 1


def claim(data, placement: Simulated, seen: View) -> None:
    """Let users claim what Placement would let them."""
    for key in seen.tree.by_key():
        have = placement.providers.get(uuid(key))
        for name in devices_of(have.inventories) if have else ():
            have = placement.providers[uuid(key)]
            most, slots = free(have, name), slots_of(seen, key, name)
            if names.SLOT in have.inventories:
                most = min(most, free(have, names.SLOT) // slots)
            amount = data.draw(st.integers(0, most))
            held = {name: amount}
            if names.SLOT in have.inventories:
                held[names.SLOT] = amount * slots
            if amount:
                placement.claim(f"{key} {name}", {key: held})


def release_all(placement: Simulated) -> None:
    placement.providers = {u: replace(p, consumers={}) for u, p in placement.providers.items()}


# --- over-commitment


def overlapping(seen: Iterable[View]) -> list[tuple[set[str], set[PciAddress]]]:
    """The providers, by key, that count the same devices at one time or another."""
    groups: list[tuple[set[str], set[PciAddress]]] = []
    for provider in (p for one in seen for p in one.tree.providers if p.addresses):
        meeting = [g for g in groups if provider.key in g[0] or g[1] & set(provider.addresses)]
        keys = {provider.key}.union(*(g[0] for g in meeting))
        addresses = set(provider.addresses).union(*(g[1] for g in meeting))
        groups = [g for g in groups if g not in meeting] + [(keys, addresses)]
    return groups


def there(placement: Simulated, seen: Iterable[View]) -> dict[str, ObservedProvider]:
    """What Placement has of the providers that are or were wanted, by key."""
    keys = {key for one in seen for key in one.tree.by_key()}
    return {key: placement.providers[uuid(key)] for key in keys if uuid(key) in placement.providers}


def exclusive(seen: View) -> bool:
    return seen.config.layout.exclusive


def check_no_device_is_promised_twice(placement: Simulated, *seen: View) -> None:
    """What can be claimed and what is in use are no more devices than there were or are.

    A whole PF is none while VFs of it can be claimed or are in use.
    """
    providers = there(placement, seen)
    busy = [key for key, p in providers.items() if ":vf" in key and (claimable(p) or in_use(p))]
    split = {identity.card_of_key(key) for key in busy}
    for keys, addresses in overlapping(seen):
        same = [providers[key] for key in keys if key in providers]
        room = len(addresses - split) - sum(map(in_use, same))
        assert sum(map(claimable, same)) <= max(0, room), keys


def check_the_kinds_exclude_each_other(placement: Simulated, *seen: View) -> None:
    """While a PF is in use no VF of it can be claimed, and the other way round."""
    for one in seen:
        devices = one.snapshot.by_address()
        for provider in one.tree.providers:
            have = placement.providers.get(uuid(provider.key))
            if have and names.SLOT in have.inventories:
                kinds = {n: devices[a].dev_type for a, n in provider.addresses.items()}
                whole = [n for n, kind in kinds.items() if kind is DevType.PF]
                parts = [n for n, kind in kinds.items() if kind is DevType.VF]
                if whole and parts:
                    check_slots(have, whole[0], parts)


def check_slots(have: ObservedProvider, whole: str, parts: list[str]) -> None:
    slots = free(have, names.SLOT)
    in_parts = sum(have.used.get(name, 0) for name in parts)
    assert not (have.used.get(whole) and slots and any(free(have, name) for name in parts))
    assert not (in_parts and slots >= SLOTS and free(have, whole))


def pooled(seen: View) -> bool:
    return any(identity.card_of_key(key) is None for key in seen.tree.by_key())


@ways
@given(changes(NEVER), st.data())
def test_at_no_moment_a_device_is_promised_twice(change, data):
    before, after = change
    placement = synced(before)
    claim(data, placement, before)
    for _ in moments(placement, plan_for(placement, after, before)):
        check_no_device_is_promised_twice(placement, before, after)


@ways
@given(changes(ALWAYS), st.data())
def test_nor_where_a_pf_and_its_vfs_exclude_each_other(change, data):
    before, after = change
    placement = synced(before)
    claim(data, placement, before)
    for _ in moments(placement, plan_for(placement, after, before)):
        check_no_device_is_promised_twice(placement, before, after)
        check_the_kinds_exclude_each_other(placement, before, after)


@ways
@given(changes(), st.data())
def test_nor_on_the_way_back_while_claims_go_on(change, data):
    before, after = change
    assume(not (before.tree.held or after.tree.held))
    assume(exclusive(before) == exclusive(after))
    placement = synced(before)
    claim(data, placement, before)
    placement.apply(plan_for(placement, after, before))
    for _ in moments(placement, plan_for(placement, before, after)):
        check_no_device_is_promised_twice(placement, before, after)


# --- order


def unqualified(placement: Simulated, seen: View, before: dict) -> list[str]:
    """The providers with an inventory that is new, or larger, and without all their traits."""
    return [
        key
        for key, have in there(placement, [seen]).items()
        if have.inventories != getattr(before.get(have.uuid), "inventories", {})
        and claimable(have)
        and not seen.tree.by_key()[key].traits <= have.traits
    ]


@ways
@given(views())
def test_nothing_can_be_claimed_before_it_is_qualified(seen):
    placement = Simulated()
    for _ in moments(placement, plan_for(placement, seen)):
        assert unqualified(placement, seen, {}) == []


@ways
@given(changes(), st.data())
def test_nor_when_it_changes(change, data):
    before, after = change
    placement = synced(before)
    claim(data, placement, before)
    was = dict(placement.providers)
    for _ in moments(placement, plan_for(placement, after, before)):
        assert unqualified(placement, after, was) == []


# --- an end


def state(placement: Simulated) -> dict:
    return {
        identity.key_in_name(p.name): (p.parent, dict(p.inventories), p.traits)
        for p in placement.providers.values()
    }


def wanted(seen: View) -> dict:
    return {
        p.key: (
            uuid(p.parent_key) if p.parent_key else ROOT.uuid,
            dict(p.inventories),
            p.traits,
        )
        for p in seen.tree.providers
    }


def for_one_time_use(*seen: View) -> set[str]:
    return {p.key for one in seen for p in one.tree.providers if p.one_time_use}


def without(keys: set[str], states: dict) -> dict:
    return {key: state for key, state in states.items() if key not in keys}


@ways
@given(views())
def test_after_a_pass_placement_has_what_the_host_offers_and_nothing_is_left_to_do(seen):
    placement = synced(seen)
    assert state(placement) == wanted(seen)
    assert plan_for(placement, seen, seen).actions == ()


@ways
@given(changes())
def test_so_it_has_after_a_pass_for_another_host(change):
    before, after = change
    assume(not after.aside)
    placement = synced(before)
    placement.apply(plan_for(placement, after, before))
    assert state(placement) == wanted(after)
    assert plan_for(placement, after, after).actions == ()


@ways
@given(changes(), st.data())
def test_while_something_is_in_use_there_is_nothing_left_to_do_either(change, data):
    before, after = change
    placement = synced(before)
    claim(data, placement, before)
    placement.apply(plan_for(placement, after, before))
    assert plan_for(placement, after, after).actions == ()


@ways
@given(changes(), st.data())
def test_once_all_is_released_placement_has_what_the_host_offers(change, data):
    before, after = change
    assume(not after.aside)
    placement = synced(before)
    claim(data, placement, before)
    placement.apply(plan_for(placement, after, before))
    release_all(placement)
    placement.apply(plan_for(placement, after, before))
    spent = for_one_time_use(before, after)  # a use of those is not forgotten
    assert without(spent, state(placement)) == without(spent, wanted(after))
    assert plan_for(placement, after, after).actions == ()


@ways
@given(changes(), st.data())
def test_what_is_held_is_left_as_it_is(change, data):
    before, after = change
    placement = synced(before)
    claim(data, placement, before)
    was = dict(placement.providers)
    placement.apply(plan_for(placement, after, before))
    for key in before.tree.by_key():
        if identity.card_of_key(key) in after.tree.held:
            assert placement.providers[uuid(key)] == was[uuid(key)]


def of_cards(placement: Simulated, before: View, cards: Iterable[PciAddress]) -> dict:
    """What Placement has of the providers of some cards."""
    keys = [key for key in before.tree.by_key() if identity.card_of_key(key) in {*cards}]
    return {key: placement.providers[uuid(key)] for key in keys if uuid(key) in placement.providers}


def lost_to_others(seen: View) -> View:
    """The same host and lists, where another service reports a card and the host uses another."""
    cards = sorted({device.card_addr for device in seen.snapshot.devices})
    used = {
        device.address: IN_USE for device in seen.snapshot.devices if device.card_addr in cards[:1]
    }
    reported = dict.fromkeys(cards[1:2], ELSEWHERE)
    return view(replace(seen.snapshot, in_use=used), replace(seen.config, elsewhere=reported))


@ways
@given(changes(), st.data())
def test_what_is_not_ours_is_kept_for_its_users_and_given_to_nobody_else(change, data):
    before, after = change[0], lost_to_others(change[1])
    placement = synced(before)
    claim(data, placement, before)
    was = of_cards(placement, before, after.tree.not_ours)
    placement.apply(plan_for(placement, after, before))
    now = of_cards(placement, before, after.tree.not_ours)
    assert now.keys() == was.keys()
    for key, have in now.items():
        assert have.consumers == was[key].consumers
        assert devices_of(have.inventories) == devices_of(was[key].inventories)
        assert claimable(have) == 0
    assert not [
        p for p in after.tree.providers if identity.card_of_key(p.key) in after.tree.not_ours
    ]


@ways
@given(views(), st.data())
def test_what_was_not_ours_for_a_while_is_offered_again_by_itself(seen, data):
    placement = synced(seen)
    claim(data, placement, seen)
    was = state(placement)
    placement.apply(plan_for(placement, lost_to_others(seen), seen))
    for _ in moments(placement, plan_for(placement, seen, seen)):
        check_no_device_is_promised_twice(placement, seen)
    placement.apply(plan_for(placement, seen, seen))
    found = there(placement, [seen])
    used_up = {key for key in for_one_time_use(seen) & found.keys() if found[key].used}
    assert without(used_up, state(placement)) == without(used_up, was)


def devices_held(placement: Simulated) -> dict[str, int]:
    """How many devices each consumer holds, wherever."""
    held: dict[str, int] = {}
    for provider in placement.providers.values():
        for who, resources in (provider.consumers or {}).items():
            devices = sum(n for name, n in resources.items() if name != names.SLOT)
            held[who] = held.get(who, 0) + devices
    return held


def check_nothing_is_held_that_is_not_there(placement: Simulated) -> None:
    for provider in placement.providers.values():
        assert provider.used.keys() <= provider.inventories.keys()


@ways
@given(changes(), st.data())
def test_at_no_moment_a_consumer_loses_or_gains_a_device(change, data):
    before, after = change
    placement = synced(before)
    claim(data, placement, before)
    was = devices_held(placement)
    for _ in moments(placement, plan_for(placement, after, before)):
        assert devices_held(placement) == was
        check_nothing_is_held_that_is_not_there(placement)


@ways
@given(changes(), st.data())
def test_without_the_right_to_move_claims_they_stay_where_they_are(change, data):
    before, after = change
    placement = synced(before)
    claim(data, placement, before)
    placement.last_pass = replace(placement.last_pass, may_reshape=False)
    was = {u: p.consumers for u, p in placement.providers.items() if p.used}
    placement.apply(plan_for(placement, after, before))
    assert {u: placement.providers[u].consumers for u in was} == was
