"""The container driver `pci_docker`: zun's own driver for Docker, and the devices of containers.

What a container has claimed in Placement is asked of the record of this node, and put into what
Docker is told.

Source: zun/container/docker/driver.py, DockerDriver.create.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from docker.errors import APIError
from oslo_utils.excutils import save_and_reraise_exception
from zun.common.exception import ZunException
from zun.container.docker import utils as docker_utils
from zun.container.docker.driver import DockerDriver
from zun.scheduler.client.report import SchedulerReportClient

from pci_placement.errors import PciPlacementError

from .attach import Attachment, attached
from .files import node_paths
from .lists import Lists
from .record import Record

LOG = logging.getLogger(__name__)

NOT_GIVEN = (
    "zun did not ask what the container is given: this zun is newer than its driver pci_docker"
)
NOT_THE_SAME = (
    "the devices of container %s are not as they were when it was made (%s then, %s now): "
    "rebuild it"
)
KEPT_ON_NODE = (
    "what container %s had is kept, for it is not sure to be gone: %s; delete its allocation later"
)
NO_TRACKER = "zun gives no PCI devices to ports, for it is not known which are ours: %s"


class PciDockerDriver(DockerDriver):  # type: ignore[misc]  # zun has no types
    """zun's driver for Docker, whose containers have the devices that they have claimed."""

    def __init__(self) -> None:
        super().__init__()
        self._record = Record(Lists(node_paths))
        self._given: dict[str, Attachment] = {}
        """What the containers are given that are being made now, by uuid."""

    def create(self, context: Any, container: Any, *more: Any) -> Any:
        """Make a container with its devices; where that fails nothing of it is left."""
        try:
            self._given[container.uuid] = self._attachment(container.uuid)
            made = super().create(context, container, *more)
            if container.uuid in self._given:
                raise ZunException(NOT_GIVEN)
            return made
        except Exception:
            with save_and_reraise_exception():
                self._give_back(context, container)
        finally:
            self._given.pop(container.uuid, None)

    def start(self, context: Any, container: Any) -> Any:
        """Start a container, if its devices are still what it was given."""
        self._check(container)
        return super().start(context, container)

    def reboot(self, context: Any, container: Any, timeout: Any) -> Any:
        """Restart a container, if its devices are still what it was given."""
        self._check(container)
        return super().reboot(context, container, timeout)

    def get_pci_resources(self) -> str:
        """What zun's own tracker may give to ports: not what Placement gives."""
        try:
            ours = self._record.given_by_placement()
        except PciPlacementError as error:
            LOG.error(NO_TRACKER, error)
            return "[]"
        found = json.loads(super().get_pci_resources())
        return json.dumps([device for device in found if device["address"].lower() not in ours])

    # --- how zun's own `create` is told: it asks its network for a part of what Docker is told

    def _provision_network(self, context: Any, network_driver: Any, networks: Any) -> None:
        super()._provision_network(context, network_driver, networks)
        configure = network_driver.process_networking_config

        def configure_with_devices(
            container: Any, network: Any, host_config: Any, arguments: Any, *more: Any, **named: Any
        ) -> Any:
            done = configure(container, network, host_config, arguments, *more, **named)
            self._give(container.uuid, host_config, arguments)
            return done

        network_driver.process_networking_config = configure_with_devices

    def _give(self, uuid: str, host_config: dict[str, Any], arguments: dict[str, Any]) -> None:
        given = self._given.pop(uuid)
        host_config.update(given.options(host_config))
        arguments["environment"] = given.environment(arguments.get("environment"))

    # --- what this node knows

    def _attachment(self, uuid: str) -> Attachment:
        """What a container is given; what is wrong with it becomes zun's own error."""
        try:
            return self._record.attachment(uuid)
        except PciPlacementError as error:
            raise _told(error) from error

    def _check(self, container: Any) -> None:
        had = attached(self._inspect(container))
        if had == Attachment():
            return
        has = self._attachment(container.uuid)
        if had != has:
            LOG.error(NOT_THE_SAME, container.uuid, had, has)
            raise ZunException(_escaped(NOT_THE_SAME % (container.uuid, had, has)))

    def _inspect(self, container: Any) -> dict[str, Any]:
        """What Docker knows of a container; of one that is gone zun will say so."""
        with docker_utils.docker_client() as docker:
            try:
                found: dict[str, Any] = docker.inspect_container(container.container_id)
            except APIError:
                return {}
            return found

    def _give_back(self, context: Any, container: Any) -> None:
        """Let a container have nothing that could not be made: zun forgets on which host it was."""
        try:
            if container.container_id:
                super().delete(context, container, True)
            client = SchedulerReportClient()
            client.delete_allocation_for_container(context, container.uuid)
            self._record.release(container.uuid)
        except Exception as error:  # the first error is the one that counts
            LOG.exception(KEPT_ON_NODE, container.uuid, error)


def _told(error: PciPlacementError) -> ZunException:
    return ZunException(_escaped(str(error)))


def _escaped(text: str) -> str:
    """A text for zun, which formats its messages with their arguments."""
    return text.replace("%", "%%")
