"""nova's provider.yaml names a provider of ours."""

from __future__ import annotations

import pytest
from support.cloud import PLAIN, QAT

pytest.importorskip("nova.scheduler.utils", reason="nova is not installed")

from support.beside import on

from pci_placement.plan.others import NOVA_ADDS

FILE = """
meta:
  schema_version: '1.0'
providers:
  - identification:
      name: {}
    inventories:
      additional:
        - CUSTOM_SLICE:
            total: 4
    traits:
      additional:
        - CUSTOM_FROM_FILE
"""
TIMES = 5


@pytest.fixture
def named(stage, tmp_path):
    """A node on which a file of nova's names a provider of ours, which is there already."""
    folder = tmp_path / "provider_config"
    folder.mkdir()
    stage.start(provider_config_location=str(folder))
    (folder / "provider.yaml").write_text(FILE.format(on(PLAIN)))
    stage.nova.restart_compute_service("node")
    return stage


def refused_by_nova(stage) -> None:
    with pytest.raises(Exception, match="attempts to define an inventory that is owned by"):
        stage.nova.periodic_tasks(forgetful=True)


def there(stage) -> tuple[set[str], set[str]]:
    found = stage.everything()[on(PLAIN)]
    return set(found["inventories"]["inventories"]), set(found["traits"]["traits"])


def test_what_nova_adds_stays_is_told_and_nobody_fights(named):
    classes, traits = there(named)
    assert classes == {QAT, "CUSTOM_SLICE"}
    assert traits >= {"OWNER_NOVA", "CUSTOM_FROM_FILE", "CUSTOM_PCI_PLACEMENT_MANAGED"}
    before = named.everything()
    for _ in range(TIMES):
        assert named.sync() == []
        warnings = [problem.problem for problem in named.last.planned.warnings]
        assert NOVA_ADDS.format("CUSTOM_SLICE", on(PLAIN)) in warnings
        refused_by_nova(named)
    assert named.everything() == before


def test_ours_can_be_claimed_and_written_beside_it(named):
    named.claim()
    named.sync()
    named.reserve(on(PLAIN))
    assert named.sync() == []
    named.lists = named.lists.replace('"name": "qat"', '"name": "fast"')
    named.sync()
    assert there(named)[0] == {"CUSTOM_PCI_FAST", "CUSTOM_SLICE"}
    refused_by_nova(named)
    assert named.sync() == []


def test_nova_itself_starts_no_server_there_meanwhile(named):
    """It takes what it has added itself for somebody else's: nova 34."""
    server = named.nova.create({}, becomes="ERROR")
    assert named.allocated(server["id"]) == {}


def test_as_the_warning_says_it_ends(named, tmp_path):
    (tmp_path / "provider_config/provider.yaml").unlink()
    named.nova.restart_compute_service("node")
    url = f"/resource_providers/{named.uuid(on(PLAIN))}/traits"
    found = named.client.send("GET", url)
    found["traits"] = [trait for trait in found["traits"] if trait != "OWNER_NOVA"]
    named.client.send("PUT", url, found)
    named.sync()
    assert there(named)[0] == {QAT}
    for _ in range(TIMES):
        named.nova.periodic_tasks(forgetful=True)
        assert named.sync() == []
