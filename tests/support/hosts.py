"""Hosts written down in a few words: as a snapshot, and as a /sys tree as kernels show it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from pci_placement.model import DevType, PciAddress, PciDevice, Snapshot, Unreadable

NO_PHYSFN = "physfn: Invalid argument"
"""Why a VF is unreadable whose `physfn` is there and no link."""


def snapshot(lines: list[dict]) -> Snapshot:
    """Build a snapshot from the `host` part of a scenario."""
    devices = [d for line in lines if not line.get("unreadable") for d in _devices(line)]
    unreadable = [d for line in lines if line.get("unreadable") for d in _devices(line)]
    return Snapshot(
        tuple(sorted(devices, key=lambda device: device.address)),
        {vf.address: Unreadable(NO_PHYSFN, vf.parent_addr) for vf in unreadable},
        {PciAddress.parse(line["address"]): line["in_use"] for line in lines if "in_use" in line},
    )


def _devices(line: dict) -> Iterator[PciDevice]:
    vendor_id, _, product_id = line["id"].partition(":")
    address = PciAddress.parse(line["address"])
    totalvfs = line.get("totalvfs", 0)
    parent = line.get("physfn")
    yield PciDevice(
        address=address,
        vendor_id=vendor_id,
        product_id=product_id,
        class_code=line.get("class", "0b4000"),
        dev_type=DevType.VF if parent else DevType.PF if totalvfs else DevType.PCI,
        parent_addr=PciAddress.parse(parent) if parent else None,
        devnames=tuple(sorted(line.get("net", []))),
        numa_node=line.get("numa"),
        driver=line.get("driver"),
        sriov_totalvfs=totalvfs,
        sriov_vf_device=line.get("vf_device"),
    )
    vfs = line.get("vfs", {})
    for number in range(vfs.get("count", 0)):
        yield PciDevice(
            address=_later(PciAddress.parse(vfs["first"]), number * vfs.get("step", 1)),
            vendor_id=vendor_id,
            product_id=line["vf_device"],
            class_code=line.get("class", "0b4000"),
            dev_type=DevType.VF,
            parent_addr=address,
            devnames=(f"{line['net'][0]}v{number}",) if vfs.get("net") else (),
            numa_node=line.get("numa"),
            driver=vfs.get("driver"),
        )


def _later(address: PciAddress, steps: int) -> PciAddress:
    bus, rest = divmod((address.bus << 8 | address.slot << 3 | address.function) + steps, 256)
    return PciAddress(address.domain, bus, rest >> 3, rest & 7)


def write_tree(root: Path, host: Snapshot) -> Path:
    """Write a snapshot as a /sys tree, links relative as the kernel makes them."""
    (root / "bus/pci/devices").mkdir(parents=True)
    (root / "class/net").mkdir(parents=True)
    for device in host.devices:
        add_device(root, device)
    for address in host.unreadable:
        folder = _folder(root, address)
        folder.mkdir(parents=True)
        (folder / "physfn").write_text("")
        _list(root, address)
    _write_virtfns(root, host)
    return root


def _write_virtfns(root: Path, host: Snapshot) -> None:
    """Let each PF name its VFs, those that cannot be read included."""
    parents = {device.address: device.parent_addr for device in host.devices}
    parents |= {address: found.parent_addr for address, found in host.unreadable.items()}
    for number, (vf, pf) in enumerate(sorted((vf, pf) for vf, pf in parents.items() if pf)):
        folder = root / f"bus/pci/devices/{pf}"
        if folder.exists():
            (folder / f"virtfn{number}").symlink_to(f"../{vf}")


def change_tree(root: Path, before: Snapshot, after: Snapshot) -> None:
    """Take away and add what differs, function by function, as a kernel does it."""
    for device in reversed(before.devices):
        if device not in after.devices:
            remove_device(root, device)
    for device in after.devices:
        if device not in before.devices:
            add_device(root, device)


def _folder(root: Path, address: PciAddress) -> Path:
    return root / f"devices/pci{address.domain:04x}:00/{address}"


def _list(root: Path, address: PciAddress) -> None:
    """Put a function on the bus."""
    folder = _folder(root, address).relative_to(root)
    (root / f"bus/pci/devices/{address}").symlink_to(f"../../../{folder}")


def remove_device(root: Path, device: PciDevice) -> None:
    """Take a function off the bus; its name goes before its attributes do."""
    (root / f"bus/pci/devices/{device.address}").unlink()
    for name in device.devnames:
        (root / "class/net" / name).unlink()
    shutil.rmtree(_folder(root, device.address))


def add_device(root: Path, device: PciDevice) -> None:
    """Put a function on the bus; its name appears when its attributes are there."""
    folder = _folder(root, device.address)
    folder.mkdir(parents=True)
    (folder / "uevent").write_text(_uevent(device))
    (folder / "numa_node").write_text(f"{-1 if device.numa_node is None else device.numa_node}\n")
    if device.dev_type is DevType.PF:
        (folder / "sriov_totalvfs").write_text(f"{device.sriov_totalvfs}\n")
        if device.sriov_vf_device:
            (folder / "sriov_vf_device").write_text(f"{device.sriov_vf_device}\n")
    if device.parent_addr:
        (folder / "physfn").symlink_to(f"../{device.parent_addr}")
    for name in device.devnames:
        (folder / "net" / name).mkdir(parents=True)
        target = (folder / "net" / name).relative_to(root)
        (root / "class/net" / name).symlink_to(f"../../{target}")
    _list(root, device.address)


def _uevent(device: PciDevice) -> str:
    driver = f"DRIVER={device.driver}\n" if device.driver else ""
    ids = f"{device.vendor_id}:{device.product_id}".upper()
    return (
        f"{driver}PCI_CLASS={int(device.class_code, 16):X}\nPCI_ID={ids}\n"
        f"PCI_SLOT_NAME={device.address}\n"
    )
