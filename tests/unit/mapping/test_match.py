"""Which devices are offered, and the reason for each that is not."""

import pytest
from support.build import address, alias, device, entry, pf, snapshot, vf, vfs

from pci_placement import names
from pci_placement.mapping import match
from pci_placement.mapping.match import match_devices
from pci_placement.model import AddressGlob, AddressRegex, DevType, Expression, Match, State

PF_ALIAS = alias("card", "8086:1572", device_type=DevType.PF)
VF_ALIAS = alias("vf", "8086:154c", device_type=DevType.VF)
UNTYPED = alias("any", "8086:154c")


def decide(*devices, whitelist=(), aliases=(), in_use=None, **options):
    host = snapshot(*devices, in_use=in_use or {})
    return match_devices(host, whitelist, aliases, **options)


def verdicts(*devices, **rest) -> list[str]:
    """What became of each device, in address order: "offered", or the reason."""
    found = decide(*devices, **rest).verdicts
    assert [*found] == sorted(device.address for device in devices)
    return ["offered" if isinstance(v, Match) else v.reason for v in found.values()]


def states(*devices, **rest) -> list[str]:
    found = decide(*devices, **rest).verdicts.values()
    return ["offered" if isinstance(verdict, Match) else str(verdict.state) for verdict in found]


def test_a_device_belongs_to_the_first_entry_that_matches_it():
    first, second = entry(1, product_id="0443"), entry(2)
    found = decide(device(), device("0000:3c:00.0", "10de:20b0"), whitelist=[first, second]).matches
    assert [one.entry for one in found] == [first, second]


def test_a_match_has_the_names_of_its_aliases():
    (found,) = decide(device(), whitelist=[entry()], aliases=[alias("b"), alias("a")]).matches
    assert found == Match(device(), entry(), ("a", "b"))


@pytest.mark.parametrize(
    ("found", "whitelist", "reason"),
    [
        pytest.param(device(), [], match.NOT_LISTED, id="no whitelist"),
        pytest.param(device(), [entry(vendor_id="10de")], match.NOT_LISTED, id="not listed"),
        pytest.param(device(class_code="060400"), [entry()], match.BRIDGE, id="bridge"),
        pytest.param(device(class_code="060400"), [], match.BRIDGE, id="bridge, not listed"),
        pytest.param(
            device(), [entry(remote_managed=True)], match.REMOTE_MANAGED, id="remote managed"
        ),
        pytest.param(
            device(), [entry(remote_managed=True), entry()], match.REMOTE_MANAGED, id="first counts"
        ),
    ],
)
def test_a_device_is_ignored_with_a_reason(found, whitelist, reason):
    assert verdicts(found, whitelist=whitelist) == [reason]
    assert states(found, whitelist=whitelist) == [State.IGNORED]


def test_devices_that_no_alias_names_are_offered_unless_they_are_to_be_ignored():
    known, unknown = device(), device("0000:3c:00.0", "10de:20b0")
    rest = {"whitelist": [entry()], "aliases": [alias()]}
    assert verdicts(known, unknown, **rest) == ["offered", "offered"]
    assert verdicts(known, unknown, **rest, offer_unaliased=False) == ["offered", match.UNALIASED]


CONFLICT = match.PF_AND_VFS.format(entry(1).source, entry(2).source)
WHOLE = entry(1, product_id="1572")
VFS_ONLY = entry(2, product_id="154c")


@pytest.mark.parametrize(
    ("whitelist", "card", "functions"),
    [
        pytest.param([entry()], match.VFS_OFFERED, "offered", id="an entry for everything"),
        pytest.param(
            [entry(devname="ens1f0")], match.VFS_OFFERED, "offered", id="the name of the PF"
        ),
        pytest.param(
            [entry(address=AddressGlob(0, 0x81, 0, 0))],
            match.VFS_OFFERED,
            "offered",
            id="the address of the PF",
        ),
        pytest.param(
            [entry(device_type=DevType.PF)], "offered", match.NOT_LISTED, id="the type of the PF"
        ),
        pytest.param(
            [entry(devname="ens1f0", product_id="1572")],
            "offered",
            match.NOT_LISTED,
            id="the ids of the PF",
        ),
        pytest.param(
            [entry(address=AddressGlob(slot=0))],
            "offered",
            match.NOT_LISTED,
            id="a glob that the VFs do not match",
        ),
        pytest.param(
            [entry(device_type=DevType.VF)], match.NOT_LISTED, "offered", id="the type of the VFs"
        ),
        pytest.param([VFS_ONLY], match.NOT_LISTED, "offered", id="the ids of the VFs"),
        pytest.param([WHOLE, VFS_ONLY], CONFLICT, CONFLICT, id="one entry each"),
        pytest.param(
            [entry(1, device_type=DevType.PF), entry(2)], CONFLICT, CONFLICT, id="type, then all"
        ),
        pytest.param(
            [entry(1, device_type=DevType.PF), entry(2, remote_managed=True)],
            match.VFS_OF_A_DPU.format("0000:81:00.0"),
            match.REMOTE_MANAGED,
            id="VFs of a DPU take their PF along",
        ),
        pytest.param(
            [entry(1, product_id="1572", remote_managed=True), entry(2)],
            match.REMOTE_MANAGED,
            "offered",
            id="a PF that is not offered is no conflict",
        ),
    ],
)
def test_a_pf_is_offered_whole_or_through_its_vfs(whitelist, card, functions):
    host = [pf(devnames=("ens1f0",)), *vfs(2)]
    assert verdicts(*host, whitelist=whitelist) == [card, functions, functions]


