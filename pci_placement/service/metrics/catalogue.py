"""All metrics that there are: their names, their kinds and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

PREFIX = "pci_placement_"


class Kind(StrEnum):
    """How a number behaves from one reading to the next."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"
    UNTYPED = "untyped"  # a gauge whose name ends as only counters' should


class Sample(NamedTuple):
    """Which number it is: a name without our prefix, and the values of its labels in order."""

    name: str
    labels: tuple[str, ...] = ()


Numbers = Mapping[Sample, float]
"""What all metrics are at one moment; never changed, only replaced."""


@dataclass(frozen=True, slots=True)
class Family:
    """Numbers of one meaning, told apart by labels."""

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()

    @property
    def samples(self) -> Mapping[str, tuple[str, ...]]:
        """The names of its samples, each with the names of its labels."""
        if self.kind is not Kind.HISTOGRAM:
            return {self.name: self.labels}
        return {self.name + BUCKET: self.labels, self.name + SUM: ()}


BUCKET, SUM = "_bucket", "_sum"

OF_PROCESS = (
    Family("build_info", Kind.GAUGE, "Always 1; the version as a label.", ("version",)),
    Family(
        "configuration_valid",
        Kind.GAUGE,
        "Whether the configuration as it was last read can be used; 0: the one before stays.",
    ),
    Family("sync_interval_seconds", Kind.GAUGE, "Seconds from one pass to the next."),
    Family("enabled", Kind.GAUGE, "Whether passes are made: [pci_placement] enabled."),
)
"""What is so now, whatever passes find."""

OF_PASSES = (
    Family("passes_total", Kind.COUNTER, "Passes, by how they ended.", ("result",)),
    Family("pass_duration_seconds", Kind.HISTOGRAM, "How long passes took.", ("le",)),
    Family("failing_passes", Kind.GAUGE, "Passes in a row that came to nothing; 0: the last did."),
    Family(
        "last_success_timestamp_seconds",
        Kind.GAUGE,
        "When the last pass that came to its end did so, in seconds since 1970; 0: none.",
    ),
    Family(
        "requests_total",
        Kind.COUNTER,
        "Requests sent to Placement and Keystone, repetitions included; status 0: no answer.",
        ("method", "status"),
    ),
    Family(
        "actions_total",
        Kind.COUNTER,
        "Steps of plans, by what became of them.",
        ("action", "result"),
    ),
    Family("drift_total", Kind.COUNTER, "Changes by somebody else that passes undid."),
)
"""What adds up over passes, the failed ones included."""

OF_LAST_SUCCESS = (
    Family("retired", Kind.GAUGE, "Whether this node is retired: passes take away what is ours."),
    Family(
        "last_full_read_timestamp_seconds",
        Kind.GAUGE,
        "When all of our providers were last read anew, in seconds since 1970.",
    ),
    Family(
        "devices",
        Kind.GAUGE,
        "PCI functions of this host, by what became of them.",
        ("resource_class", "state"),
    ),
    Family("held_cards", Kind.GAUGE, "Cards on which nothing may change."),
    Family("not_ours_cards", Kind.GAUGE, "Listed cards that are not ours to give."),
    Family("blocked_providers", Kind.GAUGE, "Providers in whose way something is."),
    Family("withheld_removals", Kind.GAUGE, "Removals that were too many for one pass."),
    Family("providers", Kind.GAUGE, "Our providers in Placement."),
    Family("draining_providers", Kind.GAUGE, "Those that we drain, because they are to go."),
    Family("drained_providers", Kind.GAUGE, "Those that an operator took out of service."),
    Family("inventory_total", Kind.UNTYPED, "Devices in our inventories.", ("resource_class",)),
    Family(
        "inventory_reserved",
        Kind.GAUGE,
        "Those of them that nobody can claim.",
        ("resource_class",),
    ),
    Family(
        "inventory_used",
        Kind.GAUGE,
        "Those that were claimed when Placement last told.",
        ("resource_class",),
    ),
    Family(
        "inventory_used_timestamp_seconds",
        Kind.GAUGE,
        "When Placement told how many are claimed, of the oldest reading.",
        ("resource_class",),
    ),
)
"""What the last pass that came to its end found and left."""

FAMILIES = (*OF_PROCESS, *OF_PASSES, *OF_LAST_SUCCESS)


def names_of(families: tuple[Family, ...]) -> frozenset[str]:
    """The names of all samples of some families."""
    return frozenset(name for family in families for name in family.samples)
