"""Why a request finds nothing, asked of a real Placement with two compute nodes."""

import itertools

import pytest
from support import hosts
from support.placements import ROOT, consumer_uuid

from pci_placement import identity, names
from pci_placement.explain import LOOKED_AT, explain
from pci_placement.explain.taken import ASK_THE_NODE
from pci_placement.mapping import request
from pci_placement.placement import cloud as placement_cloud
from pci_placement.settings import ConfigPath
from pci_placement.settings import load as load_settings
from pci_placement.sync import Reconciler

CLOUD = """
[pci_placement]
root_provider_name = {root}
pf_vf_exclusive = {exclusive}
[pci]
alias = {{"name": "qat", "vendor_id": "8086", "product_id": "0443"}}
alias = {{"name": "gpu", "vendor_id": "10de", "product_id": "20b0"}}
alias = {{"name": "still", "vendor_id": "10de", "product_id": "20b0", "live_migratable": false}}
alias = {{"name": "quick", "vendor_id": "8086", "product_id": "0443", "traits": "CUSTOM_FAST"}}
alias = {{"name": "card", "vendor_id": "8086", "product_id": "37c8", "device_type": "type-PF"}}
alias = {{"name": "vf", "vendor_id": "8086", "product_id": "37c9", "device_type": "type-VF"}}
"""
ENTRIES = """
device_spec = {"product_id": "0443"}
device_spec = {"product_id": "20b0", "live_migratable": true}
device_spec = {"address": "0000:41:00.0", "physical_network": "physnet1"}
device_spec = {"address": "0000:42:00.0", "physical_network": "physnet2"}
"""
BOTH_KINDS = """
device_spec = {"product_id": "37c8"}
device_spec = {"product_id": "37c9"}
"""
FAST_VF = """
alias = {"name": "vf-fast", "vendor_id": "8086", "product_id": "37c9", "device_type": "type-VF",
         "traits": "CUSTOM_FAST"}
"""
NOTHING = "nothing"
QAT, GPU, WHOLE, PART = (
    names.resource_class(f"PCI_{name}") for name in ("QAT", "GPU", "CARD", "VF")
)


def qats(count: int) -> list[dict]:
    return [{"address": f"0000:{0x10 + n:02x}:00.0", "id": "8086:0443"} for n in range(count)]


GPUS = [{"address": "0000:0a:00.0", "id": "10de:20b0"}]


def card(bus: int) -> dict:
    """A card with two VFs."""
    address, first = f"0000:{bus:02x}:00.0", f"0000:{bus:02x}:00.1"
    vfs = {"count": 2, "first": first}
    return {
        "address": address,
        "id": "8086:37c8",
        "totalvfs": 8,
        "vf_device": "37c9",
        "vfs": vfs,
    }


