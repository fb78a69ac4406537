"""What all agents of a cloud ask of one Placement: the real loop, on a clock that nobody waits for.

Usage: python bench/fleet.py [--nodes 10000] [--svg doc/fleet.svg]

Prints requests a second at the server, phase by phase, and draws the first story. Virtual: the
clock, the server (it answers at once, or refuses connections) and what a pass costs. Real: when a
pass comes (service/loop.py, service/pace.py) and whether it reads all (agent/trust.py). Keystone is
not counted, nor is a server that becomes slow under the load.
"""

import argparse
import heapq
import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import plot

from pci_placement.agent.trust import trusted_for
from pci_placement.conf.options import own_opts
from pci_placement.placement.bounds import pause_before
from pci_placement.service.loop import Wake, rounds
from pci_placement.service.pace import Pace, Went

DEFAULT = {option.name: option.default for option in own_opts}

# Source of all four: tests/functional/test_sent.py, which counts them at a real Placement.
QUIET = 1
FULL = 2
NOTHING_REMEMBERED = 4  # with one class of which a provider has several
PROVIDERS = 16  # 8 PFs with 16 VFs each: the PF and its VFs
FIRST = 2 * PROVIDERS + 3

TRIES = 3  # of a request; the default of placement/retries.py
CUT = 7200.0
"""Seconds for which the power was off: longer than anybody trusts what was read before."""

MINUTE = 60.0
BOOT, STARTING = 20.0, 5.0
"""Seconds from a host's boot to its agent, and seconds within which all hosts boot."""


@dataclass
class Server:
    """Counts what arrives in each second; down from one moment to another."""

    down: tuple[float, float] = (0.0, 0.0)
    arrived: Counter[int] = field(default_factory=Counter)

    def answers(self, at: float) -> bool:
        self.arrived[int(at)] += 1
        return not self.down[0] <= at < self.down[1]


@dataclass
class Node:
    """One agent: what the loop sees of its host, and what a pass of it costs."""

    name: str
    server: Server
    clock: float
    booted: float
    first: int
    read_at: float = -CUT
    interval: float = DEFAULT["sync_interval"]
    news: float = math.inf
    """When a device came that Placement has not heard of."""
    served: float = math.nan
    wakes: float = 0.0

    def now(self) -> float:
        return self.clock - self.booted

    def reload(self) -> bool:
        return False

    def is_news(self) -> bool:
        return self.news <= self.clock

    def make_pass(self, wake: Wake) -> Went:  # noqa: ARG002  all of these are in their time
        trusted = trusted_for(DEFAULT["full_sync_interval"], self.name, self.read_at)
        full = self.clock >= self.read_at + trusted
        if not all(self.ask() for _ in range(self.first if full else QUIET)):
            return Went.TROUBLED
        if full:
            self.read_at, self.first = self.clock, FULL
        if self.news <= self.clock:
            self.served, self.news = self.clock, math.inf
        return Went.WELL

    def ask(self) -> bool:
        """One request, tried again as long as a client does."""
        for attempt in range(TRIES):
            if self.server.answers(self.clock):
                return True
            if attempt < TRIES - 1:
                self.clock += pause_before(attempt, None)
        return False


def run(
    server: Server, nodes: int, first: int, uptime: float, seconds: float, share: float = 0.0
) -> list[Node]:
    """Let all nodes start within a few seconds, and make passes for so long.

    share: of the nodes to which a device comes while Placement is down.
    """
    chance = random.Random(8)  # noqa: S311  the same numbers at every run
    loops, due = [], []
    for number in range(nodes):
        start = chance.uniform(0.0, STARTING)
        node = Node(f"node{number}", server, start, start - uptime, first)
        loop = rounds(node, Pace(chance.uniform), node.now)
        node.wakes = start + next(loop)
        due.append((node.wakes, number, Wake.TIME))
        loops.append((node, loop))
    told = [number for number in range(nodes) if chance.random() < share]
    due += [(chance.uniform(*server.down), number, Wake.EVENT) for number in told]
    heapq.heapify(due)
    while due[0][0] < seconds:
        at, number, wake = heapq.heappop(due)
        node, loop = loops[number]
        if wake is Wake.EVENT:
            node.news = at
        elif at != node.wakes:  # an event came first
            continue
        node.clock = max(node.clock, at)
        node.wakes = node.clock + loop.send(wake)
        heapq.heappush(due, (node.wakes, number, Wake.TIME))
    return [loops[number][0] for number in told]


def row(server: Server, name: str, start: float, end: float) -> str:
    seconds = [server.arrived[second] for second in range(int(start), int(end))]
    tens = [sum(seconds[at : at + 10]) / 10 for at in range(len(seconds) - 9)]
    mean = sum(seconds) / len(seconds)
    return f"| {name} | {mean:,.0f} | {max(seconds):,} | {max(tens):,.0f} |"


STORY = [
    ("power is back: the first minute", 0, 1),
    ("and the nine after it", 1, 10),
    ("steady, with its full reads", 10, 120),
    ("Placement is down: connections refused", 120, 130),
    ("Placement is back", 130, 145),
    ("steady again", 145, 175),
]
OTHERS = [
    ("the same power cut, and all state files lost: the first minute", NOTHING_REMEMBERED, BOOT),
    ("all agents restarted within 5 s on hosts that are up", QUIET, 1e6),
    ("installed within 5 s on hosts that are up, and nothing in Placement yet", FIRST, 1e6),
]


OUTAGES = [5.0, 60.0, 600.0]
NEWS = [0.0, 0.01, 1.0]
"""Shares of the nodes to which a device comes during an outage."""


def table(nodes: int, server: Server) -> Iterator[str]:
    yield f"At one Placement, {nodes:,} nodes:\n"
    yield "| requests a second | mean | peak 1 s | peak 10 s |"
    yield "|---|---|---|---|"
    for name, start, end in STORY:
        yield row(server, name, start * MINUTE, end * MINUTE)
    for name, first, uptime in OTHERS:
        other = Server()
        run(other, nodes, first, uptime, MINUTE)
        yield row(other, name, 0, MINUTE)


def outages(nodes: int) -> Iterator[str]:
    """What an outage does to those to whom a device comes meanwhile, and they to Placement."""
    yield "\n| down for | nodes with news | requests a second | peak | half served within | all |"
    yield "|---|---|---|---|---|---|"
    ago = 5 * MINUTE
    for lasts, share in itertools.product(OUTAGES, NEWS):
        server = Server((ago, ago + lasts))
        told = run(server, nodes, QUIET, 1e6, ago + lasts + 20 * MINUTE, share)
        seconds = [server.arrived[int(ago) + second] for second in range(int(lasts))]
        late = sorted(max(node.served - ago - lasts, 0.0) for node in told)
        served = (late[len(late) // 2], late[-1]) if late else ()
        numbers = (sum(seconds) / lasts, max(seconds), *served)
        yield f"| {lasts:.0f} s | {share:.0%} | " + " | ".join(f"{n:,.0f}" for n in numbers) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    end = STORY[-1][2] * MINUTE
    (down,) = [(a * MINUTE, b * MINUTE) for name, a, b in STORY if "is down" in name]
    server = Server(down)
    run(server, options.nodes, FULL, BOOT, end)
    print("\n".join([*table(options.nodes, server), *outages(options.nodes)]))
    if options.svg:
        seconds = [server.arrived[second] for second in range(int(end))]
        title = f"Requests a second at one Placement, {options.nodes:,} nodes"
        options.svg.write_text(plot.drawn(title, seconds, down))


main()
