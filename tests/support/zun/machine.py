"""A compute node on which containers are given devices: ours and zun's, over one /sys."""

from __future__ import annotations

from pci_placement.agent import build
from pci_placement.settings import ConfigPath, load
from support import hosts
from support.cloud import NIC_CARD, QAT_CARD
from support.command import by_token

from .cloud import SCHEDULER
from .docker import PciDocker
from .stage import create

SECOND = "0000:3c:00.0"
BOUND = {**QAT_CARD, "driver": "vfio-pci"}
TWO = (BOUND, {**BOUND, "address": SECOND})
BOUND_NIC = {**NIC_CARD, "vfs": {**NIC_CARD["vfs"], "driver": "vfio-pci", "net": False}}
GPU_UUID = "GPU-5a0d6a3c-6c61-4c3c-9d6e-0c9a3f1d7b11"


class Machine:
    """A compute node: its /sys, its daemon, zun-compute with our driver, and our agent."""

    def __init__(self, stage, folder, docker, lists: str, lines) -> None:
        self.folder, self.docker = folder, docker
        self.sysfs = folder / "sys"
        self.groups: dict[str, int] = {}
        self.become(*lines)
        self.text = lists + (
            f"[pci_placement]\nroot_provider_name = node\nstate_dir = {folder}/state\n"
            f"[placement]\n{by_token(stage.placement_url)}\n"
        )
        self.stage = stage.open(self.text + SCHEDULER)
        self.zun = self.stage.zun
        self.node = self.zun.node("node", PciDocker())
        self.sync()

    def become(self, *lines: dict) -> None:
        """Have these devices, each in an IOMMU group of its own."""
        if self.sysfs.exists():
            self.sysfs.rename(self.folder / f"sys{len(list(self.folder.iterdir()))}")
        host = hosts.snapshot(list(lines))
        hosts.write_tree(self.sysfs, host)
        for number, device in enumerate(host.devices, 10):
            group = self.groups.setdefault(str(device.address), number)
            folder = self.sysfs / f"kernel/iommu_groups/{group}"
            folder.mkdir(parents=True, exist_ok=True)
            link = self.sysfs / f"bus/pci/devices/{device.address}/iommu_group"
            link.symlink_to(folder)

    def sync(self) -> None:
        """A pass of our agent."""
        settings = load([ConfigPath(str(self.zun.file))])
        build(settings, sysfs=str(self.sysfs)).sync()

    def nodes(self) -> list[list[str]]:
        """The nodes of /dev that each container has."""
        return [
            [each["PathOnHost"] for each in one["HostConfig"].get("Devices") or ()]
            for one in self.docker.has
        ]

    def group(self, address: str) -> list[str]:
        return ["/dev/vfio/vfio", f"/dev/vfio/{self.groups[address]}"]

    def call(self, method: str, uuid: str, *more) -> object:
        """Something that zun-compute is told to do, in this thread."""
        container = self.zun.show(uuid)
        return getattr(self.node.manager, method)(self.node.context, container, *more)


def variable(machine) -> list[str]:
    """What each container is told of GPUs."""
    return [
        line.partition("=")[2]
        for one in machine.docker.has
        for line in one["Config"]["Env"]
        if line.startswith("NVIDIA_VISIBLE_DEVICES=")
    ]


def made(node: Machine, pci: object, **more) -> str:
    """A container that its node could make."""
    uuid = create(node.stage, pci, **more)
    container = node.zun.show(uuid)
    assert container.status == "Created", container.status_reason
    return uuid
