import pytest
from jsonschema import ValidationError
from support.build import address, device
from support.cdi import valid

from pci_placement.claims.answer import ClaimedDevice
from pci_placement.claims.cdi import document, qualified
from pci_placement.claims.nodes import nodes_of

GROUP = ("/dev/vfio/vfio", "/dev/vfio/7")


def claimed(*nodes: str, at: str = "0000:3b:00.0") -> ClaimedDevice:
    here = address(at)
    ids = ("8086", "0443")
    facts = (None, None, None)
    return ClaimedDevice("bob", here, "node", "CUSTOM_X", *ids, *facts, qualified(here), nodes)


def test_a_document_is_what_a_runtime_takes():
    made = valid(document([claimed(*GROUP), claimed("/dev/dri/card0", at="0000:81:10.7")]))
    assert made["kind"] == "pci-placement.org/pci"
    assert [d["name"] for d in made["devices"]] == ["0000:3b:00.0", "0000:81:10.7"]
    assert made["devices"][0]["containerEdits"] == {
        "deviceNodes": [{"path": path, "permissions": "rw"} for path in GROUP]
    }


def test_what_needs_nothing_is_in_none():
    assert document([claimed()])["devices"] == []


def test_the_rule_of_these_tests_refuses_what_a_runtime_refuses():
    made = document([claimed(*GROUP)])
    for wrong in (
        {**made, "devices": []},
        {**made, "kind": "pci"},
        {**made, "devices": [{"name": "-x", "containerEdits": {}}]},
        {**made, "devices": [{"name": "x", "containerEdits": {}}]},
    ):
        with pytest.raises(ValidationError):
            valid(wrong)


@pytest.mark.parametrize("driver", ["vfio-pci", "mlx5_vfio_pci", "nvgrace-gpu-vfio-pci"])
def test_a_driver_that_hands_a_device_on_has_its_group(driver):
    assert nodes_of(device(driver=driver, iommu_group=7)) == GROUP
    assert nodes_of(device(driver=driver)) == ()


def test_of_another_driver_it_is_what_the_driver_made():
    assert nodes_of(device(driver="i915"), ["/dev/dri/card0"]) == ("/dev/dri/card0",)
    assert nodes_of(device(driver="ixgbe")) == ()
    assert nodes_of(device()) == ()


def test_of_the_driver_of_nvidia_nobody_is_sure():
    assert nodes_of(device(driver="nvidia"), ["/dev/dri/card0"]) == ()
