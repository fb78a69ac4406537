"""What an older version has left is taken over by this one, and what a newer one has left as well.

The fixtures, one folder a version, are made by `make_fixture.py`, and never anew.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from support.placements import consumer_uuid
from support.state_files import CONTENTS, written

from pci_placement.errors import ExitCode, PlacementError
from pci_placement.model import ClaimRecord
from pci_placement.state.claims import ClaimsFile
from pci_placement.state.folder import Folder
from pci_placement.state.versions import UPGRADES, VERSION

from .node import FIXTURES, NOW, ROOT_UUID, Node, served

PROJECT = FIXTURES.parents[1]
VERSIONS = sorted(folder.name for folder in FIXTURES.iterdir() if (folder / "state").is_dir())

VFS, QAT, DRAINED = "node:pci:0000:81:00.0:vf", "node:pci:0000:3b:00.0", "node:pci:0000:c1:00.0"
NIC, FAST, GPU = "CUSTOM_PCI_NIC", "CUSTOM_FAST", "CUSTOM_PCI_GPU"
HELD = {"bob": {NIC: 1}, "ann": {NIC: 1}, "max": {GPU: 1}, "eve": {"CUSTOM_PCI_QAT": 1}}
FREE = {NIC: 1, GPU: 1}
"""Of four VFs two are claimed, and one has another class: as long as nobody knows which two, it is
on offer under none. Of three GPUs one is claimed, and one drained by an operator.
"""


@pytest.fixture(params=VERSIONS)
def node(request, tmp_path) -> Iterator[Node]:
    """The node, upgraded to the present code, before its first pass."""
    fixture = FIXTURES / request.param
    shutil.copytree(fixture / "state", tmp_path / "state")
    with served(tmp_path, (fixture / "placement.sql").read_text()) as url:
        node = Node(tmp_path, url)
        node.has(NOW)
        yield node


def listed(node: Node) -> dict[str, str]:
    """All providers: their uuids by name."""
    found = node.client.send("GET", "/resource_providers")["resource_providers"]
    return {provider["name"]: provider["uuid"] for provider in found}


def claims(node: Node) -> dict[str, dict]:
    """What each consumer holds, by provider."""
    return {who: _claimed(node, consumer_uuid(who)) for who in HELD}


def _claimed(node: Node, consumer: str) -> dict:
    found = node.client.send("GET", f"/allocations/{consumer}")["allocations"]
    return {uuid: held["resources"] for uuid, held in found.items()}


def inventories(node: Node) -> dict[str, dict]:
    """What each provider counts."""
    return {
        name: node.client.send("GET", f"/resource_providers/{uuid}/inventories")["inventories"]
        for name, uuid in listed(node).items()
    }


def claimable(node: Node) -> dict[str, int]:
    """How many devices of each class Placement gives to whoever asks, until it gives none."""
    granted: dict[str, int] = {}
    for name, counted in inventories(node).items():
        for resource_class in counted:
            key = name.partition(":pci:")[2]
            while _grants(node, f"greedy {sum(granted.values())}", key, resource_class):
                granted[resource_class] = granted.get(resource_class, 0) + 1
    return granted


def _grants(node: Node, who: str, key: str, resource_class: str) -> bool:
    try:
        node.claim(who, key, resource_class)
    except PlacementError as error:
        assert error.status == 409  # noqa: PT017 - every other error is one of the test
        return False
    return True


def devices(node: Node, who: str) -> list[str]:
    """The addresses that a consumer is given."""
    return [
        row["address"] for row in node.run("claim", "show", consumer_uuid(who), "-f", "json").json
    ]


def test_nothing_is_made_again_and_a_second_pass_has_nothing_to_do(node):
    before = listed(node), claims(node), inventories(node)
    assert {who: list(held.values()) for who, held in before[1].items()} == {
        who: [held] for who, held in HELD.items()
    }
    node.run("sync", code=ExitCode.PARTLY)
    assert (listed(node), claims(node), inventories(node)) == before
    assert node.run("plan", "--detailed-exitcode", "-f", "json").json == []
    assert "nothing else to do" in node.run("sync", code=ExitCode.PARTLY).err


def test_nothing_is_given_to_two(node):
    node.run("sync", code=ExitCode.PARTLY)
    assert claimable(node) == FREE


def test_who_was_given_a_device_has_the_same_one_and_nobody_else_gets_it(node):
    (file,) = node.state.glob("*.claims")
    given = json.loads(file.read_text())
    node.run("sync", code=ExitCode.PARTLY)
    (of_bob,), (of_max,) = devices(node, "bob"), devices(node, "max")
    for address in (of_bob, of_max):
        assert address in json.dumps(given)
    node.claim("new", "0000:81:00.0:vf", NIC)
    assert {of_bob} & {*devices(node, "ann"), *devices(node, "new")} == set()


def test_as_claims_end_all_is_offered_but_what_an_operator_drained(node):
    node.run("sync", code=ExitCode.PARTLY)
    for who in HELD:
        node.client.send("DELETE", f"/allocations/{consumer_uuid(who)}")
    before = listed(node)
    node.run("sync")
    after = listed(node)
    assert set(before) - set(after) == {QAT}
    assert all(before[name] == uuid for name, uuid in after.items())
    assert claimable(node) == {NIC: 3, FAST: 1, GPU: 2}
    assert inventories(node)[DRAINED][GPU]["reserved"] == 1


def state_file(node: Node):
    return node.state / f"{ROOT_UUID}.json"


def _without(content: dict, field: str) -> dict:
    return {name: value for name, value in content.items() if name != field}


def _to_6(content: dict) -> dict:
    providers = [_without(provider, "others") for provider in content["providers"]]
    return {**_without(content, "forsaken_at"), "providers": providers}


def _to_5(content: dict) -> dict:
    providers = [_without(provider, "unused") for provider in content["providers"]]
    return {**content, "providers": providers}


def _to_4(content: dict) -> dict:
    return _without(content, "withheld_of")


def _to_3(content: dict) -> dict:
    ledger = [_flat(key, counted) for key, counted in content["ledger"]]
    begun = [
        {**_flat(key, left["counted"]), "total": left["total"]} for key, left in content["begun"]
    ]
    return {**_without(content, "reread"), "ledger": ledger, "begun": begun, "version": 3}


def _flat(key: dict, counted: dict) -> dict:
    return {"key": key["provider"], "resource_class": key["resource_class"], **counted}


BACK: dict[int, Callable[[dict], dict]] = {3: _to_3, 4: _to_4, 5: _to_5, 6: _to_6}
"""For each version of the state file: what one later said, as that one would have said it."""


def test_every_older_state_file_is_among_them():
    assert set(BACK) == set(UPGRADES)


@pytest.mark.parametrize("version", sorted(BACK))
def test_older_state_files_say_as_much(node, version):
    document = json.loads(state_file(node).read_text())
    content = document["content"]
    for older in range(document["version"] - 1, version - 1, -1):
        content = BACK[older](content)
    assert set(content) == set(CONTENTS[version])
    state_file(node).write_bytes(of_version(version, content))
    before = listed(node), claims(node), inventories(node)
    done = node.run("sync", code=ExitCode.PARTLY)
    assert "warning" not in done.err
    assert (listed(node), claims(node), inventories(node)) == before
    assert claimable(node) == FREE


def of_version(version: int, content: dict) -> bytes:
    document = json.loads(written(version, content))
    return json.dumps({**document, "version": version}).encode()


# --- and back: what a newer version wrote is not understood


@pytest.fixture
def back(node) -> Node:
    """The node, after a newer version, which remembers what nobody here understands."""
    document = json.loads(state_file(node).read_text())
    newer = {**document, "version": VERSION + 1, "sha256": "of another kind"}
    state_file(node).write_text(json.dumps(newer))
    return node


def test_what_a_newer_version_left_is_told_and_no_claim_or_provider_is_lost(back):
    before = listed(back), claims(back)
    done = back.run("sync", code=ExitCode.PARTLY)
    assert "a newer pci-placement wrote" in done.err
    assert (listed(back), claims(back)) == before
    assert "a newer" not in back.run("sync", code=ExitCode.PARTLY).err


def test_less_may_be_offered_and_never_more(back):
    back.run("sync", code=ExitCode.PARTLY)
    assert all(number <= FREE[name] for name, number in claimable(back).items())


def test_once_the_claims_have_ended_all_is_offered_again(back):
    back.run("sync", code=ExitCode.PARTLY)
    for who in HELD:
        back.client.send("DELETE", f"/allocations/{consumer_uuid(who)}")
    back.run("sync")
    assert claimable(back) == {NIC: 3, FAST: 1, GPU: 2}


@pytest.fixture
def record(node):
    """Who was given which device, once a pass of today has gone over it."""
    node.run("sync", code=ExitCode.PARTLY)
    (file,) = node.state.glob("*.claims")
    return file


def test_a_record_that_a_newer_version_wrote_is_kept_for_it(node, record):
    of_the_newer = record.read_bytes()
    given = devices(node, "bob")
    record.write_text(json.dumps({"version": json.loads(of_the_newer)["version"] + 1}))
    before = record.read_bytes(), listed(node), claims(node)
    told = node.run("sync", code=ExitCode.PARTLY).err
    assert "a newer pci-placement wrote" in told
    assert "nobody is given a device" in told
    refused = node.run("claim", "show", consumer_uuid("bob"), code=ExitCode.TRY_AGAIN)
    assert "install that one again" in refused.err
    assert (record.read_bytes(), listed(node), claims(node)) == before
    assert all(number <= FREE[name] for name, number in claimable(node).items())
    record.write_bytes(of_the_newer)  # and forth: that one is installed again
    assert devices(node, "bob") == given


def test_a_record_that_is_damaged_is_told_once_and_begun_anew(node, record):
    record.write_text("damaged")
    assert "nobody knows who has which device" in node.run("sync", code=ExitCode.PARTLY).err
    assert "nobody knows" not in node.run("sync", code=ExitCode.PARTLY).err
    assert claimable(node) == FREE


# --- what doc/operating.md says of each version that was released

OPERATING = (PROJECT / "doc" / "operating.md").read_text()


def told_of(version: str) -> tuple[str, str]:
    (row,) = re.findall(rf"^\| {re.escape(version)} \| (.+?) \| (.+?) \|$", OPERATING, re.M)
    return row


@pytest.mark.parametrize("version", VERSIONS)
def test_what_an_older_version_makes_of_what_this_one_writes_is_told(version, tmp_path):
    state = FIXTURES / version / "state"
    of_passes = json.loads((state / f"{ROOT_UUID}.json").read_text())["version"]
    of_claims = json.loads((state / f"{ROOT_UUID}.claims").read_text())["version"]
    ClaimsFile(Folder(tmp_path), "now").write(ClaimRecord())
    claims_now = json.loads((tmp_path / "now.claims").read_text())["version"]
    passes, given = told_of(version)
    assert passes == ("read" if of_passes == VERSION else "as if it were lost")
    assert given.startswith("read" if of_claims == claims_now else "not read")
