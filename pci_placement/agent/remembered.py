"""What the last pass left, and from when on it is read anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pci_placement.model import ClaimRecord, ConsumerUuid, LastPass, PciAddress, ProviderUuid
from pci_placement.state.roots import Roots

from .trust import trusted_for


@dataclass(frozen=True, slots=True)
class Memory:
    """Tells what the last pass over a root left; interval is how long a full one is believed."""

    roots: Roots
    interval: float
    now: Callable[[], float]

    def last_pass(self, root: ProviderUuid | None, full: bool) -> LastPass:
        """The same; after some time, or where asked for, all is to be read anew."""
        kept, now = self.roots.look(root).last_pass, self.now()
        kept = replace(kept, given=self._given(root))
        if full or not kept.read_at <= now < self.full_sync_at(root, kept):
            return replace(kept.to_be_read(), read_at=now)
        return kept

    def full_sync_at(self, root: ProviderUuid | None, last_pass: LastPass) -> float:
        """When all is to be read anew, in seconds since 1970."""
        return last_pass.read_at + trusted_for(self.interval, root, last_pass.read_at)

    def _given(self, root: ProviderUuid | None) -> Mapping[ConsumerUuid, frozenset[PciAddress]]:
        """Who surely has which device; nobody where nothing of that is known."""
        found = self.roots.claims(root).read() if root else None
        if not isinstance(found, ClaimRecord):
            return {}
        return {who: frozenset(d.address for d in has) for who, has in found.given.items()}
