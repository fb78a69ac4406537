"""How many requests a pass sends, by the log of a real Placement.

Usage: python bench/sent.py [--list]      (--list: each request, by method and path)

Hosts of P PFs with V VFs each and D plain devices. N is the number of our providers.
"""

import collections
import re
import sys
import tempfile
from pathlib import Path

from node import Node, each_pass, scanning

from pci_placement.embedded import EmbeddedPlacement

SHAPES = ((1, 1, 0), (8, 16, 0), (16, 64, 0), (0, 0, 64), (0, 0, 256))
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}")


def requests_of(server: EmbeddedPlacement, node: Node, full: bool) -> list[str]:
    """The requests of one pass."""
    seen = len(server.requests)
    node.sync(full)
    return [f"{r.method} {_UUID.sub('UUID', r.path)}" for r in server.requests[seen:]]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, EmbeddedPlacement(Path(folder)) as server:
        for number, shape in enumerate(SHAPES):
            server.reset()
            server.create_compute_node("node")
            node = Node(server.url, Path(folder, str(number)))
            with scanning(node):
                found = each_pass(node, shape, lambda full, n=node: requests_of(server, n, full))
            pfs, vfs, plain = shape
            title = f"{pfs} x {vfs}" if pfs else f"{plain} plain"
            print(f"{title}: N = {2 * pfs + plain}")
            for kind, requests in found.items():
                print(f"    {kind:<22} {len(requests):>5}")
                if "--list" in sys.argv:
                    for request, times in collections.Counter(requests).items():
                        print(f"        {times:>5} {request}")


main()
