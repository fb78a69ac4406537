"""Machines made of files: /sys, /proc and /dev, as Linux shows them."""

import os
from pathlib import Path

from pci_placement.discovery.raw import RawHost, Running, read_tree
from pci_placement.model import PciAddress

V4_TITLE = (
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   \n"
)
SWAP_TITLE = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
ANY_V6 = "0" * 32


class Machine:
    """A machine made of files below one folder; a device is its path below /sys/devices.

    sysfs is a captured tree in place of one made here.
    """

    def __init__(self, folder: Path, sysfs: Path | None = None) -> None:
        self.sys, self.proc, self.dev = sysfs or folder / "sys", folder / "proc", folder / "dev"
        self.udev = folder / "udev"
        for made in (self.sys / "bus/pci/devices", self.proc / "self/net", self.dev):
            made.mkdir(parents=True, exist_ok=True)

    def link(self, where: str, target: str) -> None:
        """A link below /sys, relative as the kernel makes them."""
        path = self.sys / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(os.path.relpath(self.sys / target, path.parent))

    def device(self, path: str) -> Path:
        """A device, and the PCI functions above it."""
        folder = self.sys / "devices" / path
        folder.mkdir(parents=True, exist_ok=True)
        for above in (folder, *folder.parents):
            listed = self.sys / "bus/pci/devices" / above.name
            if above.name.count(":") == 2 and "." in above.name and not listed.is_symlink():
                self.link(f"bus/pci/devices/{above.name}", str(above.relative_to(self.sys)))
        return folder

    def net(self, path: str, **below: str) -> None:
        """A network interface; `lower` and `ports` name what it rests on."""
        folder = self.device(path)
        self.link(f"class/net/{folder.name}", f"devices/{path}")
        if "virtual/" not in path:
            self.link(f"devices/{path}/device", str(folder.parent.parent.relative_to(self.sys)))
        for name in below.get("lower", "").split():
            self.link(f"devices/{path}/lower_{name}", f"class/net/{name}")
        for name in below.get("ports", "").split():
            self.link(f"devices/{path}/brif/{name}", f"class/net/{name}/brport")

    def block(self, number: str, path: str, slaves: str = "") -> None:
        """A block device or a partition of one; `slaves` names what it rests on."""
        folder = self.device(path)
        self.link(f"class/block/{folder.name}", f"devices/{path}")
        self.link(f"dev/block/{number}", f"devices/{path}")
        (folder / "dev").write_text(f"{number}\n")
        if (folder.parent / "dev").exists():
            (folder / "partition").write_text("1\n")
        for name in slaves.split():
            self.link(f"devices/{path}/slaves/{name}", f"class/block/{name}")

    def v4(
        self, interface: str, network="00000000", flags="0003", mask="00000000", process="self"
    ) -> None:
        self._add(
            f"{process}/net/route",
            f"{interface}\t{network}\t010200C0\t{flags}\t0\t0\t0\t{mask}\t0\t0\t0      \n",
            V4_TITLE,
        )

    def v6(self, interface: str, network=ANY_V6, length="00", flags="00000003") -> None:
        self._add(
            "self/net/ipv6_route",
            f"{network} {length} {ANY_V6} 00 fe80{'0' * 27}1 00000400 00000002 00000000 {flags}"
            f" {interface:>8}\n",
        )

    def mount(self, number: str, where: str = "/", source: str = "/dev/root", **more: str) -> None:
        line = (
            f"27 1 {number} / {where} rw,relatime {more.get('tags', '')}- {more.get('fs', 'ext4')} "
        )
        options = more.get("options", "rw,discard")
        self._add(f"{more.get('process', 'self')}/mountinfo", f"{line}{source} {options}\n")

    def own_pids(self, number: int) -> None:
        """The number of the namespace of process ids that this process is in."""
        (self.proc / "self/ns").mkdir()
        (self.proc / "self/ns/pid").symlink_to(f"pid:[{number}]")

    def virtio(self, path: str, kind: str, **attributes: str) -> None:
        """A virtio device below a PCI function; kind is the number of what it is."""
        folder = self.device(path)
        self.link(f"bus/virtio/devices/{folder.name}", f"devices/{path}")
        for name, value in {"device": f"{kind}\n", **attributes}.items():
            (folder / name).write_text(value)

    def share(self, number: str, device: str, tag: str) -> None:
        """What a kernel that tells tags of virtiofs shows of one."""
        self.link(f"fs/virtiofs/{number}/device", f"devices/{device}")
        (self.sys / "fs/virtiofs" / number / "tag").write_text(f"{tag}\n")

    def swap(self, name: str, kind: str = "partition") -> None:
        self._add("swaps", f"{name:<39} {kind}\t8388604\t\t0\t\t-2\n", SWAP_TITLE)

    def _add(self, name: str, line: str, title: str = "") -> None:
        path = self.proc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text() if path.exists() else title
        path.write_text(before + line)

    def raw(self) -> RawHost:
        """Give what stage one of discovery reads."""
        return read_tree(self.sys, Running(*map(str, (self.proc, self.dev, self.udev))))

    def read(self) -> dict:
        return {PciAddress(*found): reason for found, reason in self.raw().in_use.items()}

    def used(self) -> set[str]:
        return {str(found) for found in self.read()}