class Cloud:
    """Two compute nodes that were synced; `claim` takes devices as a scheduler does."""

    def __init__(self, client, placement, folder) -> None:
        self.client, self.placement, self._folder = client, placement, folder
        self._numbers = itertools.count()
        self.settings = None

    def load(self, root: str, entries: str = ENTRIES, exclusive: bool = False):
        file = self._folder / f"{root}.conf"
        file.write_text(CLOUD.format(root=root, exclusive=exclusive) + entries)
        return load_settings([ConfigPath(str(file))])

    def sync(self, root: str, host: list[dict], entries: str = ENTRIES, exclusive: bool = False):
        self.settings = self.load(root, entries, exclusive)
        snapshot = hosts.snapshot(host)
        report = Reconciler(self.settings, lambda: snapshot, self.client, [].append).run_once()
        assert not report.outcome.failed
        return report

    def candidates(self, usage: str, together: bool = False):
        query = self._query(usage, together)
        return self.client.allocation_candidates(query, request.MICROVERSION)

    def _query(self, usage: str, together: bool) -> str:
        exclusive = self.settings.layout.exclusive
        usages = request.parse_usage(usage)
        return request.query(request.translate(usages, self.settings.aliases, together, exclusive))

    def claim(self, usage: str) -> str:
        """Claim the first candidate; gives the uuid of the consumer."""
        candidate, consumer = self.candidates(usage)[0], consumer_uuid(f"c{next(self._numbers)}")
        allocations = {u: {"resources": dict(r)} for u, r in candidate.allocations.items()}
        who = {"project_id": "lab", "user_id": "lab", "consumer_type": "CONTAINER"}
        body = {"allocations": allocations, "consumer_generation": None, **who}
        self.client.send("PUT", f"/allocations/{consumer}", body)
        return consumer

    def explain(self, usage: str, together: bool = False) -> list[tuple[str, str, int, str]]:
        """Explain, and hold it to what its docstring promises."""
        self.placement.requests.clear()
        aliases, exclusive = self.settings.aliases, self.settings.layout.exclusive
        asked, before = request.parse_alternatives(usage), self.client.sent
        findings = explain(self.client, asked, aliases, exclusive, together)
        wishes = len({wish for usages in asked for wish in usages})
        most = 2 + wishes * (4 + 7 * LOOKED_AT) + 3 * len(asked)
        assert self.client.sent - before <= most
        assert all("\n" not in finding.meaning for finding in findings)
        return [(f.wish, f.relaxed, f.free, f.meaning) for f in findings]


@pytest.fixture
def cloud(client, placement, real, tmp_path):
    placement.create_compute_node("other")
    cloud = Cloud(client, placement, tmp_path)
    cloud.real = real
    return cloud


@pytest.fixture
def two_nodes(cloud):
    """Two devices on one node; one of them, and a GPU, on the other."""
    cloud.sync("other", qats(1) + GPUS)
    cloud.sync(ROOT.name, qats(2))
    return cloud


def because(usage: str, meaning: str, relaxed: str = NOTHING, free: int = 0):
    return [(usage, relaxed, free, meaning)]


# --- nothing like it was ever reported


def test_a_class_that_nobody_reports(cloud):
    cloud.sync(ROOT.name, qats(1))
    meaning = "no agent of this cloud has reported CUSTOM_PCI_GPU"
    assert cloud.explain("qat,gpu:2") == because("qat:1,gpu:2", meaning)


def test_a_trait_that_nobody_reports(two_nodes):
    meaning = "no agent of this cloud has reported CUSTOM_FAST"
    assert two_nodes.explain("quick") == because("quick:1", meaning)


def test_a_physical_network_that_nobody_reports(two_nodes):
    meaning = "no agent of this cloud has reported CUSTOM_PHYSNET_PHYSNET9"
    assert two_nodes.explain("qat@physnet9") == because("qat:1@physnet9", meaning)


def test_a_class_that_was_reported_once(two_nodes):
    two_nodes.sync("other", qats(1))
    meaning = "no provider of this cloud has an inventory of CUSTOM_PCI_GPU"
    assert two_nodes.explain("gpu") == because("gpu:1", meaning)


# --- it is there, but not as it is asked for


def test_free_devices_are_on_another_physical_network(cloud):
    cloud.sync(ROOT.name, [card(0x41), card(0x42)])
    cloud.claim("vf:2@physnet2")
    trait, wish = "CUSTOM_PHYSNET_PHYSNET2", "vf:1@physnet2"
    lack = f"free devices lack {trait} (they have CUSTOM_PHYSNET_PHYSNET1)"
    assert cloud.explain("vf@physnet2") == [
        *because(wish, lack, f"required {trait}", 2),
        *because(wish, f"of 2 {PART} with {trait} on 1 provider: 2 in use"),
    ]


def test_free_devices_are_on_no_physical_network(cloud):
    both = [card(0x41), card(0x43)]
    cloud.sync(ROOT.name, both, ENTRIES + 'device_spec = {"product_id": "37c9"}')
    cloud.claim("vf:2@physnet1")
    ((_, relaxed, free, meaning), _) = cloud.explain("vf@physnet1")
    assert (relaxed, free) == ("required CUSTOM_PHYSNET_PHYSNET1", 2)
    assert meaning.endswith("(they have no physical network)")


