"""The queries of a request: asked in order, and as the rows of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pci_placement.errors import PlacementError, RequestError
from pci_placement.mapping.questions import Question, first_answer
from pci_placement.mapping.request import MICROVERSION
from pci_placement.model import PciAlias, ProviderUuid

if TYPE_CHECKING:
    from pci_placement.placement import Candidate, Client

UNREPORTED = "no agent has reported {} to this Placement yet"
FOUND_BY = "found by query {} of {}: {}"
TOO_LONG = (
    "{} takes a query of {} groups, and its URL is too long for the server of this Placement: ask "
    "for fewer devices at once"
)
MOST_NAMED = 20
"""So many nodes are asked how their providers are called, at a request each."""
CHEAP = 2
"""So many queries of an alternative cost less than to count what is free."""

Row = dict[str, Any]


class Asking:
    """Asks Placement query by query; what it has never heard of is told once.

    Where the cheap ones find nothing, what is free is counted before the others are asked, because
    these cost most where nothing fits.
    """

    def __init__(
        self,
        client: Client,
        aliases: Sequence[PciAlias],
        exclusive: bool,
        inform: Callable[[str], None],
    ) -> None:
        self._client, self._inform = client, inform
        self._aliases, self._exclusive = aliases, exclusive
        self._unknown = frozenset[str]()

    def first(self, asked: Sequence[Question]) -> tuple[Question | None, Sequence[Candidate]]:
        """Who could serve the first question that anybody can.

        Raises PlacementError, and RequestError where a query is too long for a URL.
        """
        return first_answer(self._worth_asking(asked), self._ask)

    def _worth_asking(self, asked: Sequence[Question]) -> Iterator[Question]:
        for _, of_one in groupby(asked, lambda question: question.usages):
            questions = list(of_one)
            yield from questions[:CHEAP]
            dear = questions[CHEAP:]
            if len(dear) == 1 or (dear and self._may_fit(dear[0])):
                yield from dear

    def _may_fit(self, question: Question) -> bool:
        # who only shows what is asked need not wait for what asks
        from pci_placement.explain import has_room

        return not self._is_unknown(question) and has_room(
            self._client, question.usages, self._aliases, self._exclusive
        )

    def _is_unknown(self, question: Question) -> bool:
        return bool(self._unknown & (question.resource_classes | question.traits))

    def _ask(self, question: Question) -> Sequence[Candidate]:
        if self._is_unknown(question):
            return []
        try:
            return self._client.allocation_candidates(question.query, MICROVERSION)
        except PlacementError as error:
            if error.status == HTTPStatus.REQUEST_URI_TOO_LONG:
                wishes = ",".join(map(str, question.usages))
                raise RequestError(TOO_LONG.format(wishes, len(question.groups))) from error
            if error.status != HTTPStatus.BAD_REQUEST or not self._learn_unknown(question):
                raise
            return []

    def _learn_unknown(self, question: Question) -> bool:
        unknown = self._client.unknown_names(question.resource_classes, question.traits)
        self._unknown |= unknown
        if unknown:
            self._inform(UNREPORTED.format(", ".join(sorted(unknown))))
        return bool(unknown)


def names_of(client: Client, found: Sequence[Candidate]) -> dict[ProviderUuid, str]:
    """How the first nodes and their providers are called; of others only the uuids are shown."""
    roots = list(dict.fromkeys(candidate.root for candidate in found))[:MOST_NAMED]
    return {line.uuid: line.name for root in roots for line in client.tree(root)}


def found_by(asked: Sequence[Question], question: Question) -> list[str]:
    """Say which query was answered, where it was not the first."""
    number = asked.index(question) + 1
    return [FOUND_BY.format(number, len(asked), question)] if number > 1 else []


def question_row(asked: Sequence[Question], question: Question) -> Row:
    """Which of the queries of a request it is, and what it asks for."""
    return {"number": asked.index(question) + 1, "wishes": [str(u) for u in question.usages]}


def query_row(asked: Sequence[Question], question: Question) -> Row:
    """A query of a list, in all dialects."""
    return {
        **question_row(asked, question),
        "split": [list(parts) for parts in question.split],
        "query": question.query,
        "extra_specs": question.extra_specs,
    }
