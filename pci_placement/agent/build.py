"""The agent of this host, for everybody who has no reason to put it together otherwise."""

from __future__ import annotations

import functools
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from pci_placement import placement
from pci_placement.discovery.scan import LIVE_SYSFS, scan
from pci_placement.errors import ConfigError
from pci_placement.model import Problem
from pci_placement.placement.bounds import Bounds
from pci_placement.settings import Settings
from pci_placement.state.roots import Roots, Spelling
from pci_placement.sync import Reconciler

from .answers import Standing
from .one_pass import Agent

if TYPE_CHECKING:
    from pci_placement.placement.login import Keeps
    from pci_placement.placement.trail import Trail

NO_CONFIG = (
    "no configuration file; give --config-file FILE, such as /etc/zun/zun.conf, or write "
    "/etc/pci-placement/pci-placement.conf"
)


def build(
    settings: Settings,
    *,
    sysfs: str = LIVE_SYSFS,
    os_cloud: str | None = None,
    client: Callable[[], placement.Client] | None = None,
    tell: Callable[[Standing | Problem], None] = lambda _: None,
    bounds: Bounds | None = None,
    trail: Trail | None = None,
) -> Agent:
    """Put an agent together; nothing is read, sent or logged in to before it is needed.

    client is called once, where Placement is not to be reached by `[placement]` or os_cloud. bounds
    are for who has to end a pass from elsewhere; without them it waits by sleeping. trail is for
    who tells of requests.
    """
    patience = bounds or Bounds()

    @functools.cache
    def reconciler() -> Reconciler:
        if not settings.files:  # no configuration is not an empty one
            raise ConfigError([Problem(NO_CONFIG)])
        connected = (
            client() if client else connect(settings, os_cloud, roots.login, patience, trail)
        )
        return Reconciler(settings, partial(scan, sysfs), connected, patience.wait)

    spelling = Spelling(settings.root_provider_name, settings.root_provider_uuid, os_cloud)
    roots = Roots(settings.state_dir, spelling)
    return Agent(settings, reconciler, roots, tell=tell, sysfs=sysfs)


def connect(
    settings: Settings,
    os_cloud: str | None = None,
    keeps: Keeps | None = None,
    bounds: Bounds | None = None,
    trail: Trail | None = None,
) -> placement.Client:
    """Placement, by `[placement]` or a cloud of clouds.yaml; keeps has the login of before."""
    return placement.Client(placement.connect(settings.conf, os_cloud), bounds, keeps, trail)
