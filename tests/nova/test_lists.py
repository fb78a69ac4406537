"""One device on both lists: what is told, and what becomes of it where nobody listens."""

from __future__ import annotations

import pytest
from support.cloud import QAT

pytest.importorskip("nova.scheduler.utils", reason="nova is not installed")

from support.beside import on
from support.nova.cloud import NOVAS, NOVAS_IDS
from support.nova.stage import CONTAINER

from pci_placement.conf.neighbours import NOVA_GIVES, neighbours
from pci_placement.errors import PlacementError
from pci_placement.settings import ConfigPath, load

LINE = {"address": NOVAS, "id": "{vendor_id}:{product_id}".format(**NOVAS_IDS), "numa": 0}
SPEC = f'{{"vendor_id": "{NOVAS_IDS["vendor_id"]}", "product_id": "{NOVAS_IDS["product_id"]}"}}'
LISTS = f'[pci]\nalias = {{"name": "qat", {SPEC[1:]}\ndevice_spec = {SPEC}\n'


def both(stage, *, report: bool):
    return stage.start(lines=(LINE,), lists=LISTS, report=report)


def test_nova_that_reports_it_has_it_and_ours_is_not_on_offer(stage):
    both(stage, report=True)
    assert list(stage.last.planned.host.kept) != []
    with pytest.raises(IndexError):
        stage.uuid(on(NOVAS))
    server = stage.nova.create({"pci_passthrough:alias": "novas:1"})
    assert stage.nova.hardware_of(server) == [NOVAS]


def test_nova_that_begins_to_report_it_ends_our_offer_and_not_the_claim(stage):
    both(stage, report=False)
    stage.claim(NOVAS)
    stage.nova.flags(group="pci", report_in_placement=True)
    stage.nova.restart_compute_service("node")
    stage.sync()
    assert stage.devices(CONTAINER) == {on(NOVAS): 1}
    (ours,) = stage.everything()[on(NOVAS)]["inventories"]["inventories"].values()
    assert ours["reserved"] == ours["total"] == 1
    before = stage.everything()
    for _ in range(3):
        stage.nova.periodic_tasks(forgetful=True)
        assert stage.sync() == []
    assert stage.everything() == before


def test_nova_that_does_not_report_it_gives_what_a_container_has_claimed(stage, tmp_path):
    """So it is told of, before: by `config validate`, by `doctor` and by the first pass."""
    both(stage, report=False)
    stage.claim(NOVAS)
    server = stage.nova.create({"pci_passthrough:alias": "novas:1"})
    assert stage.nova.hardware_of(server) == [NOVAS]
    assert stage.devices(CONTAINER) == {on(NOVAS): 1}

    file = tmp_path / "nova.conf"
    file.write_text(f"[pci]\ndevice_spec = {SPEC}\n")
    whitelist = load([ConfigPath(str(file))]).whitelist
    (warning,) = neighbours([str(file)], whitelist)
    assert warning.problem == NOVA_GIVES.format("not set")
    file.write_text(f"[pci]\nreport_in_placement = true\ndevice_spec = {SPEC}\n")
    assert list(neighbours([str(file)], whitelist)) == []


def test_with_ours_claimed_and_novas_reported_nobody_else_gets_it(stage):
    both(stage, report=False)
    stage.nova.flags(group="pci", report_in_placement=True)
    stage.nova.restart_compute_service("node")
    stage.sync()
    with pytest.raises((IndexError, PlacementError)):
        stage.claim(NOVAS, QAT)
