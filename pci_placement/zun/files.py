"""Which configuration counts where zun runs: the files that zun was started with."""

from __future__ import annotations

import zun.conf
from oslo_config import cfg

from pci_placement.settings import PROJECT, ConfigPath


def zun_paths() -> list[ConfigPath]:
    """The files and folders that zun itself was started with."""
    conf = zun.conf.CONF
    return [
        *map(ConfigPath, conf.config_file or ()),
        *(ConfigPath(path, is_dir=True) for path in conf.config_dir or ()),
    ]


def node_paths() -> list[ConfigPath]:
    """The same, and our own file where there is one: as the agent of this node is started."""
    return [*zun_paths(), *map(ConfigPath, cfg.find_config_files(PROJECT))]
