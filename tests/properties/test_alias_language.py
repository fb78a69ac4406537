"""The language of aliases: whoever asks for one is served by exactly the devices it names."""

import random

from hypothesis import given
from hypothesis import strategies as st
from support.build import device, entry, traits, values
from support.examples import tried

from pci_placement import names
from pci_placement.mapping.alias import parse_aliases
from pci_placement.mapping.family import catalogue
from pci_placement.mapping.match import match_devices
from pci_placement.mapping.tree import build_tree, serving
from pci_placement.model import AddressGlob, DevType, Layout, PciAlias, PciDevice, Pooling, Snapshot

BY_DEVICE = Layout()
LAYOUTS = st.sampled_from([BY_DEVICE, Layout(Pooling.NUMA), Layout(exclusive=True)])
IDS = st.sampled_from(["8086:0001", "8086:0001", "8086:0002", "8086:0002", "10de:0001"])


@st.composite
def hosts(draw) -> list[PciDevice]:
    """Plain devices, PFs without VFs, and PFs with VFs of one kind, as SR-IOV has them."""
    found = []
    for bus in range(draw(st.integers(2, 7))):
        kind, ids = draw(st.sampled_from(["plain", "plain", "PF", "VFs"])), draw(IDS)
        numa_node, where = draw(st.sampled_from([None, 0, 0])), f"0000:0{bus}:00.0"
        if kind == "plain":
            found.append(device(where, ids, numa_node=numa_node))
            continue
        card = {"dev_type": DevType.PF, "sriov_totalvfs": 4, "numa_node": numa_node}
        found.append(device(where, draw(IDS), **card))
        for number in range(draw(st.integers(1, 3)) if kind == "VFs" else 0):
            of_it = {"dev_type": DevType.VF, "parent": where, "numa_node": numa_node}
            found.append(device(f"0000:0{bus}:02.{number}", ids, **of_it))
    return found


@st.composite
def groups(draw, name: str, own_class: bool) -> list[dict]:
    """The definitions of one alias: PFs or other devices, and one class or none."""
    kinds = [{"device_type": "type-PF"}] if draw(st.integers(0, 3)) == 0 else NO_PF
    said = {"name": name}
    if own_class:
        said["resource_class"] = draw(st.sampled_from(["gpu", "nic"]))
    return [
        {**said, **dict(zip(("vendor_id", "product_id"), ids.split(":"), strict=True)), **kind}
        for ids, kind in draw(
            st.lists(st.tuples(IDS, st.sampled_from(kinds)), min_size=1, max_size=4)
        )
    ]


NEVER, NOTHING = st.just(False), st.just({})
NO_PF = [{}, {}, {"device_type": "type-PCI"}, {"device_type": "type-VF"}]


@st.composite
def definitions(draw, own_classes=NEVER, wishes=NOTHING) -> list[dict]:
    """Definitions of up to six aliases, in any order."""
    chosen = draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6, unique=True))
    written = [
        each | draw(wishes) for name in chosen for each in draw(groups(name, draw(own_classes)))
    ]
    return draw(st.permutations(written))


def read(written: list[dict]) -> tuple[PciAlias, ...]:
    aliases, problems = parse_aliases(values(*written))
    assert problems == ()
    return aliases


def arrange(host, aliases, layout=BY_DEVICE, whitelist=()):
    """The tree of a host that offers whatever it may."""
    found = Snapshot(tuple(host))
    everything = [entry(1, device_type=DevType.PF), entry(2)] if layout.exclusive else [entry()]
    matching = match_devices(found, whitelist or everything, aliases, exclusive=layout.exclusive)
    return build_tree(matching, catalogue(aliases), found, layout)


def served(aliases, tree) -> dict[str, set[str]]:
    """The devices that may serve each alias."""
    return {
        name: {str(where) for where in serving(request, tree)}
        for name, request in catalogue(aliases).items()
    }


