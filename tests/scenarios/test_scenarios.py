"""Every scenario three ways: as values, through a /sys tree, and against a real Placement.

A scenario is a list of steps. A step may change the host or the configuration and let other users
of Placement act; then one pass is made. Its plan must be the stated one, line by line, and after
it the next plan must be empty and Placement must answer the stated number of candidates.
"""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from keystoneauth1 import adapter, session, token_endpoint
from support import hosts
from support.offers import offers_more
from support.placements import ROOT, Real, Simulated
from support.scenarios import SCENARIOS, act, given, load, settings_of, steps

from pci_placement.agent.words import detail
from pci_placement.desired import make_desired
from pci_placement.discovery.sysfs import Sysfs
from pci_placement.errors import PlacementError
from pci_placement.mapping import request
from pci_placement.mapping.coexistence import reported_cards
from pci_placement.model import (
    EnsureResourceClass,
    EnsureTrait,
    LastPass,
    Plan,
    ProviderTree,
    Snapshot,
)
from pci_placement.placement import Client
from pci_placement.plan.limits import limit_removals
from pci_placement.plan.planner import make_plan
from pci_placement.settings import Settings
from pci_placement.sync import Reconciler

WAIT = [].append  # the scan of a scenario does not change while one waits


@pytest.fixture(params=SCENARIOS, ids=lambda path: path.stem)
def scenario(request):
    return load(request.param)


def lines(plan: Plan, with_names: bool) -> list[str]:
    """A plan as a scenario writes it: the action, the provider's key, and what changes."""
    return [
        _line(action)
        for action in plan.actions
        if with_names or not isinstance(action, EnsureResourceClass | EnsureTrait)
    ]


def _line(action) -> str:
    short = f"{ROOT.name}:pci:"
    change = "" if action.verb == "delete_provider" else detail(action)
    words = (action.verb, action.name.removeprefix(short), change.replace(short, ""))
    return " ".join(word for word in words if word)


def blocked(step: dict) -> list[str]:
    return [f"{ROOT.name}:pci:{key}" for key in step.get("blocked", [])]


def check_host(step: dict, host) -> None:
    """Compare cards that are held or not ours and devices that are offered, where stated."""
    known = {"held": host.tree.held, "not_ours": host.tree.not_ours, "offered": _offered(host)}
    for state in known.keys() & step:
        assert sorted(map(str, known[state])) == step[state]


def _offered(host):
    return [address for provider in host.tree.providers for address in provider.addresses]


def withheld(plan: Plan) -> list[str]:
    return [what.replace(f"{ROOT.name}:pci:", "") for what in plan.withheld]


def may_reshape(step: dict) -> bool:
    """Whether the user has the right to move claims: a step says where not."""
    return step.get("may_reshape", True)


def planned(tree: ProviderTree, placement: Simulated, settings: Settings, step: dict) -> Plan:
    observed = placement.observe(tree)
    limits = replace(settings.limits, force=step.get("force", False))
    last_pass = placement.last_pass
    plan = limit_removals(make_plan(tree, observed, last_pass), observed, limits, last_pass)
    assert placement.judge(plan, tree, observed) == ()
    return plan


def run_simulated(scenario: dict, tmp_path: Path, seen_as) -> None:
    placement = Simulated()
    for step, snapshot, config in steps(scenario):
        act(step, placement)
        settings = settings_of(tmp_path, config)
        seen = seen_as(snapshot)
        host = make_desired(settings, seen)
        elsewhere = reported_cards(placement.observe(host.tree).listed, seen)
        host = make_desired(settings, seen, elsewhere)
        placement.last_pass = replace(
            placement.last_pass, may_reshape=may_reshape(step), given=given(step)
        )
        plan = planned(host.tree, placement, settings, step)
        assert lines(plan, "names" in step) == step["plan"]
        assert sorted(plan.blocked) == blocked(step)
        assert withheld(plan) == step.get("withheld", [])
        check_host(step, host)
        placement.apply(plan)
        traits = frozenset(t for m in host.matching.matches for t in m.entry.tags.traits)
        placement.last_pass = replace(placement.last_pass, traits=traits)
        again = planned(host.tree, placement, settings, step)
        assert again.actions == ()


def test_as_values(scenario, tmp_path):
    run_simulated(scenario, tmp_path, lambda snapshot: snapshot)


def test_through_a_sys_tree(scenario, tmp_path):
    number = itertools.count()

    def through_tree(snapshot: Snapshot) -> Snapshot:
        tree = hosts.write_tree(tmp_path / f"sys{next(number)}", snapshot)
        read = Sysfs(tree).read()
        # what the host lives on is read of a living one alone
        assert replace(read, in_use=snapshot.in_use) == snapshot
        return snapshot

    run_simulated(scenario, tmp_path, through_tree)


def test_on_a_real_placement(scenario, tmp_path, placement):
    client = connect(placement)
    real, last_pass = Real(client), LastPass()
    for step, snapshot, config in steps(scenario):
        act(step, real)
        settings = settings_of(tmp_path, config)
        force = step.get("force", False)
        reconciler = Reconciler(settings, lambda now=snapshot: now, client, WAIT, force)
        last_pass = replace(last_pass, may_reshape=may_reshape(step), given=given(step))
        report = reconciler.run_once(last_pass)
        assert lines(report.planned.plan, "names" in step) == step["plan"]
        assert sorted(report.planned.plan.blocked) == blocked(step)
        assert withheld(report.planned.plan) == step.get("withheld", [])
        check_host(step, report.planned.host)
        assert report.planned.breaches == ()
        assert not report.outcome.failed
        assert report.outcome.stopped is None
        last_pass = report.last_pass
        # what the pass says it left behind is what a full read finds, and there is nothing to do
        assert reconciler.look(last_pass).plan.actions == ()
        again = reconciler.look(without_the_cache(last_pass))
        # without that memory claims of before may hold more, and less is offered beside them
        assert again.plan.actions == () or report.planned.plan.blocked
        assert offers_more(again) == []
        assert known(again.observed.providers) == known(last_pass.providers)
        for usage, count in step.get("candidates", {}).items():
            assert (usage, candidates(client, settings, usage)) == (usage, count)


def without_the_cache(last_pass: LastPass) -> LastPass:
    return LastPass(keys=last_pass.keys, traits=last_pass.traits, may_reshape=last_pass.may_reshape)


def known(providers):
    """Providers without their consumers, which a pass only reads where it must."""
    return {
        uuid: (p.name, p.parent, p.generation, p.inventories, p.traits)
        for uuid, p in providers.items()
    }


def connect(placement) -> Client:
    auth = token_endpoint.Token(placement.url, "admin")
    return Client(adapter.Adapter(session.Session(auth), service_type="placement"))


def candidates(client: Client, settings: Settings, usage: str) -> int:
    exclusive = settings.layout.exclusive
    usages = request.parse_usage(usage)
    groups = request.translate(usages, settings.aliases, exclusive=exclusive)
    try:
        return len(client.allocation_candidates(request.query(groups), request.MICROVERSION))
    except PlacementError:
        # no agent has reported such a device yet: Placement answers 400 and not "none"
        assert client.unknown_names(
            {group.resource_class for group in groups}, {t for g in groups for t in g.required}
        )
        return 0
