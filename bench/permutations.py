"""What a request for several devices costs Placement, by layout: one provider a device, or pools.

Usage: python bench/permutations.py [NODES …]      (default: 1 10)

Prints milliseconds and candidates for 1 to 6 of 8 devices of one kind on each node, both layouts on
the same real Placement in the same run, and their ratio; all devices are asked for in one query. A
layout whose request took more than TOO_LONG seconds is not asked for more devices.
"""

import sys
import time

from wide import ALIAS, DEVICES, host, placement, report

from pci_placement.embedded import EmbeddedPlacement
from pci_placement.mapping.request import MICROVERSION, parse_usage, query, translate
from pci_placement.model import Pooling
from pci_placement.placement import Client

MOST, TOO_LONG = 6, 5.0


def report_nodes(server: EmbeddedPlacement, client: Client, nodes: int, pooling: Pooling) -> None:
    server.reset()
    tree = host(pooling)
    for number in range(nodes):
        report(server, client, f"node{number}", tree)


def ask(client: Client, count: int) -> tuple[float, int]:
    groups = translate(parse_usage(f"gpu:{count}"), [ALIAS])
    before = time.perf_counter()
    found = client.allocation_candidates(query(groups), MICROVERSION)
    return time.perf_counter() - before, len(found)


def measure(server: EmbeddedPlacement, client: Client, nodes: int, pooling: Pooling) -> dict:
    report_nodes(server, client, nodes, pooling)
    results = {}
    for count in range(1, MOST + 1):
        results[count] = ask(client, count)
        if results[count][0] > TOO_LONG:
            break
    return results


def show(nodes: int, single: dict, pooled: dict) -> None:
    print(f"\n{nodes} nodes with {DEVICES} devices each, on two NUMA nodes")
    print(f"{'asked':>5} {'pooling = device':>30} {'pooling = numa':>30} {'ratio':>7}")
    for count in sorted({*single, *pooled}):
        cells = [
            f"{r[0] * 1000:9.0f} ms {r[1]:8,} candidates" if r else "not asked"
            for r in (single.get(count), pooled.get(count))
        ]
        both = count in single and count in pooled
        ratio = f"{single[count][0] / pooled[count][0]:7.1f}" if both else ""
        print(f"{count:>5} {cells[0]:>30} {cells[1]:>30} {ratio:>7}")


def main() -> None:
    with placement() as (server, client):
        for nodes in [int(argument) for argument in sys.argv[1:]] or [1, 10]:
            single = measure(server, client, nodes, Pooling.DEVICE)
            pooled = measure(server, client, nodes, Pooling.NUMA)
            show(nodes, single, pooled)


main()
