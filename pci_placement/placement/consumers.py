"""Which kind of consumer somebody is: a container, an instance, …

Source: placement/rest_api_version_history.rst, 1.38.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from pci_placement.model import ConsumerUuid

if TYPE_CHECKING:
    from . import Client

WITH_TYPES = (1, 38)
MOST_ASKED = 50
"""So many consumers are asked for, at a request each: of more the kind stays unknown."""


def consumer_types(
    client: Client, consumers: Iterable[ConsumerUuid]
) -> dict[ConsumerUuid, str | None]:
    """What kind each consumer is, as far as this Placement tells."""
    if client.microversion < WITH_TYPES:
        return {}
    return {uuid: _type_of(client, uuid) for uuid in sorted(set(consumers))[:MOST_ASKED]}


def _type_of(client: Client, consumer: ConsumerUuid) -> str | None:
    found = client.send("GET", f"/allocations/{quote(consumer)}").get("consumer_type")
    return found if isinstance(found, str) else None
