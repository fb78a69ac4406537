from statistics import mean

import pytest

from pci_placement.agent.trust import trusted_for

ROOTS = [f"node{number}" for number in range(400)]


def test_it_is_the_interval_give_or_take_a_quarter():
    drawn = [trusted_for(3600.0, root, 1.7e9) for root in ROOTS]
    assert min(drawn) >= 2700
    assert max(drawn) < 4500
    assert mean(drawn) == pytest.approx(3600, rel=0.05)


def test_nodes_that_read_at_the_same_moment_do_not_do_so_again():
    assert len({trusted_for(3600.0, root, 1.7e9) for root in ROOTS}) == len(ROOTS)


def test_a_node_draws_anew_each_time_and_whoever_asks_hears_the_same():
    assert trusted_for(60.0, "node", 1.0) == trusted_for(60.0, "node", 1.0)
    assert trusted_for(60.0, "node", 1.0) != trusted_for(60.0, "node", 2.0)


def test_an_interval_of_nothing_trusts_nothing():
    assert trusted_for(0.0, None, 0.0) == 0
