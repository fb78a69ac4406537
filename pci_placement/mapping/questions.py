"""What a scheduler asks for a request, query by query, until one is answered.

One query for single devices finds all there is, and Placement enumerates every way to spread them.
So it is asked last: before it come queries with few groups of several devices. Each way of the
alternatives is asked for to the end before the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pci_placement.model import PciAlias, ResourceClass, Trait

from .request import RequestGroup, extra_specs, query, single_groups
from .splits import Split, splits
from .usage import Usages

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Question:
    """One query: for which wishes, and how the devices of each are spread over its groups."""

    usages: Usages
    split: Split
    groups: tuple[RequestGroup, ...]

    def __str__(self) -> str:
        return ", ".join(
            f"{usage} as {' + '.join(map(str, parts))}"
            for usage, parts in zip(self.usages, self.split, strict=True)
        )

    @property
    def query(self) -> str:
        """The query string of GET /allocation_candidates."""
        return query(self.groups)

    @property
    def extra_specs(self) -> dict[str, str]:
        """The same as extra specs."""
        return dict(extra_specs(self.groups))

    @property
    def resource_classes(self) -> frozenset[ResourceClass]:
        """The classes that Placement must know."""
        return frozenset(name for group in self.groups for name in group.resources)

    @property
    def traits(self) -> frozenset[Trait]:
        """The traits that Placement must know."""
        return frozenset(t for group in self.groups for t in (*group.required, *group.forbidden))


def questions(
    alternatives: Iterable[Usages],
    aliases: Iterable[PciAlias],
    together: bool = False,
    exclusive: bool = False,
) -> tuple[Question, ...]:
    """The queries for a request, in the order to ask them; alternatives as `parse_alternatives`.

    A later query finds what the earlier ones of the same alternative leave out, and the last of an
    alternative every node that can serve it. With `together` there is one for each alternative: all
    devices of a wish from one provider. `exclusive` as for `translate`. Raises RequestError for
    unknown aliases.
    """
    aliases = tuple(aliases)
    singles = [(usages, single_groups(usages, aliases, exclusive)) for usages in alternatives]
    return tuple(q for usages, groups in singles for q in _questions(usages, groups, together))


def _questions(
    usages: Usages, singles: Sequence[RequestGroup], together: bool
) -> Iterator[Question]:
    whole, *apart = splits([usage.count for usage in usages])
    for split in [whole] if together else [whole, *apart]:
        wishes = zip(singles, split, strict=True)
        groups = tuple(single.times(part) for single, parts in wishes for part in parts)
        yield Question(usages, split, groups)


def first_answer(
    asked: Iterable[Question], ask: Callable[[Question], Sequence[_Found]]
) -> tuple[Question | None, Sequence[_Found]]:
    """Ask in order, and stop at the first question that something is found for."""
    for question in asked:
        if found := ask(question):
            return question, found
    return None, ()


def last_of_first(asked: Sequence[Question]) -> Question:
    """The query for who can ask only one: it finds all that the first alternative can."""
    return [question for question in asked if question.usages == asked[0].usages][-1]
