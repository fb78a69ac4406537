"""Nothing is changed that is not ours or is held, and everything of ours stands in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pci_placement import names
from pci_placement.model import (
    CreateProvider,
    DeleteProvider,
    MoveProvider,
    ObservedProvider,
    ProviderUuid,
    RenameProvider,
    Trait,
)

from .breach import Promise
from .evidence import Evidence
from .moment import Moment, Step
from .rule import Found

_PLACING = (RenameProvider, MoveProvider)
_MARKS = frozenset({names.MANAGED, names.DRAINING, names.DRAINED})


def whose(evidence: Evidence, moment: Moment, step: Step) -> Iterator[Found]:
    """What an action does to something that it may not touch, or that is not there."""
    action = step.action
    yield from (
        Found(Promise.HELD, uuid, "its card is held, and it is changed")
        for uuid in (step.uuids if evidence.holds_something else ())
        if evidence.is_held(uuid)
    )
    if isinstance(action, CreateProvider):
        yield from _created(evidence, moment, action)
        return
    for uuid in step.uuids:
        if uuid not in moment.providers:
            yield _not_there(evidence, uuid)
    if isinstance(action, _PLACING):
        yield from _placed(evidence, moment, action)
    elif isinstance(action, DeleteProvider) and moment.children.get(action.uuid):
        yield Found(Promise.ORDER, action.uuid, "it is deleted before what stands below it")


def _not_there(evidence: Evidence, uuid: ProviderUuid) -> Found:
    if uuid in evidence.ours:
        return Found(Promise.ORDER, uuid, "it is changed after it was deleted")
    if uuid in evidence.wanted and uuid not in evidence.facts.observed.providers:
        return Found(Promise.ORDER, uuid, "it is changed before it is there")
    return Found(Promise.OURS, uuid, "it is changed and is not ours")


def _created(evidence: Evidence, moment: Moment, action: CreateProvider) -> Iterator[Found]:
    uuid = action.uuid
    if uuid not in evidence.wanted:
        yield Found(Promise.OURS, uuid, "it is created, and this host wants no such provider")
    elif action.name != evidence.name(uuid):
        yield Found(Promise.OURS, uuid, f"it is called {action.name}")
    if uuid in moment.providers or uuid in evidence.facts.observed.providers:
        yield Found(Promise.ORDER, uuid, "it is created and is there already")
    yield from _below(evidence, moment, uuid, action.parent)


def _placed(
    evidence: Evidence, moment: Moment, action: RenameProvider | MoveProvider
) -> Iterator[Found]:
    have = moment.providers.get(action.uuid)
    kept = isinstance(action, MoveProvider) and have is not None and action.name == have.name
    if action.name != evidence.name(action.uuid) and not kept:
        yield Found(Promise.OURS, action.uuid, f"it is called {action.name}")
    yield from _below(evidence, moment, action.uuid, action.parent)


def _below(
    evidence: Evidence, moment: Moment, uuid: ProviderUuid, parent: ProviderUuid
) -> Iterator[Found]:
    if parent != evidence.parent(uuid):
        yield Found(Promise.OURS, uuid, "it is put where it does not belong")
    elif parent not in moment.providers and parent != evidence.root.uuid:
        yield Found(Promise.ORDER, uuid, "it is put below a provider that is not there")


def unmarked(before: ObservedProvider, after: ObservedProvider) -> Iterator[Found]:
    """What gets inventories, and nothing by which a later pass would know that it is ours."""
    if before.inventories is not after.inventories and names.MANAGED not in after.traits:
        what = f"it gets inventories before {names.MANAGED}, which tells that it is ours"
        yield Found(Promise.OURS, after.uuid, what)


def traits(
    evidence: Evidence, before: ObservedProvider, after: ObservedProvider
) -> Iterator[Found]:
    """What traits a provider loses that are not ours to take, or gets that nobody asked for."""
    uuid = after.uuid
    want = evidence.wanted.get(uuid)
    lost = [t for t in before.traits - after.traits if not names.is_our_trait(t)]
    lost = [t for t in lost if t not in evidence.of_entries]
    made = after.traits - before.traits - (want.traits if want else frozenset()) - _MARKS
    made = frozenset(trait for trait in made if not names.is_reserved_trait(trait))
    if names.MANAGED not in after.traits:
        yield Found(Promise.OURS, uuid, f"it loses {names.MANAGED}, which tells that it is ours")
    if made:
        yield Found(Promise.TRAITS, uuid, f"nobody asked for its new traits: {_list(made)}")
    if lost:
        yield Found(Promise.TRAITS, uuid, f"it loses traits of somebody else: {_list(lost)}")


def _list(found: Iterable[Trait]) -> str:
    return " ".join(sorted(found))
