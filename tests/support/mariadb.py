"""A MariaDB of our own: its files in a temporary folder, reached through a socket in it."""

import contextlib
import subprocess
from collections.abc import Iterator

from .daemons import made, private_folder, program, running, unprivileged

_FOLDERS = "/usr/sbin", "/usr/bin"


@contextlib.contextmanager
def mariadb() -> Iterator[str]:
    """Start one, and give its address as SQLAlchemy writes it."""
    who = unprivileged("mysql")
    with private_folder(who) as folder:
        files, socket = f"--datadir={folder}/data", f"--socket={folder}/socket"
        install = [program("mariadb-install-db", *_FOLDERS), "--no-defaults", files]
        made([*install, "--auth-root-authentication-method=normal", "--skip-test-db"], who)
        admin = [program("mariadb-admin", *_FOLDERS), "--no-defaults", socket, "-uroot"]

        def is_ready() -> bool:
            return not subprocess.run([*admin, "-s", "ping"], capture_output=True).returncode

        # it need not survive a power cut
        command = [program("mariadbd", *_FOLDERS), "--no-defaults", files, socket]
        command += ["--skip-networking", "--innodb-flush-log-at-trx-commit=0"]
        with running(command, folder / "log", is_ready, cwd="/", **who):
            made([*admin, "create", "placement"], who)
            yield f"mysql+pymysql://root@localhost/placement?unix_socket={folder}/socket"
