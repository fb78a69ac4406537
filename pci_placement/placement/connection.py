"""The way to Placement in plain values, for a program that has loaded next to nothing of us."""

from __future__ import annotations

import math
from typing import NamedTuple

from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.base import BaseIdentityPlugin

from .bounds import REQUEST_SECONDS

_TOKEN = "X-Auth-Token"  # noqa: S105  the name of a header


class Connection(NamedTuple):
    """A URL, and what a request there needs; ends is when the token does, in seconds since 1970."""

    url: str
    headers: dict[str, str]
    verify: bool | str
    cert: str | tuple[str, str] | None
    timeout: float
    ends: float


def connection_of(adapter: Adapter, version: tuple[int, int]) -> Connection | None:
    """How an adapter reaches Placement; None where a token is not all that it takes.

    Nothing is sent if a request was answered before.
    """
    plugin, session = adapter.auth, adapter.session
    if plugin is None:
        return None
    url, headers = adapter.get_endpoint(), session.get_auth_headers(plugin)
    if not url or not headers or set(headers) != {_TOKEN}:
        return None
    own = plugin.get_connection_params(session)
    verify = own.get("verify")
    return Connection(
        url=url.rstrip("/"),
        headers={
            **headers,
            "Accept": "application/json",
            "OpenStack-API-Version": f"placement {version[0]}.{version[1]}",
            "User-Agent": "pci-placement",
        },
        verify=verify if verify is not None else session.verify or False,
        cert=own.get("cert") or session.cert,
        timeout=float(session.timeout or REQUEST_SECONDS),
        ends=_ends(plugin),
    )


def _ends(plugin: object) -> float:
    """When a token is no longer taken, less the time that keystoneauth leaves before that."""
    access = plugin.auth_ref if isinstance(plugin, BaseIdentityPlugin) else None
    if access is None or access.expires is None:
        return math.inf
    return access.expires.timestamp() - BaseIdentityPlugin.MIN_TOKEN_LIFE_SECONDS
