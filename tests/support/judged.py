"""Plans written by hand, for the judge: whatever a planner would not write."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from pci_placement.model import (
    CreateProvider,
    DeleteProvider,
    Drain,
    LastPass,
    MoveProvider,
    ObservedProvider,
    ObservedTree,
    Plan,
    Provider,
    Reason,
    ReasonCode,
    RenameProvider,
    Reshape,
    SetInventories,
    SetTraits,
    Undrain,
)
from pci_placement.model.moves import Move
from pci_placement.plan.check import Breach, Facts, judge

from .cloud import CARD, MARK, VFS, amounts, name, observe, tree, uuid
from .placements import ROOT

WHY = Reason(ReasonCode.NEW, "because")


def create(key: str, **fields) -> CreateProvider:
    parent = uuid(CARD) if key.startswith(VFS) else ROOT.uuid
    return CreateProvider(
        **{
            "uuid": uuid(key),
            "name": name(key),
            "parent": parent,
            "parent_name": "",
            "reason": WHY,
            **fields,
        }
    )


def traits(key: str, *given: str, **fields) -> SetTraits:
    none = frozenset()
    made = SetTraits(uuid(key), name(key), frozenset({MARK, *given}), none, none, WHY)
    return replace(made, **fields)


def inventories(key: str, given: dict | None = None) -> SetInventories:
    return SetInventories(uuid(key), name(key), amounts(given or {}), {}, WHY)


def drain(key: str, given: dict, *marks: str) -> Drain:
    return Drain(uuid(key), name(key), frozenset({MARK, *marks}), amounts(given), {}, WHY)


def undrain(key: str, given: dict, *marks: str) -> Undrain:
    return Undrain(uuid(key), name(key), frozenset({MARK, *marks}), amounts(given), {}, WHY)


def delete(key: str, *, empty_first: bool = True) -> DeleteProvider:
    return DeleteProvider(uuid(key), name(key), WHY, empty_first)


def rename(key: str, to: str | None = None, parent: str = ROOT.uuid) -> RenameProvider:
    return RenameProvider(uuid(key), name(key) if to is None else to, "", parent, WHY)


def move(key: str, to: str | None = None, parent: str = ROOT.uuid) -> MoveProvider:
    return MoveProvider(uuid(key), name(key) if to is None else to, parent, "", WHY)


def reshape(moves: Iterable[tuple], given: Mapping[str, dict], *consumers: str) -> Reshape:
    """Claims that move: (key, class, key, class) each."""
    return Reshape(
        tuple(Move(uuid(a), a_class, uuid(b), b_class) for a, a_class, b, b_class in moves),
        {uuid(key): amounts(each) for key, each in given.items()},
        {},
        {uuid(key): name(key) for key in given},
        consumers,
        WHY,
    )


@dataclass(frozen=True)
class Case:
    """What a plan is made of, as far as a test says it."""

    actions: Iterable = ()
    wanted: Iterable[Provider] = ()
    there: Iterable[ObservedProvider] = ()
    last: LastPass = field(default_factory=LastPass)
    held: Iterable[str] = ()
    facts: Mapping = field(default_factory=dict)
    change: Callable[[ObservedTree], ObservedTree] = lambda seen: seen
    generations: Mapping | None = None

    @property
    def plan(self) -> Plan:
        known = {p.uuid: p.generation for p in self.there}
        given = known if self.generations is None else self.generations
        return Plan(tuple(self.actions), generations=given)

    @property
    def seen(self) -> Facts:
        keys = {*self.last.keys, *(provider.key for provider in self.wanted)}
        observed = self.change(observe(*self.there, keys=keys))
        return Facts(tree(*self.wanted, held=self.held), observed, self.last, **self.facts)

    def breaches(self) -> tuple[Breach, ...]:
        return judge(self.plan, self.seen)

    def broken(self) -> set[str]:
        """The promises that are broken, with the key of the provider, or nothing."""
        return {f"{b.promise} {b.key or ''}".strip() for b in self.breaches()}
