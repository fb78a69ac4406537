"""The options of the plugin, in a group of tempest.conf of its own."""

from __future__ import annotations

from oslo_config import cfg

GROUP = cfg.OptGroup("pci_placement", title="PCI devices that pci-placement tells Placement of")

OPTIONS = [
    cfg.ListOpt(
        "config_file",
        default=[],
        help="Files with the aliases, as the scheduler has them: its nova.conf or zun.conf, or one "
        "with [pci] alias alone. pf_vf_exclusive in [pci_placement] counts too. Empty: what is "
        "about aliases is skipped.",
    ),
    cfg.ListOpt(
        "aliases",
        default=[],
        help="The names of the aliases that this cloud has devices for. Empty: all of config_file.",
    ),
    cfg.ListOpt(
        "nodes",
        default=[],
        help="The names of the root providers whose trees are looked at. Empty: all below which "
        "there is a provider of ours.",
    ),
    cfg.StrOpt(
        "container_image",
        default="cirros",
        help="The image of the container that is started with a device where Zun answers.",
    ),
    cfg.StrOpt(
        "container_alias",
        help="The alias of that container's device. Empty: no container is started.",
    ),
    cfg.StrOpt("container_catalog_type", default="container", help="How the catalog calls Zun."),
    cfg.IntOpt(
        "container_timeout",
        default=300,
        min=1,
        help="Seconds after which that container must have its device, or be gone again.",
    ),
]
