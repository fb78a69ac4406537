"""The numbers in Prometheus' words, and back; loading prometheus_client takes some time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    UnknownMetricFamily,
)
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from .catalogue import BUCKET, FAMILIES, PREFIX, SUM, Family, Kind, Numbers, Sample
from .tally import BUCKETS, limit

_LABELS = {name: labels for family in FAMILIES for name, labels in family.samples.items()}


_Plain = CounterMetricFamily | GaugeMetricFamily | UnknownMetricFamily
_KINDS: Mapping[Kind, Callable[..., _Plain]] = {
    Kind.COUNTER: CounterMetricFamily,
    Kind.GAUGE: GaugeMetricFamily,
    Kind.UNTYPED: UnknownMetricFamily,
}


class _Collector(Collector):
    """Gives the numbers of one moment, in the thread of who asks."""

    def __init__(self, numbers: Callable[[], Numbers]) -> None:
        self._numbers = numbers

    def collect(self) -> Iterator[Metric]:
        """What there is now."""
        numbers = self._numbers()
        return (_metric(family, numbers) for family in FAMILIES if _has(family, numbers))

    def describe(self) -> Iterator[Metric]:
        """All that there can be."""
        return (_metric(family, {}) for family in FAMILIES)


def registry_of(numbers: Callable[[], Numbers]) -> CollectorRegistry:
    """A registry of our own: nobody else's metrics are in it."""
    registry = CollectorRegistry()
    registry.register(_Collector(numbers))
    return registry


def rendered(numbers: Numbers) -> bytes:
    """The numbers as text."""
    return generate_latest(registry_of(lambda: numbers))


def _has(family: Family, numbers: Numbers) -> bool:
    return any(which.name in family.samples for which in numbers)


def _metric(family: Family, numbers: Numbers) -> Metric:
    name = PREFIX + family.name
    if family.kind is Kind.HISTOGRAM:
        return _histogram(family, name, numbers)
    metric = _KINDS[family.kind](name, family.meaning, labels=family.labels)
    for which in sorted(each for each in numbers if each.name == family.name):
        metric.add_metric(which.labels, numbers[which])
    return metric


def _histogram(family: Family, name: str, numbers: Numbers) -> Metric:
    metric = HistogramMetricFamily(name, family.meaning)
    limits = [limit(each) for each in (*BUCKETS, math.inf)]
    found = [(each, numbers.get(Sample(family.name + BUCKET, (each,)), 0.0)) for each in limits]
    metric.add_metric([], found, numbers.get(Sample(family.name + SUM), 0.0))
    return metric


def read_back(text: str) -> Numbers:
    """The numbers that were rendered once. Raises ValueError where these are none of ours."""
    found = {
        Sample(name, labels): value
        for metric in text_string_to_metric_families(text)
        for name, labels, value in _samples(metric)
    }
    if not all(math.isfinite(value) and value >= 0 for value in found.values()):
        raise ValueError("some are no numbers that a count or a time can be")
    return found if _is_cumulative(found) else _without_histogram(found)


def _samples(metric: Metric) -> Iterator[tuple[str, tuple[str, ...], float]]:
    """The samples of ours in a metric, as far as this version knows them."""
    for sample in metric.samples:
        name = sample.name.removeprefix(PREFIX)
        labels = _LABELS.get(name, ("",)) if sample.name != name else ("",)
        if set(labels) == sample.labels.keys():
            yield name, tuple(sample.labels[label] for label in labels), sample.value


def _is_cumulative(numbers: Numbers) -> bool:
    """Whether the buckets are those of today, and each has what the one before it has."""
    found = {which.labels[0]: n for which, n in numbers.items() if which.name.endswith(BUCKET)}
    limits = [limit(each) for each in (*BUCKETS, math.inf)]
    return found.keys() == set(limits) and all(
        found[smaller] <= found[larger] for smaller, larger in pairwise(limits)
    )


def _without_histogram(numbers: Numbers) -> Numbers:
    return {w: n for w, n in numbers.items() if not w.name.endswith((BUCKET, SUM))}
