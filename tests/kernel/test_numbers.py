"""What the runs on a real kernel calculate and judge by, without a guest."""

from pathlib import Path

import pytest
from support.database import Row, Stock

from pci_placement.model import Inventory, Provider, ProviderTree

from .agent import Line, passes
from .expected import ALWAYS, SOAKED, counted, unexpected
from .follow import Followed
from .report import latencies, percentile, slope
from .sizes import Growth, Size
from .wish import is_as_wanted

HOUR = 3600.0


@pytest.mark.parametrize(
    ("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1), (0.0, 1)]
)
def test_a_percentile_is_a_value_that_was_measured(share, value):
    assert percentile(range(100, 0, -1), share) == value


def test_a_percentile_of_nothing_is_not_a_number():
    assert percentile([], 0.5) != percentile([], 0.5)


def test_a_slope_is_that_of_the_line_that_fits():
    assert slope([(0, 1), (1, 3), (2, 5)]) == 2
    assert slope([(0, 5), (1, 0), (2, 5)]) == 0
    assert slope([(1, 1)]) == 0


def test_what_was_so_before_its_last_event_is_not_measured():
    times = (1.5, -0.7, None)
    assert latencies([Followed("step", 1, time) for time in times]) == [1.5]


def sizes(memory, files=5):
    return [Size(n * 60.0, 1, rss, files, 3) for n, rss in enumerate(memory)]


def test_memory_that_is_flat_after_its_first_ten_minutes_is_well():
    growth = Growth.of(sizes([n * 1000 for n in range(10)] + [10_000] * 50), 600.0)
    assert (growth.per_hour, list(growth.faults())) == (0, [])


def test_memory_that_grows_on_is_told_with_its_slope():
    growth = Growth.of(sizes([50_000 + n * 100 for n in range(60)]), 600.0)
    assert growth.per_hour == pytest.approx(6000)
    (fault,) = growth.faults()
    assert fault == "memory grew by 4900 KiB in 2940 s"


def test_a_file_that_stays_open_is_told():
    found = [*sizes([1] * 10), *(Size(600.0 + n, 1, 1, 6, 3) for n in range(10))]
    assert list(Growth.of(found, 0.0).faults()) == ["files grew from 5 to 6"]


def test_a_file_that_a_scan_had_open_is_none():
    found = [Size(n, 1, 1, 10 if n == 18 else 6, 3) for n in range(20)]
    assert list(Growth.of(found, 0.0).faults()) == []


def test_passes_of_several_processes_are_added():
    assert passes(iter([1, 1, 2, 5, 1, 3, 3, 4])) == 9


def test_a_line_that_is_no_json_is_unexpected():
    line = Line.of("Traceback (most recent call last):")
    assert list(unexpected([line], SOAKED)) == [line]


def test_an_error_is_unexpected_whatever_it_says():
    told = "no pass: no answer: Connection refused"
    warning, error = Line("WARNING", told), Line("ERROR", told)
    assert list(unexpected([warning, error], SOAKED)) == [error]
    assert list(unexpected([warning])) == [warning]


def test_expected_lines_are_counted_by_their_reason():
    lines = [Line("WARNING", "no pass: no answer: refused")] * 2
    assert counted(lines) == "2 because Placement is restarted, and cannot be reached meanwhile"
    assert counted([]) == "none"


def test_what_is_expected_is_what_troubleshooting_quotes():
    page = (Path(__file__).parents[2] / "doc" / "troubleshooting.md").read_text()
    assert {each.quoted for each in SOAKED} - set(page.splitlines()) == set()


CARD, OTHER = "0000:41:00.0", "0000:81:00.0"
AT = "/mnt/run/pci.conf: [pci] device_spec, entry"
EXPECTED = {
    "many": "a request for 9 of the 22 CUSTOM_PCI_NIC of this host gives Placement 74,613 "
    "possible candidates, which can take it minutes; let each want fewer",
    "renamed": f"{AT} 1: this host has no PCI device called 'uplink0'; it has eth0",
    "later": f"{AT} 2: it decides about no device of this host: entry 1 takes all that it selects, "
    "and comes first; remove it",
    "held": f"held back: node:pci:{CARD}: node:pci:{OTHER} has claims that may hold 1 of these 2 "
    "CUSTOM_PCI_WIRE: offered as they end",
    "torn": f"left as it is: {CARD}: 0000:41:10.0 cannot be read: vendor: not there",
    "storm": "no pass: the PCI devices of this host changed during 5 scans in a row",
    "away": "no pass: GET /resource_providers?in_tree=1: no answer: timed out",
}


@pytest.mark.parametrize("told", EXPECTED.values(), ids=EXPECTED)
def test_each_of_them_is_known_again(told):
    assert sum(each.allows(Line("WARNING", told)) for each in SOAKED) == 1
    assert sum(each.allows(Line("WARNING", told)) for each in ALWAYS) == ("no answer" not in told)
    assert len(EXPECTED) == len(SOAKED)


@pytest.mark.parametrize(
    "told",
    [
        f"{AT} 1: this host has no PCI device called 'ens9'",
        f"{AT} 3: it decides about no device of this host: entry 1 takes all that it selects, and",
        f"held back: node:pci:{CARD}: its parent is not ours to change",
        f"left as it is: {CARD}: the whole card (a) and its VFs (b) are both offered: change one",
        "the PCI devices of this host changed during 5 scans in a row",
        "withheld: to remove 3 is more than one pass may do: they stay, with nothing left to claim",
    ],
    ids=["name", "entry", "stranger", "both", "command", "withheld"],
)
def test_what_is_like_them_is_a_fault(told):
    line = Line("WARNING", told)
    assert list(unexpected([line], SOAKED)) == [line]


def tree(**totals):
    keys = {"card": CARD, "other": OTHER}
    return ProviderTree(
        tuple(
            Provider(keys[key], None, {"CUSTOM_NIC": Inventory(total)}, frozenset(), {})
            for key, total in totals.items()
        ),
        {},
    )


def row(total, reserved=0, **more):
    return Row("", None, 0, {"CUSTOM_NIC": Stock(total, reserved, 1, total, 1, 1.0)}, **more)


def test_placement_is_as_wanted_where_totals_reservations_and_traits_are():
    wanted = tree(card=2)
    assert is_as_wanted(wanted, {CARD: row(2)})
    assert not is_as_wanted(wanted, {CARD: row(3)})
    assert not is_as_wanted(wanted, {CARD: row(2, 2)})
    assert not is_as_wanted(wanted, {CARD: row(2, traits=("CUSTOM_PCI_DRAINING",))})
    assert not is_as_wanted(wanted, {CARD: row(2), OTHER: row(1)})
    assert not is_as_wanted(wanted, {})


def test_a_card_in_use_is_left_to_the_judge():
    used = row(3, claims={"somebody": {"CUSTOM_NIC": 1}})
    assert is_as_wanted(tree(card=2, other=1), {CARD: used, OTHER: row(1)})
    assert not is_as_wanted(tree(card=2, other=1), {CARD: used, OTHER: row(2)})
