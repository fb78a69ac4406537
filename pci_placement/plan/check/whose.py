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

_PLACING = (CreateProvider, RenameProvider, MoveProvider, DeleteProvider)
_MARKS = frozenset({names.MANAGED, names.DRAINING, names.DRAINED})


def whose(evidence: Evidence, moment: Moment, step: Step) -> Iterable[Found]:
    """What an action does to something that it may not touch, or that is not there."""
    placing = isinstance(step.action, _PLACING)
    if placing or evidence.holds_something or not step.uuids <= moment.providers.keys():
        return _whose(evidence, moment, step)
    return []


def _whose(evidence: Evidence, moment: Moment, step: Step) -> Iterator[Found]:
    action = step.action
    if evidence.holds_something:
        yield from _held(evidence, step)
    if isinstance(action, CreateProvider):
        yield from _created(evidence, moment, action)
        return
    yield from (_not_there(evidence, u) for u in step.uuids - moment.providers.keys())
    if isinstance(action, RenameProvider | MoveProvider):
        yield from _placed(evidence, moment, action)
    elif isinstance(action, DeleteProvider) and moment.children.get(action.uuid):
        yield Found(Promise.ORDER, action.uuid, "it is deleted before what stands below it")


def _held(evidence: Evidence, step: Step) -> Iterator[Found]:
    for uuid in step.uuids:
        if evidence.is_held(uuid):
            yield Found(Promise.HELD, uuid, "its card is held, and it is changed")


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


def unmarked(after: ObservedProvider) -> list[Found]:
    """What got inventories, and nothing by which a later pass would know that it is ours."""
    if names.MANAGED in after.traits:
        return []
    what = f"it gets inventories before {names.MANAGED}, which tells that it is ours"
    return [Found(Promise.OURS, after.uuid, what)]


def traits(
    evidence: Evidence, before: ObservedProvider, after: ObservedProvider
) -> Iterator[Found]:
    """What traits a provider loses that are not ours to take, or gets that nobody asked for."""
    uuid = after.uuid
    want = evidence.wanted.get(uuid)
    gone, new = before.traits - after.traits, after.traits - before.traits
    lost = [t for t in gone if t not in evidence.of_entries and not names.is_our_trait(t)]
    new = new - want.traits if want else new
    made = [t for t in new if t not in _MARKS and not names.is_reserved_trait(t)]
    if names.MANAGED not in after.traits:
        yield Found(Promise.OURS, uuid, f"it loses {names.MANAGED}, which tells that it is ours")
    if made:
        yield Found(Promise.TRAITS, uuid, f"nobody asked for its new traits: {_list(made)}")
    if lost:
        yield Found(Promise.TRAITS, uuid, f"it loses traits of somebody else: {_list(lost)}")


def _list(found: Iterable[Trait]) -> str:
    return " ".join(sorted(found))
