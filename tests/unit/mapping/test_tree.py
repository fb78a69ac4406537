"""The desired tree: which devices share a provider, and below which parent."""

import pytest
from support.build import address, alias, device, entry, pf, snapshot, totals, traits, vf, vfs

from pci_placement import identity, names
from pci_placement.mapping.exclusive import SLOTS, TRAITS_DIFFER
from pci_placement.mapping.family import catalogue
from pci_placement.mapping.offers import VF_ONCE, make_offers
from pci_placement.mapping.tree import UNKNOWN_CLASS, build_tree, serving, without_classes
from pci_placement.model import (
    Inventory,
    Layout,
    Match,
    Matching,
    Pooling,
    Provider,
    Refusal,
    State,
    Unreadable,
)

CARD = "0000:81:00.0"
NUMA, EXCLUSIVE = Layout(Pooling.NUMA), Layout(exclusive=True)


def tree(*verdicts, aliases=(), unreadable=None, layout=None):
    matching = Matching({verdict.device.address: verdict for verdict in verdicts})
    host = snapshot(unreadable=unreadable or {})
    return build_tree(matching, catalogue(aliases), host, layout)


def shown(*verdicts, **rest) -> dict:
    """Each provider of the tree by key: its parent and the totals of its classes."""
    return {
        provider.key: (provider.parent_key, {c: i.total for c, i in provider.inventories.items()})
        for provider in tree(*verdicts, **rest).providers
    }


def traits_of(match: Match):
    ((offer,), _) = make_offers([match], {})
    return offer.traits


def test_nothing_offered_is_an_empty_tree():
    assert tree().providers == ()
    assert tree().held == {}


@pytest.mark.parametrize("found", [device(), pf()], ids=["plain", "whole PF"])
def test_a_device_on_its_own_is_a_provider_below_the_root(found):
    match = Match(found, entry())
    name = names.id_resource_class(found.vendor_id, found.product_id)
    assert tree(match).providers == (
        Provider(
            key=str(found.address),
            inventories={name: Inventory(1)},
            traits=traits_of(match),
            addresses={found.address: name},
        ),
    )


def test_vfs_are_one_provider_below_their_pf_which_has_no_inventory():
    matches = [Match(function, entry()) for function in vfs(3)]
    name = names.id_resource_class("8086", "154c")
    assert tree(*matches).providers == (
        Provider(CARD, traits=frozenset({names.MANAGED})),
        Provider(
            key=f"{CARD}:vf",
            parent_key=CARD,
            inventories={name: Inventory(total=3, max_unit=3)},
            traits=traits_of(matches[0]),
            addresses={match.device.address: name for match in matches},
        ),
    )


def test_vfs_of_two_cards_are_two_providers_each_after_its_parent():
    other = vf("0000:82:02.0", parent="0000:82:00.0")
    assert [*shown(Match(vf(), entry()), Match(other, entry()))] == [
        CARD,
        f"{CARD}:vf",
        "0000:82:00.0",
        "0000:82:00.0:vf",
    ]


def test_vfs_that_differ_in_class_are_several_inventories_of_one_provider():
    first, second, third = vfs(3)
    gpu = entry(resource_class=names.resource_class("gpu"))
    assert shown(Match(first, entry()), Match(second, gpu), Match(third, entry())) == {
        CARD: (None, {}),
        f"{CARD}:vf": (CARD, {"CUSTOM_GPU": 1, "CUSTOM_PCI_8086_154C": 2}),
    }


def test_vfs_that_differ_in_traits_are_a_provider_for_each_set():
    first, second, third = vfs(3)
    one, two = entry(physical_network="physnet1"), entry(physical_network="physnet2")
    matches = [Match(first, one), Match(second, two), Match(third, two)]
    keys = [identity.vf_key(address(CARD), traits_of(match)) for match in matches]
    assert shown(*matches) == {
        CARD: (None, {}),
        keys[0]: (CARD, {"CUSTOM_PCI_8086_154C": 1}),
        keys[1]: (CARD, {"CUSTOM_PCI_8086_154C": 2}),
    }


def test_the_inventory_of_an_alias_is_of_the_class_that_its_request_asks_for():
    match = Match(device(), entry(), ("QuickAssist",))
    (provider,) = tree(match, aliases=[alias()]).providers
    assert provider.inventories == totals(PCI_QUICKASSIST=1)


