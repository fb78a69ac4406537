"""What Tempest finds by its entry point `tempest.test_plugins`."""

from __future__ import annotations

from pathlib import Path

from oslo_config import cfg
from tempest import config
from tempest.test_discover import plugins

from . import options

CHECKS = Path(__file__).with_name("checks")


class PciPlacementPlugin(plugins.TempestPlugin):
    """The checks of this package."""

    def load_tests(self) -> tuple[str, str]:
        """Say where the tests are, and the folder from which they are imported."""
        return str(CHECKS), str(CHECKS.parents[2])

    def register_opts(self, conf: cfg.ConfigOpts) -> None:
        """Add our group to tempest.conf."""
        conf.register_group(options.GROUP)
        conf.register_opts(options.OPTIONS, options.GROUP)

    def get_opt_lists(self) -> list[tuple[str, list[cfg.Opt]]]:
        """Tell our options to the generator of a sample."""
        return [(options.GROUP.name, options.OPTIONS)]

    def get_service_clients(self) -> list[dict[str, object]]:
        """Tell of the client for what Tempest's own ones cannot ask Placement."""
        known = {
            "name": "pci_placement",
            "service_version": "pci_placement",
            "module_path": "pci_placement.tempest.clients",
            "client_names": ["ClaimsClient"],
        }
        return [{**config.service_client_config("placement"), **known}]
