"""A real Placement that this process starts itself, for the demo and for tests.

Not a fake: it is openstack-placement, over HTTP on 127.0.0.1, with its tables in a SQLite file.
It trusts everybody who can reach the port (the token `admin` is the administrator).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import threading
import uuid as uuids
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pci_placement.errors import PciPlacementError

from .server import serve

# What zun-compute reports with the defaults of zun.conf, for a host of 32 CPUs, 128 GiB and 1 TB.
_COMPUTE_NODE = {
    "VCPU": {"total": 32, "reserved": 0, "allocation_ratio": 16.0},
    "MEMORY_MB": {"total": 131072, "reserved": 512, "allocation_ratio": 1.5},
    "DISK_GB": {"total": 931, "reserved": 0, "allocation_ratio": 1.0},
}

# Placement keeps its database, its policy and "the standard traits are written" in module globals,
# so two of them in one process would share one database.
_only_one = threading.Lock()


class EmbeddedPlacementError(PciPlacementError):
    """The embedded Placement cannot be started or used."""


@dataclass(frozen=True, slots=True)
class ServedRequest:
    """One request that was answered; the path is as it was sent, with its query."""

    method: str
    path: str
    status: int


class EmbeddedPlacement:
    """A real openstack-placement on a SQLite file, served over HTTP on 127.0.0.1 by this process.

    Only one can run in a process at a time. After `stop`, `start` brings it back with the same
    data on the same port, like a service that was restarted.
    """

    def __init__(
        self, directory: Path, *, port: int = 0, enforce_new_defaults: bool = False
    ) -> None:
        self.requests: list[ServedRequest] = []
        self._directory = directory
        self._port = port
        self._enforce_new_defaults = enforce_new_defaults
        self._loaded: _Loaded | None = None
        # SQLite takes one writer at a time: of requests that overlap, some would fail with
        # 500 "database is locked", which no Placement on a server database ever answers.
        self._turn = threading.Lock()
        self._undo = contextlib.ExitStack()

    @property
    def url(self) -> str:
        """The address that it listens on; known from the first start on."""
        if not self._port:
            raise EmbeddedPlacementError("the embedded Placement has not been started")
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Loads Placement and serves it from a thread."""
        if not _only_one.acquire(blocking=False):
            raise EmbeddedPlacementError(
                "an embedded Placement is running in this process already, and Placement's "
                "database handle is global: stop that one first"
            )
        with contextlib.ExitStack() as undo:
            undo.callback(_only_one.release)
            undo.callback(setattr, self, "_loaded", None)
            self._loaded = _load(self._directory, self._enforce_new_defaults, undo)
            self.requests.clear()
            self._port = self._listen(undo)
            self._undo = undo.pop_all()

    def _listen(self, undo: contextlib.ExitStack) -> int:
        try:
            return serve(self._port, self._answer, undo)
        except OSError as error:
            raise EmbeddedPlacementError(
                f"cannot listen on 127.0.0.1:{self._port}: {error.strerror}; choose another port"
            ) from error

    def stop(self) -> None:
        """Answers what was asked, then closes every connection, thread and file."""
        self._undo.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def reset(self) -> None:
        """Empties the database; the standard traits and resource classes stay."""
        with self._turn, self._running.engine.begin() as connection:
            for table in reversed(self._running.tables):
                rows = table.delete()
                if table.name in ("traits", "resource_classes"):
                    rows = rows.where(table.c.name.startswith("CUSTOM_", autoescape=True))
                connection.execute(rows)

    def environment(self) -> dict[str, str]:
        """The variables with which `openstack resource provider list` asks this server."""
        return {"OS_AUTH_TYPE": "admin_token", "OS_ENDPOINT": self.url, "OS_TOKEN": "admin"}

    def create_compute_node(self, name: str, uuid: str | None = None) -> str:
        """Registers a compute node as zun-compute does when it starts; returns its uuid."""
        uuid = uuid or str(uuids.uuid4())
        self._ask("POST", "/resource_providers", "1.20", {"uuid": uuid, "name": name})
        inventories = {
            resource_class: {"min_unit": 1, "max_unit": some["total"], "step_size": 1, **some}
            for resource_class, some in _COMPUTE_NODE.items()
        }
        body = {"resource_provider_generation": 0, "inventories": inventories}
        self._ask("PUT", f"/resource_providers/{uuid}/inventories", "1.26", body)
        return uuid

    def _ask(self, method: str, path: str, version: str, body: object) -> None:
        headers = {"X-Auth-Token": "admin", "OpenStack-API-Version": f"placement {version}"}
        headers["Content-Type"] = "application/json"
        response = self._answer(method, path, headers, json.dumps(body).encode())
        if response.status_int >= 400:
            raise EmbeddedPlacementError(
                f"{method} {path} answered {response.status}: {response.text}"
            )

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Any:
        placement = self._running
        request = placement.webob.Request.blank(path, method=method, headers=headers, body=body)
        with self._turn:
            response = request.get_response(placement.application)
            self.requests.append(ServedRequest(method, path, response.status_int))
        return response

    @property
    def _running(self) -> _Loaded:
        if self._loaded is None:
            raise EmbeddedPlacementError("the embedded Placement is not running")
        return self._loaded


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What is used of Placement, which ships no types."""

    application: Any
    engine: Any
    tables: Any
    webob: Any


def _load(directory: Path, enforce_new_defaults: bool, undo: contextlib.ExitStack) -> _Loaded:
    """Placement on the database in this directory; the imports of the first call take a second."""
    directory.mkdir(parents=True, exist_ok=True)
    _keep_logs_in(directory / "placement.log", undo)
    # Placement's dependencies use what Python has deprecated (webob imports cgi). That is nothing
    # to tell our users, nor may it fail our tests, where warnings are errors. No warning is known
    # from serving requests, and none is hidden there: the filters are not per thread.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            config = _configuration(directory, enforce_new_defaults)
            return _application(config, undo)
        except ImportError as error:
            raise EmbeddedPlacementError(
                "the demo needs openstack-placement: pip install 'pci-placement[demo]'"
            ) from error


def _configuration(directory: Path, enforce_new_defaults: bool) -> Any:
    """Placement's options, blind to the environment and to a Placement installed on this host."""
    from oslo_config import cfg
    from placement import conf

    config: Any = cfg.ConfigOpts()
    conf.register_opts(config)
    # a file, never `sqlite://`: in memory, several threads get random errors
    connection = f"sqlite:///{directory / 'placement.sqlite'}"
    config.set_override("connection", connection, "placement_database")
    config.set_override("auth_strategy", "noauth2", "api")
    config.set_override("enforce_new_defaults", enforce_new_defaults, "oslo_policy")
    # by default both are looked for in the home directory and in /etc as well
    config.set_override("policy_file", str(directory / "policy.yaml"), "oslo_policy")
    config.set_override("policy_dirs", [], "oslo_policy")
    config([], default_config_files=[], default_config_dirs=[], use_env=False)
    return config


