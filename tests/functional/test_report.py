"""`report` over a real Placement: how many requests, and that no number in it is made up."""

from html.parser import HTMLParser

import pytest
from support import wide_cloud
from support.cloud import PLAIN, VFS, uuid
from support.placements import consumer_uuid
from support.wide_cloud import BUSY, BY_HAND, DRAINED, FULL, GPU, NIC, node_name

from pci_placement.cli.report import NO_PAGE_OF_A_NODE
from pci_placement.plan.reservations import NO_LONGER_OFFERED, OUT_OF_SERVICE
from pci_placement.report.make import NOBODY_ASKED, SOME_RESERVED
from pci_placement.report.words import NOBODY_YET

ODD = [FULL, BUSY, DRAINED, BY_HAND]
UNKNOWN = None


@pytest.fixture
def fill(real, placement_folder):
    def fill(nodes: int, *first: wide_cloud.Shape) -> None:
        wide_cloud.fill(real.send, placement_folder, nodes, first)

    return fill


@pytest.fixture
def asked(rows, placement):
    """The rows of a report by node and class, and what was asked for them."""

    def asked(line: str = "report"):
        placement.requests.clear()
        found = {(row["node"], row["resource_class"]): row for row in rows(line)}
        assert {request.method for request in placement.requests} <= {"GET"}
        return found, [request.path for request in placement.requests]

    return asked


def numbers(row: dict) -> tuple:
    return tuple(row[name] for name in ("total", "used", "reserved", "free", "draining"))


@pytest.mark.parametrize("nodes", [10, 1000])
def test_a_cloud_of_any_size_takes_as_many_requests(asked, fill, nodes):
    """No node is full and nothing read by itself: who is marked, who is there, what is free."""
    fill(nodes)
    found, paths = asked("report --read 0")
    assert len(found) == 2 * nodes
    assert len(paths) == 3
    assert {numbers(row) for (_, name), row in found.items() if name == GPU} == {(1, 0, 0, 1, 0)}
    assert {numbers(row) for (_, name), row in found.items() if name == NIC} == {
        (8, 0, UNKNOWN, 8, 0)
    }


@pytest.mark.parametrize("nodes", [110, 1000])
def test_so_it_does_where_nodes_are_full(asked, fill, nodes):
    """Of two nodes nothing is told (2 × (2 × 3 + 1) requests), 94 of the others are read."""
    fill(nodes, *ODD)
    found, paths = asked()
    assert len(paths) == 3 + 14 + 94
    assert numbers(found[node_name(0), GPU]) == (1, 1, 0, 0, 0)
    assert numbers(found[node_name(0), NIC]) == (8, 8, 0, 0, 0)
    assert numbers(found[node_name(1), NIC]) == (8, 3, 0, 5, 0)
    assert numbers(found[node_name(2), NIC]) == (8, 0, 8, 0, 8)
    assert sum(row["reserved"] is UNKNOWN for row in found.values()) == nodes - 3 - 93


def test_where_none_may_be_read_nodes_are_found_by_their_classes(asked, fill):
    """1 for the names of classes, and 1 each until nothing is missing that can be told."""
    fill(10, BUSY, BUSY)
    found, paths = asked("report --read 0")
    assert [path.partition("?")[0] for path in paths[3:]] == [
        "/resource_classes",
        "/allocation_candidates",
        "/allocation_candidates",
    ]
    assert numbers(found[node_name(1), NIC]) == (8, 3, UNKNOWN, 5, 0)


def test_what_nobody_asked_is_empty_and_says_so(asked, fill, run):
    fill(10, *ODD)
    found, _ = asked("report --read 0")
    (unknown,) = [row for (_, name), row in found.items() if name is None]
    assert (unknown["node"], unknown["marks"]) == (node_name(0), [NOBODY_ASKED])
    assert numbers(unknown) == (UNKNOWN,) * 5
    drained = found[node_name(2), NIC]
    assert (numbers(drained), drained["marks"]) == (
        (UNKNOWN, 0, UNKNOWN, 0, UNKNOWN),
        [NO_LONGER_OFFERED],
    )
    by_hand = found[node_name(3), NIC]
    assert numbers(by_hand) == (6, 0, UNKNOWN, 6, 0), "6 of 8 can be had, and no word of the others"
    assert "what is reserved was not asked" in run("report --read 0").err


def test_of_a_small_cloud_all_is_asked(asked, fill, run):
    fill(10, *ODD)
    found, _ = asked()
    assert all(row["reserved"] is not None for row in found.values())
    by_hand = found[node_name(3), NIC]
    assert (numbers(by_hand), by_hand["marks"]) == ((8, 0, 2, 6, 0), [SOME_RESERVED])
    assert "not asked" not in run("report").err


def test_what_is_held_only_its_node_knows(asked, fill):
    fill(2)
    found, _ = asked()
    assert {row["held"] for row in found.values()} == {None}


def test_before_any_pass_it_takes_one_request(asked, run):
    found, paths = asked()
    assert (found, len(paths)) == ({}, 1)
    assert NOBODY_YET in run("report").err


def test_it_agrees_with_what_the_node_says(asked, run, real):
    assert run("sync").code == 0
    real.claim("alice", {VFS: {"CUSTOM_PCI_NIC": 2}})
    assert run(f"device drain {PLAIN}").code == 0
    found, _ = asked()
    by_class = {name: row for (_, name), row in found.items()}
    assert numbers(by_class["CUSTOM_PCI_NIC"]) == (4, 2, 0, 2, 0)
    (other,) = set(by_class) - {"CUSTOM_PCI_NIC"}
    assert numbers(by_class[other]) == (1, 0, 1, 0, 0)
    assert by_class[other]["marks"] == [OUT_OF_SERVICE]


# --- one node


def test_a_node_is_shown_as_it_shows_itself(run, rows, real):
    assert run("sync").code == 0
    real.claim("alice", {PLAIN: {"CUSTOM_PCI_QAT": 1}})
    here = {row["uuid"]: row for row in rows("provider list")}
    there = {row["uuid"]: row for row in rows("report --node node")}
    vfs = uuid(VFS)
    assert here[vfs].pop("addresses") != there[vfs].pop("addresses") == []  # only the host knows
    assert here == there
    (user,) = there[uuid(PLAIN)]["consumers"]
    assert (user["uuid"], user["address"]) == (consumer_uuid("alice"), PLAIN)


@pytest.mark.usefixtures("real")
def test_a_node_that_there_is_not_is_a_usage_error_with_near_ones(run):
    done = run("report --node nod")
    assert (done.code, done.out) == (2, "")
    assert "'nod'; near names: node" in done.err


# --- the page


class _Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.links = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]


def test_the_page_loads_nothing_and_runs_nothing(run, fill):
    fill(10, *ODD)
    page = run("report --format html").out
    found = _Links(page)
    assert found.links == []
    assert "script" not in found.tags
    assert "prefers-color-scheme: dark" in page
    assert "3 of 8 in use, 5 free" in page


@pytest.mark.parametrize("more", ["-c node", "--node node"])
def test_a_page_is_of_all(run, more):
    done = run(f"report -f html {more}")
    assert done.code == 2
    assert NO_PAGE_OF_A_NODE in done.err


@pytest.mark.parametrize(
    "line",
    ["report --read -1", "report --read x", "demo --port 65536", f"demo --port {'9' * 5000}"],
)
def test_what_is_no_such_number_is_a_usage_error_in_words(run, line):
    done = run(line)
    assert done.code == 2
    assert f"{line.split()[-1]!r} is no whole number from 0 " in done.err
