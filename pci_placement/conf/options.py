"""Our options, declared with oslo.config, and the ways in which nova and zun spell two of them."""

from __future__ import annotations

from oslo_config import cfg

GROUP = cfg.OptGroup("pci_placement", title="What pci-placement does on this compute node")
PCI_GROUP = cfg.OptGroup("pci", title="PCI devices, as nova.conf and zun.conf have them")

# Source: nova/conf/pci.py; zun/conf/pci.py; zun, specs/pci-device-model.rst ([default]).
pci_opts: list[cfg.Opt] = [
    cfg.MultiStrOpt(
        "device_spec",
        default=[],
        deprecated_opts=[
            cfg.DeprecatedOpt("passthrough_whitelist", group="pci"),
            cfg.DeprecatedOpt("pci_passthrough_whitelist", group="DEFAULT"),
            cfg.DeprecatedOpt("pci_passthrough_whitelist", group="default"),
        ],
        help="""
The devices that may be given away: a JSON object, or a list of them. May be given several times;
the first entry that matches a device decides about it. For example::

    device_spec = {"vendor_id": "8086", "product_id": "0443"}
    device_spec = {"devname": "ens1f0", "physical_network": "physnet1"}
    device_spec = {"address": "0000:81:00.0", "device_type": "type-PF"}
""",
    ),
    cfg.MultiStrOpt(
        "alias",
        default=[],
        deprecated_opts=[
            cfg.DeprecatedOpt("pci_alias", group="DEFAULT"),
            cfg.DeprecatedOpt("pci_alias", group="default"),
        ],
        help="""
A name for a kind of device: a JSON object, or a list of them. May be given several times; the
same name again adds an alternative. In a file that nova reads too, write one object a value, and
no name twice where nova schedules with Placement: it refuses both. For example::

    alias = {"name": "QuickAssist", "vendor_id": "8086", "product_id": "0443"}
""",
    ),
]

