"""What it costs Placement to ask query by query, beside one query for single devices.

Usage: python bench/asking.py [NODES …]      (default: 1 10 100)

Compute nodes with 8 devices of one kind in pools, by NUMA node: two pools of four, then four of
two. For some requests, with all devices free and with one taken on each node: the server's CPU in
milliseconds (best of REPEATS) and the candidates, of one query and of all that `request candidates`
asks, on the same real Placement. One query that would try more than TOO_MANY ways to spread the
devices is not asked: it takes minutes.
"""

import sys
from collections.abc import Callable

from wide import ALIAS, DEVICES, CountedPlacement, host, placement, report

from pci_placement.cli.asking import Asking
from pci_placement.mapping.questions import Question, questions
from pci_placement.mapping.request import MICROVERSION, parse_alternatives
from pci_placement.model import Pooling
from pci_placement.placement import Client

REPEATS, TOO_MANY = 3, 30_000
REQUESTS = ("gpu:2", "gpu:4", "gpu:6", "gpu:7", "gpu:8")


def ask_once(client: Client, asked: tuple[Question, ...]) -> tuple[int, int]:
    """One query for single devices; how many requests that is, and the candidates."""
    return 1, len(client.allocation_candidates(asked[-1].query, MICROVERSION))


def ask_in_order(client: Client, asked: tuple[Question, ...]) -> tuple[int, int]:
    before = client.sent
    _, found = Asking(client, [ALIAS], False, print).first(asked)
    return client.sent - before, len(found)


Way = Callable[[Client, tuple[Question, ...]], tuple[int, int]]


def measure(server: CountedPlacement, client: Client, way: Way, usage: str):
    """Seconds of CPU, requests and candidates."""
    asked, times = questions(parse_alternatives(usage), [ALIAS]), []
    for _ in range(REPEATS):
        before = server.cpu
        requests, found = way(client, asked)
        times.append(server.cpu - before)
    return min(times), requests, found


def compare(server: CountedPlacement, client: Client, nodes: int, pools: int, taken: int) -> None:
    for usage in REQUESTS:
        devices, free = int(usage.partition(":")[2]), DEVICES - taken
        seconds, requests, found = measure(server, client, ask_in_order, usage)
        ordered = f"{seconds * 1000:9.0f} ms {found:7,} candidates {requests:2} requests"
        single, ratio = "not asked", ""
        if nodes * pools**devices <= TOO_MANY:
            one, _, many = measure(server, client, ask_once, usage)
            single, ratio = f"{one * 1000:9.0f} ms {many:7,} candidates", f"{one / seconds:7.1f}"
        print(f"{usage:>6} {free:>5} {single:>32} {ordered:>44} {ratio:>7}", flush=True)


def consumer(number: int) -> str:
    return f"/allocations/00000000-0000-4000-8000-{number:012}"


def take_one_of_each(client: Client) -> int:
    """Claim a device of every node; how many these are."""
    found = client.allocation_candidates("resources1=CUSTOM_PCI_GPU:1", MICROVERSION)
    of_node = {each.root: each.allocations for each in found}
    who = {"project_id": "bench", "user_id": "bench", "consumer_generation": None}
    for number, allocations in enumerate(of_node.values()):
        body = {"allocations": {u: {"resources": dict(r)} for u, r in allocations.items()}}
        client.send("PUT", consumer(number), body | who, MICROVERSION)
    return len(of_node)


def measure_nodes(server: CountedPlacement, client: Client, nodes: int, pools: int) -> None:
    print(f"\n{nodes} nodes with {pools} pools of {DEVICES // pools} devices")
    print(f"{'asked':>6} {'free':>5} {'one query':>32} {'in order':>44} {'ratio':>7}")
    compare(server, client, nodes, pools, 0)
    taken = take_one_of_each(client)
    compare(server, client, nodes, pools, 1)
    for number in range(taken):
        client.send("DELETE", consumer(number))


def main() -> None:
    sizes = sorted({int(argument) for argument in sys.argv[1:]} or {1, 10, 100})
    with placement() as (server, client):
        for pools in (2, 4):
            server.reset()
            tree = host(Pooling.NUMA, pools)
            for before, nodes in zip([0, *sizes], sizes, strict=False):
                for number in range(before, nodes):
                    report(server, client, f"node{number}", tree)
                measure_nodes(server, client, nodes, pools)


main()
