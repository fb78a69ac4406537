"""Random hosts and configurations, small and made of few values, so that they meet often."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from hypothesis import strategies as st

from pci_placement import names
from pci_placement.mapping.family import Catalogue, catalogue
from pci_placement.mapping.match import match_devices
from pci_placement.mapping.tree import build_tree
from pci_placement.model import (
    AddressGlob,
    AddressRegex,
    DevType,
    Expression,
    Layout,
    Matching,
    PciAddress,
    PciAlias,
    PciDevice,
    Pooling,
    ProviderTree,
    Snapshot,
    Trait,
    Unreadable,
    WhitelistEntry,
)

from . import build

# plain device, PF, VF
KINDS = (("0443", "1572", "154c"), ("20b0", "37c8", "37c9"))
PRODUCTS = [product for kind in (KINDS[0], *KINDS) for product in kind]
NODES = st.sampled_from([0, 0, 1, None])
ELSEWHERE = "node_0000:02:00.0"
IN_USE = "it carries the default route"


def _at(bus: int, slot: int = 0, function: int = 0) -> str:
    return f"0000:{bus:02x}:{slot:02x}.{function}"


def _name(bus: int) -> str:
    return f"ens{bus}"


@st.composite
def _plain(draw, bus: int) -> list[PciDevice]:
    product = draw(st.sampled_from([KINDS[0], *KINDS]))[0]
    return [build.device(_at(bus), f"8086:{product}", numa_node=draw(NODES), class_code="0b4000")]


@st.composite
def _bridge(draw, bus: int) -> list[PciDevice]:
    product = draw(st.sampled_from(PRODUCTS))
    return [build.device(_at(bus), f"8086:{product}", class_code="060400")]


@st.composite
def _orphan(draw, bus: int) -> list[PciDevice]:
    """A VF whose PF is not visible, or is not one."""
    parent = draw(st.sampled_from([_at(0xFF), _at(bus)]))
    orphan = build.vf(_at(bus, 2), "8086:154c", parent=parent)
    return [orphan] if parent != _at(bus) else [build.device(_at(bus), "8086:0443"), orphan]


@st.composite
def _card(draw, bus: int) -> list[PciDevice]:
    _, product, of_vfs = draw(st.sampled_from([KINDS[0], *KINDS]))
    told = draw(st.sampled_from([of_vfs, of_vfs, None]))
    node = draw(NODES)
    card = build.pf(
        _at(bus),
        f"8086:{product}",
        sriov_vf_device=told,
        numa_node=node,
        devnames=draw(st.sampled_from([(), (_name(bus),)])),
    )
    odd = draw(st.sampled_from(["", "", "20b0"]))
    count = draw(st.integers(0, 4))
    return [card] + [
        build.vf(
            _at(bus, 2, n),
            f"8086:{odd if odd and not n else of_vfs}",
            parent=_at(bus),
            numa_node=node,
            devnames=draw(st.sampled_from([(), (f"{_name(bus)}v{n}",)])),
        )
        for n in range(count)
    ]


_KINDS_OF_CARDS = st.sampled_from([*[_plain] * 4, *[_card] * 6, _bridge, _orphan])


@st.composite
def _cards(draw) -> list[list[PciDevice]]:
    chosen = draw(st.lists(_KINDS_OF_CARDS, min_size=2, max_size=4))
    return [draw(kind(bus)) for bus, kind in enumerate(chosen, 1)]


@st.composite
def _snapshot(draw, cards: list[list[PciDevice]]) -> Snapshot:
    """A host with these cards, of which something may be unreadable or in use."""
    devices = [device for card in cards for device in card]
    addresses = [device.address for device in devices]
    unreadable = {
        a: Unreadable("I/O error", draw(st.sampled_from([None, PciAddress(0, 1, 0, 0)])))
        for a in draw(_few(addresses))
    }
    readable = [device for device in devices if device.address not in unreadable]
    in_use = {address: IN_USE for address in draw(_few(addresses)) if address not in unreadable}
    return build.snapshot(*readable, unreadable=unreadable, in_use=in_use)


def _few(values: list) -> st.SearchStrategy[list]:
    """Mostly none of them."""
    return st.sampled_from([*[[]] * (3 * len(values) + 1), *([value] for value in values)])


_addresses = st.builds(
    lambda bus, place: AddressGlob(0, bus, *place),
    st.integers(1, 4),
    st.sampled_from([(0, 0), (0, 0), (2, 0), (2, 1), (2, None), (None, None)]),
)
_regexes = st.sampled_from(
    [
        AddressRegex(*map(Expression, (".*", "0[12]", ".*", ".*"))),
        AddressRegex(*map(Expression, ("0000", "01", "00", "0"))),
    ]
)


def _maybe(*values, often: int = 1) -> st.SearchStrategy:
    return st.sampled_from([*[None] * often, *values])


_usual = st.one_of(
    st.sampled_from([{"product_id": product} for product in PRODUCTS]),
    st.sampled_from([{"device_type": kind} for kind in DevType]),
    st.sampled_from([{"vendor_id": "8086"}, {"address": AddressGlob()}]),
)
_odd = st.one_of(
    st.fixed_dictionaries({"address": st.one_of(_addresses, _regexes)}),
    st.builds(lambda bus: {"devname": _name(bus)}, st.integers(1, 4)),
    st.builds(
        lambda product, kind: {"product_id": product, "device_type": kind},
        st.sampled_from(PRODUCTS),
        st.sampled_from(DevType),
    ),
)
_tags = st.sampled_from(
    [
        *([{}] * 8),
        {"physical_network": "physnet1"},
        {"physical_network": "physnet2"},
        {"resource_class": "CUSTOM_OWN"},
        {"resource_class": "CUSTOM_PCI_A"},
        {"traits": build.traits("FAST")},
        {"traits": build.traits("NEW")},
        {"trusted": True},
        {"live_migratable": True},
        {"remote_managed": True},
        {"one_time_use": True, "device_type": DevType.PF},
        {"one_time_use": True},
        {"allow_host_use": True},
    ]
)


# where an entry says nothing it selects everything
_entries = st.builds(lambda where, tags: where | tags, st.one_of(_usual, _usual, _odd), _tags)
_both_kinds = st.builds(
    lambda tags, rest: [{"device_type": kind, **tags} for kind in rest],
    _tags.filter(lambda tags: "device_type" not in tags),
    st.permutations(DevType),
)


@st.composite
def _definitions(draw, name: str, products: Sequence[str] = PRODUCTS) -> list[PciAlias]:
    """The definitions of one alias, which may repeat and overlap and do not contradict."""
    own = draw(_maybe("CUSTOM_OWN", "CUSTOM_OTHER", often=6))
    whole = draw(st.sampled_from([True, False, False]))
    types = [DevType.PF] if whole else [None, DevType.PCI, DevType.VF]
    ids = st.sampled_from([f"8086:{product}" for product in products])
    atoms = draw(st.lists(st.tuples(ids, st.sampled_from(types)), min_size=1, max_size=3))
    asked = build.traits(*draw(st.sets(st.sampled_from(["FAST"]), max_size=1)))
    return [
        build.alias(name, each, device_type=kind, resource_class=own, traits=asked)
        for each, kind in atoms
    ]


@dataclass(frozen=True)
class Config:
    """What an operator configured; exclusive and pooling are in the layout."""

    whitelist: tuple[WhitelistEntry, ...]
    aliases: tuple[PciAlias, ...]
    layout: Layout
    offer_unaliased: bool
    elsewhere: Mapping[PciAddress, str]

    @property
    def entry_traits(self) -> frozenset[Trait]:
        return frozenset(trait for entry in self.whitelist for trait in entry.tags.traits)


@st.composite
def configs(draw, exclusive: st.SearchStrategy[bool] | None = None) -> Config:
    lists = st.one_of(st.lists(_entries, min_size=1, max_size=4), _both_kinds)
    called = draw(st.lists(st.sampled_from("abc"), max_size=3, unique=True))
    aliases = [alias for name in called for alias in draw(_definitions(name))]
    if exclusive is None:
        exclusive = st.booleans()
    elsewhere = draw(st.sampled_from([*[{}] * 11, {PciAddress(0, 2, 0, 0): ELSEWHERE}]))
    return Config(
        whitelist=tuple(build.entry(n, **fields) for n, fields in enumerate(draw(lists), 1)),
        aliases=tuple(aliases),
        layout=Layout(draw(st.sampled_from(Pooling)), draw(exclusive)),
        offer_unaliased=draw(st.sampled_from([*[True] * 7, False])),
        elsewhere=elsewhere,
    )


@dataclass(frozen=True, repr=False)
class View:
    """What becomes of a host under a configuration."""

    snapshot: Snapshot
    config: Config
    matching: Matching
    known: Catalogue
    tree: ProviderTree

    @property
    def aside(self) -> Mapping[PciAddress, str]:
        """The cards that are held or not ours to give."""
        return {**self.tree.held, **self.tree.not_ours}

    def _repr_pretty_(self, printer, _cycle) -> None:
        printer.text(repr(self))

    def __repr__(self) -> str:
        """What a failing test shows: short enough to be read."""
        host = [
            f"{d.address} {d.dev_type} {d.vendor_id}:{d.product_id} {d.numa_node} {d.devnames}"
            for d in self.snapshot.devices
        ]
        lists = [_told(line) for line in (*self.config.whitelist, *self.config.aliases)]
        tree = [f"{p.key} {dict(devices_of(p.inventories))}" for p in self.tree.providers]
        held = [f"not offered: {card} {why}" for card, why in self.aside.items()]
        return "\n  ".join(["", *host, *lists, str(self.config.layout), *tree, *held])


def _told(line: WhitelistEntry | PciAlias) -> str:
    """What an entry or an alias says, without what it leaves open."""
    tags = asdict(line.tags) if isinstance(line, WhitelistEntry) else {}
    said = {k: v for k, v in {**asdict(line), **tags}.items() if v and k not in ("tags", "source")}
    return f"{type(line).__name__} {said}"


def view(snapshot: Snapshot, config: Config) -> View:
    matching = match_devices(
        snapshot,
        config.whitelist,
        config.aliases,
        config.offer_unaliased,
        config.elsewhere,
        config.layout.exclusive,
    )
    known = catalogue(config.aliases)
    tree = build_tree(matching, known, snapshot, config.layout)
    return View(snapshot, config, matching, known, tree)


@st.composite
def views(draw, exclusive: st.SearchStrategy[bool] | None = None) -> View:
    return view(draw(_snapshot(draw(_cards()))), draw(configs(exclusive)))


# what only one VF of a card may have
_special = st.builds(
    lambda bus, tags: {"address": AddressGlob(0, bus, 2, 0), **tags},
    st.integers(1, 2),
    st.sampled_from(
        [
            {"resource_class": "CUSTOM_OWN"},
            {"resource_class": "CUSTOM_PCI_A"},
            {"traits": build.traits("FAST")},
            {"physical_network": "physnet2"},
            {"product_id": "ffff"},
        ]
    ),
)
_general = st.one_of(
    st.just([{"vendor_id": "8086"}]),
    st.just([{"vendor_id": "8086", "traits": build.traits("FAST")}]),
    _both_kinds,
)


@st.composite
def crowded(draw) -> View:
    """A view of a host with few kinds of device, most of them offered and under many aliases."""
    kinds = draw(st.lists(st.sampled_from([_plain, _card]), min_size=2, max_size=4))
    cards = [draw(kind(bus)) for bus, kind in enumerate(kinds, 1)]
    entries = [*draw(st.lists(_special, max_size=2)), *draw(_general)]
    called = draw(st.lists(st.sampled_from("abcd"), min_size=2, unique=True))
    products = [KINDS[0][0], KINDS[0][2], KINDS[1][0]]
    config = Config(
        whitelist=tuple(build.entry(n, **fields) for n, fields in enumerate(entries, 1)),
        aliases=tuple(alias for name in called for alias in draw(_definitions(name, products))),
        layout=Layout(draw(st.sampled_from(Pooling)), draw(st.booleans())),
        offer_unaliased=True,
        elsewhere={},
    )
    return view(build.snapshot(*(device for card in cards for device in card)), config)


@st.composite
def changes(draw, exclusive: st.SearchStrategy[bool] | None = None) -> tuple[View, View]:
    """Two views, one after the other, that mostly have something in common."""
    cards, config = draw(_cards()), draw(configs(exclusive))
    fates = [draw(st.sampled_from(["stays", "stays", "goes", "changes"])) for _ in cards]
    later = [
        card if fate == "stays" else draw(draw(_KINDS_OF_CARDS)(bus))
        for bus, (card, fate) in enumerate(zip(cards, fates, strict=True), 1)
        if fate != "goes"
    ]
    same = draw(st.booleans())
    before, after = draw(_snapshot(cards)), draw(_snapshot(later))
    return view(before, config), view(after, config if same else draw(configs(exclusive)))


@st.composite
def change_chains(draw, exclusive: st.SearchStrategy[bool] | None = None) -> list[View]:
    """Three views of one host: cards change, the configuration does, or both."""
    cards, config = draw(_cards()), draw(configs(exclusive))
    chain = [view(draw(_snapshot(cards)), config)]
    for _ in range(2):
        if draw(st.booleans()):
            config = draw(configs(exclusive))
        if draw(st.sampled_from([True, False, False])):
            bus = draw(st.integers(1, len(cards)))
            cards = [*cards[: bus - 1], draw(draw(_KINDS_OF_CARDS)(bus)), *cards[bus:]]
        chain.append(view(draw(_snapshot(cards)), config))
    return chain


_LABELS = [{}, {"resource_class": "CUSTOM_OWN"}, {"physical_network": "physnet2"}, None]


@st.composite
def regrouped(draw, exclusive: st.SearchStrategy[bool]) -> list[View]:
    """A few devices that get other classes and networks again and again, one by one or as pools."""
    vfs = [build.vf(_at(1, 2, n), parent=_at(1)) for n in range(draw(st.integers(2, 4)))]
    plain = [build.device(_at(bus), "8086:0443", numa_node=0) for bus in (2, 3)]
    snapshot = build.snapshot(build.pf(_at(1)), *vfs, *plain)
    kept = draw(exclusive)
    chain = []
    for _ in range(draw(st.integers(2, 4))):
        labels = [draw(st.sampled_from(_LABELS)) for _ in (*vfs, *plain)]
        entries = [
            build.entry(n, address=AddressGlob(*device.address), **label)
            for n, (device, label) in enumerate(zip((*vfs, *plain), labels, strict=True), 1)
            if label is not None
        ]
        if draw(st.booleans()):
            whole = build.entry(9, vendor_id="8086", device_type=DevType.PF)
            entries = [whole, *entries] if kept else [whole, *entries[len(vfs) :]]
        layout = Layout(draw(st.sampled_from(Pooling)), kept)
        chain.append(view(snapshot, Config(tuple(entries), (), layout, True, {})))
    return chain


def counted(tree: ProviderTree) -> list[PciAddress]:
    """The devices that the providers of a tree count."""
    return [address for provider in tree.providers for address in provider.addresses]


def devices_of(inventories: Mapping) -> dict:
    """Totals by class, without the slots that devices share."""
    return {name: i.total for name, i in inventories.items() if name != names.SLOT}
