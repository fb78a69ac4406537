"""How many requests a pass sends, and what remembering the last one saves.

Usage: python bench/passes.py [DEVICES …]      (default: 8 64 256)

For a host with that many plain devices: the first pass, an unchanged pass that remembers the last
one, and the same with --full, on a real Placement; and the ratio of the last two.
"""

import sys
import tempfile
from pathlib import Path

from keystoneauth1 import adapter, session, token_endpoint

from pci_placement.embedded import EmbeddedPlacement
from pci_placement.model import LastPass, PciAddress, PciDevice, Snapshot
from pci_placement.placement import Client
from pci_placement.settings import ConfigPath, Settings, load
from pci_placement.sync import PassReport, Reconciler

CONFIG = """
[pci_placement]
root_provider_name = node
[pci]
alias = {"name": "gpu", "vendor_id": "10de", "product_id": "20b0"}
device_spec = {"vendor_id": "10de"}
"""


def host(devices: int) -> Snapshot:
    places = [divmod(number, 32) for number in range(devices)]
    return Snapshot(
        tuple(PciDevice(PciAddress(0, bus, slot, 0), "10de", "20b0") for bus, slot in places)
    )


def one_pass(
    server: EmbeddedPlacement, settings: Settings, devices: int, last_pass: LastPass
) -> tuple[int, PassReport]:
    auth = token_endpoint.Token(server.url, "admin")
    client = Client(adapter.Adapter(session.Session(auth), service_type="placement"))
    scan = host(devices)
    report = Reconciler(settings, lambda: scan, client, lambda _: None).run_once(last_pass)
    return client.sent, report


def main() -> None:
    print(f"{'devices':>8} {'first pass':>11} {'unchanged':>10} {'--full':>7} {'ratio':>7}")
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPlacement(Path(folder)) as server,
    ):
        file = Path(folder, "zun.conf")
        file.write_text(CONFIG)
        settings = load([ConfigPath(str(file))])
        for devices in [int(argument) for argument in sys.argv[1:]] or [8, 64, 256]:
            server.reset()
            server.create_compute_node("node")
            first, report = one_pass(server, settings, devices, LastPass())
            again, _ = one_pass(server, settings, devices, report.last_pass)
            full, _ = one_pass(server, settings, devices, LastPass())
            print(f"{devices:>8} {first:>11} {again:>10} {full:>7} {full / again:>7.1f}")


main()
