"""What zun's own parser makes of our extra specs: the groups that we meant.

Skipped where zun is not installed: it is no dependency of ours.
"""

import pytest
from support.build import alias, traits

from pci_placement import names
from pci_placement.mapping import request
from pci_placement.mapping.questions import questions
from pci_placement.model import DevType

utils = pytest.importorskip("zun.scheduler.utils", reason="zun is not installed")

ALIASES = (
    alias("qat", "8086:0443"),
    alias("nic", "8086:10ca", device_type=DevType.VF, traits=traits("FAST")),
    alias("card", "8086:10c9", device_type=DevType.PF, live_migratable=False),
    alias("moving", "8086:0444", live_migratable=True),
    alias("standard", "", resource_class=names.resource_class("PGPU")),
)

USAGES = [
    "qat",
    "qat:2",
    "nic@physnet1",
    "nic:2@physnet1,qat",
    "card",
    "moving:2,card@physnet-2",
    "standard:3",
    "qat:12",
]


def parsed(specs):
    """What zun understands, group by group, as it sends it to Placement."""
    found = utils.ResourceRequest.from_extra_specs(specs)
    numbered = found._rg_by_id  # noqa: SLF001  zun shows its groups in no other way
    return found, {
        int(number): (dict(g.resources), set(g.required_traits), set(g.forbidden_traits))
        for number, g in numbered.items()
    }


def meant(groups):
    return {
        number: (g.resources, set(g.required), set(g.forbidden))
        for number, g in enumerate(groups, 1)
    }


def translated(usage: str, **how: bool):
    return request.translate(request.parse_usage(usage), ALIASES, **how)


@pytest.mark.parametrize("exclusive", [False, True], ids=["plain", "exclusive"])
@pytest.mark.parametrize("together", [False, True], ids=["apart", "together"])
@pytest.mark.parametrize("usage", USAGES)
def test_zun_finds_the_groups_that_were_meant(usage, together, exclusive):
    groups = translated(usage, together=together, exclusive=exclusive)
    _, found = parsed(request.extra_specs(groups))
    assert found == meant(groups)


@pytest.mark.parametrize("exclusive", [False, True], ids=["plain", "exclusive"])
@pytest.mark.parametrize("usage", [*USAGES, "qat:8|nic:5@physnet1,card:2"])
def test_zun_sends_each_query_of_an_ordered_list_from_its_extra_specs(usage, exclusive):
    ordered = questions(request.parse_alternatives(usage), ALIASES, exclusive=exclusive)
    for question in ordered:
        found, groups = parsed(question.extra_specs)
        assert groups == meant(question.groups)
        assert asked(found.to_querystring()) == asked(question.query)


@pytest.mark.parametrize("usage", USAGES)
def test_every_group_is_of_one_provider(usage):
    found, _ = parsed(request.extra_specs(translated(usage)))
    groups = found._rg_by_id.values()  # noqa: SLF001  as above
    assert all(group.use_same_provider for group in groups)


@pytest.mark.parametrize(("usage", "policy"), [("qat", None), ("qat:2", "none")])
def test_a_group_policy_is_given_where_placement_demands_one(usage, policy):
    found, _ = parsed(request.extra_specs(translated(usage)))
    assert found.group_policy == policy


@pytest.mark.parametrize("usage", USAGES)
def test_zun_sends_the_query_that_we_send(usage):
    found, _ = parsed(request.extra_specs(translated(usage)))
    assert asked(found.to_querystring()) == asked(request.query(translated(usage)))


def asked(query: str) -> dict[str, set[str]]:
    """A query without its order, and without the limit that only zun sets."""
    pairs = (part.split("=", 1) for part in query.replace("%3A", ":").split("&"))
    parts = {key: value.replace("%2C", ",").replace("%21", "!") for key, value in pairs}
    return {key: set(value.split(",")) for key, value in parts.items() if key != "limit"}
