"""Whose a provider is: nothing is changed that is not ours."""

import uuid as uuids

import pytest
from support.cloud import CARD, PLAIN, QAT, RED, have, name, uuid
from support.placements import ROOT

from pci_placement import names
from pci_placement.identity import candidates, is_ours
from pci_placement.model import ListedProvider, Root

FAST = names.trait("CUSTOM_FAST")
BARE = {"traits": frozenset()}
FOREIGNER = {"traits": frozenset({names.trait("CUSTOM_NOVA")})}


def listed(name: str, uuid: str) -> list[ListedProvider]:
    return [ListedProvider(uuid, name, ROOT.uuid, 0)]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        pytest.param(name(PLAIN), [], id="the key in its name"),
        pytest.param("a-host-before-it-was-renamed:pci:0000:3b:00.0", [], id="below an old name"),
        pytest.param("renamed by hand", [PLAIN], id="a key that is wanted or remembered"),
    ],
)
def test_a_uuid_made_from_a_known_key_can_be_ours(name, keys):
    assert candidates(ROOT, listed(name, uuid(PLAIN)), keys) == {uuid(PLAIN): PLAIN}


@pytest.mark.parametrize(
    ("name", "uuid"),
    [
        pytest.param(name(PLAIN), str(uuids.uuid4()), id="our name, another uuid"),
        pytest.param(name(PLAIN), uuid(CARD), id="the uuid of another key"),
        pytest.param("renamed by hand", uuid(PLAIN), id="no key known"),
        pytest.param("node:pci:", uuid(""), id="no key at all"),
        pytest.param("node_0000:3b:00.0", str(uuids.uuid4()), id="nova's or cyborg's"),
        pytest.param(ROOT.name, ROOT.uuid, id="the root"),
    ],
)
def test_no_other_provider_can_be_ours(name, uuid):
    assert candidates(ROOT, listed(name, uuid), [CARD] if "3b" not in name else []) == {}


def test_the_key_in_a_name_counts_even_if_another_list_of_keys_lacks_it():
    assert candidates(ROOT, listed(name(RED), uuid(RED)), [PLAIN, CARD]) == {uuid(RED): RED}


def test_the_same_device_of_another_host_is_not_ours():
    other = Root(str(uuids.UUID(int=1)), ROOT.name)
    assert candidates(other, listed(name(PLAIN), uuid(PLAIN)), [PLAIN]) == {}


def test_a_key_of_which_nothing_is_listed_is_nobodys():
    assert candidates(ROOT, listed(name(PLAIN), uuid(PLAIN)), [CARD]) == {uuid(PLAIN): PLAIN}
    assert candidates(ROOT, [], [PLAIN, CARD]) == {}


@pytest.mark.parametrize(
    ("provider", "ours"),
    [
        pytest.param(have(PLAIN), True, id="marked"),
        pytest.param(have(PLAIN, {QAT: 1}, FAST), True, id="marked, with traits of others"),
        pytest.param(have(PLAIN, **BARE), True, id="bare: half-made by a pass that was cut off"),
        pytest.param(have(PLAIN, has_aggregates=True, **BARE), False, id="bare, with aggregates"),
        pytest.param(have(PLAIN, {QAT: 1}, **BARE), False, id="unmarked, with inventory"),
        pytest.param(have(PLAIN, **FOREIGNER), False, id="unmarked, with traits"),
    ],
)
def test_ours_is_what_carries_the_marker_or_is_bare(provider, ours):
    assert is_ours(provider) is ours