def test_free_devices_lack_a_trait(two_nodes):
    fast = ENTRIES.replace('"0443"', '"0443", "traits": "CUSTOM_FAST"')
    two_nodes.sync("other", qats(1), fast)
    two_nodes.claim("quick")
    assert two_nodes.explain("quick") == [
        *because("quick:1", "free devices lack CUSTOM_FAST", "required CUSTOM_FAST", 2),
        *because("quick:1", f"of 1 {QAT} with CUSTOM_FAST on 1 provider: 1 in use"),
    ]


def test_free_devices_have_a_trait_that_is_not_wanted(two_nodes):
    trait = "HW_PCI_LIVE_MIGRATABLE"
    have = f"free devices have {trait}, which this wish excludes"
    none = f"no provider of this cloud has an inventory of {GPU} without {trait}"
    assert two_nodes.explain("still") == [
        *because("still:1", have, f"forbidden {trait}", 1),
        *because("still:1", none),
    ]


# --- it is taken


def test_all_are_in_use(two_nodes):
    for _ in range(3):
        two_nodes.claim("qat")
    meaning = f"of 3 {QAT} on 3 providers: 3 in use"
    assert two_nodes.explain("qat") == because("qat:1", meaning)


def test_what_is_left_is_reserved(two_nodes):
    two_nodes.sync("other", [])
    two_nodes.claim("qat")
    (left,) = two_nodes.candidates("qat")
    (uuid,) = left.allocations
    key = next(q["address"] for q in qats(2) if key_uuid(q["address"]) == uuid)
    two_nodes.real.reserve(key, QAT, 1)
    meaning = f"of 2 {QAT} on 2 providers: 1 in use, 1 reserved"
    assert two_nodes.explain("qat") == because("qat:1", meaning)


def test_the_only_one_is_draining(two_nodes):
    two_nodes.claim("gpu")
    two_nodes.sync("other", qats(1))
    meaning = f"of 1 {GPU} on 1 provider: 1 draining and still in use"
    assert two_nodes.explain("gpu") == because("gpu:1", meaning)


@pytest.mark.parametrize(
    ("taken", "asked", "free", "how"),
    [("card", "vf", 2, "as a whole"), ("vf", "card", 1, "through their VFs")],
    ids=["PF", "VF"],
)
def test_the_other_kind_of_the_card_is_in_use(cloud, taken, asked, free, how):
    cloud.sync(ROOT.name, [card(0x41)], BOTH_KINDS, exclusive=True)
    cloud.claim(taken)
    meaning = f"free devices are on cards that are in use {how}"
    assert cloud.explain(asked) == because(f"{asked}:1", meaning, names.SLOT, free)


def test_its_own_kind_of_the_card_is_in_use(cloud):
    cloud.sync(ROOT.name, [card(0x41)], BOTH_KINDS, exclusive=True)
    for _ in range(2):
        cloud.claim("vf")
    ((wish, relaxed, free, meaning),) = cloud.explain("vf")
    assert (wish, relaxed, free) == ("vf:1", NOTHING, 0)
    assert meaning == f"of 2 {PART} on 1 provider: 2 in use"


# --- it is free, but not in one place


def test_enough_in_total_but_on_no_single_node(two_nodes):
    meaning = "enough in total, but on no single node: 3 free on 2 nodes, at most 2 on one (node)"
    assert two_nodes.explain("qat:3") == because("qat:3", meaning, "the count 3", 3)


def test_not_enough_in_total(two_nodes):
    meaning = "only 3 free on 2 nodes, at most 2 on one (node)"
    assert two_nodes.explain("qat:4") == because("qat:4", meaning, "the count 4", 3)


