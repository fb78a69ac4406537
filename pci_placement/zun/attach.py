"""How the devices of a container get into it: what docker is told, by what each device is.

Values only. docker-py's words for it are those of its create_host_config.

Source: docker-py, docker/types/containers.py, HostConfig.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pci_placement.errors import PciPlacementError

VFIO_CONTROL = "/dev/vfio/vfio"
"""What every program opens first that uses VFIO."""

# Source: cloud-native-docs, container-toolkit/docker-specialized.md, GPU Enumeration.
GPU_VARIABLE = "NVIDIA_VISIBLE_DEVICES"
GPU_RUNTIME = "nvidia"
NO_GPU = "void"
"""As if there were no GPU: many images say `all`, which would be those of others."""

NETWORK_INTERFACE = (
    "{} is the network interface {}, which nobody moves into a container here: bind it to "
    "vfio-pci, or give the container a port of neutron instead"
)
HOST_DRIVER = "{} is bound to {}, which gives a container nothing to use: bind it to vfio-pci"
NO_DRIVER = "{} is bound to no driver, or gone: bind it to vfio-pci"
NO_GROUP = "{} is bound to {} and in no IOMMU group: boot with the IOMMU on (intel_iommu=on, say)"
UNKNOWN_GPU = "nvidia's driver does not tell which GPU {} is: see whether nvidia-smi finds it"
OTHER_RUNTIME = "a GPU needs the runtime nvidia, and the container is to run in {}"


class CannotAttach(PciPlacementError):
    """A device is not in a state in which a container could use it; the message has the cure."""


class Device(Protocol):
    """What is known of one device of a container; nodes are those of /dev that it needs."""

    @property
    def address(self) -> object:
        """As PCI addresses are written."""

    @property
    def driver(self) -> str | None:
        """The kernel's driver that has it."""

    @property
    def iommu_group(self) -> int | None:
        """Its IOMMU group."""

    @property
    def devname(self) -> str | None:
        """Its network interfaces, with commas between."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of /dev that a program needs."""

    @property
    def cdi(self) -> str | None:
        """What to ask a container runtime for that reads CDI documents."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a container is given: nodes of /dev, names of CDI, UUIDs of NVIDIA's GPUs."""

    nodes: tuple[str, ...] = ()
    cdi: tuple[str, ...] = ()
    gpus: tuple[str, ...] = ()

    def environment(self, before: Mapping[str, str] | None) -> dict[str, str]:
        """The container's variables: no user and no image chooses GPUs."""
        return {**(before or {}), GPU_VARIABLE: ",".join(self.gpus) or NO_GPU}

    def options(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of create_host_config. Raises CannotAttach for a runtime without GPUs."""
        after = dict(before)
        if self.nodes:
            nodes = [f"{node}:{node}:rwm" for node in self.nodes]
            after["devices"] = [*(before.get("devices") or ()), *nodes]
        if self.cdi:
            asked = {"Driver": "cdi", "DeviceIDs": list(self.cdi)}
            after["device_requests"] = [*(before.get("device_requests") or ()), asked]
        if self.gpus:
            after["runtime"] = _runtime(before.get("runtime"))
        return after

    def is_in(self, inspected: Mapping[str, Any]) -> bool:
        """Whether a container that docker describes has just this."""
        return self == attached(inspected)


def _runtime(asked: str | None) -> str:
    """The runtime that NVIDIA's variable is for; runc is what zun asks for by default."""
    if asked not in (None, "", "runc", GPU_RUNTIME):
        raise CannotAttach(OTHER_RUNTIME.format(asked))
    return GPU_RUNTIME


def attachment(
    devices: Iterable[Device], gpu_of: Callable[[str], str | None], with_cdi: bool
) -> Attachment:
    """What a container with these devices is given.

    gpu_of tells the UUID of the GPU at an address; with_cdi says that the runtime finds documents
    for the names of CDI. Raises CannotAttach with all devices that no container can use.
    """
    found, refused = Attachment(), []
    for device in devices:
        try:
            found = _joined(found, _of_one(device, gpu_of, with_cdi))
        except CannotAttach as error:
            refused.append(str(error))
    if refused:
        raise CannotAttach("; ".join(refused))
    return found


def _joined(one: Attachment, other: Attachment) -> Attachment:
    nodes = tuple(dict.fromkeys((*one.nodes, *other.nodes)))
    return Attachment(nodes, (*one.cdi, *other.cdi), (*one.gpus, *other.gpus))


def _of_one(device: Device, gpu_of: Callable[[str], str | None], with_cdi: bool) -> Attachment:
    address, driver = str(device.address), device.driver
    if driver is None:
        raise CannotAttach(NO_DRIVER.format(address))
    if driver.replace("_", "-").endswith("vfio-pci"):
        return Attachment(nodes=_vfio(address, driver, device.iommu_group))
    if driver == "nvidia":
        return Attachment(gpus=(_gpu(address, gpu_of),))
    if device.devname:
        raise CannotAttach(NETWORK_INTERFACE.format(address, device.devname))
    if not device.nodes:
        raise CannotAttach(HOST_DRIVER.format(address, driver))
    return Attachment(cdi=(device.cdi,)) if with_cdi and device.cdi else Attachment(device.nodes)


def _vfio(address: str, driver: str, group: int | None) -> tuple[str, ...]:
    if group is None:
        raise CannotAttach(NO_GROUP.format(address, driver))
    return VFIO_CONTROL, f"/dev/vfio/{group}"


def _gpu(address: str, gpu_of: Callable[[str], str | None]) -> str:
    found = gpu_of(address)
    if not found:
        raise CannotAttach(UNKNOWN_GPU.format(address))
    return found


def attached(inspected: Mapping[str, Any]) -> Attachment:
    """What a container has that docker describes, as its API does.

    Source: moby, api/swagger.yaml, HostConfig.
    """
    host = inspected.get("HostConfig") or {}
    nodes = tuple(each["PathOnHost"] for each in host.get("Devices") or ())
    requests = [each for each in host.get("DeviceRequests") or () if each.get("Driver") == "cdi"]
    cdi = tuple(name for each in requests for name in each.get("DeviceIDs") or ())
    return Attachment(nodes, cdi, tuple(_gpus((inspected.get("Config") or {}).get("Env") or ())))


def _gpus(environment: Sequence[str]) -> Iterator[str]:
    for line in environment:
        name, _, value = line.partition("=")
        if name == GPU_VARIABLE and value != NO_GPU:
            yield from filter(None, value.split(","))
