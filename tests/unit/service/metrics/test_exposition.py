import math

import pytest
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from pci_placement.service.metrics.catalogue import FAMILIES, PREFIX, Kind, Sample
from pci_placement.service.metrics.exposition import read_back, registry_of, rendered
from pci_placement.service.metrics.tally import BUCKETS, START, limit, of_duration, plus

ODD = 'a "class"\n\\ of é'
EVERYTHING = START | {
    Sample(name, labels): float(number)
    for number, family in enumerate(FAMILIES, 1)
    if family.kind is not Kind.HISTOGRAM
    for name, names in family.samples.items()
    for labels in (names, (ODD,) * len(names))
}


def test_what_is_written_is_what_is_read():
    numbers = plus(EVERYTHING, of_duration(0.3))
    assert read_back(rendered(numbers).decode()) == numbers


def test_every_family_is_written_under_our_name_with_its_kind_and_its_meaning():
    text = rendered(EVERYTHING).decode()
    for family in FAMILIES:
        assert f"# HELP {PREFIX}{family.name} {family.meaning}\n" in text
        assert f"# TYPE {PREFIX}{family.name} {family.kind}\n" in text


def test_what_nobody_knows_yet_is_not_written():
    assert "inventory" not in rendered(START).decode()


def test_a_registry_gives_what_is_so_when_it_is_asked_and_only_what_was_asked_for():
    now = [START]
    registry = registry_of(lambda: now[0])
    now[0] = START | {Sample("providers"): 3.0}
    assert registry.get_sample_value(f"{PREFIX}providers") == 3
    (only,) = registry.restricted_registry([f"{PREFIX}providers"]).collect()
    assert only.name == f"{PREFIX}providers"


def test_the_words_of_openmetrics_are_spoken_too():
    text = generate_latest(registry_of(lambda: EVERYTHING)).decode()
    names = {metric.name for metric in text_string_to_metric_families(text)}
    assert len(names) == len(FAMILIES)


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("passes_total{result=", "others_total{result="),
        ("passes_total{result=", "passes_total{kind="),
        ("build_info{version=", 'build_info{other="1",version='),
        (f"{PREFIX}drift_total", "drift_total"),
    ],
)
def test_what_this_version_does_not_know_is_passed_over(line, instead):
    text = rendered(EVERYTHING).decode()
    assert line in text
    read = read_back(text.replace(line, instead))
    assert read.items() < EVERYTHING.items()


@pytest.mark.parametrize("number", ["NaN", "+Inf", "-1.0", "many"])
def test_what_is_no_count_is_no_file_of_ours(number):
    text = rendered(START).decode().replace('{result="done"} 0.0', f'{{result="done"}} {number}')
    with pytest.raises(ValueError, match=r".+"):
        read_back(text)


@pytest.mark.parametrize(
    ("bucket", "instead"),
    [('le="0.5"} 0.0', 'le="0.7"} 0.0'), ('le="0.5"} 0.0', 'le="0.5"} 7.0')],
    ids=["other limits", "less within more"],
)
def test_buckets_that_are_not_ours_are_counted_anew(bucket, instead):
    text = rendered(EVERYTHING).decode()
    assert bucket in text
    read = read_back(text.replace(bucket, instead))
    assert [which for which in read if "duration" in which.name] == []
    assert read[Sample("providers")] == EVERYTHING[Sample("providers")]


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3, 300.0, 1e9])
def test_a_duration_is_in_every_bucket_that_it_fits_into(seconds):
    found = of_duration(seconds)
    limits = [*BUCKETS, math.inf]
    assert {s.labels[0] for s in found if s.labels} == {limit(x) for x in limits if seconds <= x}
    assert found[Sample("pass_duration_seconds_sum")] == seconds
