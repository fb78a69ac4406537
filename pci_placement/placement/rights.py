"""What a user may do, asked with requests that cannot be carried out: they say nothing.

Placement looks at the role first, and refuses the body afterwards.

Source: placement/handlers/reshaper.py, reshape; placement/handlers/resource_provider.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pci_placement.errors import AuthError, PlacementError, ReshapeForbidden

if TYPE_CHECKING:
    from . import Client


def may_write(client: Client) -> bool:
    """Whether the user's role allows to create a provider; none is created."""
    return _would_read(client, "/resource_providers")


def may_reshape(client: Client) -> bool:
    """Whether the user's role allows to move claims; none is moved."""
    return _would_read(client, "/reshaper")


def _would_read(client: Client, url: str) -> bool:
    """Whether an empty body is refused for what it lacks, and not for who sends it."""
    try:
        client.send("POST", url, {})
    except (AuthError, ReshapeForbidden):
        return False
    except PlacementError:
        return True
    return True