def test_a_conflict_holds_the_card_and_lets_all_others_proceed():
    found = decide(pf(), vf(), device(), whitelist=[WHOLE, VFS_ONLY, entry(3)])
    assert found.held == {address("0000:81:00.0"): CONFLICT}
    assert [one.device for one in found.matches] == [device()]


def test_a_conflict_holds_only_what_would_be_offered():
    first, second = vfs(2)
    only_first = entry(2, address=AddressGlob(0, 0x81, 2, 0))
    assert states(pf(), first, second, whitelist=[WHOLE, only_first]) == ["held", "held", "ignored"]


@pytest.mark.parametrize(
    ("whitelist", "aliases", "card"),
    [
        pytest.param([entry()], [], "offered", id="nobody waits for VFs"),
        pytest.param([entry()], [PF_ALIAS, UNTYPED], "offered", id="no alias of type VF"),
        pytest.param([entry()], [VF_ALIAS], match.VFS_AWAITED, id="an alias waits for VFs"),
        pytest.param([entry(device_type=DevType.PF)], [VF_ALIAS], "offered", id="type of the PF"),
        pytest.param([WHOLE], [VF_ALIAS], "offered", id="ids of the PF"),
        pytest.param([VFS_ONLY], [VF_ALIAS], match.NOT_LISTED, id="ids of the VFs"),
    ],
)
def test_a_pf_without_vfs_is_offered_whole_unless_they_are_awaited(whitelist, aliases, card):
    assert verdicts(pf(), whitelist=whitelist, aliases=aliases) == [card]


REMOTE = {"product_id": "154c", "remote_managed": True}
OF_A_DPU = match.VFS_OF_A_DPU.format("0000:81:00.0")
OTHER_BUS = AddressRegex(*map(Expression, ("0000", "82", ".*", ".*")))
SAME_BUS = AddressRegex(*map(Expression, ("0000", "8[1-3]", "1.", ".*")))


@pytest.mark.parametrize(
    ("remote", "card"),
    [
        pytest.param([REMOTE], OF_A_DPU, id="by ids"),
        pytest.param([{"remote_managed": True, "device_type": DevType.VF}], OF_A_DPU, id="any VF"),
        pytest.param([REMOTE | {"product_id": "154d"}], "offered", id="of another product"),
        pytest.param([REMOTE | {"vendor_id": "15b3"}], "offered", id="of another vendor"),
        pytest.param([REMOTE | {"device_type": DevType.PF}], "offered", id="no VFs"),
        pytest.param([REMOTE | {"devname": "ens1f0"}], OF_A_DPU, id="by the name of the PF"),
        pytest.param([REMOTE | {"devname": "ens2f0"}], "offered", id="by another name"),
        pytest.param([REMOTE | {"address": AddressGlob(0, 0x81, 0, 0)}], OF_A_DPU, id="its PF's"),
        pytest.param([REMOTE | {"address": AddressGlob(0, 0x81, 2, 0)}], OF_A_DPU, id="a VF's"),
        pytest.param(
            [REMOTE | {"address": AddressGlob(0, 0x81, 0, 1)}], "offered", id="a device's"
        ),
        pytest.param([REMOTE | {"address": AddressGlob(bus=0x81)}], OF_A_DPU, id="its bus"),
        pytest.param([REMOTE | {"address": AddressGlob(bus=0x82)}], "offered", id="another bus"),
        pytest.param([REMOTE | {"address": SAME_BUS}], OF_A_DPU, id="an expression"),
        pytest.param([REMOTE | {"address": OTHER_BUS}], "offered", id="another expression"),
        pytest.param([{"product_id": "154c"}, REMOTE], "offered", id="another entry has them"),
        pytest.param(
            [{"product_id": "154c", "address": AddressGlob(slot=2)}, REMOTE],
            OF_A_DPU,
            id="another entry may have some",
        ),
    ],
)
def test_a_pf_whose_vfs_are_to_be_a_dpus_is_not_ours_to_give(remote, card):
    whitelist = [WHOLE, *(entry(number, **fields) for number, fields in enumerate(remote, 2))]
    host = [pf(devnames=("ens1f0",)), device("0000:81:00.1", "15b3:1017", devnames=("ens2f0",))]
    assert verdicts(*host, whitelist=whitelist) == [card, match.NOT_LISTED]
    expected = "offered" if card == "offered" else State.NOT_OURS
    assert states(*host, whitelist=whitelist) == [expected, "ignored"]


