"""zun's API, scheduler and database, and the nodes that they know."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pecan
import webob
import zun.conf
from keystoneauth1 import session
from keystoneauth1.plugin import BaseAuthPlugin
from zun import objects
from zun.api import hooks
from zun.common import config, context
from zun.tests.unit.db import base

from .node import Node

VERSION = {"OpenStack-API-Version": "container 1.40", "Accept": "application/json"}
FILTER = "pci_placement.zun.scheduler.PciPlacementFilter"
ENABLED = "AvailabilityZoneFilter,ComputeFilter,RuntimeFilter"
SCHEDULER = f"""
[scheduler]
available_filters = zun.scheduler.filters.all_filters
available_filters = {FILTER}
enabled_filters = {ENABLED},PciPlacementFilter
"""
LSPCI = "[]"
"""What zun reads of its machine for its own tracker of devices."""

NETWORK = {"network": "net", "port": "", "preserve_on_delete": False}


class Case(base.DbTestCase):
    """zun's own base of its unit tests: options, database, policy."""

    def runTest(self) -> None:  # noqa: N802  unittest calls it so
        """Nothing: it is set up and cleaned up by hand."""


class Answer(SimpleNamespace):
    """What zun's API answered: status and body."""


class Zun:
    """What users and operators do with it."""

    def __init__(self, app, file: Path) -> None:
        self.app = app
        self.file = file
        self.nodes: dict[str, Node] = {}
        self.lost: set[str] = set()
        """Hosts whose messages get lost."""

    @property
    def admin(self):
        return context.get_admin_context(all_projects=True)

    def node(self, host: str, driver=None) -> Node:
        """A compute node that has registered itself with zun and Placement."""
        self.nodes[host] = Node(host, self.admin, driver)
        return self.nodes[host]

    def restart(self, host: str) -> None:
        """zun-compute ends and starts again; the driver has what the daemon had."""
        self.node(host, driver=self.nodes[host].driver)

    def create(self, pci: object = None, hints: object = None, **body) -> Answer:
        """`openstack appcontainer create`, with --hint pci=… where there is one."""
        hints = {"pci": pci} if pci is not None else hints
        body = {"image": "cirros", "name": "box", "memory": "512", "cpu": 1, "hints": hints, **body}
        return self.ask("POST", "/v1/containers/", body)

    def delete(self, uuid: str) -> Answer:
        return self.ask("DELETE", f"/v1/containers/{uuid}")

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """One request to zun's API."""
        request = webob.Request.blank(path, method=method, headers=VERSION)
        if body is not None:
            request.content_type = "application/json"
            request.json = body
        answer = request.get_response(self.app)
        return Answer(status=answer.status_int, body=answer.json if answer.body else None)

    def show(self, uuid: str):
        """The container as zun's database has it."""
        return objects.Container.get_by_uuid(self.admin, uuid)

    def newest(self):
        """The container that was made last, whatever became of it."""
        return max(self.all(), key=lambda one: one.id)

    def all(self) -> list:
        """All containers that zun knows."""
        return objects.Container.list(self.admin)

    def configure(self, text: str) -> None:
        """Write zun.conf; zun reads it only when it starts."""
        self.file.write_text(text)

    # --- the message bus

    def container_create(
        self, _api, _ctxt, host, container, limits, nets, volumes, _run, pci_requests=None
    ) -> None:
        if host not in self.lost:
            self.nodes[host].create(_carried(container), nets, volumes, pci_requests, limits)

    def container_delete(self, _api, _ctxt, container, force=False) -> None:
        self.nodes[container.host].delete(_carried(container), force)

    def container_show(self, _api, _ctxt, container):
        return self.nodes[container.host].show(_carried(container))


def _carried(container):
    """The container as it arrives at a compute node: only what is a field of it."""
    primitive = container.obj_to_primitive()
    admin = context.get_admin_context(all_projects=True)
    return objects.Container.obj_from_primitive(primitive, admin)


@contextlib.contextmanager
def running(folder: Path, auth: BaseAuthPlugin, text: str) -> Iterator[Zun]:
    """A zun that was started with a zun.conf of this text."""
    file = folder / "zun.conf"
    file.write_text(text)
    case = Case()
    case.setUp()
    _wake_loggers()
    try:
        config.parse_args(["zun", "--config-file", str(file)], default_config_files=[])
        zun.conf.CONF.set_override("capsule_driver", "fake")
        with _stood_in(auth) as stack:
            found = Zun(_api(), file)
            for call in ("container_create", "container_delete", "container_show"):
                handler = getattr(found, call)
                stack.enter_context(mock.patch(f"zun.compute.rpcapi.API.{call}", _method(handler)))
            yield found
    finally:
        case.doCleanups()
        pecan.set_config({}, overwrite=True)


def _wake_loggers() -> None:
    """Let all loggers speak: alembic silences those that were there before it."""
    for logger in logging.root.manager.loggerDict.values():
        logger.disabled = False


def _method(handler):
    return lambda api, *args, **kwargs: handler(api, *args, **kwargs)


def _api():
    return pecan.load_app(
        {
            "app": {
                "root": "zun.api.controllers.root.RootController",
                "modules": ["zun.api"],
                "hooks": [hooks.ContextHook(), hooks.RPCHook(), hooks.NoExceptionTracebackHook()],
            }
        }
    )


@contextlib.contextmanager
def _stood_in(auth: BaseAuthPlugin) -> Iterator[contextlib.ExitStack]:
    keystone = SimpleNamespace(session=session.Session(auth), auth=auth)
    networks = mock.Mock(side_effect=lambda *_: [dict(NETWORK)])
    with contextlib.ExitStack() as stack:
        linux = "zun.container.os_capability.linux.os_capability_linux.LinuxHost"
        for target, stand_in in {
            f"{linux}.get_pci_resources": lambda _: LSPCI,
            "zun.common.clients.OpenStackClients.keystone": lambda _: keystone,
            "zun.common.utils.build_requested_networks": networks,
            "zun.volume.cinder_api.CinderAPI": mock.Mock(),
            "zun.network.neutron.NeutronAPI": mock.Mock(),
            "zun.objects.ContainerAction.action_start": mock.Mock(),
            "zun.objects.ContainerAction.action_finish": mock.Mock(),
            "zun.objects.ContainerActionEvent.event_start": mock.Mock(),
            "zun.objects.ContainerActionEvent.event_finish": mock.Mock(),
            "zun.compute.rpcapi.rpc_service.API.__init__": mock.Mock(return_value=None),
        }.items():
            stack.enter_context(mock.patch(target, stand_in))
        yield stack