def test_cards_that_are_held_are_not_in_the_tree():
    first, second = vfs(2)
    verdicts = [Match(device(), entry()), Match(first, entry()), Refusal(second, State.HELD, "why")]
    assert [*shown(*verdicts)] == ["0000:3b:00.0"]
    assert tree(*verdicts).held == {address(CARD): "why"}


def test_cards_that_cannot_be_read_are_held():
    unreadable = {address("0000:81:02.1"): Unreadable("gone", address(CARD))}
    found = tree(Match(vf(), entry()), unreadable=unreadable)
    assert found.providers == ()
    assert found.held == {address(CARD): "0000:81:02.1 cannot be read: gone"}


def test_cards_of_which_class_and_traits_cannot_be_worked_out_are_held():
    found = tree(Match(vf(), entry(one_time_use=True)), Match(device(), entry()))
    assert [provider.key for provider in found.providers] == ["0000:3b:00.0"]
    assert found.held == {address(CARD): VF_ONCE}


def test_devices_that_are_ignored_leave_no_trace():
    found = tree(Refusal(device(), State.IGNORED, "why"))
    assert (found.providers, found.held) == ((), {})


def plain(number: int, **fields) -> Match:
    """One of several plain devices in NUMA node 0, unless the fields say otherwise."""
    return Match(device(f"0000:3b:{number:02x}.0", **{"numa_node": 0, **fields}), entry())


def pool_of(match: Match) -> str:
    found = match.device
    name = names.id_resource_class(found.vendor_id, found.product_id)
    return identity.pool_key(name, found.numa_node, traits_of(match))


def test_with_pooling_the_devices_of_one_class_and_numa_node_share_a_provider():
    matches = [plain(number) for number in range(3)]
    name = names.id_resource_class("8086", "0443")
    assert tree(*matches, layout=NUMA).providers == (
        Provider(
            key=pool_of(matches[0]),
            inventories={name: Inventory(3, max_unit=3)},
            traits=traits_of(matches[0]),
            addresses={match.device.address: name for match in matches},
        ),
    )


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(plain(1, numa_node=1), id="NUMA node"),
        pytest.param(plain(1, numa_node=None), id="NUMA node not known"),
        pytest.param(plain(1, ids="10de:20b0"), id="class"),
        pytest.param(
            Match(device("0000:3b:01.0", numa_node=0), entry(traits=traits("fast"))), id="traits"
        ),
    ],
)
def test_devices_that_differ_are_in_different_pools(other):
    first = plain(0)
    assert [*shown(first, other, layout=NUMA)] == [pool_of(first), pool_of(other)]


def test_whole_pfs_are_pooled_and_vfs_stay_by_pf():
    whole = [Match(pf(f"0000:{bus}:00.0"), entry()) for bus in (82, 83)]
    assert shown(Match(vf(), entry()), *whole, layout=NUMA) == {
        pool_of(whole[0]): (None, {"CUSTOM_PCI_8086_1572": 2}),
        CARD: (None, {}),
        f"{CARD}:vf": (CARD, {"CUSTOM_PCI_8086_154C": 1}),
    }


def test_a_device_of_one_time_use_is_never_pooled():
    once = Match(device("0000:3b:09.0", numa_node=0), entry(one_time_use=True))
    assert [*shown(plain(0), once, layout=NUMA)] == ["0000:3b:09.0", pool_of(plain(0))]


def test_a_card_offered_as_both_is_one_provider_with_slots():
    matches = [Match(found, entry()) for found in (pf(), *vfs(2))]
    (provider,) = tree(*matches, layout=EXCLUSIVE).providers
    card, function = (names.id_resource_class("8086", product) for product in ("1572", "154c"))
    assert provider == Provider(
        key=CARD,
        inventories={
            card: Inventory(1),
            function: Inventory(2, max_unit=2),
            names.SLOT: Inventory(SLOTS, max_unit=SLOTS),
        },
        traits=traits_of(matches[0]) | traits_of(matches[1]),
        addresses={
            match.device.address: card if match is matches[0] else function for match in matches
        },
    )


def test_a_card_that_cannot_be_both_is_held():
    network = Match(vf(), entry(physical_network="physnet1"))
    found = tree(Match(pf(), entry()), network, layout=EXCLUSIVE)
    assert found.providers == ()
    assert found.held == {address(CARD): TRAITS_DIFFER.format("CUSTOM_PHYSNET_PHYSNET1")}


