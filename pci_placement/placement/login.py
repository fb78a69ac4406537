"""What of a login still holds at the next pass: the token, and which microversion is spoken.

A pass that starts every minute would ask Keystone for a token each time, and each of those is a
hash of the password that Keystone has to try.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import Protocol

from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.base import BaseIdentityPlugin

from pci_placement.model.login import KeptLogin

from .session import NEWEST, OLDEST, Version


class Keeps(Protocol):
    """Where a login is kept; both may do nothing."""

    def read(self) -> KeptLogin | None:
        """What was kept last."""

    def write(self, kept: KeptLogin | None) -> None:
        """Keep this, or nothing."""


class Login:
    """The login of one adapter. Whatever was kept for another one is passed over."""

    def __init__(self, adapter: Adapter, keeps: Keeps) -> None:
        self._adapter = adapter
        self._keeps = keeps
        self._whose = _whose(adapter)
        self._kept = keeps.read()

    def resume(self) -> Version:
        """Use what was kept; the microversion to begin with."""
        kept = self._kept
        if not kept or kept.whose != self._whose:
            return NEWEST
        plugin = _identity(self._adapter)
        with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):
            if plugin and kept.auth:
                plugin.set_auth_state(kept.auth)
        return kept.version if OLDEST <= kept.version <= NEWEST else NEWEST

    def keep(self, version: Version) -> None:
        """Write down what holds now, where it is something new."""
        plugin = _identity(self._adapter)
        now = KeptLogin(self._whose, plugin.get_auth_state() if plugin else None, version)
        if now != self._kept:
            self._keeps.write(now)
            self._kept = now

    def forget(self) -> None:
        """Keep nothing: it may be the reason why nobody answers, or not as hoped."""
        if self._kept:
            self._keeps.write(None)
            self._kept = None


def _identity(adapter: Adapter) -> BaseIdentityPlugin | None:
    """The plugin, if it gets tokens and knows what it is told apart by, the password included."""
    plugin = adapter.auth or adapter.session.auth
    return plugin if isinstance(plugin, BaseIdentityPlugin) and plugin.get_cache_id() else None


def _whose(adapter: Adapter) -> str:
    """What differs where anything of a login does; a digest, because a password is part of it."""
    plugin, identity = adapter.auth or adapter.session.auth, _identity(adapter)
    of = (
        type(plugin).__name__,
        identity.get_cache_id() if identity else None,
        str(getattr(plugin, "endpoint", None)),
        str(adapter.endpoint_override),
        str(adapter.service_type),
        str(adapter.region_name),
        str(adapter.interface),
    )
    return hashlib.sha256(json.dumps(of).encode()).hexdigest()
