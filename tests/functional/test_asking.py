"""A request is asked for query by query, of a real Placement, until there is an answer."""

from urllib.parse import unquote

import pytest
from support.build import alias
from support.cloud import FILE
from support.memory import MemoryAdapter, refusal
from support.placements import claim, consumer_uuid

from pci_placement import names
from pci_placement.cli.asking import Asking
from pci_placement.errors import PlacementError, RequestError
from pci_placement.mapping import request
from pci_placement.mapping.match import BRIDGE
from pci_placement.mapping.questions import questions
from pci_placement.placement import Client
from pci_placement.settings import ConfigPath, load

GPU = names.alias_resource_class("gpu")
LISTS = """
[pci]
alias = {"name": "gpu", "vendor_id": "10de", "product_id": "20b0"}
alias = {"name": "near", "vendor_id": "10de", "product_id": "20b0", "traits": "CUSTOM_PCI_NUMA_0"}
alias = {"name": "new", "vendor_id": "10de", "product_id": "2330"}
alias = {"name": "vf", "vendor_id": "8086", "product_id": "37c9"}
device_spec = {"vendor_id": "10de"}
device_spec = {"product_id": "37c9", "physical_network": "net"}
"""
GPUS = [
    {"address": f"0000:{0x10 + n:02x}:00.0", "id": "10de:20b0", "numa": n // 4} for n in range(8)
]
CARD = {
    "address": "0000:81:00.0",
    "id": "8086:37c8",
    "totalvfs": 8,
    "vf_device": "37c9",
    "vfs": {"count": 4, "first": "0000:81:00.1"},
}


@pytest.fixture
def node(run, become, real):  # noqa: ARG001  the compute node must be there
    """Two pools of four GPUs, and four VFs; gives the function that runs a command there."""

    def here(line: str, *more: str):
        return run(line, *more, lists=LISTS, pooling="numa")

    become(*GPUS, CARD)
    assert here("sync").code == 0
    return here


@pytest.fixture
def take(client):
    """Claim so many GPUs of one pool, and say which pool."""

    def take(amount: int, first: int = 0) -> str:
        found = client.allocation_candidates(f"resources1={GPU}:{amount}", request.MICROVERSION)
        pool = sorted(uuid for each in found for uuid in each.allocations)[first]
        claim(client.send, consumer_uuid(f"{amount} of {pool}"), {pool: {GPU: amount}})
        return pool

    return take


def sent(placement) -> list[str]:
    """The queries for candidates, and no more of them than from here on."""
    paths = [unquote(r.path) for r in placement.requests if "/allocation_candidates" in r.path]
    placement.requests.clear()
    return [path.partition("?")[2] for path in paths]


def ordered(tmp_path, text: str) -> list[str]:
    aliases = load([ConfigPath(str(tmp_path / FILE))]).aliases
    return [q.query for q in questions(request.parse_alternatives(text), aliases)]


def test_what_one_pool_can_serve_is_asked_for_once(node, placement, tmp_path):
    placement.requests.clear()
    done = node("request candidates gpu:4 -f json")
    assert (len(done.json), done.err) == (2, "")
    assert {(each["number"], *each["wishes"]) for each in done.json} == {(1, "gpu:4")}
    assert sent(placement) == ordered(tmp_path, "gpu:4")[:1]


def test_what_two_pools_can_serve_is_found_by_the_second_query(node, placement, tmp_path):
    placement.requests.clear()
    done = node("request candidates gpu:8 -f json")
    (resources, again) = (each["resources"] for each in done.json)  # one for each way round
    assert sorted(resources.values(), key=str) == [{GPU: 4}, {GPU: 4}]
    assert resources == again
    assert done.err == "found by query 2 of 6: gpu:8 as 4 + 4\n"
    assert sent(placement) == ordered(tmp_path, "gpu:8")[:2]


@pytest.mark.parametrize(
    ("taken", "usage", "split"),
    [
        ([(1, 0)], "gpu:7", "gpu:7 as 4 + 3"),
        ([(3, 0)], "gpu:5", "gpu:5 as 3 + 1 + 1"),
        ([(2, 0), (1, 1)], "gpu:5,vf:4@net", "gpu:5 as 3 + 2, vf:4@net as 2 + 2"),
        ([(3, 0), (3, 0)], "gpu:2,vf", "gpu:2 as 1 + 1, vf:1 as 1"),
    ],
)
def test_whatever_is_left_of_the_pools_is_found(node, take, taken, usage, split):
    for amount, pool in taken:
        take(amount, pool)
    done = node(f"request candidates {usage} -f json")
    assert done.json
    assert done.err.endswith(f": {split}\n")


def test_where_nothing_fits_that_is_counted_instead_of_asked_to_the_end(
    node, take, placement, tmp_path
):
    take(1)
    placement.requests.clear()
    done = node("request candidates gpu:8 -f json")
    assert (done.json, done.err) == ([], "no node has gpu:8 free\n")
    assert sent(placement) == [*ordered(tmp_path, "gpu:8")[:2], f"resources1={GPU}:1"]


def test_what_fits_is_asked_for_until_it_is_found(node, take, placement, tmp_path):
    take(3)
    placement.requests.clear()
    assert node("request candidates gpu:5 -f json").json
    queries = ordered(tmp_path, "gpu:5")
    assert sent(placement) == [*queries[:2], f"resources1={GPU}:1", queries[2]]


def test_a_short_list_is_asked_to_the_end_without_counting(node, placement, tmp_path):
    placement.requests.clear()
    assert node("request candidates vf:3,vf:3 -f json").json == []
    assert sent(placement) == ordered(tmp_path, "vf:3,vf:3")


def test_together_only_the_first_query_is_asked(node, placement, tmp_path):
    placement.requests.clear()
    done = node("request candidates gpu:8 --together -f json")
    assert (done.json, done.err) == ([], "no node has gpu:8 free\n")
    assert sent(placement) == ordered(tmp_path, "gpu:8")[:1]


@pytest.fixture
def refused():
    """Asks a Placement, in memory, that knows the class and refuses every query for candidates."""

    def asking(status: int) -> Asking:
        adapter = MemoryAdapter()
        Client(adapter).send("PUT", f"/resource_classes/{GPU}")
        adapter.on_request = lambda _, url: (
            refusal(status, "no") if "/allocation_candidates" in url else None
        )
        return Asking(Client(adapter), (), False, print)

    return asking


def test_a_query_that_is_too_long_for_a_url_is_told_without_it(refused):
    asked = questions(request.parse_alternatives("gpu:2,vf"), (alias("gpu"), alias("vf", "8086:1")))
    with pytest.raises(RequestError) as raised:
        refused(414).first(asked)
    assert str(raised.value).startswith("gpu:2,vf:1 takes a query of 2 groups, and its URL is too")


@pytest.mark.parametrize("status", [400, 404])
def test_any_other_refusal_is_told_as_it_is(refused, status):
    with pytest.raises(PlacementError) as raised:
        refused(status).first(questions(request.parse_alternatives("gpu"), (alias("gpu"),)))
    assert raised.value.status == status


# --- alternatives


def test_the_first_alternative_that_is_answered_wins(node, placement):
    placement.requests.clear()
    (found,) = node("request candidates near:4|gpu:8 -f json").json
    assert found["wishes"] == ["near:4"]
    assert len(sent(placement)) == 1


def test_an_alternative_is_taken_when_the_one_before_is_asked_for_to_the_end(node, take):
    take(1)
    take(1, first=1)
    done = node("request candidates near:4|gpu:6,vf@net -f json")
    assert {tuple(each["wishes"]) for each in done.json} == {("gpu:6", "vf:1@net")}
    assert done.err == "found by query 6 of 10: gpu:6 as 3 + 3, vf:1@net as 1\n"


def test_of_an_alternative_that_nobody_reports_it_is_told_once(node, placement):
    placement.requests.clear()
    done = node("request candidates new:4|new:2|gpu:2 -f json")
    assert {each["number"] for each in done.json} == {7}
    told = "no agent has reported CUSTOM_PCI_NEW to this Placement yet"
    assert done.err.splitlines() == [told, "found by query 7 of 8: gpu:2 as 2"]
    assert len(sent(placement)) == 2


def test_a_list_may_have_alternatives_on_several_networks(node):
    done = node("request candidates vf:2@other|vf:2@net,gpu -f json")
    assert {tuple(each["wishes"]) for each in done.json} == {("vf:2@net", "gpu:1")}


@pytest.mark.parametrize("command", ["show", "candidates", "explain"])
@pytest.mark.parametrize(
    ("usage", "message"),
    [
        ("gpu:2||new", "at character 7: '' is not a request: write ALIAS:COUNT[@PHYSNET], such as"),
        ("gpu|new:0", "at character 5: 'new:0': the count must be 1 to 1000, not '0'; write, for"),
        ("gpu|old", "unknown alias 'old'; known: gpu, near, new, vf"),
        ("gpu:1001", "'gpu:1001': the count must be 1 to 1000, not '1001'; write, for example,"),
        (",".join(["gpu|vf"] * 5), "comes to 32 choices of one alternative a wish, and 16 is the"),
    ],
)
def test_what_cannot_be_understood_is_one_message_that_says_where(node, command, usage, message):
    done = node(f"request {command} {usage}")
    assert done.code == 2
    assert message in done.error


# --- the list itself


def test_show_lists_all_queries_and_says_which_one_it_shows(node):
    shown = node("request show near:2|gpu:3 -f json").json
    assert [(q["number"], q["wishes"], q["split"]) for q in shown["queries"]] == [
        (1, ["near:2"], [[2]]),
        (2, ["near:2"], [[1, 1]]),
        (3, ["gpu:3"], [[3]]),
        (4, ["gpu:3"], [[2, 1]]),
        (5, ["gpu:3"], [[1, 1, 1]]),
    ]
    own = shown["queries"][shown["number"] - 1]
    assert shown["number"] == 2
    assert shown["usage"] == [{"name": "near", "count": 2}]
    assert {key: shown[key] for key in ("query", "extra_specs")} == {
        key: own[key] for key in ("query", "extra_specs")
    }


def test_a_person_sees_a_line_for_each_query(node):
    table = node("request show gpu:2").out
    assert f"1: resources1={GPU}:2 " in table
    assert f"2: resources1={GPU}:1&resources2={GPU}:1&group_policy=none " in table


def test_a_person_sees_extra_specs_if_they_ask_for_them(node):
    assert f"1: resources1:{GPU} 2 " in node("request show gpu:2 --dialect extra-specs").out


# --- what explain says of it


USAGES = "gpu:4 gpu:5 gpu:6 near:3 near:3|gpu:6 near:4|gpu:5 gpu:3,gpu:3 vf:5 vf:2,gpu:5".split()


@pytest.mark.parametrize("taken", [[], [1], [1, 3]], ids=str)
def test_explain_says_that_it_is_free_just_where_asking_finds_it(node, take, taken):
    for amount in taken:
        take(amount)
    requests = [f"{usage}{how}" for usage in USAGES for how in ("", " --together")]
    found = {line: node(f"request candidates {line} -f json").json for line in requests}
    last = {line: node(f"request explain {line} -f json").json[-1] for line in requests}
    fits = "nothing is in the way: it is free on 1 node"
    free = {line: said["wish"] for line, said in last.items() if said["meaning"] == fits}
    assert free == {line: ",".join(f[0]["wishes"]) for line, f in found.items() if f}
    assert free
    assert free.keys() != last.keys()


# --- what this host has, and does not offer

NEAR_GPU = '{"vendor_id": "10de", "product_id": "20b1"}'
UNLISTED = LISTS.replace('device_spec = {"vendor_id": "10de"}', f"device_spec = {NEAR_GPU}")


def told(run, usage: str, lists: str = UNLISTED, **more) -> list[str]:
    done = run(f"request explain {usage} -f json", lists=lists, **more)
    assert done.code == 0
    return [row["meaning"] for row in done.json]


@pytest.mark.usefixtures("node")
def test_explain_names_the_nearest_entry_for_what_this_host_does_not_offer(run, tmp_path):
    said = told(run, "gpu:9,vf:9")[-1]
    line = (tmp_path / FILE).read_text().splitlines().index(f"device_spec = {NEAR_GPU}") + 1
    assert said.startswith(f"{GPUS[0]['address']} and 7 more of this host are not offered: no ")
    assert f"nearest is {tmp_path / FILE}:{line}: [pci] device_spec, entry 1" in said
    shown = run(f"device show {GPUS[0]['address']} -f json", lists=UNLISTED).json
    assert said.endswith(shown["hint"])


@pytest.mark.usefixtures("node")
def test_explain_says_of_what_is_never_offered_only_why(run, become):
    become(*GPUS, {"address": "0000:81:00.1", "id": "8086:37c9", "class": "060400"})
    (said,) = [each for each in told(run, "vf:9", LISTS) if "this host" in each]
    assert said == f"0000:81:00.1 of this host is not offered: {BRIDGE}"


@pytest.mark.usefixtures("node")
def test_explain_is_silent_about_this_host_where_all_is_offered_or_all_fits(run):
    assert not [said for said in told(run, "gpu:9", LISTS) if "this host" in said]
    assert told(run, "vf:1") == ["nothing is in the way: it is free on 1 node"]


@pytest.mark.usefixtures("node")
def test_explain_needs_no_pci_devices_here(run, tmp_path):
    assert told(run, "vf:9", sysfs=tmp_path / "nothing")
