"""A PostgreSQL of our own: a cluster in a temporary folder, reached through a socket in it."""

import contextlib
import subprocess
from collections.abc import Iterator

from .daemons import made, private_folder, program, running, unprivileged

_FOLDER = "/usr/lib/postgresql/*/bin"

# it need not survive a power cut
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Start one, and give its address as SQLAlchemy writes it."""
    who = unprivileged("postgres")
    with private_folder(who) as folder:
        cluster = str(folder / "data")
        initdb = [program("initdb", _FOLDER), "-D", cluster, "-U", "placement"]
        made([*initdb, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"], who)
        command = [program("postgres", _FOLDER), "-D", cluster, "-k", str(folder)]
        for name, value in _SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        ready = [program("pg_isready", _FOLDER), "-q", "-h", str(folder)]

        def is_ready() -> bool:
            return not subprocess.run(ready).returncode

        with running(command, folder / "log", is_ready, cwd="/", **who):
            yield f"postgresql+psycopg2://placement@/postgres?host={folder}"
