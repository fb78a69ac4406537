"""The quick look gives the answer of the last pass where another one would give the same, and
only there."""

import json
import shutil
from pathlib import Path

import pytest
from support import hosts
from support.cloud import CARD, HOST, LISTS, PLAIN, QAT, VFS, configure, uuid
from support.command import by_token
from support.placements import ROOT
from support.ports import kept_port

from pci_placement.agent import build
from pci_placement.agent.noting import Noting
from pci_placement.quiet.invocation import Invocation
from pci_placement.quiet.look import look
from pci_placement.settings import ConfigPath, load

pytestmark = pytest.mark.usefixtures("real")
SAID = [[30, "what it said"]]
LIST = f"/resource_providers?in_tree={ROOT.uuid}"


class Node:
    """A compute node on which a program is started again and again."""

    def __init__(self, folder: Path, placement) -> None:
        self.folder, self.placement = folder, placement
        self.state = folder / "state"
        self.sysfs = hosts.write_tree(folder / "sys", hosts.snapshot(HOST))
        self.file = self.configure()

    def configure(self, lists: str = LISTS, **own: str) -> Path:
        return configure(self.folder, lists, by_token(self.placement.url), **own)

    def become(self, *lines: dict) -> None:
        shutil.rmtree(self.sysfs)
        hosts.write_tree(self.sysfs, hosts.snapshot(list(lines)))

    @property
    def invocation(self) -> Invocation:
        return Invocation([(str(self.file), False)], str(self.sysfs), "pci-placement-agent")

    def look(self, now: float | None = None):
        self.placement.requests.clear()
        return look(self.invocation, now)

    def whole_pass(self):
        """One pass the long way, which leaves a note where it may."""
        noting = Noting(self.invocation)
        agent = build(load([ConfigPath(str(self.file))]), sysfs=str(self.sysfs))
        answer = agent.sync()
        noting.leave(agent, answer, int(answer.exit_code), SAID)
        return answer

    def note(self) -> Path:
        (file,) = self.state.glob("*.quiet")
        return file


@pytest.fixture
def node(tmp_path, placement, real) -> Node:  # noqa: ARG001  the root must be there
    return Node(tmp_path, placement)


@pytest.fixture
def settled(node) -> Node:
    """A node whose last pass found nothing to do."""
    node.whole_pass()
    assert node.look() is None
    assert node.whole_pass().made.unchanged
    assert node.look() == (0, SAID)
    return node


def test_a_look_sends_one_request(settled):
    settled.look()
    assert [r.path for r in settled.placement.requests] == [LIST]


def test_it_may_be_repeated_for_as_long_as_nothing_happens(settled):
    before = sorted(file.name for file in settled.state.iterdir())
    assert [settled.look() for _ in range(3)] == [(0, SAID)] * 3
    assert sorted(file.name for file in settled.state.iterdir()) == before


def test_only_the_owner_reads_the_note(settled):
    assert settled.note().stat().st_mode & 0o777 == 0o600


def rewrite(file: Path, change) -> None:
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def other(address: str, **facts: object):
    """Let the kernel say something else of a card."""

    def happens(node: Node, _) -> None:
        assert address in {line["address"] for line in HOST}
        node.become(*({**line, **(facts if line["address"] == address else {})} for line in HOST))

    return happens


