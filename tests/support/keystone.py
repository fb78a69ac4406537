"""A real Keystone, and a real Placement that asks it who somebody is: a small cloud of both.

Placement enforces its new defaults, as it does in a cloud: only roles that it names may do things.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet
from keystoneauth1.adapter import Adapter
from keystoneauth1.identity import v3
from keystoneauth1.session import Session

from pci_placement.placement import Client, of_session

from .certificates import Authority
from .daemons import PATIENCE
from .placements import Real, remove_all
from .ports import kept_port
from .services import ADMINISTRATOR, CLOCK, REGION

INSIDE, OUTSIDE, SECURE, DOWN, ASTRAY, EMPTY = "Inside Outside Secure Down Astray Empty".split()
"""Regions: in two of them one endpoint of two is alive, and so on."""

PROJECT, BARE = "service", "bare"
"""Projects; the catalog of the second has no Placement."""

ROLES = ("service", "admin", "member", "reader")
PLACEMENT_USER = "placement"

KEYSTONE_CONF = """
[DEFAULT]
log_file = {folder}/keystone.log
[database]
connection = sqlite:///{folder}/keystone.sqlite
sqlite_synchronous = false
[fernet_tokens]
key_repository = {folder}/keys
[fernet_receipts]
key_repository = {folder}/keys
[credential]
key_repository = {folder}/keys
[identity]
# the least that bcrypt takes: the passwords here protect nothing
password_hash_rounds = 4
[cache]
# or it reads its tables two hundred times to look at one token
enabled = true
backend = dogpile.cache.memory
"""

PLACEMENT_CONF = """
[DEFAULT]
log_file = {folder}/placement.log
[placement_database]
connection = sqlite:///{folder}/placement.sqlite
sqlite_synchronous = false
sync_on_startup = true
[api]
auth_strategy = keystone
[keystone_authtoken]
# every token is looked up every time, so that a revoked one is refused at once
token_cache_time = -1
interface = public
{credentials}
[oslo_policy]
enforce_new_defaults = true
enforce_scope = true
policy_file = {folder}/policy.yaml
"""


def password(user: str) -> str:
    """What only this user knows; it occurs in nothing else."""
    return f"0pen-5esame-{user}"


class Service:
    """One of both, in a process of its own; `stop` ends it."""

    def __init__(self, kind: str, folder: Path, configuration: str) -> None:
        (folder / f"{kind}.conf").write_text(configuration)
        with (folder / f"{kind}.stderr").open("w") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "support.services", kind, str(folder)],
                cwd=Path(__file__).parents[1],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
        plain, secure = json.loads(self._process.stdout.readline())
        self.url, self.secure_url = f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}"

    def set(self, group: str, name: str, value: object) -> None:
        """Set an option of the running service."""
        self._process.stdin.write(json.dumps([group, name, value]) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline(), "it has ended: see its log"

    def put_clock_forward(self, seconds: float) -> None:
        """Let its clock be ahead of ours from now on, by as much as this."""
        self.set(CLOCK, "ahead", seconds)

    def stop(self) -> None:
        self._process.communicate(timeout=PATIENCE)  # closes its stdin


class Cloud:
    """Both services, users with one role each, and a catalog with regions in which some is wrong.

    down is a URL where nobody listens, other_authority one that has signed nothing here.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as undo:
            self._undo = undo
            self._begin(self._folder)
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def _begin(self, folder: Path) -> None:
        (folder / "keys").mkdir(parents=True)
        for number in "01":
            (folder / "keys" / number).write_bytes(Fernet.generate_key())
        self.authority = Authority(folder, "authority")
        self.other_authority = Authority(folder, "other-authority")
        self.authority.issue("server")
        self.down = self._nobody()
        self.keystone = self._start("keystone", KEYSTONE_CONF)
        self.auth_url = f"{self.keystone.url}/v3"
        self.secure_auth_url = f"{self.keystone.secure_url}/v3"
        credentials = self.section(PLACEMENT_USER)
        self.placement = self._start("placement", PLACEMENT_CONF, credentials=credentials)
        self.identity = Adapter(self.session(*[ADMINISTRATOR] * 3), service_type="identity")
        self._populate()

    def _nobody(self) -> str:
        return f"http://127.0.0.1:{self._undo.enter_context(kept_port())}"

    def _start(self, kind: str, configuration: str, **more: str) -> Service:
        text = configuration.format(folder=self._folder, **more)
        service = Service(kind, self._folder, text)
        self._undo.callback(service.stop)
        return service

    # --- who may do what, and where everything is

    def _populate(self) -> None:
        projects = {name: self._project(name) for name in (PROJECT, BARE)}
        roles = {role["name"]: role["id"] for role in self._list("roles")}
        for role in ROLES:
            user = self._user(role)
            for project in projects.values():
                self.identity.put(f"/projects/{project}/users/{user}/roles/{roles[role]}")
        asking = self._user(PLACEMENT_USER)
        may_ask = f"/projects/{projects[PROJECT]}/users/{asking}/roles/{roles['service']}"
        self.identity.put(may_ask)
        (identity,) = self._list("endpoints")
        self.identity.put(f"/OS-EP-FILTER/projects/{projects[BARE]}/endpoints/{identity['id']}")
        self._catalog()

    def _project(self, name: str) -> str:
        return self._create("project", name=name, domain_id="default")["id"]

    def _user(self, name: str) -> str:
        known = {"password": password(name), "domain_id": "default"}
        return self._create("user", name=name, **known)["id"]

    def _catalog(self) -> None:
        placement = self._create("service", type="placement", name="placement")["id"]
        alive, secure = self.placement.url, self.placement.secure_url
        for region, internal, public in (
            (REGION, alive, alive),
            (INSIDE, alive, self.down),
            (OUTSIDE, self.down, alive),
            (SECURE, secure, secure),
            (DOWN, self.down, self.down),
            (ASTRAY, self.keystone.url, self.keystone.url),
            (EMPTY, None, None),
        ):
            if region != REGION:  # which is Keystone's own
                self._create("region", id=region)
            for interface, url in (("internal", internal), ("public", public)):
                if url:
                    where = {"region_id": region, "interface": interface, "url": url}
                    self._create("endpoint", service_id=placement, **where)

    def _list(self, what: str) -> list[dict]:
        return self.identity.get(f"/{what}").json()[what]

    def _create(self, kind: str, **content: str) -> dict:
        return self.identity.post(f"/{kind}s", json={kind: content}).json()[kind]

    # --- ways in

    def session(self, user: str, secret: str, project: str = PROJECT) -> Session:
        """A session of keystoneauth, such as any other program opens."""
        domains = {"user_domain_id": "default", "project_domain_id": "default"}
        auth = v3.Password(
            self.auth_url, username=user, password=secret, project_name=project, **domains
        )
        return Session(auth)

    def client(self, user: str = "service") -> Client:
        """Our client as this user."""
        return Client(of_session(self.session(user, password(user)), REGION, "internal"))

    def bare_node(self) -> Real:
        """The compute node's provider, as a user with the role `service` sees it; nothing else."""
        client = self.client()
        remove_all(client)
        return Real(client)

    def options(self, user: str, **other: str | None) -> dict[str, str]:
        """What keystoneauth needs for a user; None leaves an option out."""
        usual = {
            "auth_url": self.auth_url,
            "username": user,
            "password": password(user),
            "project_name": PROJECT,
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        }
        return {name: value for name, value in {**usual, **other}.items() if value is not None}

    def section(self, user: str, **other: str | None) -> str:
        """The same as lines of a section `[placement]`, with a region where none is given."""
        options = self.options(user, **{"region_name": REGION, **other})
        return "\n".join(f"{k} = {v}" for k, v in {"auth_type": "password", **options}.items())

    @contextlib.contextmanager
    def policy(self, rules: dict[str, str]) -> Iterator[None]:
        """Let Placement have other rules for a while; it reads the file again at every request."""
        file = self._folder / "policy.yaml"
        file.write_text(json.dumps(rules))
        yield
        file.write_text("{}")

    # --- tokens

    def tokens(self) -> list[str]:
        """Every token that was issued so far."""
        return (self._folder / "tokens").read_text().split()

    def revoke(self, tokens: Iterable[str]) -> None:
        """Take tokens back, as the administrator."""
        for token in tokens:
            self.identity.delete("/auth/tokens", headers={"X-Subject-Token": token})
