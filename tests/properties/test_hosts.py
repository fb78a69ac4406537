"""What holds for any host under any configuration, and for any way from one to another."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from support.examples import tried
from support.placements import ROOT
from support.strategies import counted, crowded, devices_of, view, views

from pci_placement import identity, names
from pci_placement.discovery.selection import selector
from pci_placement.mapping.claims import addresses
from pci_placement.mapping.exclusive import SLOTS
from pci_placement.mapping.tree import serving
from pci_placement.model import DevType, Inventory, Provider, Root

ANY_VIEW = st.one_of(views(), crowded())
LONG = Root(ROOT.uuid, "n" * 190)

pure = tried(100)


@pure
@given(ANY_VIEW)
def test_every_offered_device_is_counted_once_unless_its_card_is_set_aside(seen):
    offered = [m.device for m in seen.matching.matches]
    free = [d.address for d in offered if d.card_addr not in seen.aside]
    assert Counter(counted(seen.tree)) == Counter(free)


@pure
@given(ANY_VIEW)
def test_what_the_whitelist_does_not_select_is_never_counted(seen):
    selects, devices = selector(seen.snapshot), seen.snapshot.by_address()
    for address in counted(seen.tree):
        device = devices[address]
        entry = next(e for e in seen.config.whitelist if selects(e, device))
        assert not device.is_bridge
        assert not entry.tags.remote_managed
        assert entry.tags.allow_host_use or address not in seen.snapshot.in_use


@pure
@given(ANY_VIEW)
def test_nothing_is_counted_of_a_card_that_cannot_be_read_or_is_anothers(seen):
    cards = {seen.snapshot.by_address()[address].card_addr for address in counted(seen.tree)}
    assert not cards & {*seen.snapshot.unsure, *seen.config.elsewhere}


@pure
@given(ANY_VIEW)
def test_a_card_is_held_or_not_ours_and_never_both(seen):
    assert seen.tree.held.keys().isdisjoint(seen.tree.not_ours)
    assert {*seen.snapshot.unsure} & {*seen.config.elsewhere} <= seen.tree.not_ours.keys()


@pure
@given(ANY_VIEW)
def test_totals_are_the_devices_that_are_counted(seen):
    for provider in seen.tree.providers:
        totals = Counter(provider.addresses.values())
        expected = {name: Inventory(n, max_unit=n) for name, n in totals.items()}
        assert {n: i for n, i in provider.inventories.items() if n != names.SLOT} == expected


@pure
@given(ANY_VIEW)
def test_with_exclusive_and_only_then_whatever_is_counted_has_the_slots_of_its_cards(seen):
    cards = {d.address: d.card_addr for d in seen.snapshot.devices}
    for provider in seen.tree.providers:
        slots = provider.inventories.get(names.SLOT)
        many = SLOTS * len({cards[address] for address in provider.addresses})
        expected = seen.config.layout.exclusive and many
        assert (slots and (slots.total, slots.max_unit)) == ((many, many) if expected else None)


@pure
@given(ANY_VIEW)
def test_a_pf_and_its_vfs_are_both_counted_only_where_they_exclude_each_other(seen):
    devices = seen.snapshot.by_address()
    by_address = {a: p for p in seen.tree.providers for a in p.addresses}
    for address, provider in by_address.items():
        pf = by_address.get(devices[address].card_addr)
        if devices[address].dev_type is DevType.VF and pf:
            assert pf is provider
            assert names.SLOT in provider.inventories
            assert pf.addresses[devices[address].card_addr] != pf.addresses[address]


@pure
@given(ANY_VIEW)
def test_what_is_counted_on_a_provider_shares_all_traits_but_those_of_its_kind(seen):
    devices = seen.snapshot.by_address()
    for provider in seen.tree.providers:
        assert names.MANAGED in provider.traits
        for address in provider.addresses:
            assert names.id_trait("8086", devices[address].product_id) in provider.traits
        kinds = {devices[address].dev_type for address in provider.addresses}
        nodes = {devices[address].numa_node for address in provider.addresses}
        assert len(nodes) <= 1
        assert len(kinds) <= 1 or seen.config.layout.exclusive


@pure
@given(ANY_VIEW)
def test_keys_uuids_and_names_are_unique_and_names_fit(seen):
    keys = [provider.key for provider in seen.tree.providers]
    for root in (ROOT, LONG):
        called = [identity.provider_name(root.name, key) for key in keys]
        assert len({identity.provider_uuid(root.uuid, key) for key in keys}) == len(keys)
        assert len(set(called)) == len(keys)
        assert max(map(len, called), default=0) <= 200
        assert all(
            identity.key_in_name(name) == key for name, key in zip(called, keys, strict=True)
        )


@pure
@given(ANY_VIEW)
def test_parents_come_before_their_children(seen):
    keys = [provider.key for provider in seen.tree.providers]
    for provider in seen.tree.providers:
        parent = provider.parent_key
        assert parent is None or parent in keys[: keys.index(provider.key)]


def of_card(tree, card) -> dict[str, Provider]:
    """The providers of one card; a pool is of none."""
    return {p.key: p for p in tree.providers if identity.card_of_key(p.key) == card}


@pure
@given(ANY_VIEW)
def test_what_a_card_becomes_does_not_depend_on_other_cards(seen):
    cards = {device.card_addr for device in seen.snapshot.devices}
    for card in cards:
        devices = tuple(d for d in seen.snapshot.devices if d.card_addr == card)
        alone = view(replace(seen.snapshot, devices=devices), seen.config).tree
        assert of_card(alone, card) == of_card(seen.tree, card)
        assert (card in alone.held) == (card in seen.tree.held)
        assert (card in alone.not_ours) == (card in seen.tree.not_ours)


@pure
@given(ANY_VIEW)
def test_a_claim_of_everything_has_every_address_once(seen):
    claim = {
        identity.provider_uuid(ROOT.uuid, p.key): {"resources": devices_of(p.inventories)}
        for p in seen.tree.providers
    }
    found = addresses(claim, seen.tree, ROOT.uuid)
    assert Counter(a for each in found.values() for a in each) == Counter(counted(seen.tree))


def unordered(tree) -> tuple[dict[str, Provider], set, set]:
    return tree.by_key(), set(tree.held), set(tree.not_ours)


def own_classes(seen, match) -> set:
    """The classes that the aliases of a device name themselves."""
    asked = [seen.known[name] for name in match.aliases]
    return {request.resource_class for request in asked if not request.in_family}


def means(seen, name: str, match) -> bool:
    """Whether an alias is to find a device whose entry leaves the class to the aliases."""
    own, request = own_classes(seen, match), seen.known[name]
    by_class = own == {request.resource_class} if own or not request.in_family else True
    by_ids = name in match.aliases if request.in_family else True
    return by_class and by_ids and request.required - request.telling <= match.entry.tags.traits


@pure
@given(ANY_VIEW)
def test_each_alias_finds_exactly_its_devices(seen):
    offered = {*counted(seen.tree)}
    left = [m for m in seen.matching.matches if not m.entry.tags.resource_class]
    left = [m for m in left if m.device.address in offered]
    for name, request in seen.known.items():
        found = serving(request, seen.tree)
        assert len({*found}) == len(found)
        assert {m.device.address for m in left} & {*found} == {
            m.device.address for m in left if means(seen, name, m)
        }


@pure
@given(ANY_VIEW)
def test_a_class_that_an_entry_names_is_the_class(seen):
    classes = {a: name for p in seen.tree.providers for a, name in p.addresses.items()}
    for match in seen.matching.matches:
        named = match.entry.tags.resource_class
        assert not named or classes.get(match.device.address, named) == named


@pure
@given(ANY_VIEW)
def test_no_alias_takes_a_card_for_one_slot_where_slots_exclude(seen):
    devices = seen.snapshot.by_address()
    for provider in seen.tree.providers:
        kinds = {devices[address].dev_type: name for address, name in provider.addresses.items()}
        asking = [r for r in seen.known.values() if r.resource_class == kinds.get(DevType.PF)]
        assert DevType.VF not in kinds or all(request.whole_card for request in asking)


@pure
@given(ANY_VIEW, st.randoms(use_true_random=False))
def test_the_order_of_the_scan_plays_no_part(seen, random):
    devices = random.sample(seen.snapshot.devices, len(seen.snapshot.devices))
    again = view(replace(seen.snapshot, devices=tuple(devices)), seen.config)
    assert unordered(again.tree) == unordered(seen.tree)
    assert again.matching == seen.matching


@pure
@given(ANY_VIEW, st.randoms(use_true_random=False))
def test_the_order_of_alias_definitions_plays_no_part(seen, random):
    aliases = random.sample(seen.config.aliases, len(seen.config.aliases))
    again = view(seen.snapshot, replace(seen.config, aliases=tuple(aliases)))
    assert again.known == seen.known
    assert again.tree == seen.tree