def test_where_the_kernel_tells_no_kind_of_vf_they_may_be_a_dpus():
    whitelist = [WHOLE, entry(2, product_id="154d"), entry(3, **REMOTE)]
    assert verdicts(pf(sriov_vf_device=None), whitelist=whitelist) == [OF_A_DPU]


def test_the_vfs_of_one_card_do_not_concern_another():
    other = pf("0000:82:00.0")
    assert verdicts(pf(), vf(), other, whitelist=[entry()]) == [
        match.VFS_OFFERED,
        "offered",
        "offered",
    ]


def test_a_vf_whose_pf_is_not_visible_is_held():
    orphan = vf(parent="0000:99:00.0")
    assert verdicts(orphan, whitelist=[entry()]) == [match.PF_NOT_VISIBLE.format("0000:99:00.0")]
    assert states(orphan, whitelist=[entry()]) == [State.HELD]
    assert states(orphan) == [State.IGNORED]


def test_what_the_host_lives_on_is_not_ours_to_give():
    use = {device().address: "the default route leads through it"}
    (reason,) = verdicts(device(), whitelist=[entry()], in_use=use)
    assert reason == f"the default route leads through it; {match.ALLOW_HOST_USE}"
    assert states(device(), whitelist=[entry()], in_use=use) == [State.NOT_OURS]


@pytest.mark.parametrize(
    ("whitelist", "state"),
    [
        pytest.param([entry(allow_host_use=True)], "offered", id="its entry insists"),
        pytest.param([], State.IGNORED, id="not offered anyway"),
    ],
)
def test_what_the_host_lives_on_is_left_as_it_is(whitelist, state):
    assert states(device(), whitelist=whitelist, in_use={device().address: "swap"}) == [state]


def test_a_use_of_a_device_that_could_not_be_read_changes_nothing():
    elsewhere = {address("0000:99:00.0"): "swap"}
    assert verdicts(device(), whitelist=[entry()], in_use=elsewhere) == ["offered"]


ABROAD = {address("0000:99:00.0"): "node_0000:99:00.0"}
GPU = names.resource_class("gpu")


@pytest.mark.parametrize(
    ("tags", "aliases", "verdict"),
    [
        pytest.param({}, [], match.NOVA_REPORTS, id="class of ids"),
        pytest.param({}, [alias()], "offered", id="class of an alias"),
        pytest.param({"resource_class": GPU}, [], "offered", id="class of its entry"),
    ],
)
def test_beside_devices_that_nova_reports_none_is_offered_under_its_ids(tags, aliases, verdict):
    rest = {"whitelist": [entry(**tags)], "aliases": aliases, "elsewhere": ABROAD}
    assert verdicts(device(), **rest) == [verdict]


def test_a_device_whose_entry_names_a_class_needs_no_alias():
    rest = {"whitelist": [entry(resource_class=GPU)], "offer_unaliased": False}
    assert verdicts(device(), **rest) == ["offered"]


def test_what_is_to_be_ignored_anyway_is_so_for_that_reason():
    rest = {"whitelist": [entry()], "elsewhere": ABROAD, "offer_unaliased": False}
    assert verdicts(device(), **rest) == [match.UNALIASED]


def test_a_card_that_another_service_reports_is_held_with_its_vfs():
    elsewhere = {pf().address: "node_0000:81:00.0"}
    rest = {"whitelist": [entry(resource_class=GPU)], "elsewhere": elsewhere}
    held = match.ELSEWHERE.format("node_0000:81:00.0")
    assert verdicts(device(), pf(), *vfs(2), **rest) == ["offered", match.VFS_OFFERED, held, held]


def test_a_card_that_another_service_reports_is_not_ours_though_no_alias_names_it():
    name = "node_0000:3b:00.0"
    rest = {"whitelist": [entry()], "elsewhere": {device().address: name}}
    other = device("0000:3c:00.0")
    assert verdicts(device(), other, **rest) == [match.ELSEWHERE.format(name), match.NOVA_REPORTS]
    assert states(device(), other, **rest) == [State.NOT_OURS, State.IGNORED]


def test_a_pf_may_be_offered_beside_its_vfs_where_kinds_exclude_each_other():
    rest = {"whitelist": [WHOLE, VFS_ONLY], "exclusive": True}
    assert verdicts(pf(), *vfs(2), **rest) == ["offered", "offered", "offered"]
    assert verdicts(pf(), vf(), whitelist=[entry()], exclusive=True) == [
        match.VFS_OFFERED,
        "offered",
    ]


def test_the_host_living_on_a_pf_does_not_keep_its_vfs():
    use = {pf().address: "the default route leads through it"}
    assert states(pf(), vf(), whitelist=[entry()], in_use=use) == [State.IGNORED, "offered"]
