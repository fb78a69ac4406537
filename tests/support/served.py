"""A real Placement on a real database server: several processes of several threads, over HTTP.

As a module with arguments it is one of those processes:
`python -m support.served PORT_FILE THREADS`, with Placement's options in the environment.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from .daemons import running

THREADS = 8

RETRIES = 1
"""How often one request tries to write an allocation.

With more, the default, Placement 16.0.0 gives one device to two consumers: a second try counts what
its own first try wrote, in the same transaction, as an overage of before, and adds to it.
"""


@contextlib.contextmanager
def placements(
    connection: str, folder: Path, processes: int = 2, retries: int = RETRIES
) -> Iterator[list[str]]:
    """Start processes that share a database, and give the address of each."""
    environment = {
        "OS_PLACEMENT_DATABASE__CONNECTION": connection,
        "OS_PLACEMENT__ALLOCATION_CONFLICT_RETRY_COUNT": str(retries),
    }
    with contextlib.ExitStack() as stack:
        # one after the other, because the first makes the tables
        yield [
            stack.enter_context(_one(environment, folder / f"placement-{number}"))
            for number in range(processes)
        ]


@contextlib.contextmanager
def _one(environment: dict[str, str], folder: Path) -> Iterator[str]:
    folder.mkdir(parents=True)
    # empty, and there: so that it does not read that of a Placement installed on this host
    (folder / "placement.conf").touch()
    port = folder / "port"
    command = [sys.executable, "-W", "ignore", "-m", "support.served", str(port), str(THREADS)]
    with running(
        command,
        folder / "log",
        port.exists,
        cwd=Path(__file__).parents[1],
        env={**_environment(folder), **environment},
    ):
        yield f"http://127.0.0.1:{port.read_text()}"


def _environment(folder: Path) -> dict[str, str]:
    """Placement's options."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONUNBUFFERED": "1",
        "OS_PLACEMENT_CONFIG_DIR": str(folder),
        "OS_PLACEMENT_DATABASE__SYNC_ON_STARTUP": "True",
        "OS_PLACEMENT_DATABASE__MAX_POOL_SIZE": str(THREADS),
        "OS_API__AUTH_STRATEGY": "noauth2",
        "OS_DEFAULT__DEFAULT_LOG_LEVELS": "placement.requestlog=WARNING",
        "OS_OSLO_POLICY__ENFORCE_NEW_DEFAULTS": "False",
    }


def _serve(arguments: Sequence[str]) -> None:
    """Serve until told to stop, or until whoever started us is gone."""
    port_file, threads = Path(arguments[0]), int(arguments[1])
    sys.argv = sys.argv[:1]  # Placement reads them as its own
    import waitress
    from placement.wsgi.api import application

    server = waitress.create_server(application, host="127.0.0.1", port=0, threads=threads)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    new = port_file.with_suffix(".new")
    new.write_text(str(server.effective_port))
    new.replace(port_file)
    server.run()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    _serve(sys.argv[1:])
