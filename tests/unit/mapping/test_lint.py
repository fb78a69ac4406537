"""Advice about lists that are valid: what never counts, and what this host has nothing for."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.build import address, alias, device, entry, pf, snapshot, traits, vf
from support.examples import tried

from pci_placement import names
from pci_placement.discovery.selection import rooms, selector, shadows
from pci_placement.mapping import lint
from pci_placement.mapping.lint import UNSERVED, lint_host, lint_lists
from pci_placement.mapping.lint_effect import cards_kept_back
from pci_placement.mapping.lint_layout import ASK_IN_ORDER, POOL_THEM, lint_layout
from pci_placement.mapping.match import match_devices
from pci_placement.model import (
    AddressGlob,
    AddressRegex,
    DevType,
    Expression,
    Inventory,
    Provider,
    ProviderTree,
    Severity,
    Snapshot,
)

PCI, PF, VF = DevType.PCI, DevType.PF, DevType.VF
GPU, NIC = names.resource_class("gpu"), names.resource_class("nic")


def covers(earlier, later) -> bool:
    """Whether the one never lets the other count, and is told to be why."""
    found = list(shadows([earlier, later]))
    assert found in ([], [(later, earlier)])
    return bool(found)


def regex(bus: str, function: str = ".*") -> AddressRegex:
    return AddressRegex(*map(Expression, (".*", bus, ".*", function)))


EXACT, OTHER_EXACT = AddressGlob(0, 0x81, 0, 0), AddressGlob(0, 0x82, 0, 0)
SLOT, BUS = AddressGlob(bus=0x81, slot=0), AddressGlob(bus=0x81)


# without a host


def told(whitelist, aliases=()) -> list[tuple]:
    """What is said without a host: the number of the entry or alias, how bad it is, and what."""
    said = lint_lists(whitelist, aliases)
    return [(problem.source.entry, problem.severity, problem.problem) for problem in said]


def test_nothing_is_said_of_empty_lists():
    assert told([]) == []


def test_nothing_is_said_of_entries_and_aliases_that_count():
    whitelist = [entry(1, product_id="0443"), entry(2, vendor_id="10de")]
    assert told(whitelist, [alias("qat"), alias("gpu", "10de:20b0")]) == []


@pytest.mark.parametrize(
    "fields",
    [{}, {"trusted": True}, {"device_type": VF}, {"address": AddressGlob()}],
    ids=["nothing", "a tag", "a type", "any address"],
)
def test_an_entry_that_says_no_more_than_tags_is_told_to_select_every_device(fields):
    assert told([entry(1, vendor_id="8086"), entry(2, **fields)]) == [
        (2, Severity.WARNING, lint.ANY_DEVICE)
    ]


@pytest.mark.parametrize(
    "selecting",
    [{"vendor_id": "8086"}, {"product_id": "0443"}, {"address": SLOT}, {"devname": "ens1"}],
    ids=str,
)
def test_an_entry_that_says_which_devices_it_selects_is_none_of_these(selecting):
    assert not lint.selects_everything(entry(**selecting))


def test_an_entry_in_the_shadow_of_an_earlier_one_is_told():
    whitelist = [entry(1, vendor_id="10de"), entry(2, vendor_id="8086"), entry(3, vendor_id="8086")]
    assert told(whitelist) == [
        (3, Severity.WARNING, lint.SHADOWED.format(whitelist[1].source)),
    ]


def test_the_wider_entry_may_come_last():
    assert told([entry(1, vendor_id="8086", product_id="0443"), entry(2, vendor_id="8086")]) == []


def test_only_the_first_that_shadows_an_entry_is_named():
    whitelist = [entry(number, vendor_id="8086") for number in (1, 2, 3)]
    assert [problem for _, _, problem in told(whitelist)] == [
        lint.SHADOWED.format(whitelist[0].source)
    ] * 2


def test_every_warning_says_what_to_do():
    said = lint_lists([entry(1), entry(2)], [])
    assert [problem.suggestion for problem in said] == [
        lint.NARROW_IT,
        lint.NARROW_IT,
        lint.REMOVE_OR_MOVE,
    ]


def test_networks_that_are_joined_are_told():
    (said,) = told([entry(physical_network="one,two", product_id="0443")])
    assert lint.JOINED.format("one,two") in said


def test_an_alias_that_no_entry_can_match_is_noted():
    aliases = [alias("qat", number=1), alias("gpu", "10de:20b0", number=2)]
    assert told([entry(vendor_id="8086")], aliases) == [
        (2, Severity.NOTE, "no whitelist entry can match a device of alias 'gpu'")
    ]


def test_without_entries_no_alias_can_be_matched():
    assert [severity for _, severity, _ in told([], [alias("a"), alias("b")])] == [
        Severity.NOTE
    ] * 2


@pytest.mark.parametrize(
    ("chosen", "of", "may"),
    [
        pytest.param(entry(), alias(), True, id="everything"),
        pytest.param(entry(vendor_id="8086", product_id="0443"), alias(), True, id="same ids"),
        pytest.param(entry(vendor_id="10de"), alias(), False, id="another vendor"),
        pytest.param(entry(product_id="154c"), alias(), False, id="another product"),
        pytest.param(entry(address=EXACT), alias(), True, id="an address may be of any device"),
        pytest.param(entry(devname="ens1"), alias(), True, id="a name may be of any device"),
        pytest.param(entry(device_type=PF), alias(), False, id="an alias is no PF"),
        pytest.param(entry(device_type=VF), alias(), True, id="but may be a VF"),
        pytest.param(entry(device_type=PCI), alias(), True, id="or a plain device"),
        pytest.param(entry(device_type=PF), alias(device_type=PF), True, id="PF"),
        pytest.param(entry(device_type=VF), alias(device_type=PF), False, id="PF, not VF"),
        pytest.param(
            entry(resource_class=GPU), alias(ids="", resource_class=GPU), True, id="same class"
        ),
        pytest.param(
            entry(vendor_id="10de", resource_class=GPU),
            alias(resource_class=GPU),
            True,
            id="same class, other ids",
        ),
        pytest.param(
            entry(vendor_id="10de", resource_class=NIC),
            alias(ids="", resource_class=GPU),
            False,
            id="another class",
        ),
        pytest.param(
            entry(vendor_id="10de"), alias(), False, id="two without a class have none in common"
        ),
    ],
)
def test_an_entry_may_select_a_device_of_an_alias(chosen, of, may):
    assert rooms([chosen])(of) is may


@pytest.mark.parametrize(
    ("earlier", "later", "does"),
    [
        pytest.param(entry(), entry(), True, id="equal"),
        pytest.param(entry(), entry(vendor_id="8086"), True, id="everything"),
        pytest.param(entry(vendor_id="8086"), entry(), False, id="vendor, then everything"),
        pytest.param(entry(product_id="0443"), entry(product_id="154c"), False, id="products"),
        pytest.param(
            entry(vendor_id="8086"), entry(vendor_id="8086", product_id="1"), True, id="vendor"
        ),
        pytest.param(entry(), entry(device_type=PF), True, id="all types"),
        pytest.param(entry(device_type=PF), entry(), False, id="one type"),
        pytest.param(entry(device_type=PF), entry(device_type=PF), True, id="same type"),
        pytest.param(entry(device_type=PF), entry(device_type=VF), False, id="other type"),
        pytest.param(entry(trusted=True), entry(), True, id="tags do not select"),
        pytest.param(entry(), entry(devname="a"), True, id="everything, then a name"),
        pytest.param(entry(devname="a"), entry(devname="a"), True, id="same name"),
        pytest.param(entry(devname="a"), entry(devname="b"), False, id="other name"),
        pytest.param(entry(devname="a"), entry(), False, id="a name, then everything"),
        pytest.param(entry(devname="a"), entry(address=EXACT), False, id="a name, then a place"),
        pytest.param(
            entry(address=AddressGlob()), entry(devname="a"), False, id="a place, then a name"
        ),
        pytest.param(entry(), entry(address=EXACT), True, id="everything, then a place"),
        pytest.param(entry(address=EXACT), entry(), False, id="a place, then everything"),
        pytest.param(entry(address=EXACT), entry(address=EXACT), True, id="same place"),
        pytest.param(entry(address=EXACT), entry(address=OTHER_EXACT), False, id="other place"),
        pytest.param(entry(address=BUS), entry(address=SLOT), True, id="bus, then slot"),
        pytest.param(entry(address=SLOT), entry(address=BUS), False, id="slot, then bus"),
        pytest.param(
            entry(address=SLOT), entry(address=EXACT), False, id="the VFs of an exact address"
        ),
        pytest.param(entry(address=EXACT), entry(address=SLOT), False, id="exact, then slot"),
        pytest.param(
            entry(address=regex("81")), entry(address=regex("81")), True, id="same expressions"
        ),
        pytest.param(
            entry(address=regex("8.")), entry(address=regex("81")), False, id="expressions"
        ),
        pytest.param(
            entry(address=regex(".*")), entry(address=SLOT), False, id="expressions, then a glob"
        ),
        pytest.param(
            entry(address=AddressGlob()),
            entry(address=regex("81")),
            False,
            id="glob, then expressions",
        ),
    ],
)
def test_an_entry_covers_another_where_it_selects_all_the_same_on_any_host(earlier, later, does):
    assert covers(earlier, later) is does


def lent(whitelist, aliases) -> list[tuple]:
    """Of which aliases it is said that they may get other devices, and which entry gives them."""
    said = [p for p in lint_lists(whitelist, aliases) if "of another kind" in p.problem]
    assert all(p.severity is Severity.WARNING for p in said)
    assert all(p.suggestion == lint.OWN_CLASS for p in said)
    entries = {number: entry for entry in whitelist for number in [entry.source.entry]}
    return [
        (p.source.entry, number)
        for p in said
        for number, entry in entries.items()
        if str(entry.source) in p.problem
    ]


QAT = names.alias_resource_class("QuickAssist")
OTHER = {"vendor_id": "10de", "product_id": "20b0", "resource_class": QAT}


def test_an_entry_that_gives_the_class_of_an_alias_to_other_devices_is_told():
    _, said = lint_lists([entry(7, **OTHER)], [alias(number=3)])  # the first: no entry for it
    assert said.source == alias(number=3).source
    assert said.problem == (
        "a request for alias 'QuickAssist' may get devices of another kind: "
        f"{entry(7).source} gives the class CUSTOM_PCI_QUICKASSIST"
    )


@pytest.mark.parametrize(
    ("chosen", "aliases", "said"),
    [
        pytest.param({}, [alias()], True, id="other ids"),
        pytest.param({"product_id": None}, [alias()], True, id="other vendor"),
        pytest.param({"vendor_id": "8086", "product_id": "0443"}, [alias()], False, id="its own"),
        pytest.param({"vendor_id": None}, [alias()], True, id="any vendor, other product"),
        pytest.param(
            {"vendor_id": None, "product_id": None}, [alias()], False, id="may be its own"
        ),
        pytest.param(
            {"vendor_id": "8086", "product_id": "0443", "device_type": PF},
            [alias()],
            True,
            id="of another type",
        ),
        pytest.param({"resource_class": GPU}, [alias()], False, id="another class"),
        pytest.param({"resource_class": None}, [alias()], False, id="no class"),
        pytest.param({}, [alias(), alias(ids="10de:20b0", number=2)], False, id="an alternative"),
        pytest.param({}, [alias(traits=traits("CUSTOM_A"))], False, id="without its traits"),
        pytest.param(
            {"traits": traits("CUSTOM_A")},
            [alias(traits=traits("CUSTOM_A"))],
            True,
            id="with its traits",
        ),
        pytest.param({}, [alias(live_migratable=False)], True, id="may not be live migratable"),
        pytest.param(
            {"live_migratable": True}, [alias(live_migratable=False)], False, id="but it is"
        ),
        pytest.param({}, [alias(resource_class=QAT)], True, id="an alias of ids and class"),
        pytest.param({}, [alias(ids="", resource_class=QAT)], False, id="an alias of a class"),
        pytest.param(
            {},
            [alias(), alias("wide"), alias("wide", "8086:37c8", number=2)],
            False,
            id="a family that its traits tell apart",
        ),
    ],
)
def test_an_alias_may_get_devices_of_an_entry_that_names_its_class(chosen, aliases, said):
    expected = [(1, 7)] if said else []
    assert lent([entry(7, **{**OTHER, **chosen})], aliases) == expected


# on this host


HOST = snapshot(device(), pf(devnames=("ens1f0",)), vf(devnames=("ens1f0v0",)))


def heard(whitelist=(), aliases=(), host: Snapshot = HOST) -> list[tuple]:
    """What is said of this host: the number of the entry or alias, how bad it is, and what."""
    matching = match_devices(host, whitelist, aliases)
    said = lint_host(host, whitelist, aliases, matching)
    return [(problem.source.entry, problem.severity, problem.problem) for problem in said]


@pytest.mark.parametrize(
    "chosen",
    [
        entry(),
        entry(product_id="154c"),
        entry(address=EXACT),
        entry(devname="ens1f0"),
        entry(devname="ens1f0v0"),
    ],
    ids=["everything", "product", "address", "name of a PF", "name of a VF"],
)
def test_nothing_is_said_of_an_entry_that_matches(chosen):
    assert heard([chosen]) == []


@pytest.mark.parametrize(
    "chosen",
    [
        entry(2, vendor_id="10de"),
        entry(2, address=OTHER_EXACT),
        entry(2, device_type=VF, vendor_id="10de"),
        entry(2, devname="ens1f0", product_id="0443"),
    ],
    ids=["vendor", "address", "type", "a name that is there and another product"],
)
def test_an_entry_that_matches_nothing_is_noted(chosen):
    assert heard([chosen]) == [(2, Severity.NOTE, "it matches no device of this host")]


def test_a_name_that_no_device_has_is_a_warning():
    problem = "this host has no PCI device called 'ens9'"
    assert heard([entry(2, devname="ens9")]) == [(2, Severity.WARNING, problem)]


NOBODY = "no device of this host satisfies alias 'x'"


@pytest.mark.parametrize(
    ("of", "said"),
    [
        pytest.param(alias("x"), [], id="plain device"),
        pytest.param(alias("x", "8086:154c", device_type=VF), [], id="VF"),
        pytest.param(alias("x", "10de:20b0"), [NOBODY], id="other ids"),
        pytest.param(alias("x", resource_class=GPU), [], id="ids and class"),
        pytest.param(alias("x", "10de:20b0", resource_class=GPU), [NOBODY], id="ids come first"),
    ],
)
def test_an_alias_of_ids_is_satisfied_by_a_device_of_them_listed_or_not(of, said):
    assert [problem for _, _, problem in heard(aliases=[of])] == said


@pytest.mark.parametrize(
    ("whitelist", "said"),
    [
        pytest.param([entry(product_id="0443", resource_class=GPU)], [], id="of that class"),
        pytest.param([entry(product_id="0443", resource_class=NIC)], [NOBODY], id="of another"),
        pytest.param([entry(product_id="0443")], [NOBODY], id="of none"),
        pytest.param(
            [entry(product_id="0443", resource_class=GPU, remote_managed=True)],
            [NOBODY],
            id="not offered",
        ),
    ],
)
def test_an_alias_of_a_class_is_satisfied_by_an_offered_device_of_it(whitelist, said):
    of = alias("x", ids="", resource_class=GPU)
    assert [problem for _, _, problem in heard(whitelist, [of])] == said


def test_what_no_device_satisfies_is_only_noted():
    assert heard(aliases=[alias("x", "10de:20b0", number=3)]) == [(3, Severity.NOTE, NOBODY)]


STRAY = (
    "a request for alias 'QuickAssist' may get device {} of another kind: {} gives the class "
    "CUSTOM_PCI_QUICKASSIST"
)
NVIDIA = device("0000:3c:00.0", "10de:20b0")
ANY_AS_QAT = entry(2, address=AddressGlob(domain=0), resource_class=QAT)


def strays(whitelist, aliases, host=None) -> list[str]:
    """What is said of this host about devices that an alias may get and does not mean."""
    host = host or snapshot(device(), NVIDIA, device("0000:3d:00.0", "10de:20b0"))
    matching = match_devices(host, whitelist, aliases)
    said = lint_host(host, whitelist, aliases, matching)
    return [p.problem for p in said if p.severity is Severity.WARNING]


def test_one_device_of_another_kind_that_an_alias_may_get_here_is_named():
    assert strays([ANY_AS_QAT], [alias()]) == [STRAY.format(NVIDIA.address, ANY_AS_QAT.source)]


def test_of_many_that_give_an_alias_other_devices_some_are_named():
    many = range(1, 10)
    devices = [device(f"0000:4{n}:00.0", f"10de:20b{n}") for n in many]
    by_address = [entry(n, address=AddressGlob(bus=0x40 + n), resource_class=QAT) for n in many]
    said = strays(by_address, [alias()], snapshot(*devices))
    assert len(said) == lint.MOST_GIVERS < len(devices)
    by_ids = [entry(n, **{**OTHER, "product_id": f"20b{n}"}) for n in many]
    assert len(lent(by_ids, [alias()])) == lint.MOST_GIVERS


def test_what_is_said_without_a_host_is_not_said_again():
    assert strays([entry(7, **OTHER)], [alias()]) == []


def test_an_entry_may_name_the_class_of_an_alias_for_devices_of_that_alias():
    only = entry(2, address=AddressGlob(domain=0), vendor_id="8086", resource_class=QAT)
    assert strays([only], [alias()]) == []


def test_devices_without_the_traits_that_an_alias_requires_are_not_for_it():
    assert strays([ANY_AS_QAT], [alias(traits=traits("CUSTOM_A"))]) == []


def test_an_alias_that_names_the_class_of_another_kind_is_told_as_well():
    aliases = [alias(resource_class=QAT), alias("gpu", "10de:20b0", resource_class=QAT)]
    (said, other) = strays([entry()], aliases)
    assert said == STRAY.format(NVIDIA.address, "alias 'gpu'")
    assert "'gpu' may get device 0000:3b:00.0" in other


# the layout


def weighed(**totals: list[int]) -> list[str]:
    """What is said of a tree whose classes have so many devices in each of their providers."""
    providers = tuple(
        Provider(f"{name} {number}", inventories={name: Inventory(total), names.SLOT: Inventory(9)})
        for name, each in totals.items()
        for number, total in enumerate(each)
    )
    said = lint_layout(ProviderTree((*providers, Provider("0000:81:00.0"))))
    return [str(problem) for problem in said if problem.severity is Severity.WARNING]


TOO_MUCH = (
    "a request for {} X of this host gives Placement {} possible candidates, which can take it "
    "minutes; {}"
)


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        pytest.param([1] * 6, None, id="six devices"),
        pytest.param([1] * 7, ("6 of the 7", "5,040"), id="seven devices"),
        pytest.param([1] * 8, ("5 of the 8", "6,720"), id="eight devices"),
        pytest.param([1] * 72, ("2 of the 72", "5,112"), id="many devices"),
        pytest.param([64], None, id="the VFs of one card"),
        pytest.param([64, 64], None, id="the VFs of two cards"),
        pytest.param([3, 3, 2], ("8 of the 8", "6,561"), id="the VFs of three cards"),
        pytest.param([3, 2, 2], None, id="seven VFs of three cards"),
        pytest.param([8] * 8, ("5 of the 64", "32,768"), id="the VFs of eight cards"),
        pytest.param([4, 4], None, id="two pools"),
    ],
)
def test_a_layout_that_gives_placement_too_much_to_weigh_is_a_warning(totals, said):
    hint = POOL_THEM if max(totals) == 1 else ASK_IN_ORDER
    expected = [] if said is None else [TOO_MUCH.format(*said, hint)]
    assert weighed(X=totals) == expected


def test_with_a_few_vfs_more_it_is_the_same_warning():
    def keys(total):
        return {found.key for found in lint_layout(ProviderTree(tuple(nics(total))))}

    def nics(total):
        return (Provider(f"{n}", inventories={"X": Inventory(total)}) for n in range(8))

    assert keys(7) == keys(8) == {"candidates of X"}


@pytest.mark.parametrize("totals", [[1] * 8, [8] * 8], ids=["devices", "VFs"])
def test_the_option_of_placement_that_helps_is_named(totals):
    (said,) = weighed(X=totals)
    assert said.endswith(", or [placement] max_allocation_candidates in placement.conf")


def test_each_class_is_weighed_by_itself_in_order():
    assert [said.split()[7] for said in weighed(C=[1] * 7, A=[1] * 7, B=[1] * 6)] == ["A", "C"]


def test_an_empty_tree_gives_nothing_to_weigh():
    assert list(lint_layout(ProviderTree(()))) == []


# on any host


SLOTS, FUNCTIONS = st.integers(0, 1), st.integers(0, 3)
ZERO = st.sampled_from([None, 0])
GLOBS = st.builds(AddressGlob, ZERO, ZERO, st.none() | SLOTS, st.none() | FUNCTIONS)
EXACT_GLOBS = st.builds(AddressGlob, st.just(0), st.just(0), SLOTS, FUNCTIONS)
PATTERNS = st.sampled_from(["00", "0", ".*", "[01]"])
REGEXES = st.builds(AddressRegex, *[PATTERNS.map(Expression)] * 4)
PLACES = st.one_of(
    st.just({}),
    st.builds(dict, address=st.one_of(GLOBS, GLOBS, REGEXES)),
    st.builds(dict, devname=st.sampled_from("ab")),
)


@st.composite
def entries(draw, **tags):
    """An entry that leaves much open and has what the devices below have."""
    fields = {
        "vendor_id": st.sampled_from([None, None, None, "8086", "10de"]),
        "product_id": st.sampled_from([None, None, None, "0443", "154c"]),
        "device_type": st.sampled_from([None, None, None, *DevType]),
        **tags,
    }
    chosen = {key: draw(values) for key, values in fields.items()}
    return entry(draw(st.integers(1, 99)), **chosen, **draw(PLACES))


WHERE = st.builds("0000:00:0{}.{}".format, SLOTS, FUNCTIONS)
IDS = st.sampled_from(["8086:0443", "8086:0443", "8086:154c", "10de:0443", "10de:154c"])


@st.composite
def hosts(draw):
    """A few devices of each kind; each VF is one of a PF, and the names are given to the first."""
    places = draw(st.lists(WHERE, min_size=6, max_size=8, unique=True))
    given_names = [("a",), ("b",)]
    found, cards = [], []
    for where in places:
        kind = draw(st.sampled_from([PCI, PF, VF, VF] if cards else [PF, PF, PCI]))
        fields = {"devnames": given_names.pop(0) if given_names else ()}
        if kind is PF:
            cards.append(where)
            fields["sriov_totalvfs"] = 4
        if kind is VF:
            fields["parent"] = draw(st.sampled_from(cards))
        found.append(device(where, draw(IDS), dev_type=kind, **fields))
    return snapshot(*found)


def selected(host: Snapshot, chosen) -> set:
    selects = selector(host)
    return {found.address for found in host.devices if selects(chosen, found)}


@st.composite
def pairs(draw):
    """Two entries, of which the later often has what the earlier has, or is a bit narrower."""
    earlier, later = draw(entries()), draw(entries())
    for name in draw(st.sets(st.sampled_from(["vendor_id", "product_id", "tags"]))):
        later = replace(later, **{name: getattr(earlier, name)})
    match draw(st.sampled_from(["same place", "globs", "any"])):
        case "same place":
            later = replace(later, address=earlier.address, devname=earlier.devname)
        case "globs":
            wide, narrow = draw(GLOBS), draw(GLOBS | EXACT_GLOBS)
            for name in draw(st.sets(st.sampled_from(["domain", "bus", "slot", "function"]))):
                wide = replace(wide, **{name: draw(st.sampled_from([None, getattr(narrow, name)]))})
            earlier = replace(earlier, address=wide, devname=None)
            later = replace(later, address=narrow, devname=None)
    return earlier, later


@given(hosts(), pairs())
@tried(300)
def test_an_entry_that_covers_another_selects_all_that_it_selects(host, pair):
    earlier, later = pair
    if covers(earlier, later):
        assert selected(host, later) <= selected(host, earlier)


@given(hosts(), entries())
@tried(50)
def test_every_entry_covers_itself_and_is_covered_by_one_that_says_nothing(host, chosen):
    assert covers(chosen, chosen)
    assert covers(entry(), chosen)
    assert selected(host, entry()) == {found.address for found in host.devices}


USES = st.lists(st.one_of(WHERE, st.just("0000:00:00.0")), max_size=4, unique=True)


@given(hosts(), st.lists(entries(allow_host_use=st.booleans()), min_size=1, max_size=3), USES)
@tried(150)
def test_what_the_host_uses_is_offered_only_by_an_entry_that_insists(host, whitelist, uses):
    in_use = {address(where): "the host needs it" for where in uses}
    free = match_devices(host, whitelist, [])
    found = match_devices(Snapshot(host.devices, in_use=in_use), whitelist, [])
    assert set(found.matches) <= set(free.matches)
    for match in free.matches:
        kept = match.device.address in in_use and not match.entry.tags.allow_host_use
        assert (match in found.matches) is not kept


def test_a_listed_device_that_the_host_lives_on_is_told():
    disk = device("0000:3b:00.0")
    other = device("0000:3c:00.0", "8086:1111")
    used = dict.fromkeys((disk.address, other.address), "the host has / mounted from it")
    host = snapshot(disk, other, in_use=used)
    only_disks = [entry(product_id=disk.product_id)]
    kept = match_devices(host, only_disks, []).not_ours
    (told,) = cards_kept_back(host, only_disks, kept)
    assert told.severity is Severity.WARNING
    assert told.source == only_disks[0].source
    assert told.problem.startswith("0000:3b:00.0 is not offered: the host has / mounted from it")


# --- an alias that asks for another class than its devices have


def unserved(whitelist, aliases) -> list[str]:
    host = snapshot(device(), device("0000:3d:00.0"))
    said = lint_host(host, whitelist, aliases, match_devices(host, whitelist, aliases))
    return [p.problem for p in said if p.problem.startswith("no request")]


def test_an_alias_whose_devices_another_alias_calls_something_else_is_told():
    named = alias("gpu", resource_class=names.resource_class("GPU"))
    told = UNSERVED.format("QuickAssist", "CUSTOM_PCI_QUICKASSIST", "CUSTOM_GPU")
    assert unserved([entry()], [named, alias()]) == [told]


def test_an_alias_whose_devices_an_entry_calls_something_else_is_told():
    own = entry(resource_class=names.resource_class("GPU"))
    told = UNSERVED.format("QuickAssist", "CUSTOM_PCI_QUICKASSIST", "CUSTOM_GPU")
    assert unserved([own], [alias()]) == [told]


def test_an_alias_that_finds_some_of_its_devices_is_not():
    some = entry(address=AddressGlob(0, 0x3B, 0, 0), resource_class=names.resource_class("GPU"))
    assert unserved([some, entry(2)], [alias()]) == []


def test_nor_is_one_whose_devices_are_not_offered():
    assert unserved([], [alias()]) == []
