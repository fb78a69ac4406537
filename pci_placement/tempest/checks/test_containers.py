"""A container of Zun gets its device, and gives it back."""

from __future__ import annotations

from typing import Any, ClassVar

from tempest import config
from tempest.lib import decorators
from tempest.lib.common.utils import test_utils

from pci_placement.tempest.base import AliasCheck
from pci_placement.tempest.clients import ContainersClient

CONF = config.CONF

NAME = "pci-placement-tempest"
"""A container of this name is ours: the next run deletes one that a killed run has left."""

NO_ALIAS = "[pci_placement] container_alias of tempest.conf is empty"
NOT_IN_TIME = "{} not after {} seconds; the container is {}"
ENDED = {"Error", "Created", "Running", "Stopped"}


class ContainersTest(AliasCheck):
    """What `openstack appcontainer create --hint pci=ALIAS:1` does."""

    credentials: ClassVar[list[str]] = ["admin", "primary"]

    @classmethod
    def skip_checks(cls) -> None:
        """Skip where nobody said which device."""
        super().skip_checks()
        if not CONF.pci_placement.container_alias:
            raise cls.skipException(NO_ALIAS)

    @classmethod
    def setup_clients(cls) -> None:
        """Ask for Zun as the user who starts containers."""
        super().setup_clients()
        asked = {
            **config.service_client_config("placement"),
            "service": CONF.pci_placement.container_catalog_type,
        }
        cls.containers = ContainersClient(cls.os_primary.auth_provider, **asked)

    @classmethod
    def resource_setup(cls) -> None:
        """Skip where there is no Zun."""
        super().resource_setup()
        cls.skip_without(cls.containers)

    def setUp(self) -> None:
        """Delete what a run that was killed has started."""
        super().setUp()
        self._remove_all()
        self.addCleanup(self._remove_all)

    @decorators.idempotent_id("e7788936-6944-4e48-aead-a507a9025c6a")
    def test_a_container_has_its_device_and_gives_it_back(self) -> None:
        """The claim of the container has the class of the alias, and ends with it."""
        alias = CONF.pci_placement.container_alias
        (wish,) = (wish for wish in self.wishes if wish.alias == alias)
        uuid = self._started(alias)
        claimed = [self._held(uuid, name) for name in wish.resource_classes]
        self.assertEqual(list(wish.group.resources.values()), claimed)
        self._remove_all()
        self._wait("its claim has ended", lambda: not self._allocations(uuid), uuid)

    def _started(self, alias: str) -> str:
        created = self.containers.create(
            name=NAME, image=CONF.pci_placement.container_image, hints={"pci": f"{alias}:1"}
        )
        uuid = str(created["uuid"])
        self._wait("it has started", lambda: self._status(uuid) in ENDED, uuid)
        shown = self.containers.show(uuid)
        self.assertNotEqual("Error", shown["status"], shown["status_reason"])
        return uuid

    def _remove_all(self) -> None:
        for container in self.containers.named(NAME):
            self.containers.remove(container["uuid"])
        self._wait("it is gone", lambda: not self.containers.named(NAME), None)

    def _allocations(self, uuid: str) -> dict[str, Any]:
        return dict(self.placement.list_allocations(uuid)["allocations"])

    def _held(self, uuid: str, resource_class: str) -> int:
        return sum(
            held["resources"].get(resource_class, 0) for held in self._allocations(uuid).values()
        )

    def _status(self, uuid: str) -> str:
        return str(self.containers.show(uuid)["status"])

    def _wait(self, what: str, is_so: Any, uuid: str | None) -> None:
        limit = CONF.pci_placement.container_timeout
        if not test_utils.call_until_true(is_so, limit, 1):
            state = self._status(uuid) if uuid else "still there"
            self.fail(NOT_IN_TIME.format(what, limit, state))