own_opts: list[cfg.Opt] = [
    cfg.StrOpt(
        "root_provider_uuid",
        help="The uuid of the compute node's own resource provider, which zun-compute or "
        "nova-compute registers. It must be the root of its tree.",
    ),
    cfg.StrOpt(
        "root_provider_name",
        sample_default="<host name>",
        help="Its name, where root_provider_uuid is not set. nova-compute uses the hypervisor's "
        "host name, which may be the fully qualified one.",
    ),
    cfg.BoolOpt(
        "create_root",
        default=False,
        help="Let sync create the compute node's provider where it is missing. For labs only: on "
        "a real node zun-compute or nova-compute owns it.",
    ),
    cfg.StrOpt(
        "state_dir",
        default="/var/lib/pci-placement",
        help="Where the lock, the result of the last pass and the note that this node is retired "
        "are kept. The result saves requests, and knows which devices each inventory counts and "
        "which traits of whitelist entries are ours to take off.",
    ),
    cfg.StrOpt(
        "unaliased",
        default="report",
        choices=[
            ("report", "offer them under a class made of their ids, CUSTOM_PCI_8086_0443"),
            ("ignore", "do not offer them"),
        ],
        help="What to do with listed devices that no alias names and whose entry names no "
        "resource_class.",
    ),
    cfg.StrOpt(
        "pooling",
        default="device",
        choices=[
            ("device", "every plain device and every whole PF is a provider of its own"),
            ("numa", "those of one class, one set of traits and one NUMA node share a provider"),
        ],
        help="Which plain devices and whole PFs share a provider. On a node with many devices of a "
        "kind, numa keeps requests for several of them cheap: each permutation of single providers "
        "is a candidate for Placement.",
    ),
    cfg.BoolOpt(
        "pf_vf_exclusive",
        default=False,
        help="Allow a PF to be offered beside its VFs; Placement then refuses whichever kind comes "
        "second. All agents and schedulers of the cloud must agree on this option, because "
        "requests differ too.",
    ),
    cfg.FloatOpt(
        "settle_time",
        default=5.0,
        min=0.0,
        help="Seconds for which a card must stay what it is after it changed its kind (plain, PF, "
        "VFs) before the new kind is offered. A VF looks like a plain device for a moment while it "
        "is made.",
    ),
    cfg.IntOpt(
        "max_removals",
        min=0,
        sample_default="<half of our providers, at least 2>",
        help="How many providers, and resource classes of providers, one pass may remove. If it "
        "would be more, none is removed: they are drained instead, which can be undone, and the "
        "pass ends with 4. `sync --force` removes them.",
    ),
    cfg.StrOpt(
        "policy",
        default="sync",
        choices=[
            ("sync", "remove what this host no longer offers, once nobody uses it"),
            ("upsert-only", "never remove anything, only drain it; `sync --force` removes it"),
        ],
        help="Whether a pass removes providers and resource classes.",
    ),
    cfg.FloatOpt(
        "sync_interval",
        default=60.0,
        min=1.0,
        help="Seconds from one pass of pci-placement-agent to the next, give or take 10 %, so that "
        "the nodes of a cloud do not fall into step. It waits longer after passes that fail.",
    ),
    cfg.BoolOpt(
        "watch",
        default=True,
        help="Whether pci-placement-agent listens to the kernel, and makes a pass soon after it "
        "tells that PCI devices or network interfaces came, went or changed. Without it, or where "
        "the kernel cannot be heard, they are found at the next pass.",
    ),
    cfg.FloatOpt(
        "remote_check_interval",
        default=0.0,
        min=0.0,
        help="Seconds for which pci-placement-agent takes it that nobody changed what is ours in "
        "Placement: until then a pass that finds this host as it was asks nothing. With 0 each "
        "pass asks, which is one request. What a consumer gives back of a drained provider is "
        "noticed at that request too.",
    ),
    cfg.FloatOpt(
        "full_sync_interval",
        default=3600.0,
        min=0.0,
        help="Seconds after which a pass no longer trusts the cache and reads all of our providers "
        "again: give or take 25 %, another number each time, so that the nodes of a cloud do not "
        "read all at once.",
    ),
    cfg.FloatOpt(
        "pass_timeout",
        default=300.0,
        min=5.0,
        help="Seconds after which a pass ends, whatever it still waits for: with 75, and its lock "
        "is free. What it has done stays, and the next pass goes on from there. How long it waits "
        "for any one answer is said by timeout in [placement] (60 seconds).",
    ),
    cfg.StrOpt(
        "cdi_dir",
        help="A folder in which container runtimes look for documents of the Container Device "
        "Interface, such as /run/cdi or /etc/cdi. One is kept there with the devices that "
        "consumers were given (claim show). Empty: none.",
    ),
    cfg.StrOpt(
        "metrics_file",
        help="A file for the textfile collector of node_exporter, written after each pass of "
        "pci-placement-agent: a path that begins with / and ends in .prom, in a folder that is "
        "there. Empty: none.",
    ),
    cfg.StrOpt(
        "metrics_listen",
        help="An address and a port, such as 127.0.0.1:9110 or [::1]:9110, on which "
        "pci-placement-agent serves metrics to Prometheus, not with --once. Whoever reaches it can "
        "read what this node offers and how much of that is used. Empty: none.",
    ),
    cfg.BoolOpt(
        "enabled",
        default=True,
        help="Whether sync does anything on this host. With false, what is in Placement stays as "
        "it is; `pci-placement retire` takes it away.",
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Register everything above on a ConfigOpts."""
    conf.register_opts(pci_opts, group=PCI_GROUP)
    conf.register_opts(own_opts, group=GROUP)


def list_opts() -> list[tuple[cfg.OptGroup, list[cfg.Opt]]]:
    """List the options for oslo-config-generator and for programs that include them."""
    return [(PCI_GROUP, pci_opts), (GROUP, own_opts)]