def _application(config: Any, undo: contextlib.ExitStack) -> _Loaded:
    """Placement's WSGI application; undo gives its globals back, for a later start elsewhere."""
    from placement import db_api, deploy, policy
    from placement.db.sqlalchemy import migration, models
    from placement.objects import resource_class, trait

    # The global handle is lent our database: db_api.configure works only once in a process.
    database = db_api.placement_context_manager.make_new_manager()
    # Without retries, or a file that cannot be opened is tried for 100 seconds.
    database.configure(
        connection=config.placement_database.connection, sqlite_synchronous=False, max_retries=0
    )
    engine = database.writer.get_engine()
    undo.callback(db_api.placement_context_manager.patch_factory(database))
    undo.callback(policy.reset)
    # Placement's own test fixture resets these two as well: there is no function for it.
    trait._TRAITS_SYNCED = resource_class._RESOURCE_CLASSES_SYNCED = False  # noqa: SLF001  no function does
    migration.create_schema(engine)
    application = deploy.loadapp(config)
    webob = importlib.import_module("webob")
    return _Loaded(application, engine, models.BASE.metadata.sorted_tables, webob)


def _keep_logs_in(path: Path, undo: contextlib.ExitStack) -> None:
    """Sends the warnings of Placement and its libraries to a file instead of to stderr."""
    destination = logging.FileHandler(path, encoding="utf-8", delay=True)
    undo.callback(destination.close)
    for name in (
        "alembic",
        "placement",
        "oslo_concurrency",
        "oslo_db",
        "oslo_policy",
        "sqlalchemy",
    ):
        logger = logging.getLogger(name)
        undo.callback(setattr, logger, "propagate", logger.propagate)
        undo.callback(logger.setLevel, logger.level)
        undo.callback(logger.removeHandler, destination)
        logger.propagate = False
        logger.setLevel(logging.WARNING)
        logger.addHandler(destination)