def test_each_wish_fits_somewhere_but_all_of_them_nowhere(two_nodes):
    where = "qat:2 on node, gpu:1 on other"
    meaning = f"each fits on some node, but no node has all of them: {where}"
    assert two_nodes.explain("qat:2,gpu") == because("qat:2,gpu:1", meaning)


def test_wishes_that_draw_on_the_same_devices_are_added_up(two_nodes):
    meaning = f"all draw on the same {QAT}: 3 wanted, at most 2 free on one node (node)"
    assert two_nodes.explain("qat:2,qat") == because("qat:2,qat:1", meaning)


def test_every_wish_that_fails_by_itself_is_told(two_nodes):
    two_nodes.claim("gpu")
    findings = two_nodes.explain("qat:4,gpu,qat")
    assert [wish for wish, *_ in findings] == ["qat:4", "gpu:1"]


# --- two wishes for one card


@pytest.fixture
def cards(cloud):
    """One card on one node and two on the other, each to be given whole or by its two VFs."""
    cloud.sync("other", [card(0x51)], BOTH_KINDS, exclusive=True)
    cloud.sync(ROOT.name, [card(0x41), card(0x42)], BOTH_KINDS, exclusive=True)
    return cloud


@pytest.mark.parametrize(
    ("usage", "contested"), [("vf:3,card", "2 cards"), ("card:2,vf", "2 cards")]
)
def test_a_card_is_given_whole_or_by_its_vfs(cards, usage, contested):
    ((wish, _, _, meaning),) = cards.explain(usage)
    assert wish == ",".join(map(str, request.parse_usage(usage)))
    whole_or_not = "a card is given whole or by its VFs"
    assert meaning == f"{whole_or_not}: on node they contend for {contested}"


def test_two_wishes_for_the_only_card_that_is_left(cards):
    cards.claim("card:2")
    ((_, _, _, meaning),) = cards.explain("vf,card")
    assert meaning == "a card is given whole or by its VFs: on other they contend for 1 card"


def test_only_the_wishes_that_do_not_go_together_are_named(cards):
    ((wish, _, _, meaning),) = cards.explain("vf,card,vf:3")
    assert wish == "card:1,vf:3"
    assert "whole or by its VFs" in meaning


def test_three_wishes_of_which_any_two_fit(cards):
    ((wish, _, _, meaning),) = cards.explain("card,vf:2@physnet1,vf")
    assert "no agent of this cloud has reported CUSTOM_PHYSNET_PHYSNET1" in meaning
    ((wish, _, _, meaning),) = cards.explain("card,vf:2,vf")
    assert wish == "card:1,vf:2,vf:1"
    assert meaning == "a card is given whole or by its VFs: on node they contend for 2 cards"


def test_wishes_that_fit_on_different_nodes_only(two_nodes):
    two_nodes.sync("other", qats(2) + GPUS)
    two_nodes.sync(ROOT.name, qats(2))
    two_nodes.claim("gpu")
    two_nodes.placement.create_compute_node("third")
    two_nodes.sync("third", GPUS)
    ((_, _, _, meaning),) = two_nodes.explain("qat:2,gpu")
    first = meaning.partition("qat:2 on ")[2]
    assert first in {"node and 1 other, gpu:1 on third", "other and 1 other, gpu:1 on third"}


@pytest.mark.parametrize("together", [False, True], ids=["apart", "together"])
@pytest.mark.parametrize("claimed", ["", "vf", "card", "vf,card"])
def test_it_finds_nothing_in_the_way_where_placement_finds_candidates(cards, claimed, together):
    if claimed:
        cards.claim(claimed)
    usages = ["vf:2", "vf:3", "card:2", "vf,card", "vf:3,card", "card:2,vf", "vf,card,vf"]
    usages += ["card,vf:3,card", "vf:2,vf:2", "vf,vf:2", "vf,vf:2,vf:2"]
    said = {u: "nothing is in the way" in cards.explain(u, together)[0][3] for u in usages}
    assert said == {usage: bool(cards.candidates(usage, together)) for usage in usages}


