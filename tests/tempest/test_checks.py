"""The checks of doc/tempest.md, by a real Tempest, at a real Keystone and a real Placement."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

if not find_spec("tempest.lib"):
    pytest.skip("tempest is not installed", allow_module_level=True)

from support.between import between
from support.placements import ROOT

from pci_placement.tempest.base import NO_ALIASES
from pci_placement.tempest.checks.test_claims import CLAIMING

ALIASES = {"config_file": "aliases.conf"}


def everything(node) -> dict[str, object]:
    """What Placement has of the node, but for generations, which claims move."""
    listed = node.send("GET", "/resource_providers")["resource_providers"]
    return {provider["name"]: _parts(node, provider["uuid"]) for provider in listed}


def _parts(node, uuid: str) -> dict[str, object]:
    urls = {part: f"/resource_providers/{uuid}/{part}" for part in ("inventories", "traits")}
    found = {part: node.send("GET", url)[part] for part, url in urls.items()}
    held = node.send("GET", f"/resource_providers/{uuid}/allocations")["allocations"]
    return {**found, "traits": sorted(found["traits"]), "allocations": held}


def test_a_cloud_as_it_should_be_passes_as_often_as_one_likes(operator, node):
    before = everything(node)
    for _ in range(2):
        said = operator.run(**ALIASES)
        assert (said.code, said.counts) == (0, (6, 1, 0)), said.text
    assert everything(node) == before


@pytest.mark.usefixtures("node")
def test_without_aliases_only_the_trees_are_looked_at(operator):
    said = operator.run()
    assert (said.code, said.counts[0], said.counts[2]) == (0, 1, 0), said.text
    assert NO_ALIASES in said.text


def test_what_a_killed_run_has_claimed_is_released_by_the_next(operator, node, cloud):
    def lives_on(method: str, path: str) -> bool:
        releasing = (method, path) == ("DELETE", f"/allocations/{CLAIMING}")
        if not (releasing and held(node)):
            return True
        operator.kill()
        return False

    before = everything(node)
    with between(cloud.placement.url, lives_on) as url:
        killed = operator.run("claim_and_its_release", region=region(cloud, url), **ALIASES)
    assert killed.code == -9
    assert held(node)
    assert everything(node) != before
    operator.forget_accounts()
    assert operator.run(**ALIASES).counts == (6, 1, 0)
    assert everything(node) == before


def held(node) -> dict[str, object]:
    """What the check has claimed."""
    return node.send("GET", f"/allocations/{CLAIMING}")["allocations"]


def region(cloud, url: str) -> str:
    """A region in which Placement is asked at another address."""
    name = f"By {url.rpartition(':')[2]}"
    cloud.identity.post("/regions", json={"region": {"id": name}})
    (service,) = cloud.identity.get("/services?type=placement").json()["services"]
    (identity,) = cloud.identity.get("/services?type=identity").json()["services"]
    for service_id, address in ((service["id"], url), (identity["id"], cloud.auth_url)):
        where = {"region_id": name, "interface": "public", "url": address}
        cloud.identity.post("/endpoints", json={"endpoint": {"service_id": service_id, **where}})
    return name


@pytest.mark.usefixtures("node")
def test_an_alias_that_no_node_has_devices_for_fails_by_name(operator):
    more = '[pci]\nalias = {"name": "gpu", "vendor_id": "10de", "product_id": "2330"}\n'
    (operator.folder / "more.conf").write_text(more)
    said = operator.run("resource_classes_of", config_file="aliases.conf,more.conf")
    assert (said.code, said.counts) == (1, (0, 0, 1)), said.text
    assert "CUSTOM_PCI_GPU is asked for by gpu" in said.text
    named = operator.run(
        "resource_classes_of", config_file="aliases.conf,more.conf", aliases="nic,disk"
    )
    assert named.counts == (1, 0, 0), named.text


def test_an_alias_of_which_nothing_is_free_fails_by_name(operator, node):
    for name, parts in everything(node).items():
        for resource_class, has in parts["inventories"].items():
            if resource_class == "CUSTOM_PCI_DISK":
                node.reserve(name.partition(":pci:")[2], resource_class, has["total"])
    said = operator.run("ClaimsTest", **ALIASES)
    assert (said.code, said.counts) == (1, (2, 0, 1)), said.text
    assert "disk: no node has one free" in said.text


def test_a_provider_of_somebody_else_below_ours_is_told(operator, node):
    card = "0000:41:00.0"
    below = {"name": "stranger", "parent_provider_uuid": uuid_of(node, f"{ROOT.name}:pci:{card}")}
    node.send("POST", "/resource_providers", below)
    said = operator.run("TreesTest", nodes=ROOT.name)
    assert (said.code, said.counts) == (1, (0, 0, 1)), said.text
    assert f"is below our {ROOT.name}:pci:{card}, and is not ours" in said.text


def uuid_of(node, name: str) -> str:
    (found,) = node.send("GET", f"/resource_providers?name={name}")["resource_providers"]
    return found["uuid"]


@pytest.mark.usefixtures("node")
def test_a_cloud_in_which_everybody_may_claim_fails(operator, cloud):
    rules = ("allocations:update", "allocation_candidates:list", "resource_providers:list")
    with cloud.policy({f"placement:{rule}": "@" for rule in rules}):
        said = operator.run("user_without_a_role", **ALIASES)
    assert (said.code, said.counts) == (1, (0, 0, 1)), said.text
