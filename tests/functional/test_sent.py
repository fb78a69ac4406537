"""How many requests a pass sends to Placement, exactly, and that none costs more in a larger cloud.

N is the number of our providers: 3 PFs and what is below them, and 2 plain devices.
"""

import re

import pytest
from support import hosts
from support.cloud import configure
from support.command import by_token

NODE = "8c7e2f3a-0d5c-4b52-9a0e-3a4a6d6b1f00"
LISTS = """
[pci]
alias = {"name": "nic", "vendor_id": "8086", "product_id": "154c", "device_type": "type-VF"}
alias = {"name": "gpu", "vendor_id": "10de", "product_id": "20b0"}
device_spec = {"vendor_id": "8086", "product_id": "154c"}
device_spec = {"vendor_id": "10de", "product_id": "20b0"}
"""
MANY = [
    {
        "address": f"0000:{bus}:00.0",
        "id": "8086:1572",
        "class": "020000",
        "totalvfs": 8,
        "vf_device": "154c",
        "vfs": {"first": f"0000:{bus}:02.0", "count": 4},
    }
    for bus in range(41, 49)
]
PFS = MANY[:3]
CARDS = [{"address": f"0000:8{number}:00.0", "id": "10de:20b0"} for number in (1, 2)]
N = 2 * len(PFS) + len(CARDS)
NAMES = 2 + 3  # two classes; our mark, and what each kind of device is
LIST = "GET /resource_providers?in_tree=UUID"
BY_NAME = "GET /resource_providers?name=node"
CANDIDATES = "GET /allocation_candidates?resources={}&in_tree=UUID"
UUID = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}")

pytestmark = pytest.mark.usefixtures("node")


@pytest.fixture
def node(placement):
    placement.create_compute_node("node")


class Host:
    """A host whose devices change, and what its passes ask."""

    def __init__(self, call, tmp_path, placement) -> None:
        self._call, self._folder, self._placement = call, tmp_path, placement
        self._number = 0
        self.options: dict[str, str] = {}
        self.become(*PFS, *CARDS)

    def become(self, *lines: dict) -> None:
        self._number += 1
        self.tree = hosts.write_tree(
            self._folder / f"sys{self._number}", hosts.snapshot(list(lines))
        )

    def sync(self, line: str = "sync", code: int = 0) -> list[str]:
        file = configure(self._folder, LISTS, by_token(self._placement.url), **self.options)
        self._placement.requests.clear()
        done = self._call("--sysfs", self.tree, "--config-file", file, *line.split())
        assert done.code == code, done.err
        return [f"{r.method} {UUID.sub('UUID', r.path)}" for r in self._placement.requests]

    def forget(self) -> None:
        for file in (self._folder / "state").iterdir():
            file.unlink()


@pytest.fixture
def host(call, tmp_path, placement) -> Host:
    return Host(call, tmp_path, placement)


def claim(real, provider: str, resource_class: str, amount: int = 1) -> None:
    """Somebody takes devices of a provider, by a part of its name."""
    (uuid,) = [
        p["uuid"]
        for p in real.send("GET", "/resource_providers")["resource_providers"]
        if provider in p["name"]
    ]
    body = {
        "allocations": {uuid: {"resources": {resource_class: amount}}},
        "project_id": "p",
        "user_id": "u",
        "consumer_generation": None,
        "consumer_type": "CONTAINER",
    }
    real.send("PUT", f"/allocations/11111111-2222-4333-8444-55555555555{amount}", body)


def test_a_first_pass_sends_two_for_each_provider_and_three_more(host):
    asked = host.sync()
    assert len(asked) == 2 * N + 3 + NAMES
    assert asked[:2] == [BY_NAME, LIST]
    assert asked[-1] == "POST /reshaper"


def test_a_quiet_pass_sends_one(host):
    host.sync()
    assert host.sync() == [LIST]


def test_also_where_the_root_may_be_made_or_is_named_by_its_uuid(host, client):
    host.options = {"create_root": "true"}
    host.sync()
    assert host.sync() == [LIST]
    (root,) = client.send("GET", "/resource_providers?name=node")["resource_providers"]
    host.options["root_provider_uuid"] = root["uuid"]
    assert host.sync() == [LIST]


def test_a_full_pass_sends_two_whatever_is_used(host, client):
    host.sync()
    assert host.sync("sync --full") == [LIST, CANDIDATES.format("VCPU:1")]
    claim(client, "41:00.0:vf", "CUSTOM_PCI_NIC", 3)
    claim(client, "81:00.0", "CUSTOM_PCI_GPU")
    host.sync()
    assert host.sync("sync --full") == [LIST, CANDIDATES.format("VCPU:1")]


def test_where_nothing_is_remembered_the_vfs_of_each_card_are_read_and_no_device_by_itself(host):
    host.sync()
    host.forget()
    asked = host.sync()
    assert asked[:3] == [BY_NAME, LIST, CANDIDATES.format("VCPU:1")]
    assert asked[3:] == ["GET /resource_providers/UUID/inventories"] * len(PFS)
    assert host.sync() == [LIST]


def test_of_eight_cards_that_are_alike_one_question_takes_the_place_of_that(host):
    host.become(*MANY, *CARDS)
    host.sync()
    host.forget()
    asked = [BY_NAME, LIST, CANDIDATES.format("VCPU:1"), CANDIDATES.format("CUSTOM_PCI_NIC:4")]
    assert host.sync() == asked


