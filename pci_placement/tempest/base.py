"""What the checks have in common: who asks, and what is asked for."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from tempest import config, test
from tempest.lib import exceptions
from tempest.lib.common import rest_client

from pci_placement.mapping.request import MICROVERSION
from pci_placement.names import MANAGED

from .wishes import Wish, claimable, wishes_of_files

CONF = config.CONF

NO_ALIASES = "[pci_placement] config_file of tempest.conf names no file with aliases"
NOT_IN_THE_CATALOG = "the catalog has no service of type {}"

_CONSUMERS = uuid.UUID("b6c5bc9a-9d1f-5d2e-8d0a-52b2f5f2a3c1")


def consumer(what: str) -> str:
    """The uuid of a consumer that a check claims for: the same every time.

    So the next run finds what a killed one has left.
    """
    return str(uuid.uuid5(_CONSUMERS, what))


class Check(test.BaseTestCase):
    """An administrator who asks Placement, at the version that schedulers use."""

    credentials: ClassVar[list[str]] = ["admin"]

    @classmethod
    def setup_clients(cls) -> None:
        """Take Tempest's clients, and ours for claims."""
        super().setup_clients()
        cls.placement = cls.os_admin.placement_client
        cls.providers = cls.os_admin.resource_providers_client
        cls.claims = cls.os_admin.pci_placement.ClaimsClient()

    @classmethod
    def resource_setup(cls) -> None:
        """Speak as schedulers do; skip where there is no Placement."""
        super().resource_setup()
        cls.skip_without(cls.placement)
        cls.setup_api_microversion_fixture(placement_microversion=MICROVERSION)

    @classmethod
    def skip_without(cls, client: rest_client.RestClient) -> None:
        """Skip where the catalog does not have what a client asks."""
        try:
            client.base_url  # noqa: B018  looks it up
        except exceptions.EndpointNotFound as error:
            raise cls.skipException(NOT_IN_THE_CATALOG.format(client.service)) from error

    def check_none(self, amiss: Iterable[str]) -> None:
        """Fail with what is amiss, a line each."""
        lines = list(amiss)
        if lines:
            self.fail("\n".join(lines))

    def ours(self) -> list[dict[str, Any]]:
        """All providers of the cloud that carry our mark."""
        listed = self.providers.list_resource_providers(required=MANAGED)
        return list(listed["resource_providers"])


class AliasCheck(Check):
    """The same for each alias of the files that tempest.conf names."""

    wishes: tuple[Wish, ...] = ()

    @classmethod
    def skip_checks(cls) -> None:
        """Skip where no aliases are configured."""
        super().skip_checks()
        if not CONF.pci_placement.config_file:
            raise cls.skipException(NO_ALIASES)

    @classmethod
    def resource_setup(cls) -> None:
        """Read the aliases; what is wrong with them is an error of the check."""
        super().resource_setup()
        options = CONF.pci_placement
        cls.wishes = wishes_of_files(options.config_file, options.aliases)

    def candidates(self, wish: Wish) -> dict[str, Any]:
        """What Placement answers to a wish for one device."""
        return dict(self.placement.list_allocation_candidates(**wish.parameters))

    def claimable(self, wish: Wish) -> list[dict[str, object]]:
        """What may be claimed for a moment."""
        return claimable(self.candidates(wish))
