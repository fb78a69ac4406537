"""How many requests a pass sends, by the log of a real Placement.

Usage: python bench/sent.py [--list]      (--list: each request, by method and path)

Hosts of P PFs with V VFs each and D plain devices. N is the number of our providers.
"""

import collections
import importlib
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pci_placement.agent import Agent, build
from pci_placement.embedded import EmbeddedPlacement
from pci_placement.model import DevType, PciAddress, PciDevice, Snapshot
from pci_placement.settings import ConfigPath, load

CONFIG = """
[placement]
auth_type = admin_token
endpoint = {url}
token = admin
[pci_placement]
root_provider_name = node
state_dir = {folder}
settle_time = 0
max_removals = 0
[pci]
alias = {{"name": "nic", "vendor_id": "8086", "product_id": "154c", "device_type": "type-VF"}}
alias = {{"name": "gpu", "vendor_id": "10de", "product_id": "20b0"}}
device_spec = {{"vendor_id": "8086", "product_id": "154c"}}
device_spec = {{"vendor_id": "10de", "product_id": "20b0"}}
"""
SHAPES = ((1, 1, 0), (8, 16, 0), (16, 64, 0), (0, 0, 64), (0, 0, 256))
building = importlib.import_module("pci_placement.agent.build")
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}")


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
    """A compute node whose devices can be changed between passes."""

    def __init__(self, server: EmbeddedPlacement, folder: str) -> None:
        self.server, self.folder = server, Path(folder)
        self.devices: tuple[PciDevice, ...] = ()
        self.file = self.folder / "zun.conf"
        self.file.write_text(CONFIG.format(url=server.url, folder=self.folder / "state"))

    def agent(self) -> Agent:
        """A program that was started anew."""
        return build(load([ConfigPath(str(self.file))]))

    def sync(self, full: bool = False) -> list[str]:
        """The requests of one pass."""
        seen = len(self.server.requests)
        answer = self.agent().sync(full=full, force=True)
        if not answer.made or answer.made.report.outcome.stopped:
            raise SystemExit(f"a pass came to nothing: {answer}")
        asked = self.server.requests[seen:]
        return [f"{r.method} {_UUID.sub('UUID', r.path)}" for r in asked]

    def forget(self) -> None:
        """Lose all that is remembered."""
        for file in (self.folder / "state").iterdir():
            file.unlink()


def measure(node: Node, shape: tuple[int, int, int]) -> dict[str, list[str]]:
    """The requests of each kind of pass over a host."""
    pfs, vfs, plain = shape
    whole = host(*shape)
    node.devices = whole
    found = {"first": node.sync(), "quiet": node.sync(), "full": node.sync(full=True)}
    node.forget()
    found["nothing remembered"] = node.sync()
    if pfs:
        node.devices = whole[:-1] if vfs > 1 else whole
        found["a VF less"] = node.sync()
        node.devices = whole[: -1 - vfs]
        found["a PF and its VFs less"] = node.sync()
    if plain:
        node.devices = whole[:-1]
        found["a card less"] = node.sync()
    found["quiet again"] = node.sync()
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


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, EmbeddedPlacement(Path(folder)) as server:
        for number, shape in enumerate(SHAPES):
            server.reset()
            server.create_compute_node("node")
            state = Path(folder, str(number))
            state.mkdir()
            node = Node(server, str(state))
            with scanning(node):
                found = measure(node, shape)
            pfs, vfs, plain = shape
            title = f"{pfs} x {vfs}" if pfs else f"{plain} plain"
            print(f"{title}: N = {2 * pfs + plain}")
            for kind, requests in found.items():
                print(f"    {kind:<22} {len(requests):>5}")
                if "--list" in sys.argv:
                    for request, times in collections.Counter(requests).items():
                        print(f"        {times:>5} {request}")


main()
