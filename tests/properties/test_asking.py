"""The queries of a request find what fits and nothing else, whatever is free where.

What fits is tried out device by device here; what a query finds, the Placement in memory says.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from uuid import NAMESPACE_DNS, uuid5

from hypothesis import given
from hypothesis import strategies as st
from support.build import alias, traits
from support.examples import tried
from support.memory import MemoryAdapter
from support.placements import claim

from pci_placement import names
from pci_placement.cli.asking import Asking
from pci_placement.explain import has_room
from pci_placement.mapping import request
from pci_placement.mapping.exclusive import SLOTS
from pci_placement.mapping.questions import first_answer, questions
from pci_placement.model import DevType
from pci_placement.placement import Client

ALIASES = (
    alias("gpu", "10de:20b0"),
    alias("gpu-fast", "10de:20b0", traits=traits("FAST")),
    alias("gpu-slow", "10de:20b0", live_migratable=False),
    alias("card", "8086:10c9", device_type=DevType.PF),
    alias("vf", "8086:10ca", device_type=DevType.VF),
)
GPU, CARD, VF = (names.alias_resource_class(name) for name in ("gpu", "card", "vf"))
FAST, LIVE, NET = "CUSTOM_FAST", names.LIVE_MIGRATABLE, "CUSTOM_PHYSNET_NET"


@dataclass(frozen=True)
class Pool:
    """A provider: what is free of each class, what is not, and its traits."""

    free: tuple[tuple[str, int], ...]
    used: int = 0
    reserved: int = 0
    traits: frozenset[str] = frozenset()

    @property
    def amounts(self) -> dict[str, int]:
        return dict(self.free)


Node = tuple[Pool, ...]


CARRIED = st.sampled_from([{FAST, NET}, {FAST, NET}, {FAST}, {LIVE, NET}, set()]).map(frozenset)


@st.composite
def gpus(draw, exclusive: bool) -> Pool:
    free = draw(st.integers(0, 4))
    slots = ((names.SLOT, SLOTS * free),) if exclusive else ()
    used, reserved = draw(st.integers(0, 2)), draw(st.integers(0, 1))
    return Pool(((GPU, free), *slots), used, reserved, draw(CARRIED))


@st.composite
def cards(draw, exclusive: bool) -> Pool:
    """A card that is given whole or by its VFs; of these one may be taken."""
    slots = ((names.SLOT, SLOTS - draw(st.integers(0, 1))),) if exclusive else ()
    return Pool(((CARD, 1), (VF, draw(st.integers(1, 3))), *slots), traits=draw(CARRIED))


@st.composite
def wishes(draw, kinds: list[str], most: int) -> str:
    network = draw(st.sampled_from(["", "", "@net"]))
    return f"{draw(st.sampled_from(kinds))}:{draw(st.integers(1, most))}{network}"


@st.composite
def requests(draw) -> str:
    """GPUs, in one of two ways, and perhaps something else beside them."""
    gpu = wishes(["gpu", "gpu", "gpu-fast", "gpu-slow"], 6)
    first = "|".join(draw(st.lists(gpu, min_size=1, max_size=2)))
    other = wishes(["vf", "vf", "card", "gpu-fast"], 2)
    return ",".join([first, *draw(st.lists(other, max_size=1))])


@st.composite
def clouds(draw) -> tuple[tuple[Node, ...], str, bool]:
    """Compute nodes, a request, and whether a card is whole or its VFs."""
    exclusive = draw(st.booleans())
    some = [
        st.lists(gpus(exclusive), min_size=1, max_size=3),
        st.lists(cards(exclusive), max_size=2),
    ]
    node = st.tuples(*some).map(lambda both: (*both[0], *both[1]))
    nodes = draw(st.lists(node, min_size=1, max_size=2))
    return tuple(nodes), draw(requests()), exclusive


def uuid(*what: int) -> str:
    return str(uuid5(NAMESPACE_DNS, str(what)))


def placement(nodes: tuple[Node, ...]) -> Client:
    """A Placement with these nodes; what is used is claimed."""
    client = Client(MemoryAdapter())
    for name in (GPU, CARD, VF, names.SLOT):
        client.send("PUT", f"/resource_classes/{name}")
    for name in (FAST, NET):
        client.send("PUT", f"/traits/{name}")
    for number, node in enumerate(nodes):
        client.send("POST", "/resource_providers", {"uuid": uuid(number), "name": f"n{number}"})
        for place, pool in enumerate(node):
            _fill(client, number, place, pool)
    return client


def _fill(client: Client, number: int, place: int, pool: Pool) -> None:
    its = uuid(number, place)
    body = {"uuid": its, "name": its, "parent_provider_uuid": uuid(number)}
    client.send("POST", "/resource_providers", body)
    totals = {name: free + pool.used + pool.reserved for name, free in pool.free}
    stock = {
        name: {"total": total, "max_unit": total, "reserved": pool.reserved}
        for name, total in totals.items()
        if total
    }
    _put(client, its, 0, "inventories", stock)
    _put(client, its, 1, "traits", [*pool.traits])
    if pool.used:
        claim(client.send, uuid(number, place, 0), {its: dict.fromkeys(stock, pool.used)})


def _put(client: Client, its: str, generation: int, what: str, content) -> None:
    body = {"resource_provider_generation": generation, what: content}
    client.send("PUT", f"/resource_providers/{its}/{what}", body)


def fits(node: Node, devices: tuple[request.RequestGroup, ...]) -> bool:
    """Whether all devices of a request find a place at once: every way is tried."""

    @cache
    def rest_fits(number: int, free: tuple[tuple[int, ...], ...], first: int) -> bool:
        # like devices go to the same provider as the one before, or to a later one
        if number == len(devices):
            return True
        return any(
            rest_fits(number + 1, (*free[:at], left, *free[at + 1 :]), _next(number, at))
            for at in range(first, len(node))
            if (left := _left(node[at], free[at], devices[number]))
        )

    def _next(number: int, at: int) -> int:
        return at if devices[number : number + 2] == (devices[number],) * 2 else 0

    return rest_fits(0, tuple(tuple(pool.amounts.values()) for pool in node), 0)


def _left(pool: Pool, free: tuple[int, ...], device: request.RequestGroup) -> tuple[int, ...]:
    """What is left of a provider that gives the device; nothing where it cannot."""
    right = pool.traits.issuperset(device.required) and pool.traits.isdisjoint(device.forbidden)
    if not right or not pool.amounts.keys() >= device.resources.keys():
        return ()
    left = tuple(
        has - device.resources.get(name, 0) for name, has in zip(pool.amounts, free, strict=True)
    )
    return left if min(left) >= 0 else ()


def asked(text: str, exclusive: bool, together: bool = False):
    alternatives = request.parse_alternatives(text)
    return alternatives, questions(alternatives, ALIASES, together, exclusive)


def where_it_fits(nodes: tuple[Node, ...], usages, exclusive: bool) -> set[str]:
    devices = request.translate(usages, ALIASES, exclusive=exclusive)
    return {uuid(number) for number, node in enumerate(nodes) if fits(node, devices)}


def answers(client: Client):
    return lambda question: client.allocation_candidates(question.query, request.MICROVERSION)


some = tried(120)


@some
@given(clouds())
def test_asked_in_order_the_first_alternative_that_fits_is_found_and_none_where_none_does(cloud):
    nodes, text, exclusive = cloud
    alternatives, ordered = asked(text, exclusive)
    fitting = [usages for usages in alternatives if where_it_fits(nodes, usages, exclusive)]
    client = placement(nodes)
    question, found = first_answer(ordered, answers(client))
    assert (question.usages if question else None) == (fitting[0] if fitting else None)
    assert Asking(client, ALIASES, exclusive, print).first(ordered) == (question, found)
    if question:
        assert {each.root for each in found} <= where_it_fits(nodes, question.usages, exclusive)


@some
@given(clouds())
def test_the_last_query_of_an_alternative_finds_every_node_that_fits(cloud):
    nodes, text, exclusive = cloud
    alternatives, ordered = asked(text, exclusive)
    ask = answers(placement(nodes))
    for usages in alternatives:
        last = [question for question in ordered if question.usages == usages][-1]
        found = {each.root for each in ask(last)}
        assert found == where_it_fits(nodes, usages, exclusive)


@some
@given(clouds())
def test_counting_what_is_free_says_whether_a_request_fits(cloud):
    nodes, text, exclusive = cloud
    client, (alternatives, _) = placement(nodes), asked(text, exclusive)
    for usages in alternatives:
        free = has_room(client, usages, ALIASES, exclusive)
        assert free == bool(where_it_fits(nodes, usages, exclusive))


@some
@given(clouds())
def test_whatever_is_found_can_be_claimed_and_is_what_was_asked_for(cloud):
    nodes, text, exclusive = cloud
    client = placement(nodes)
    _, ordered = asked(text, exclusive)
    for question in ordered:
        wanted = total(group.resources for group in question.groups)
        devices = request.translate(question.usages, ALIASES, exclusive=exclusive)
        assert wanted == total(device.resources for device in devices)
        for candidate in answers(client)(question)[:2]:
            assert total(candidate.allocations.values()) == wanted
            claim(client.send, uuid(-1), candidate.allocations)
            client.send("DELETE", f"/allocations/{uuid(-1)}")


def total(amounts) -> Counter:
    return sum(map(Counter, amounts), Counter())
