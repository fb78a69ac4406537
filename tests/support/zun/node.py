"""A compute node: zun's own manager, trackers and report client, on a driver without a daemon."""

from __future__ import annotations

import logging

import zun.conf
from oslo_utils import timeutils
from zun import objects
from zun.common import consts
from zun.compute.manager import Manager
from zun.objects import numa
from zun.tests.unit.container.fake_driver import FakeDriver

GIB = 2**30
LOG = logging.getLogger(__name__)


class Host:
    """What a driver reads of its machine."""

    cpus = 8
    memory = 64

    def get_host_mem(self):
        return self.memory * GIB, 4 * GIB, 4 * GIB, 4 * GIB

    def get_total_disk_for_container(self):
        return 100, 10

    def get_host_numa_topology(self):
        node = numa.NUMANode(
            id=0, cpuset=set(range(self.cpus)), pinned_cpus=set(), mem_total=1, mem_available=1
        )
        return objects.NUMATopology(nodes=[node])

    def get_available_resources(self):
        found = {"cpus": self.cpus, "labels": {}, "runtimes": ["runc"], "architecture": "x86_64"}
        return {**super().get_available_resources(), **found, "os": "linux"}

    def update_provider_tree(self, provider_tree, nodename):
        super().update_provider_tree(provider_tree, nodename)
        inventory = dict(provider_tree.data(nodename).inventory)
        inventory["VCPU"] = {**inventory["VCPU"], "total": self.cpus, "max_unit": self.cpus}
        provider_tree.update_inventory(nodename, inventory)


class Driver(Host, FakeDriver):
    """Runs nothing; `fails` is what the daemon answers to the next creations."""

    capabilities: dict[str, bool] = {}  # noqa: RUF012  zun has it so

    def __init__(self) -> None:
        super().__init__()
        self.created: list[str] = []
        self.deleted: list[str] = []
        self.fails: Exception | None = None

    def pull_image(self, _context, repo, tag, *_args, **_kwargs):
        return {"image": repo, "driver": "docker", "repo": repo, "tag": tag, "path": None}, True

    def create(self, context, container, _image, _networks, _volumes):
        if self.fails:
            raise self.fails
        self.created.append(container.uuid)
        container.container_id = f"docker-{container.uuid}"
        container.status = consts.CREATED
        container.save(context)
        return container

    def show(self, _context, container):
        return container

    def delete(self, _context, container, _force):
        self.deleted.append(container.uuid)

    def update_containers_states(self, *_):
        """No daemon, no states."""


class Node:
    """One zun-compute, called as the message bus calls it."""

    def __init__(self, host: str, context, driver=None) -> None:
        self.host = host
        self.context = context
        zun.conf.CONF.set_override("host", host)
        self.driver = driver or Driver()
        self.manager = Manager("fake")
        self.manager.driver = self.driver
        _register(context, host)
        self.manager.inventory_host(context)

    @property
    def tracker(self):
        """zun's own tracker of this node."""
        return self.manager._get_resource_tracker()  # noqa: SLF001  zun has no other way

    @property
    def uuid(self) -> str:
        """The compute node's own provider."""
        return objects.ComputeNode.get_by_name(self.context, self.host).rp_uuid

    def create(self, container, networks, volumes, pci_requests, limits) -> None:
        """As Manager.container_create, but in this thread, and errors end where its own do."""
        try:
            self.manager._do_container_create(  # noqa: SLF001  what spawn_n would call
                self.context, container, networks, volumes, pci_requests, limits
            )
        except Exception as error:
            LOG.info("the creation ended with an error", exc_info=error)

    def delete(self, container, force: bool) -> None:
        self.manager._do_container_delete(self.context, container, force)  # noqa: SLF001  as above

    def show(self, container):
        return self.manager.container_show(self.context, container)

    def periodic_tasks(self) -> None:
        """All that zun-compute does from time to time."""
        self.manager.inventory_host(self.context)
        self.manager.delete_unused_containers(self.context)
        self.manager.sync_container_state(self.context)


def _register(context, host: str) -> None:
    known = objects.ZunService.list_by_binary(context, "zun-compute")
    if host in {service.host for service in known}:
        return
    service = objects.ZunService(context, host=host, binary="zun-compute", disabled=False)
    service.create(context)
    service.last_seen_up = timeutils.utcnow()
    service.report_count = 1
    service.save(context)
