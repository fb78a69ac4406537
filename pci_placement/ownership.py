"""Whose a provider is: nothing is changed that is not ours."""

from __future__ import annotations

from collections.abc import Iterable

from . import names
from .model import ListedProvider, ObservedProvider, Root


def candidates(root: Root, listed: Iterable[ListedProvider], keys: Iterable[str]) -> dict[str, str]:
    """Say which providers of a tree can be ours, and their keys, by uuid.

    A uuid can be ours if it was made from one of `keys` (what is wanted now, what was there at the
    last pass) or from the key that the provider's own name ends with.
    """
    known = {names.provider_uuid(root.uuid, key): key for key in keys}
    for provider in listed:
        key = names.key_in_name(provider.name)
        if key and provider.uuid == names.provider_uuid(root.uuid, key):
            known[provider.uuid] = key
    return {p.uuid: known[p.uuid] for p in listed if p.uuid in known}


def is_ours(provider: ObservedProvider) -> bool:
    """Whether a candidate carries our marker, or is bare: half-made by a pass that was cut off."""
    bare = not (provider.traits or provider.inventories or provider.has_aggregates)
    return names.MANAGED in provider.traits or bare
