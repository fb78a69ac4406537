"""Which providers are ours: their keys, uuids and names, and how to tell them in a tree."""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Iterable

from . import names
from .model import (
    ListedProvider,
    ObservedProvider,
    PciAddress,
    ProviderKey,
    ProviderUuid,
    ResourceClass,
    Root,
    Trait,
)

NAMESPACE = uuid.UUID("6f0e4a4e-7c1b-5f43-9a57-7d0c2f1b9d35")
"""The uuid5 namespace of our providers. Changing it would orphan every provider we ever made."""

# Source: placement/schemas/resource_provider.py, POST_RESOURCE_PROVIDER_SCHEMA.
_MAX_PROVIDER_NAME = 200
_SEPARATOR = ":pci:"

_REMEMBERED = 8192
"""How many answers are remembered that every stage of a pass asks for, again and again."""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _set_digest(traits: Iterable[Trait]) -> str:
    return _digest(" ".join(sorted(traits)))


def device_key(address: PciAddress) -> ProviderKey:
    """The key of a plain device, of a whole PF, or of the PF above the provider of its VFs."""
    return ProviderKey(str(address))


def read_key(text: str) -> ProviderKey:
    """Take a key that an earlier pass wrote down."""
    return ProviderKey(text)


def vf_key(pf: PciAddress, traits: Iterable[Trait] | None) -> ProviderKey:
    """The key of a PF's VF provider; traits tell it from its siblings where there are several."""
    return ProviderKey(f"{pf}:vf" if traits is None else f"{pf}:vf:{_set_digest(traits)}")


def pool_key(name: ResourceClass, numa_node: int | None, traits: Iterable[Trait]) -> ProviderKey:
    """The key of a pool: one class, one NUMA node, one set of traits."""
    node = "nonuma" if numa_node is None else f"numa{numa_node}"
    return ProviderKey(f"{name}:{node}:{_set_digest(traits)}")


def card_of_key(key: ProviderKey) -> PciAddress | None:
    """The card that a provider's key speaks of; None for a pool, which has no single card."""
    return _address(key.partition(":vf")[0])


@functools.lru_cache(_REMEMBERED)
def _address(text: str) -> PciAddress | None:
    try:
        return PciAddress.parse(text)
    except ValueError:
        return None


def is_vf_key(key: ProviderKey) -> bool:
    """Whether a key is that of VFs of a PF."""
    return card_of_key(key) is not None and ":vf" in key


def provider_uuid(root_uuid: ProviderUuid, key: ProviderKey) -> ProviderUuid:
    """The uuid of our provider: the same after reboots, renames and re-ordered configuration."""
    return _uuid(f"{root_uuid}:{key}")


@functools.lru_cache(_REMEMBERED)
def _uuid(name: str) -> ProviderUuid:
    return ProviderUuid(str(uuid.uuid5(NAMESPACE, name)))


def provider_name(root_name: str, key: ProviderKey) -> str:
    """`<root>:pci:<key>`, with the root's part, then the whole, shortened to fit 200 characters."""
    name = f"{root_name}{_SEPARATOR}{key}"
    if len(name) <= _MAX_PROVIDER_NAME:
        return name
    digest = _digest(name)
    room = _MAX_PROVIDER_NAME - len(_SEPARATOR) - len(key) - len(digest) - 1
    if room > 0:
        return f"{root_name[:room]}~{digest}{_SEPARATOR}{key}"
    return f"{name[: _MAX_PROVIDER_NAME - len(digest) - 1]}~{digest}"


def key_in_name(name: str) -> ProviderKey | None:
    """The key that a provider's name ends with, or None if it is not a name of ours."""
    _, separator, key = name.rpartition(_SEPARATOR)
    return ProviderKey(key) if separator and key else None


def candidates(
    root: Root, listed: Iterable[ListedProvider], keys: Iterable[ProviderKey]
) -> dict[ProviderUuid, ProviderKey]:
    """Say which providers of a tree can be ours, and their keys, by uuid.

    A uuid can be ours if it was made from one of `keys` (what is wanted now, what was there at the
    last pass) or from the key that the provider's own name ends with.
    """
    known = {provider_uuid(root.uuid, key): key for key in keys}
    for provider in listed:
        key = key_in_name(provider.name)
        if key and provider.uuid == provider_uuid(root.uuid, key):
            known[provider.uuid] = key
    return {p.uuid: known[p.uuid] for p in listed if p.uuid in known}


def is_ours(provider: ObservedProvider) -> bool:
    """Whether a candidate carries our marker, or is bare: half-made by a pass that was cut off."""
    bare = not (provider.traits or provider.inventories or provider.has_aggregates)
    return names.MANAGED in provider.traits or bare
