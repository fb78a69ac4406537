"""`topology` over a real Placement: what is used, drained and free there is drawn."""

from xml.etree import ElementTree

import pytest
from support.cloud import CARD, PLAIN, VFS

from pci_placement.cli.topology import CAPTURE_IS_ELSEWHERE, RENDERERS
from pci_placement.topology.make import BUS_NOT_KNOWN, NOT_TOLD, WHICH_IS_NOT_KNOWN
from pci_placement.topology.text import SIGNS

NIC = "CUSTOM_PCI_NIC"


@pytest.fixture
def _in_use(run, real):
    """A host that is synced: two of four VFs are claimed, and the plain device is drained."""
    assert run("sync").code == 0
    real.claim("alice", {VFS: {NIC: 2}})
    assert run(f"device drain {PLAIN}").code == 0


@pytest.mark.usefixtures("_in_use")
def test_what_placement_says_is_drawn(run):
    done = run("topology")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert "      ##.." in lines
    assert any(line.startswith("      / device") for line in lines)
    assert " ".join(WHICH_IS_NOT_KNOWN.split()[:8]) in done.out


def test_without_placement_it_draws_and_says_so(run):
    done = run("topology", section="auth_type = none\nendpoint_override = http://127.0.0.1:9")
    assert done.code == 0
    assert "what is used is not known" in done.err
    assert NOT_TOLD in " ".join(done.out.split())
    assert SIGNS["offered"] * 4 in done.out
    assert not set("#/") & {line.strip()[:1] for line in done.out.splitlines()}


@pytest.mark.usefixtures("_in_use")
@pytest.mark.parametrize("kind", RENDERERS)
def test_every_format_has_the_cards_and_writes_nothing(run, placement, kind):
    placement.requests.clear()
    done = run(f"topology --format {kind}")
    assert (done.code, done.err) == (0, "")
    assert all(word in done.out for word in (CARD, PLAIN, NIC, "2 free, 2 used"))
    assert {request.method for request in placement.requests} == {"GET"}


@pytest.mark.usefixtures("_in_use")
def test_the_svg_is_one(run):
    root = ElementTree.fromstring(run("topology --format svg").out)  # noqa: S314  our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_an_unknown_format_is_a_usage_error(run):
    assert run("topology --format png").code == 2


@pytest.mark.usefixtures("_in_use")
def test_a_capture_is_drawn_by_what_its_host_printed(run, placement, tmp_path):
    capture, printed = tmp_path / "node-2", tmp_path / "providers.json"
    assert run("host capture", capture).code == 0
    printed.write_text(run("provider list -f json").out)
    placement.requests.clear()
    done = run(f"topology --observed {printed}", sysfs=capture)
    assert (done.code, done.err, placement.requests) == (0, "", [])
    assert "      ##.." in done.out.splitlines()
    assert "out of service" in done.out


EXCLUSIVE = """
[pci]
device_spec = {"vendor_id": "8086", "product_id": "10c9"}
device_spec = {"vendor_id": "8086", "product_id": "10ca"}
"""


@pytest.mark.parametrize("held", [{"CUSTOM_PCI_8086_10CA": 1}, {"CUSTOM_PCI_8086_10C9": 1}])
def test_what_slots_do_not_suffice_for_is_not_free_there_either(run, real, tmp_path, held):
    here = {"lists": EXCLUSIVE, "pf_vf_exclusive": "true"}
    assert run("sync", **here).code == 0
    slots = 65536 if "CUSTOM_PCI_8086_10C9" in held else 1
    real.claim("alice", {CARD: {**held, "CUSTOM_PCI_SLOT": slots}})
    printed = tmp_path / "providers.json"
    printed.write_text(run("provider list -f json", **here).out)
    seen, drawn = run("topology", **here).out, run(f"topology --observed {printed}", **here).out
    assert seen == drawn


def test_a_file_that_is_no_list_of_providers_is_a_usage_error(run, tmp_path):
    (tmp_path / "x").write_text("[]x")
    assert run(f"topology --observed {tmp_path / 'x'}").code == 2
    assert run("topology --observed nowhere").code == 2


@pytest.mark.usefixtures("_in_use")
def test_of_a_capture_placement_is_not_asked(run, placement, tmp_path):
    """It may be of another host, whose devices have the same addresses."""
    capture = tmp_path / "node-2"
    assert run("host capture", capture).code == 0
    placement.requests.clear()
    done = run("topology", sysfs=capture)
    assert (done.code, placement.requests) == (0, [])
    assert done.err == f"{CAPTURE_IS_ELSEWHERE.format(capture)}\n"
    assert BUS_NOT_KNOWN in done.out