# --- all of a wish from one provider


@pytest.fixture
def vfs(cloud):
    """Two cards with two VFs each on one node."""
    cloud.sync(ROOT.name, [card(0x41), card(0x42)])
    return cloud


def test_enough_on_the_node_but_not_on_one_provider(vfs):
    assert not vfs.candidates("vf:3", together=True)
    meaning = "enough on 1 node, but not on one provider: the largest has 2 free (on node)"
    assert vfs.explain("vf:3", together=True) == because("vf:3", meaning, "together", 4)
    assert "nothing is in the way" in vfs.explain("vf:3")[0][3]


def test_not_enough_on_the_node_together_or_not(vfs):
    assert vfs.explain("vf:5", together=True) == vfs.explain("vf:5")
    meaning = "only 4 free, all on node"
    assert vfs.explain("vf:5", together=True) == because("vf:5", meaning, "the count 5", 4)


def test_another_physical_network_has_enough_together(vfs):
    vfs.claim("vf@physnet2")
    findings = vfs.explain("vf:2@physnet2", together=True)
    assert [(relaxed, free) for _, relaxed, free, _ in findings] == [
        ("the count 2", 1),
        ("required CUSTOM_PHYSNET_PHYSNET2", 3),
    ]


def test_two_wishes_contend_for_a_provider(vfs):
    vfs.claim("vf@physnet2")
    assert not vfs.candidates("vf:2,vf:1,vf:1", together=True)
    ((wish, _, _, meaning),) = vfs.explain("vf:2,vf:2", together=True)
    assert wish == "vf:2,vf:2"
    assert meaning == f"all draw on the same {PART}: 4 wanted, at most 3 free on one node (node)"
    vfs.sync(ROOT.name, [card(0x41), card(0x42) | {"vfs": {"count": 4, "first": "0000:42:00.1"}}])
    ((_, _, _, meaning),) = vfs.explain("vf:3,vf:2@physnet2", together=True)
    told = "on node they contend for 1 provider with at most 3 free"
    assert meaning == f"each must come from one provider: {told}"


# --- several constraints at once


def test_devices_that_break_two_constraints(cloud):
    fast = 'device_spec = {"address": "0000:10:00.0", "physical_network": "physnet1"}\n'
    fast += 'device_spec = {"address": "0000:11:00.0", "traits": "CUSTOM_FAST"}\n'
    cloud.sync(ROOT.name, qats(3), fast + ENTRIES)
    cloud.real.reserve("0000:10:00.0", QAT, 1)
    cloud.real.reserve("0000:11:00.0", QAT, 1)
    both = "required CUSTOM_FAST + required CUSTOM_PHYSNET_PHYSNET1"
    physnet = "CUSTOM_PHYSNET_PHYSNET1"
    lack = f"free devices lack CUSTOM_FAST and lack {physnet} (they have no physical network)"
    none = f"no provider of this cloud has an inventory of {QAT} with CUSTOM_FAST {physnet}"
    wish = "quick:1@physnet1"
    assert cloud.explain("quick@physnet1") == [
        *because(wish, lack, both, 1),
        *because(wish, none),
    ]


def test_a_single_constraint_that_helps_is_told_before_two(cloud):
    fast = 'device_spec = {"address": "0000:10:00.0", "physical_network": "physnet1"}\n'
    fast += 'device_spec = {"address": "0000:11:00.0", "traits": "CUSTOM_FAST"}\n'
    cloud.sync(ROOT.name, qats(3), fast + ENTRIES)
    assert [relaxed for _, relaxed, *_ in cloud.explain("quick@physnet1")] == [
        "required CUSTOM_FAST",
        "required CUSTOM_PHYSNET_PHYSNET1",
        NOTHING,
    ]