@pytest.mark.parametrize("pooling", list(Pooling))
def test_every_provider_with_devices_has_the_slots_of_its_cards(pooling):
    matches = [plain(0), plain(1), *(Match(function, entry()) for function in vfs(2))]
    found = shown(*matches, layout=Layout(pooling, exclusive=True))
    slots = {key: inventories.get(names.SLOT) for key, (_, inventories) in found.items()}
    single = {"0000:3b:00.0": SLOTS, "0000:3b:01.0": SLOTS}
    pooled = {pool_of(plain(0)): 2 * SLOTS}
    assert slots == {
        **(pooled if pooling is Pooling.NUMA else single),
        CARD: None,
        f"{CARD}:vf": SLOTS,
    }


@pytest.mark.parametrize(
    ("of", "addresses"),
    [
        pytest.param(alias("nic", "8086:154c"), ["0000:81:02.0", "0000:81:02.1"], id="class"),
        pytest.param(alias("nic", "8086:154c", traits=traits("fast")), [], id="trait missing"),
        pytest.param(
            alias("nic", "8086:154c", live_migratable=True), ["0000:81:02.1"], id="trait required"
        ),
        pytest.param(
            alias("nic", "8086:154c", live_migratable=False), ["0000:81:02.0"], id="forbidden"
        ),
    ],
)
def test_a_request_is_served_by_the_devices_of_its_class_that_have_its_traits(of, addresses):
    first, second = vfs(2)
    verdicts = [
        Match(device(), entry()),
        Match(first, entry(), ("nic",)),
        Match(second, entry(live_migratable=True), ("nic",)),
    ]
    known = catalogue([of])
    assert serving(known["nic"], tree(*verdicts, aliases=[of])) == [*map(address, addresses)]


def test_of_one_provider_only_the_devices_of_the_class_serve():
    first, second = vfs(2)
    gpu = names.resource_class("gpu")
    found = tree(Match(first, entry(resource_class=gpu)), Match(second, entry()))
    own = catalogue([alias("x", "", resource_class=gpu)])["x"]
    assert serving(own, found) == [first.address]


# classes that a Placement is too old for

PGPU = names.resource_class("PGPU")
TOO_OLD = UNKNOWN_CLASS.format(PGPU)


def known(*verdicts, **rest):
    """What is left of a tree for a Placement that does not know PGPU: keys, and what is held."""
    left = without_classes(tree(*verdicts, **rest), frozenset({PGPU}))
    return [provider.key for provider in left.providers], {str(c): w for c, w in left.held.items()}


def test_a_placement_that_knows_all_classes_changes_nothing():
    whole = tree(Match(device(), entry(resource_class=PGPU)))
    assert without_classes(whole, frozenset()) == whole


def test_a_device_of_an_unknown_class_is_held_and_the_others_proceed():
    gpu = Match(device("0000:3b:00.0"), entry(resource_class=PGPU))
    assert known(gpu, Match(device("0000:3c:00.0"), entry())) == (
        ["0000:3c:00.0"],
        {"0000:3b:00.0": TOO_OLD},
    )


def test_one_vf_of_an_unknown_class_holds_its_card():
    first, *others = vfs(3)
    matches = [Match(other, entry(traits=traits("CUSTOM_A"))) for other in others]
    assert known(Match(first, entry(resource_class=PGPU)), *matches) == ([], {CARD: TOO_OLD})


def test_a_pool_of_an_unknown_class_holds_all_its_devices():
    pool = [Match(device(f"0000:3{n}:00.0"), entry(resource_class=PGPU)) for n in (1, 2)]
    other = Match(device("0000:3b:00.0"), entry())
    keys, held = known(*pool, other, layout=NUMA)
    assert keys == list(shown(other, layout=NUMA))
    assert held == {"0000:31:00.0": TOO_OLD, "0000:32:00.0": TOO_OLD}


def test_what_is_held_already_stays_held():
    bad = {address("0000:3c:00.0"): Unreadable("broken")}
    _, held = known(Match(device(), entry(resource_class=PGPU)), unreadable=bad)
    assert sorted(held) == ["0000:3b:00.0", "0000:3c:00.0"]
