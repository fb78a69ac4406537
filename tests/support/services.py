"""A real Keystone or Placement in a process of its own: `python -m support.services KIND FOLDER`.

Both keep their options, databases and policies in globals, and Keystone sends the warnings of the
whole process to its log. FOLDER holds KIND.conf, and server.pem for HTTPS. The first line of stdout
says on which ports of 127.0.0.1 it listens, for HTTP and for HTTPS. Each line of stdin is a JSON
list of group, option and value, set from then on and answered by a line; the group CLOCK is no
group but our clock. At the end of stdin we end.
"""

import datetime
import json
import os
import socketserver
import ssl
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

REGION = "RegionOne"
ADMINISTRATOR = "administrator"
"""The name of a user, of its project, and its password."""

CLOCK = "clock"


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """Takes connections from the start and answers once there is an application."""

    daemon_threads = True

    def __init__(self, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Quiet)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # the handshake is left to each connection's thread: some clients break it off
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def server_bind(self) -> None:
        """As in the base class, but nobody's name is looked up."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address
        self.setup_environ()

    def handle_error(self, *_: object) -> None:
        """Keep quiet about clients that hang up: some of them have to."""


class Quiet(WSGIRequestHandler):
    """One request; the services have their own logs."""

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def keystone(folder: Path, port: int) -> tuple[Any, Any]:
    """Keystone on an empty database, with its administrator; and its options."""
    import keystone.server
    from keystone.cmd.bootstrap import Bootstrapper
    from keystone.common.sql import upgrades
    from keystone.server.flask import application, core

    keystone.server.configure(config_files=[str(folder / "keystone.conf")])
    upgrades.offline_sync_database_to_version()
    bootstrapper = Bootstrapper()
    bootstrapper.admin_username = bootstrapper.project_name = ADMINISTRATOR
    bootstrapper.admin_password, bootstrapper.admin_role_name = ADMINISTRATOR, "admin"
    bootstrapper.service_name, bootstrapper.region_id = "keystone", REGION
    bootstrapper.public_url = f"http://127.0.0.1:{port}/v3"
    bootstrapper.bootstrap()
    served = core.setup_app_middleware(application.application_factory("public"))
    return remembering(served, folder / "tokens"), core.CONF


def remembering(application: Callable[..., Any], file: Path) -> Callable[..., Any]:
    """Write down every token that is issued, so that a test can look for them."""

    def remember(environ: dict, start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list, *more: Any) -> Any:
            issued = [value for name, value in headers if name == "X-Subject-Token"]
            with file.open("a") as tokens:
                tokens.writelines(f"{token}\n" for token in issued)
            return start_response(status, headers, *more)

        return application(environ, start)

    return remember


def placement(folder: Path, _: int) -> tuple[Any, Any]:
    """Placement on an empty database; and its options."""
    from oslo_config import cfg
    from oslo_log import log
    from placement import conf, db_api, deploy

    config = cfg.ConfigOpts()
    conf.register_opts(config)
    log.register_options(config)
    config([], default_config_files=[str(folder / "placement.conf")], default_config_dirs=[])
    log.setup(config, "placement")
    db_api.configure(config)
    return deploy.loadapp(config), config


def main() -> None:
    kind, folder = sys.argv[1], Path(sys.argv[2])
    del sys.argv[1:]  # Keystone would read them
    servers = [Server(), Server(folder / "server.pem")]
    say([server.server_port for server in servers])
    load = {"keystone": keystone, "placement": placement}[kind]
    application, options = load(folder, servers[0].server_port)
    turn = threading.Lock()  # SQLite takes one writer at a time

    def one_by_one(environ: dict, start_response: Callable[..., Any]) -> Iterable[bytes]:
        with turn:
            return list(application(environ, start_response))

    for server in servers:
        server.set_app(one_by_one)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    for line in sys.stdin:
        group, name, value = json.loads(line)
        if group == CLOCK:
            put_forward(value)
        else:
            options.set_override(name, value, group)
        say("set")
    os._exit(0)  # whoever is still connected need not be waited for


def put_forward(seconds: float) -> None:
    """Let the clock that both services look at be ahead of the system's."""
    from oslo_utils import timeutils

    def utcnow(with_timezone: bool = False) -> datetime.datetime:
        now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
        return now if with_timezone else now.replace(tzinfo=None)

    timeutils.utcnow = utcnow


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