def test_a_trait_and_the_slots_at_once(cloud):
    """The card with the trait is reserved; the other one, without it, is in use as a whole."""
    fast = BOTH_KINDS.replace("}", ', "traits": "CUSTOM_FAST"}')
    cloud.sync("other", [card(0x51)], BOTH_KINDS, exclusive=True)
    cloud.claim("card")
    cloud.sync(ROOT.name, [card(0x41)], fast + FAST_VF, exclusive=True)
    cloud.real.reserve("0000:41:00.0", PART, 2)
    lack = "free devices lack CUSTOM_FAST and are on cards that are in use as a whole"
    assert cloud.explain("vf-fast") == [
        *because("vf-fast:1", lack, f"required CUSTOM_FAST + {names.SLOT}", 2),
        *because("vf-fast:1", f"of 2 {PART} with CUSTOM_FAST on 1 provider: 2 reserved"),
    ]


def test_reserved_vfs_keep_the_whole_card_back(cloud):
    cloud.sync(ROOT.name, [card(0x41)], BOTH_KINDS, exclusive=True)
    cloud.real.reserve("0000:41:00.0", PART, 1)
    cloud.sync(ROOT.name, [card(0x41)], BOTH_KINDS, exclusive=True)
    meaning = "free devices are on cards with reserved VFs"
    assert cloud.explain("card") == because("card:1", meaning, names.SLOT, 1)


def test_no_agent_has_exclusive_set(two_nodes):
    two_nodes.settings = two_nodes.load(ROOT.name, ENTRIES, exclusive=True)
    hint = "pf_vf_exclusive is set here, but on no agent"
    meaning = f"no agent of this cloud has reported {names.SLOT}; {hint}"
    assert two_nodes.explain("qat") == because("qat:1", meaning)


def test_the_agent_of_the_right_node_does_not_have_exclusive_set(two_nodes):
    two_nodes.sync(ROOT.name, qats(1), exclusive=True)
    meaning = "free devices are on nodes whose agent does not have pf_vf_exclusive set"
    assert two_nodes.explain("gpu") == because("gpu:1", meaning, names.SLOT, 1)


# --- an alias that has a class and no ids


FPGA = names.resource_class("CUSTOM_FPGA")
CLASS_ALONE = """
alias = {"name": "fpga", "resource_class": "CUSTOM_FPGA"}
device_spec = {"product_id": "0443", "resource_class": "CUSTOM_FPGA"}
device_spec = {"product_id": "20b0"}
"""


@pytest.fixture
def fpgas(cloud):
    """Two devices on one node, one on the other, and devices of another kind."""
    cloud.sync("other", qats(1), CLASS_ALONE)
    cloud.sync(ROOT.name, qats(2) + GPUS, CLASS_ALONE)
    return cloud


def test_a_class_without_ids_is_in_use(fpgas):
    for _ in range(3):
        fpgas.claim("fpga")
    assert fpgas.explain("fpga") == because("fpga:1", f"of 3 {FPGA} on 3 providers: 3 in use")


def test_a_class_without_ids_is_in_use_and_draining(fpgas):
    for _ in range(3):
        fpgas.claim("fpga")
    fpgas.sync("other", GPUS, CLASS_ALONE)
    told = f"of 3 {FPGA} on 3 providers: 2 in use, 1 draining and still in use"
    assert fpgas.explain("fpga") == because("fpga:1", told)


def test_a_class_without_ids_is_reserved(fpgas):
    fpgas.sync("other", [], CLASS_ALONE)
    for bus in ("10", "11"):
        fpgas.real.reserve(f"0000:{bus}:00.0", FPGA, 1)
    assert fpgas.explain("fpga") == because("fpga:1", f"of 2 {FPGA} on 2 providers: 2 reserved")


def test_a_class_without_ids_that_was_reported_once(fpgas):
    fpgas.sync("other", [], CLASS_ALONE)
    fpgas.sync(ROOT.name, GPUS, CLASS_ALONE)
    meaning = f"no provider of this cloud has an inventory of {FPGA}"
    assert fpgas.explain("fpga") == because("fpga:1", meaning)


