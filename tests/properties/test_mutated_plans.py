"""A plan with a fault in it is named by the judge, or does no harm.

The plans are those of the scenarios, each fault is put where it can be, and whether it harms is
seen by sending the plan to a Placement in memory: by somebody who knows the host, and neither the
planner nor the judge.
"""

import pytest
from support.mutants import KINDS, harm_of, mutants, record
from support.scenarios import SCENARIOS

from pci_placement.plan.check import judge

pytestmark = pytest.mark.hypothesis

HARMLESS = {
    "class left out",
    "consumer left out",
    "deleted instead",
    "moved backwards",
    "one less",
    "trait of somebody else",
}
"""Faults after which Placement refuses the plan, or less is on offer than could be."""

TELLING = [
    "nova-reports-vfs-of-ours",
    "what-is-reserved-of-a-card-that-is-not-ours",
    "whole-pf-becomes-vfs",
]
"""Scenarios in which each other fault does harm somewhere."""


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_plan_of_a_scenario_does_no_harm_and_the_judge_names_nothing(path, tmp_path):
    for one in record(path, tmp_path):
        assert (one.name, harm_of(one.plan, one), judge(one.plan, one.facts)) == (one.name, [], ())


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_what_does_harm_the_judge_names(path, tmp_path):
    missed = [
        (one.name, mutant.kind, mutant.where, harm)
        for one in record(path, tmp_path)
        for mutant in mutants(one)
        if not judge(mutant.plan, one.facts) and (harm := harm_of(mutant.plan, one))
    ]
    assert missed == []


def test_each_kind_of_fault_is_found_to_do_harm_but_those_that_do_none(tmp_path):
    paths = [path for path in SCENARIOS if path.stem in TELLING]
    found = {
        mutant.kind
        for path in paths
        for one in record(path, tmp_path)
        for mutant in mutants(one)
        if harm_of(mutant.plan, one)
    }
    assert found == KINDS.keys() - HARMLESS
