"""What of a node's tree is not as a pass of ours leaves it, in sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from pci_placement.identity import candidates, card_of_key
from pci_placement.mapping.coexistence import reported_address
from pci_placement.model import ListedProvider, ProviderKey, ProviderUuid, Root

STRANGER = "{name} ({uuid}) carries our mark, and its uuid is not that of its name"
UNMARKED = "{name} ({uuid}) has name and uuid of ours, and not our mark"
BELOW_OURS = "{name} ({uuid}) is below our {parent}, and is not ours"
REPORTED_TOO = "{name} ({uuid}) reports {card} for somebody else, and {ours} does so for us"


def roots_of(providers: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """The uuids of the nodes that these providers, as Placement lists them, belong to."""
    return tuple(dict.fromkeys(provider["root_provider_uuid"] for provider in providers))


def amiss(
    root_uuid: str, tree: Iterable[Mapping[str, str]], marked: Collection[str]
) -> Iterator[str]:
    """Say what is amiss in the tree below a node's root; marked are uuids that carry our mark."""
    listed = {provider["uuid"]: _listed(provider) for provider in tree}
    root = listed.pop(root_uuid)
    ours = candidates(Root(root.uuid, root.name), listed.values(), ())
    for uuid, provider in listed.items():
        if uuid in marked and uuid not in ours:
            yield _told(STRANGER, provider)
        if uuid in ours and uuid not in marked:
            yield _told(UNMARKED, provider)
        if uuid not in ours and uuid not in marked and provider.parent in ours:
            yield _told(BELOW_OURS, provider, parent=listed[provider.parent].name)
    yield from _reported_too(listed, ours)


def _reported_too(
    listed: Mapping[str, ListedProvider], ours: Mapping[ProviderUuid, ProviderKey]
) -> Iterator[str]:
    """Cards that nova or cyborg tell of too; of pools nobody knows here which cards they have."""
    cards = {card_of_key(key): listed[uuid].name for uuid, key in ours.items()}
    for uuid, provider in listed.items():
        card = reported_address(provider.name)
        if uuid not in ours and card in cards and card is not None:
            yield _told(REPORTED_TOO, provider, card=str(card), ours=cards[card])


def _listed(provider: Mapping[str, str]) -> ListedProvider:
    uuid, parent = provider["uuid"], provider["parent_provider_uuid"]
    return ListedProvider(
        ProviderUuid(uuid), provider["name"], ProviderUuid(parent) if parent else None, 0
    )


def _told(text: str, provider: ListedProvider, **more: str) -> str:
    return text.format(name=provider.name, uuid=provider.uuid, **more)
