import pytest

from pci_placement.conf.listen import Listen
from pci_placement.service.metrics.catalogue import Sample
from pci_placement.service.metrics.exposition import read_back, rendered
from pci_placement.service.metrics.observer import Metrics
from pci_placement.service.metrics.places import Places
from pci_placement.service.metrics.tally import START
from pci_placement.service.report import Report
from pci_placement.settings import ConfigPath, load


@pytest.fixture
def places():
    return Places(lambda: START)


def test_a_file_that_is_given_up_is_taken_away_and_only_that(places, tmp_path):
    first, second, else_ = (tmp_path / f"{name}.prom" for name in ("a", "b", "c"))
    else_.write_text("somebody's")
    places.move(str(first), None)
    assert places.publish() == []
    places.move(str(second), None)
    assert places.publish() == []
    assert sorted(tmp_path.iterdir()) == [second, else_]
    places.move("", None)
    assert places.publish() == []
    assert list(tmp_path.iterdir()) == [else_]


def test_the_same_place_again_is_no_move(places, tmp_path):
    file = tmp_path / "a.prom"
    places.move(str(file), None)
    places.publish()
    places.move(str(file), None)
    assert file.exists()


@pytest.mark.parametrize("name", ["missing/a.prom", "folder.prom"])
def test_what_cannot_be_written_is_a_problem_that_names_it(places, tmp_path, name):
    (tmp_path / "folder.prom").mkdir()
    places.move(str(tmp_path / name), None)
    (problem,) = places.publish()
    assert str(tmp_path / name) in problem.problem


def test_an_address_that_is_not_of_this_host_is_a_problem(places):
    places.move("", Listen("192.0.2.1", 9110))
    (problem,) = places.publish()
    assert problem.problem.startswith("cannot serve metrics on 192.0.2.1:9110: ")


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff", b"pci_placement_drift_total NaN\n"])
def test_what_is_no_file_of_ours_is_nothing_to_go_on_from(places, tmp_path, content):
    file = tmp_path / "a.prom"
    file.write_bytes(content)
    places.move(str(file), None)
    assert places.left() == {}


def test_a_new_process_goes_on_with_all_but_what_is_about_itself(tmp_path):
    file, configuration = tmp_path / "a.prom", tmp_path / "zun.conf"
    old = {Sample("build_info", ("0",)): 1.0, Sample("enabled"): 0.0}
    found = {Sample("passes_total", ("done",)): 7.0, Sample("providers"): 3.0}
    file.write_bytes(rendered({**START, **old, **found}))
    configuration.write_text(f"[pci_placement]\nmetrics_file = {file}\n")
    metrics = Metrics(Report(), serves=False)
    metrics.configured(load([ConfigPath(str(configuration))]))
    metrics.publish()
    read = read_back(file.read_text())
    assert {which: read[which] for which in found} == found
    assert [which.labels for which in read if which.name == "build_info"] != [("0",)]
    assert len([which for which in read if which.name == "build_info"]) == 1
    assert read[Sample("enabled")] == 1


def test_a_fault_of_ours_is_told_and_ends_nothing(monkeypatch, caplog):
    metrics = Metrics(Report())
    monkeypatch.setattr(metrics._places, "publish", lambda: [][0])  # noqa: SLF001  where such a bug would be
    metrics.publish()
    metrics.publish()
    assert caplog.messages == [
        "no metrics: IndexError: list index out of range; this should not happen"
    ]


def test_what_was_spared_in_the_loop_is_a_success(tmp_path):
    configuration = tmp_path / "zun.conf"
    configuration.write_text("")
    metrics = Metrics(Report(), now=lambda: 1e9, clock=iter([1.0, 1.5]).__next__)
    metrics.configured(load([ConfigPath(str(configuration))]))
    metrics.began()
    metrics.spared()
    assert metrics.numbers[Sample("passes_total", ("spared",))] == 1
    assert metrics.numbers[Sample("last_success_timestamp_seconds")] == 1e9
    assert metrics.numbers[Sample("pass_duration_seconds_sum")] == 0.5