HAPPENINGS = {
    "another driver": other(PLAIN, driver="vfio-pci"),
    "another NUMA node": other(PLAIN, numa=3),
    "other hardware": other(PLAIN, id="8086:0444"),
    "another class": other(PLAIN, **{"class": "030200"}),
    "a card less": lambda n, _: n.become(*HOST[1:]),
    "another name of a network device": other(CARD, net=["other0"]),
    "a VF less": other(CARD, vfs={"first": "0000:81:10.0", "count": 3}),
    "a line in a file": lambda n, _: n.file.write_text(n.file.read_text() + "\n# \n"),
    "no file any more": lambda n, _: n.file.unlink(),
    "a state file of another pass": lambda n, _: (n.state / f"{ROOT.uuid}.json").write_text("{}"),
    "no state file": lambda n, _: (n.state / f"{ROOT.uuid}.json").unlink(),
    "a retirement": lambda n, _: (n.state / f"{ROOT.uuid}.retired").write_text("2026\n"),
    "a pass over another root": lambda n, _: (n.state / f"{uuid('x')}.lock").write_text(""),
    "a claim": lambda _, r: r.claim("bob", {PLAIN: {QAT: 1}}),
    "a provider of ours that was renamed": lambda _, r: _named(r, PLAIN, "by hand"),
    "a provider of ours that was deleted": lambda _, r: r.delete(PLAIN),
    "a trait of somebody": lambda _, r: r.add_trait(VFS, "CUSTOM_X"),
    "a card that somebody else reports": lambda _, r: r.create_foreign(
        "nova", f"node_{PLAIN}", "COMPUTE_MANAGED_PCI_DEVICE"
    ),
    "a root that was renamed": lambda _, r: r.send(
        "PUT", f"/resource_providers/{ROOT.uuid}", {"name": "other"}
    ),
    "a note that is damaged": lambda n, _: n.note().write_text("{"),
    "a note that says too little": lambda n, _: rewrite(n.note(), lambda c: c["way"].pop("url")),
    "a note with too much": lambda n, _: rewrite(n.note(), lambda c: c.update(more=1)),
    "a token that is not taken": lambda n, _: rewrite(
        n.note(), lambda c: c["way"]["headers"].update({"X-Auth-Token": "nobody:nothing"})
    ),
}


def _named(real, key: str, name: str) -> None:
    body = {"name": name, "parent_provider_uuid": ROOT.uuid}
    real.send("PUT", f"/resource_providers/{uuid(key)}", body)


@pytest.mark.parametrize("happens", HAPPENINGS.values(), ids=HAPPENINGS)
def test_whatever_a_pass_would_see_it_sees(settled, real, happens):
    happens(settled, real)
    assert settled.look() is None


def test_where_nobody_answers_the_whole_pass_finds_out_why(settled):
    with kept_port() as port:
        rewrite(settled.note(), lambda c: c["way"].update(url=f"http://127.0.0.1:{port}"))
        assert settled.look() is None


def test_a_claim_of_the_node_itself_is_nobodys_business(settled, real):
    real.send("PUT", f"/resource_providers/{ROOT.uuid}/inventories", _vcpus(real))
    assert settled.look() == (0, SAID)


def _vcpus(real) -> dict:
    there = real.send("GET", f"/resource_providers/{ROOT.uuid}/inventories")
    return there | {"inventories": {"VCPU": {"total": 8}}}


@pytest.mark.parametrize(("since", "believed"), [(-1, False), (0, True), (1, True), (7200, False)])
def test_it_is_not_believed_for_ever_nor_from_the_future(settled, since, believed):
    written_at = json.loads(settled.note().read_text())["written_at"]
    assert (settled.look(written_at + since) is not None) == believed


def test_who_uses_what_is_drained_is_asked_as_well(node, real):
    node.whole_pass()
    real.claim("bob", {PLAIN: {QAT: 1}})
    node.become(*HOST[1:])
    node.whole_pass()
    node.whole_pass()
    assert node.look() == (0, SAID)
    users = f"/resource_providers/{uuid(PLAIN)}/allocations"
    assert [r.path for r in node.placement.requests] == [LIST, users]
    real.release("bob")
    assert node.look() is None
    assert [done.action.verb for done in node.whole_pass().made.report.outcome.results] == [
        "delete_provider"
    ]


def test_a_pass_that_does_something_leaves_no_note(settled):
    settled.become(*HOST[1:])
    settled.whole_pass()
    assert not list(settled.state.glob("*.quiet"))


def test_what_changes_while_a_pass_runs_is_not_noted_as_seen(settled):
    noting = Noting(settled.invocation)
    agent = build(load([ConfigPath(str(settled.file))]), sysfs=str(settled.sysfs))
    answer = agent.sync()
    settled.become(*HOST[1:])
    noting.leave(agent, answer, 0, SAID)
    assert settled.look() is None


def test_a_node_that_is_disabled_or_retired_leaves_no_note(settled):
    settled.configure(enabled="false")
    settled.whole_pass()
    assert not list(settled.state.glob("*.quiet"))


def test_the_code_of_the_pass_is_told_again(settled, real):
    """A card that is held is told at every pass, by 5."""
    real.create_foreign("nova", f"node_{CARD}", "COMPUTE_MANAGED_PCI_DEVICE")
    codes = {settled.whole_pass().exit_code for _ in range(3)}
    found = settled.look()
    assert found is None or found.code in codes
