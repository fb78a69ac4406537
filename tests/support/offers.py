"""What a plan would have more to claim of than there is now."""

from pci_placement.model import Outcome
from pci_placement.model.outcome import Done, Result
from pci_placement.plan.effect import after
from pci_placement.plan.reservations import free


def offers_more(planned) -> list[tuple]:
    """Where a plan would have more to claim than there is."""
    done = Outcome(tuple(Done(action, Result.DONE) for action in planned.plan.actions))
    now, then = planned.observed.providers, after(planned.observed.providers, done)
    return [
        (uuid, name)
        for uuid, have in then.items()
        for name, i in have.inventories.items()
        if free(i) > free(now[uuid].inventories.get(name) if uuid in now else None)
    ]
