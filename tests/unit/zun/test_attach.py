"""What docker is told of a container's devices, by what each of them is."""

from dataclasses import dataclass

import pytest

from pci_placement.zun.attach import Attachment, CannotAttach, attached, attachment

ADDRESS = "0000:3b:00.0"
VFIO = ("/dev/vfio/vfio", "/dev/vfio/12")
GPU = "GPU-5a0d6a3c-6c61-4c3c-9d6e-0c9a3f1d7b11"


@dataclass(frozen=True)
class Known:
    """A device as the record of claims tells of it."""

    driver: str | None
    address: str = ADDRESS
    iommu_group: int | None = 12
    devname: str | None = None
    nodes: tuple[str, ...] = ()
    cdi: str | None = None


DRI = Known("i915", nodes=("/dev/dri/card1",), cdi="pci-placement.org/pci=0000:3b:00.0")


def given(*devices: Known, gpu: str | None = GPU, with_cdi: bool = False) -> Attachment:
    return attachment(devices, lambda _: gpu, with_cdi)


def test_without_devices_nothing_is_given():
    assert given() == Attachment()
    assert Attachment().options({"runtime": "runc", "privileged": False}) == {
        "runtime": "runc",
        "privileged": False,
    }


@pytest.mark.parametrize("driver", ["vfio-pci", "mlx5_vfio_pci"])
def test_vfio_is_the_group_and_the_control_node(driver):
    assert given(Known(driver)) == Attachment(nodes=VFIO)


def test_the_control_node_is_given_once():
    two = given(Known("vfio-pci"), Known("vfio-pci", "0000:3c:00.0", 13))
    assert two.nodes == (*VFIO, "/dev/vfio/13")


def test_a_network_card_at_vfio_is_a_device_as_any():
    assert given(Known("vfio-pci", devname="")) == Attachment(nodes=VFIO)


def test_what_its_driver_made_is_given_by_cdi_where_there_are_documents():
    assert given(DRI, with_cdi=True) == Attachment(cdi=(DRI.cdi,))
    assert given(DRI) == Attachment(nodes=DRI.nodes)


def test_a_gpu_of_nvidia_is_named_by_its_uuid():
    assert given(Known("nvidia")) == Attachment(gpus=(GPU,))


@pytest.mark.parametrize(
    ("device", "told"),
    [
        (Known(None), "bound to no driver, or gone: bind it to vfio-pci"),
        (Known("c6xx"), "is bound to c6xx, which gives a container nothing to use: bind it to"),
        (Known("iavf", devname="ens1f0v0"), "is the network interface ens1f0v0"),
        (Known("vfio-pci", iommu_group=None), "in no IOMMU group"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_cure(device, told):
    with pytest.raises(CannotAttach, match=told) as refused:
        given(device)
    assert ADDRESS in str(refused.value)


def test_a_gpu_that_nobody_knows_is_refused_and_never_all():
    with pytest.raises(CannotAttach, match=f"which GPU {ADDRESS} is"):
        given(Known("nvidia"), gpu=None)


def test_all_that_cannot_be_used_is_told_at_once():
    with pytest.raises(CannotAttach, match=r"c6xx.*; .*no driver"):
        given(Known("c6xx"), Known("vfio-pci"), Known(None))


def test_options_of_zun_stay():
    before = {"devices": ["/dev/fuse"], "runtime": "runc", "binds": {}, "privileged": False}
    after = Attachment(VFIO, ("kind=name",)).options(before)
    assert after == {
        **before,
        "devices": ["/dev/fuse", *(f"{node}:{node}:rwm" for node in VFIO)],
        "device_requests": [{"Driver": "cdi", "DeviceIDs": ["kind=name"]}],
    }


@pytest.mark.parametrize("runtime", [None, "", "runc", "nvidia"])
def test_a_gpu_needs_its_runtime(runtime):
    assert Attachment(gpus=(GPU,)).options({"runtime": runtime}) == {"runtime": "nvidia"}


def test_a_gpu_and_another_runtime_are_refused():
    with pytest.raises(CannotAttach, match="is to run in kata"):
        Attachment(gpus=(GPU,)).options({"runtime": "kata"})


@pytest.mark.parametrize("before", [None, {}, {"NVIDIA_VISIBLE_DEVICES": "all"}])
@pytest.mark.parametrize(("gpus", "visible"), [((), "void"), ((GPU, "GPU-2"), f"{GPU},GPU-2")])
def test_no_image_and_no_user_chooses_gpus(before, gpus, visible):
    found = Attachment(gpus=gpus).environment(before)
    assert found == {"NVIDIA_VISIBLE_DEVICES": visible}


def test_what_a_container_has_is_read_from_dockers_description():
    whole = Attachment(VFIO, ("kind=name",), (GPU,))
    described = {
        "HostConfig": {
            "Devices": [{"PathOnHost": node, "PathInContainer": node} for node in VFIO],
            "DeviceRequests": [
                {"Driver": "cdi", "DeviceIDs": ["kind=name"]},
                {"Driver": "nvidia", "Count": -1},
            ],
        },
        "Config": {"Env": ["PATH=/bin", f"NVIDIA_VISIBLE_DEVICES={GPU}"]},
    }
    assert attached(described) == whole
    assert whole.is_in(described)
    assert not Attachment(VFIO).is_in(described)


@pytest.mark.parametrize(
    "described",
    [
        {},
        {"HostConfig": {"Devices": None, "DeviceRequests": None}, "Config": {"Env": None}},
        {"Config": {"Env": ["NVIDIA_VISIBLE_DEVICES=void"]}},
    ],
)
def test_a_container_without_devices_has_none(described):
    assert Attachment().is_in(described)
