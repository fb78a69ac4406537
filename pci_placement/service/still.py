"""Whether all is as the last pass of this process found it: then no whole one is needed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from pci_placement.agent import Agent, PassAnswer
from pci_placement.agent.basis import Basis, basis_of
from pci_placement.quiet.inputs import digest_of_state


def state_of(agent: Agent) -> str:
    """A digest of what is remembered of this host; empty where that cannot be looked at."""
    try:
        return digest_of_state(agent.settings.state_dir)
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class Still:
    """What a pass rested on that had nothing to do.

    look gives the digest of this host, state is the one of what is remembered of it. now counts
    seconds since 1970.
    """

    basis: Basis
    state: str
    look: Callable[[], str]
    now: Callable[[], float] = time.time

    @classmethod
    def after(
        cls, answer: PassAnswer, agent: Agent, before: str, look: Callable[[], str]
    ) -> Still | None:
        """What a pass rested on; None where the next one may have something to do.

        before is the digest of what was remembered when it began.
        """
        basis = basis_of(agent, answer)
        return cls(basis, before, look) if basis and state_of(agent) == before != "" else None

    def is_so(self, agent: Agent) -> bool:
        """Whether this host and what is remembered are as they were, and are still believed."""
        return self.now() < self.basis.full_at and state_of(agent) == self.state and self.is_host()

    def is_host(self) -> bool:
        """Whether this host is as it was."""
        return self.look() == self.basis.host
