"""A Placement and a Keystone made of recorded answers, one of which may be another."""

import io
import json
import re

import requests
from keystoneauth1 import session
from keystoneauth1.identity import Password

from pci_placement.identity import device_key, provider_uuid
from pci_placement.model import PciAddress
from pci_placement.placement import Client, of_session

from .answers import CHILD, CONSUMER, NOBODY, ROOT, read

URL = "http://placement.example:8778"
KEYSTONE = "http://keystone.example:5000/v3"
KEY = device_key(PciAddress.parse("0000:3b:00.0"))
OURS = provider_uuid(ROOT, KEY)
"""The uuid of our provider; in the recorded answers it has another."""

ANSWERS = {
    "keystone_versions": ("GET", KEYSTONE),
    "keystone_token": ("POST", f"{KEYSTONE}/auth/tokens"),
    "versions": ("GET", f"{URL}/?"),
    "tree": ("GET", f"{URL}/resource_providers"),
    "created": ("POST", f"{URL}/resource_providers"),
    "provider": ("GET", f"{URL}/resource_providers/[^/]*"),
    "moved": ("PUT", f"{URL}/resource_providers/[^/]*"),
    "inventories": ("GET", f"{URL}/resource_providers/[^/]*/inventories"),
    "traits": ("GET", f"{URL}/resource_providers/[^/]*/traits"),
    "aggregates": ("GET", f"{URL}/resource_providers/[^/]*/aggregates"),
    "usages": ("GET", f"{URL}/resource_providers/[^/]*/usages"),
    "claims": ("GET", f"{URL}/resource_providers/[^/]*/allocations"),
    "inventories_set": ("PUT", f"{URL}/resource_providers/[^/]*/inventories"),
    "traits_set": ("PUT", f"{URL}/resource_providers/[^/]*/traits"),
    "allocations": ("GET", f"{URL}/allocations/[^/]*"),
    "classes": ("GET", f"{URL}/resource_classes"),
    "known_traits": ("GET", f"{URL}/traits"),
    "candidates": ("GET", f"{URL}/allocation_candidates"),
    "class_ensured": ("PUT", f"{URL}/(resource_classes|traits)/[^/]*"),
    "done": ("POST|DELETE", f"{URL}/.*"),
}
DONE = {"status": 204, "headers": {}, "body": None}
BARE = {"inventories": b'{"inventories": {}}', "traits": b'{"traits": []}'}


def recorded(name: str) -> dict:
    """An answer, in which our provider has the uuid that we would give it."""
    content = DONE if name == "done" else read(name)
    return json.loads(json.dumps(content).replace(CHILD, OURS))


class Replay(requests.adapters.BaseAdapter):
    """Answers as recorded, but with other bodies or statuses where told so."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: dict[str, bytes] = {}
        self.statuses: dict[str, int] = {}
        self.asked: list[str] = []
        self._known = {name: recorded(name) for name in ANSWERS}

    def send(self, request, **_) -> requests.Response:
        name = next(n for n, asked in ANSWERS.items() if _fits(request, *asked))
        self.asked.append(name)
        content = self._known[name]
        response = requests.Response()
        response.request, response.url = request, request.url
        response.status_code = self.statuses.get(name, content["status"])
        response.headers.update(content["headers"])
        response.raw = io.BytesIO(self.bodies.get(name, _body(content)))
        return response

    def close(self) -> None:
        """Nothing is open."""

    def client(self) -> Client:
        """Everybody who asks by this client asks here."""
        connections = requests.Session()
        connections.trust_env = False
        connections.mount("http://", self)
        auth = Password(
            KEYSTONE, "u", password="p", user_domain_id="d", project_name="s", project_domain_id="d"
        )
        return Client(of_session(session.Session(auth, session=connections), None, "public"))


def _fits(request, methods: str, pattern: str) -> bool:
    url = request.url.partition("?")[0]
    return bool(re.fullmatch(methods, request.method) and re.fullmatch(pattern, url))


def _body(content: dict) -> bytes:
    return b"" if content["body"] is None else json.dumps(content["body"]).encode()


__all__ = ["ANSWERS", "BARE", "CONSUMER", "KEY", "NOBODY", "OURS", "ROOT", "Replay", "recorded"]
