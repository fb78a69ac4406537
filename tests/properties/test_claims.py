"""Whatever changes, what can be claimed is there: devices that no claim holds."""

from hypothesis import given
from hypothesis import strategies as st
from support.examples import tried
from support.nodes import Node
from support.strategies import View, change_chains, regrouped

ALWAYS, NEVER = st.just(True), st.just(False)

ways = tried(150)


@ways
@given(change_chains(st.just(False)), st.data())
def test_what_can_be_claimed_is_there(chain, data):
    walk(chain, data)


@ways
@given(change_chains(st.just(True)), st.data())
def test_what_can_be_claimed_is_there_where_pf_and_vfs_exclude_each_other(chain, data):
    walk(chain, data)


@tried(200)
@given(regrouped(st.booleans()), st.data())
def test_what_can_be_claimed_is_there_while_devices_are_regrouped(chain, data):
    walk(chain, data)


@tried(200)
@given(regrouped(st.booleans()), st.data())
def test_nor_does_it_matter_whether_claims_may_be_moved(chain, data):
    walk(chain, data, st.booleans())


@tried(200)
@given(regrouped(st.booleans()), st.data())
def test_nor_of_whom_it_is_known_which_devices_they_have(chain, data):
    walk(chain, data, st.booleans(), asks=st.booleans())


@tried(200)
@given(change_chains(st.booleans()), st.data())
def test_nor_where_that_is_known_of_all(chain, data):
    walk(chain, data, asks=ALWAYS)


def walk(
    chain: list[View],
    data,
    may: st.SearchStrategy[bool] = ALWAYS,
    asks: st.SearchStrategy[bool] = NEVER,
) -> None:
    node = Node()
    for seen in chain:
        node.may_reshape(data.draw(may))
        node.sync(seen)
        node.check_nothing_is_left_to_do()
        node.check_all_is_there()
        node.claim(data, asks)
        node.check_all_is_there()
        node.release(data)
        node.sync(seen)
        node.check_all_is_there()
        node.check_nothing_is_left_to_do()