def is_one(found: PciDevice, definition: dict) -> bool:
    """Whether a device is of the kind that a definition names, read by itself."""
    types = [definition["device_type"]] if "device_type" in definition else ["type-PCI", "type-VF"]
    ids = (definition["vendor_id"], definition["product_id"])
    return (found.vendor_id, found.product_id) == ids and found.dev_type in types


def named(written: list[dict], host, tree) -> dict[str, set[str]]:
    """The devices of a tree that are of each alias, whatever it asks of them beyond that."""
    offered = {where for provider in tree.providers for where in provider.addresses}
    by_name: dict[str, set[str]] = {definition["name"]: set() for definition in written}
    for found in host:
        for definition in written:
            if found.address in offered and is_one(found, definition):
                by_name[definition["name"]].add(str(found.address))
    return by_name


@given(hosts(), definitions(), LAYOUTS)
@tried(250)
def test_an_alias_is_served_by_exactly_the_devices_that_one_of_its_definitions_names(
    host, written, layout
):
    aliases = read(written)
    tree = arrange(host, aliases, layout)
    assert served(aliases, tree) == named(written, host, tree)


@given(hosts(), definitions(st.booleans()), LAYOUTS, st.randoms(use_true_random=False))
@tried(150)
def test_neither_the_order_of_the_aliases_nor_that_of_the_devices_plays_a_part(
    host, written, layout, order: random.Random
):
    tree = arrange(host, read(written), layout)
    other = arrange(
        order.sample(host, len(host)), read(order.sample(written, len(written))), layout
    )
    assert other.by_key() == tree.by_key()
    assert dict(other.held) == dict(tree.held)


@given(hosts(), definitions(st.booleans()))
@tried(150)
def test_aliases_with_classes_of_their_own_take_their_devices_and_leave_the_others(host, written):
    aliases = read(written)
    tree = arrange(host, aliases)
    own = {definition["name"] for definition in written if "resource_class" in definition}
    of_it = named(written, host, tree)
    taken = {where for name in own for where in of_it[name]}
    for name, where in served(aliases, tree).items():
        if name in own:
            assert where >= of_it[name]
        else:
            assert where == of_it[name] - taken


WISHES = st.fixed_dictionaries(
    {},
    optional={
        "traits": st.sampled_from(["fast", "large", "fast,large"]),
        "live_migratable": st.just(True),
    },
)
NO_LIVE = st.fixed_dictionaries({}, optional={"live_migratable": st.just(False)})
LISTED = [
    entry(1, address=AddressGlob(slot=2, function=1), traits=traits("large")),
    entry(2, product_id="0001", traits=traits("fast"), live_migratable=True),
    entry(3, product_id="0002", traits=traits("fast", "large")),
]


def has(found: PciDevice) -> set[str]:
    """The traits that the list above gives a device."""
    if found.address.function == 1:
        return {"CUSTOM_LARGE"}
    if found.product_id == "0001":
        return {"CUSTOM_FAST", names.LIVE_MIGRATABLE}
    return {"CUSTOM_FAST", "CUSTOM_LARGE"}


@given(hosts(), definitions(wishes=WISHES) | definitions(wishes=NO_LIVE))
@tried(150)
def test_what_any_definition_of_an_alias_wishes_all_devices_that_serve_it_have(host, written):
    aliases = read(written)
    tree = arrange(host, aliases, whitelist=LISTED)
    by_address = {str(found.address): has(found) for found in host}
    expected = {}
    for name, places in named(written, host, tree).items():
        of_it = [definition for definition in written if definition["name"] == name]
        said = ",".join(definition.get("traits", "") for definition in of_it).split(",")
        wished = {f"CUSTOM_{text.upper()}" for text in said if text}
        live = {definition.get("live_migratable") for definition in of_it}
        wished |= {names.LIVE_MIGRATABLE} if True in live else set()
        expected[name] = {
            where
            for where in places
            if wished <= by_address[where]
            and not (False in live and names.LIVE_MIGRATABLE in by_address[where])
        }
    assert served(aliases, tree) == expected