def test_a_class_without_ids_among_very_many_kinds(cloud):
    kinds = LOOKED_AT + 5
    host = [
        {"address": f"0000:{0x10 + n:02x}:00.0", "id": f"8086:{0x1000 + n:04x}"}
        for n in range(kinds)
    ]
    alias = 'alias = {"name": "fpga", "resource_class": "CUSTOM_FPGA"}\n'
    cloud.sync(ROOT.name, host, alias + 'device_spec = {"vendor_id": "8086"}')
    cloud.client.send("PUT", f"/resource_classes/{FPGA}")
    meaning = f"of the {LOOKED_AT} providers looked at none has an inventory of {FPGA}"
    assert cloud.explain("fpga") == because("fpga:1", meaning)


# --- what could go wrong on the way


def test_an_id_that_nobody_reports_beside_one_that_is_in_use(cloud):
    more = 'alias = {"name": "qat", "vendor_id": "8086", "product_id": "9999"}\n'
    cloud.sync(ROOT.name, qats(1), ENTRIES + more)
    cloud.claim("qat")
    assert cloud.explain("qat") == because(
        "qat:1", f"of 1 {QAT} with CUSTOM_PCI_ALIAS_QAT on 1 provider: 1 in use"
    )


def test_a_provider_that_goes_away_while_it_looks(two_nodes, monkeypatch):
    for _ in range(3):
        two_nodes.claim("qat")
    gone, listed = consumer_uuid("nobody"), placement_cloud.Cloud.carriers
    monkeypatch.setattr(placement_cloud.Cloud, "carriers", lambda *args: [gone, *listed(*args)])
    assert two_nodes.explain("qat") == because("qat:1", f"of 3 {QAT} on 3 providers: 3 in use")


def test_a_whole_card_is_withheld_while_its_vfs_are_in_use(cloud):
    cloud.sync(ROOT.name, [card(0x41)], 'device_spec = {"product_id": "37c9"}')
    cloud.claim("vf")
    cloud.sync(ROOT.name, [card(0x41)], 'device_spec = {"product_id": "37c8"}')
    cloud.client.send("PUT", f"/resource_classes/{WHOLE}")
    none = f"no provider of this cloud has an inventory of {WHOLE}"
    why = ASK_THE_NODE.format("1 provider", f"{ROOT.name}:pci:0000:41:00.0")
    assert cloud.explain("card") == because("card:1", f"{none}; {why}")
    told = f"of 2 {PART} on 1 provider: 1 draining and still in use, 1 draining and free"
    assert cloud.explain("vf") == because("vf:1", told)


# --- nothing is wrong


@pytest.mark.parametrize(
    ("usage", "nodes", "devices"), [("qat", 2, 3), ("qat:2", 1, 2), ("qat,gpu", 1, 2)]
)
def test_nothing_is_in_the_way(two_nodes, usage, nodes, devices):
    ((_, relaxed, free, meaning),) = two_nodes.explain(usage)
    assert (relaxed, free) == (NOTHING, devices)
    there = "1 node" if nodes == 1 else f"{nodes} nodes"
    assert meaning == f"nothing is in the way: it is free on {there}"
    assert f"{nodes} node" in meaning
    assert two_nodes.candidates(usage)


def test_what_it_says_changes_when_a_device_is_released(two_nodes):
    consumer = two_nodes.claim("gpu")
    assert "1 in use" in two_nodes.explain("gpu")[0][3]
    two_nodes.client.send("DELETE", f"/allocations/{consumer}")
    assert "nothing is in the way" in two_nodes.explain("gpu")[0][3]


# --- alternatives


FREE_ON_ONE = "nothing is in the way: it is free on 1 node"


def test_what_is_in_the_way_of_the_first_alternative_and_which_one_fits(two_nodes):
    meaning = "only 3 free on 2 nodes, at most 2 on one (node)"
    assert two_nodes.explain("qat:4|qat:2|gpu") == [
        *because("qat:4", meaning, "the count 4", 3),
        *because("qat:2", FREE_ON_ONE, free=2),
    ]


