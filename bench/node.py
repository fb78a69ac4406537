"""A compute node whose devices can be changed between passes, and the kinds of passes over it."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pci_placement.agent import Agent, Pass, build
from pci_placement.model import DevType, PciAddress, PciDevice, Snapshot
from pci_placement.settings import ConfigPath, load

CONFIG = """
[placement]
auth_type = admin_token
endpoint = {url}
token = admin
[pci_placement]
root_provider_name = {name}
state_dir = {folder}
settle_time = 0
max_removals = 0
[pci]
alias = {{"name": "nic", "vendor_id": "8086", "product_id": "154c", "device_type": "type-VF"}}
alias = {{"name": "gpu", "vendor_id": "10de", "product_id": "20b0"}}
device_spec = {{"vendor_id": "8086", "product_id": "154c"}}
device_spec = {{"vendor_id": "10de", "product_id": "20b0"}}
"""
building = importlib.import_module("pci_placement.agent.build")

Shape = tuple[int, int, int]
"""How many PFs, VFs of each, and plain devices."""

T = TypeVar("T")


def card(number: int) -> PciAddress:
    return PciAddress(1, number, 0, 0)


def pf_with_vfs(number: int, vfs: int) -> Iterator[PciDevice]:
    pf = card(number)
    yield PciDevice(pf, "8086", "1572", "020000", DevType.PF, sriov_totalvfs=vfs)
    for vf in range(vfs):
        address = PciAddress(1, number, 1 + vf // 8, vf % 8)
        yield PciDevice(address, "8086", "154c", "020000", DevType.VF, parent_addr=pf)


def host(pfs: int, vfs: int, plain: int) -> tuple[PciDevice, ...]:
    cards = [device for number in range(pfs) for device in pf_with_vfs(number, vfs)]
    places = (divmod(number, 32) for number in range(plain))
    return (*cards, *(PciDevice(PciAddress(0, b, s, 0), "10de", "20b0") for b, s in places))


class Node:
    """One that reports to the Placement at an address."""

    def __init__(self, url: str, folder: Path, name: str = "node") -> None:
        folder.mkdir()
        self.folder = folder
        self.devices: tuple[PciDevice, ...] = ()
        self.file = folder / "zun.conf"
        self.file.write_text(CONFIG.format(url=url, folder=folder / "state", name=name))

    def agent(self) -> Agent:
        """A program that was started anew."""
        return build(load([ConfigPath(str(self.file))]))

    def sync(self, full: bool = False) -> Pass:
        """One pass."""
        made = self.agent().sync(full=full, force=True).made
        if not made or made.report.outcome.stopped:
            raise SystemExit(f"a pass came to nothing: {made}")
        return made

    def forget(self) -> None:
        """Lose all that is remembered."""
        for file in (self.folder / "state").iterdir():
            file.unlink()


def each_pass(node: Node, shape: Shape, make: Callable[[bool], T]) -> dict[str, T]:
    """What `make` says of each kind of pass over a host; it is told whether to read all anew."""
    pfs, vfs, plain = shape
    whole = host(*shape)
    node.devices = whole
    found = {"first": make(False), "quiet": make(False), "full": make(True)}
    node.forget()
    found["nothing remembered"] = make(False)
    if pfs and vfs > 1:
        node.devices = whole[:-1]
        found["a VF less"] = make(False)
        node.devices = whole
        found["a VF more"] = make(False)
    if pfs:
        node.devices = whole[: -1 - vfs]
        found["a PF and its VFs less"] = make(False)
    if plain:
        node.devices = whole[:-1]
        found["a card less"] = make(False)
    found["quiet again"] = make(False)
    return found


@contextmanager
def scanning(node: Node) -> Iterator[None]:
    """Let passes see the devices of a node instead of this machine's."""
    scan: Callable[[str], Snapshot] = building.scan
    building.scan = lambda _: Snapshot(tuple(sorted(node.devices, key=lambda d: d.address)))
    try:
        yield
    finally:
        building.scan = scan
