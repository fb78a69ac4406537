"""What a plan does to a cloud, seen by somebody who knows the host and not how plans are made.

A plan is sent to a Placement in memory, one request after the other, and after each request that
was taken the questions are: is anything changed that is not ours, has somebody lost what they have,
and can anything be claimed that is not there, has no traits, is out of service, or is somebody
else's.
"""

from dataclasses import replace

from pci_placement.model import Plan
from pci_placement.placement import Client
from pci_placement.placement.apply import carry_out

from ..memory import MemoryAdapter
from .onlooker import Onlooker
from .recorded import Recorded


def harm_of(plan: Plan, recorded: Recorded) -> list[str]:
    """All harm that a plan does on its way, and what it leaves; each once."""
    adapter, host = MemoryAdapter(), Onlooker(recorded)
    adapter.placement.restore(recorded.start)
    found: dict[str, None] = {}

    def look(method: str, *_) -> None:
        if method != "GET":
            found.update(dict.fromkeys(host.harm(adapter.placement.state)))

    adapter.on_answer = look
    generations = {uuid: row.generation for uuid, row in recorded.start.providers.items()}
    try:
        outcome = carry_out(replace(plan, generations=generations), Client(adapter).send, False)
    except KeyError:
        return [*found]  # it is about what nobody knows, and ends there
    if not (outcome.stopped or outcome.failed or outcome.in_use or outcome.taken):
        found.update(dict.fromkeys(host.left(adapter.placement.state)))
    return [*found]