def test_no_further_alternative_is_looked_at_once_one_fits(two_nodes):
    two_nodes.explain("gpu")
    alone = len(asked(two_nodes))
    assert two_nodes.explain("gpu|qat:4") == because("gpu:1", FREE_ON_ONE, free=1)
    assert len(asked(two_nodes)) == alone


def test_an_alternative_that_nobody_reports(two_nodes):
    meaning = "no agent of this cloud has reported CUSTOM_FAST"
    assert two_nodes.explain("quick,gpu|qat") == [
        *because("quick:1,gpu:1", meaning),
        *because("quick:1,qat:1", meaning),
    ]
    assert two_nodes.explain("quick|gpu") == [
        *because("quick:1", meaning),
        *because("gpu:1", FREE_ON_ONE, free=1),
    ]


def test_a_wish_beside_alternatives_is_looked_at_and_told_once(two_nodes):
    meaning = "only 3 free on 2 nodes, at most 2 on one (node)"
    where = "each fits on some node, but no node has all of them: gpu:1 on other, qat:2 on node"
    assert two_nodes.explain("gpu|qat,qat:4") == because("qat:4", meaning, "the count 4", 3)
    assert len(asked(two_nodes)) == 5  # the classes, three wishes, and the name of a node
    assert two_nodes.explain("gpu|qat:3,qat:2")[0] == because("gpu:1,qat:2", where)[0]


# --- what it costs


def asked(cloud) -> list[str]:
    return [r.path for r in cloud.placement.requests if r.path != "/"]


@pytest.mark.parametrize(
    ("usage", "most"),
    [
        ("qat", 3),  # the classes, the traits, one for the wish
        ("qat:2,gpu", 5),  # and the names of a node for each
        ("qat:3", 4),  # and the name of the node that has most
        ("qat:999,gpu", 5),
        ("qat:2,qat", 5),  # and one for what both draw on
        ("still", 6),  # and one without the trait, and two to look for providers without it
    ],
)
def test_a_request_is_explained_with_a_few(two_nodes, usage, most):
    two_nodes.explain(usage)
    assert 0 < len(asked(two_nodes)) <= most


def test_of_very_many_taken_devices_only_some_are_looked_at(cloud):
    devices = LOOKED_AT + 5
    cloud.sync(ROOT.name, qats(devices))
    for number in range(devices):
        address = qats(devices)[number]["address"]
        cloud.real.claim(f"c{number}", {address: {QAT: 1}})
    ((_, _, _, meaning),) = cloud.explain("qat")
    looked_at = {path.split("/")[2] for path in asked(cloud) if path.endswith("/inventories")}
    assert len(looked_at) == LOOKED_AT
    assert len(asked(cloud)) <= 4 + 3 * LOOKED_AT
    where = f"the first {LOOKED_AT} of {devices} providers"
    assert meaning == f"of {LOOKED_AT} {QAT} on {where}: {LOOKED_AT} in use"


@pytest.mark.parametrize("usage", ["qat", "qat:999", "qat:2,gpu,qat", "still:4,quick"])
def test_no_request_is_for_more_than_one_device(two_nodes, usage):
    fast = ENTRIES.replace('"0443"', '"0443", "traits": "CUSTOM_FAST"')
    two_nodes.sync(ROOT.name, qats(2), fast)
    two_nodes.explain(usage)
    candidates = [path for path in asked(two_nodes) if "/allocation_candidates" in path]
    assert candidates
    for path in candidates:
        assert path.count("resources") == 1
        assert ":1" in path.replace("%3A", ":").split("resources1=")[1].split("&")[0]


def test_nothing_is_written(two_nodes):
    two_nodes.explain("qat:9,still")
    assert {r.method for r in two_nodes.placement.requests} == {"GET"}


def key_uuid(key: str) -> str:
    return identity.provider_uuid(ROOT.uuid, key)