def test_where_nothing_is_remembered_pools_are_read(host):
    """Of one device too: of two, one may have gone and one be reserved."""
    host.options = {"pooling": "numa"}
    host.become(*({**card, "numa": number} for number, card in enumerate(CARDS)))
    host.sync()
    host.forget()
    asked = [BY_NAME, LIST, CANDIDATES.format("VCPU:1")]
    assert host.sync() == asked + ["GET /resource_providers/UUID/inventories"] * len(CARDS)


def test_where_the_node_itself_has_nothing_free_a_class_of_ours_is_asked_for(host, client):
    host.sync()
    (root,) = client.send("GET", "/resource_providers?name=node")["resource_providers"]
    url = f"/resource_providers/{root['uuid']}/inventories"
    there = client.send("GET", url)
    there["inventories"]["VCPU"]["reserved"] = there["inventories"]["VCPU"]["total"]
    client.send("PUT", url, there)
    asked = host.sync("sync --full")
    assert asked == [LIST, CANDIDATES.format("VCPU:1"), CANDIDATES.format("CUSTOM_PCI_GPU:1")]


def with_vfs(count: int) -> dict:
    return {**PFS[0], "vfs": {"first": "0000:41:02.0", "count": count}}


def test_a_card_with_more_vfs_sends_two(host):
    host.sync()
    host.become(with_vfs(5), *PFS[1:], *CARDS)
    assert host.sync() == [LIST, "PUT /resource_providers/UUID/inventories"]


def test_so_does_one_that_hangs_on_another_numa_node(host):
    host.sync()
    host.become(*PFS, {**CARDS[0], "numa": 0}, CARDS[1])
    asked = host.sync()
    assert (asked[0], asked[-1]) == (LIST, "PUT /resource_providers/UUID/traits")
    assert len(asked) == 3  # the trait of that node is a new name


def test_of_one_with_fewer_vfs_it_is_asked_who_has_them(host):
    """Placement lets a total fall below what is used."""
    host.sync()
    host.become(with_vfs(3), *PFS[1:], *CARDS)
    provider = "/resource_providers/UUID"
    assert host.sync() == [LIST, f"GET {provider}/allocations", f"PUT {provider}/inventories"]


def test_a_plain_card_that_was_removed_sends_three(host):
    host.sync()
    host.become(*PFS, *CARDS[1:])
    asked = host.sync()
    provider = "/resource_providers/UUID"
    assert asked == [LIST, f"PUT {provider}/inventories", f"DELETE {provider}"]


def test_a_pf_with_its_vfs_that_was_removed_sends_four(host):
    host.sync()
    host.become(*PFS[1:], *CARDS)
    assert len(host.sync()) == 4


def test_who_was_claimed_and_is_free_again_is_asked_who_uses_it(host, client):
    host.sync()
    claim(client, "81:00.0", "CUSTOM_PCI_GPU")
    client.send("DELETE", "/allocations/11111111-2222-4333-8444-555555555551")
    assert len(host.sync()) == 3  # its inventories and its traits: somebody has changed it
    host.become(*PFS, *CARDS[1:])
    assert host.sync()[1] == "GET /resource_providers/UUID/allocations"


def test_a_drained_provider_that_is_used_is_asked_at_every_pass(host, client):
    host.sync()
    claim(client, "81:00.0", "CUSTOM_PCI_GPU")
    host.become(*PFS, *CARDS[1:])
    host.sync()
    assert host.sync() == [LIST, "GET /resource_providers/UUID/allocations"]


def test_who_may_not_set_several_at_once_is_told_once_and_remembers_it(host, forbid):
    forbid()
    asked = host.sync()
    assert (asked.count("POST /reshaper"), len(asked)) == (1, 3 * N - len(PFS) + 3 + NAMES)
    host.become(*PFS, *CARDS, {"address": "0000:91:00.0", "id": "10de:20b0"})
    assert "POST /reshaper" not in host.sync()


def test_no_question_of_a_pass_is_about_the_whole_cloud(host, client):
    """What has no in_tree Placement looks up among all providers there are; a name is indexed."""
    everything = host.sync() + host.sync("sync --full")
    claim(client, "81:00.0", "CUSTOM_PCI_GPU")
    host.become(*PFS[1:])
    everything += host.sync()
    host.forget()
    everything += host.sync()
    lists = {path for path in everything if re.search("GET /(resource_providers|alloc.*)[?]", path)}
    assert lists >= {LIST, BY_NAME}
    assert all("in_tree=" in path and "required" not in path for path in lists - {BY_NAME})


def test_a_provider_that_was_made_anew_is_not_taken_for_the_unused_one_of_before(host, client):
    """It may have reached the same generation, and then by a claim."""
    host.sync()
    (line,) = [
        p
        for p in client.send("GET", "/resource_providers")["resource_providers"]
        if "81:00.0" in p["name"]
    ]
    url = f"/resource_providers/{line['uuid']}"
    traits, there = client.send("GET", f"{url}/traits"), client.send("GET", f"{url}/inventories")
    client.send("DELETE", url)
    again = {key: line[key] for key in ("uuid", "name", "parent_provider_uuid")}
    client.send("POST", "/resource_providers", again)
    client.send("PUT", f"{url}/traits", traits | {"resource_provider_generation": 0})
    client.send("PUT", f"{url}/inventories", there | {"resource_provider_generation": 1})
    claim(client, "81:00.0", "CUSTOM_PCI_GPU")
    assert client.send("GET", url)["generation"] == line["generation"]
    host.become(*PFS, *CARDS[1:])
    asked = host.sync()
    assert "GET /resource_providers/UUID/allocations" in asked
    left = client.send("GET", f"{url}/inventories")["inventories"]["CUSTOM_PCI_GPU"]
    assert (left["total"], left["reserved"]) == (1, 1)
    assert client.send("GET", f"{url}/allocations")["allocations"]
