"""What the aliases ask for is known to Placement."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tempest.lib import decorators, exceptions

from pci_placement.names import MANAGED
from pci_placement.tempest.base import AliasCheck

UNTOLD_NAME = "{} is asked for by {}, and no agent has told Placement of it"


class NamesTest(AliasCheck):
    """Placement answers 400 to whoever asks for a name that it does not know."""

    @decorators.idempotent_id("4c7ae24f-8830-4926-81cf-102bb97bc5a3")
    def test_resource_classes_of_aliases_exist(self) -> None:
        """Each alias has its resource class."""
        asked = ((name, wish.alias) for wish in self.wishes for name in wish.resource_classes)
        self._check(asked, self.claims.show_resource_class)

    @decorators.idempotent_id("625b97b6-3524-41ec-887a-ad61a4fab20b")
    def test_traits_of_aliases_exist(self) -> None:
        """Each alias has its traits, and there is our mark."""
        asked = [(trait, wish.alias) for wish in self.wishes for trait in wish.traits]
        self._check([(MANAGED, "every alias"), *asked], self.placement.show_trait)

    def _check(self, asked: Iterable[tuple[str, str]], show: Callable[[str], object]) -> None:
        self.check_none(UNTOLD_NAME.format(*each) for each in asked if not _is_known(show, each[0]))


def _is_known(show: Callable[[str], object], name: str) -> bool:
    try:
        show(name)
    except exceptions.NotFound:
        return False
    return True
