"""What a rule says: which promise is broken, of which provider, and how."""

from __future__ import annotations

from typing import NamedTuple

from pci_placement.model import ProviderUuid

from .breach import Promise


class Found(NamedTuple):
    """A breach without the place in the plan, which the judge knows."""

    promise: Promise
    uuid: ProviderUuid
    sentence: str
