from dataclasses import replace

from support.build import device, pf
from support.claimed import (
    CARD_A,
    GPU,
    POOL,
    VFS_OF_A,
    VFS_OF_B,
    WHOLE,
    after,
    chosen,
    facts,
    given_to,
    place,
    refused,
    vfs,
)

from pci_placement.claims.facts import Before
from pci_placement.model import ClaimRecord

A, B = place(VFS_OF_A), place(VFS_OF_B)
FIRST, SECOND, THIRD = (f"0000:81:10.{number}" for number in range(3))


def test_the_first_of_several_devices_is_given():
    assert chosen(facts({A: vfs(3)}, {"bob": {A: 1}}), "bob") == [FIRST]


def test_so_many_as_are_claimed_are_given_of_each_inventory():
    found = chosen(facts({A: vfs(3), B: vfs(2, "c1")}, {"bob": {A: 2, B: 1}}), "bob")
    assert found == [FIRST, SECOND, "0000:c1:10.0"]


def test_who_has_claimed_nothing_is_given_nothing():
    assert chosen(facts({A: vfs(1)}, {}), "bob") == []


def test_what_another_one_has_is_not_given_again():
    mine = facts({A: vfs(2)}, {"bob": {A: 1}, "eve": {A: 1}}, given_to("eve", vfs(1)[0], A))
    assert chosen(mine, "bob") == [SECOND]


def test_a_device_that_is_unfit_is_not_given():
    out = {vfs(1)[0].address: "out of service"}
    assert chosen(facts({A: vfs(2)}, {"bob": {A: 1}}, unfit=out), "bob") == [SECOND]


def test_where_too_few_can_be_given_it_is_said_why_of_each():
    out = {vfs(1)[0].address: "out of service"}
    record = given_to("eve", vfs(2)[1], A)
    why = refused(facts({A: vfs(2)}, {"bob": {A: 1}}, record, unfit=out), "bob")
    assert f"bob has claimed 1 of CUSTOM_PCI_NIC of {VFS_OF_A}, and 0 can be given" in why
    assert f"{FIRST}: out of service; {SECOND}: eve has it" in why


def test_of_many_only_the_first_reasons_are_told():
    out = {each.address: "ill" for each in vfs(6)}
    assert refused(facts({A: vfs(6)}, {"bob": {A: 1}}, unfit=out), "bob").endswith("and 2 more")


def test_where_nothing_is_counted_that_is_said():
    assert refused(facts({A: []}, {"bob": {A: 1}}), "bob").endswith("counts no device there")


def test_a_device_that_is_gone_is_not_given():
    here = facts({A: vfs(1)}, {"bob": {A: 1}})
    assert "it is not on this host" in refused(replace(here, devices={}), "bob")


class TestWholeCards:
    CARD = place(CARD_A, WHOLE)

    def here(self, record: ClaimRecord, **claims):
        return facts({self.CARD: [pf(CARD_A)], A: vfs(2)}, claims, record)

    def test_a_card_of_which_somebody_has_a_vf_is_not_given(self):
        record = given_to("eve", vfs(1)[0], A)
        assert "eve has it" in refused(self.here(record, bob={self.CARD: 1}), "bob")

    def test_nor_a_vf_of_a_card_that_somebody_has(self):
        record = given_to("eve", pf(CARD_A), self.CARD)
        assert "eve has it" in refused(self.here(record, bob={A: 1}), "bob")

    def test_nobody_is_given_a_card_beside_its_own_vf(self):
        refused(self.here(ClaimRecord(), bob={self.CARD: 1, A: 1}), "bob")

    def test_two_vfs_of_one_card_go_to_two(self):
        record = given_to("eve", vfs(1)[0], A)
        assert chosen(self.here(record, bob={A: 1}), "bob") == [SECOND]


class TestOfBefore:
    RECORD = ClaimRecord(of_before=frozenset({"old"}))

    def test_what_somebody_of_before_may_have_is_not_given(self):
        here = facts({A: vfs(2)}, {"old": {A: 1}, "bob": {A: 1}}, self.RECORD)
        assert f"{FIRST}: old may have it, from before" in refused(here, "bob")

    def test_not_even_to_the_one_who_has_one_of_them(self):
        here = facts({A: vfs(2)}, {"old": {A: 1}}, self.RECORD)
        assert "may hold any of the 2 devices" in refused(here, "old")

    def test_who_has_all_of_them_is_told_which_those_are(self):
        assert chosen(facts({A: vfs(2)}, {"old": {A: 2}}, self.RECORD), "old") == [FIRST, SECOND]

    def test_but_not_where_there_may_have_been_more(self):
        here = facts({A: vfs(2)}, {"old": {A: 2}}, self.RECORD, unsure=frozenset({A}))
        refused(here, "old")

    def test_what_is_told_then_is_known_to_the_others(self):
        here = facts({A: vfs(1), B: vfs(1, "c1")}, {"old": {A: 1}, "bob": {B: 1}}, self.RECORD)
        assert after(here, "old").of_before == frozenset()
        assert chosen(here, "bob") == ["0000:c1:10.0"]

    def test_a_card_is_not_given_of_which_somebody_of_before_may_have_a_vf(self):
        whole = place(CARD_A, WHOLE)
        here = facts({whole: [pf(CARD_A)], A: vfs(1)}, {"old": {A: 1}, "bob": {whole: 1}})
        assert "may have it" in refused(replace(here, record=self.RECORD), "bob")


class TestOneTimeUse:
    def here(self, **claims):
        (only,) = vfs(1)
        return facts({A: [only]}, claims, once=frozenset({only.address}))

    def test_what_somebody_had_is_not_given_to_another(self):
        record = after(self.here(bob={A: 1}), "bob")
        left = replace(record, given={})
        assert "bob had it" in refused(replace(self.here(eve={A: 1}), record=left), "eve")

    def test_but_again_to_the_same(self):
        record = after(self.here(bob={A: 1}), "bob")
        left = replace(record, given={})
        assert chosen(replace(self.here(bob={A: 1}), record=left), "bob") == [FIRST]


class TestNearness:
    def gpus(self, *nodes: int | None, **fields):
        return [
            device(f"0000:{number:02x}:00.0", "10de:20b0", numa_node=node, **fields)
            for number, node in enumerate(nodes, 1)
        ]

    def test_devices_of_one_node_come_first(self):
        pool = place(POOL, GPU)
        here = facts({pool: self.gpus(0, 1, 1, None)}, {"bob": {pool: 2}})
        assert chosen(here, "bob") == ["0000:02:00.0", "0000:03:00.0"]

    def test_also_those_of_two_inventories(self):
        pool = place(POOL, GPU)
        near = vfs(1, numa_node=1)
        here = facts({pool: self.gpus(0, 1), A: near}, {"bob": {A: 1, pool: 1}})
        assert chosen(here, "bob") == [FIRST, "0000:02:00.0"]

    def test_of_which_no_node_is_known_comes_last(self):
        pool = place(POOL, GPU)
        here = facts({pool: self.gpus(None, 3)}, {"bob": {pool: 1}})
        assert chosen(here, "bob") == ["0000:02:00.0"]

    def test_what_shares_a_group_with_a_device_of_another_comes_last_of_all(self):
        pool = place(POOL, GPU)
        gpus = [*self.gpus(0, 0, iommu_group=7), device("0000:09:00.0", "10de:20b0")]
        here = facts({pool: gpus}, {"bob": {pool: 1}}, given_to("eve", gpus[0], pool))
        assert chosen(here, "bob") == ["0000:09:00.0"]
        alone = facts({pool: gpus[:2]}, {"bob": {pool: 1}}, given_to("eve", gpus[0], pool))
        assert chosen(alone, "bob") == ["0000:02:00.0"]


class TestWhatIsLeftForOthers:
    OLD = place(VFS_OF_A, WHOLE)

    def test_the_only_device_of_another_claim_is_left_for_it(self):
        here = facts({self.OLD: vfs(1), A: vfs(2)}, {"eve": {self.OLD: 1}, "bob": {A: 1}})
        assert chosen(here, "bob") == [SECOND]
        assert chosen(replace(here, record=after(here, "bob")), "eve") == [FIRST]

    def test_but_what_the_consumer_itself_needs_comes_first(self):
        here = facts({self.OLD: vfs(1), A: vfs(1)}, {"eve": {self.OLD: 1}, "bob": {A: 1}})
        assert chosen(here, "bob") == [FIRST]

    def test_its_own_second_wish_too(self):
        here = facts({self.OLD: vfs(1), A: vfs(2)}, {"bob": {A: 1, self.OLD: 1}})
        assert chosen(here, "bob") == [SECOND, FIRST]


class TestOfWhatWasCountedBefore:
    """A claim may be of what its inventory counted when it was made, and counts elsewhere now."""

    NEW = place(VFS_OF_A, WHOLE)

    def here(self, record: ClaimRecord | None = None, **claims):
        was = {A: Before(tuple(d.address for d in vfs(2)[1:]), frozenset({"old"}))}
        claims = {who: wanted for who, wanted in claims.items() if wanted}
        return facts({A: vfs(1), self.NEW: vfs(2)[1:]}, claims, record, before=was)

    def test_what_is_counted_now_comes_first(self):
        assert chosen(self.here(old={A: 1}), "old") == [FIRST]

    def test_but_all_of_it_can_be_given(self):
        assert chosen(self.here(old={A: 2}), "old") == [FIRST, SECOND]

    def test_not_to_those_who_came_later(self):
        assert chosen(self.here(new={A: 1}), "new") == [FIRST]
        assert "0 can be given" in refused(
            self.here(given_to("eve", vfs(1)[0], A), new={A: 1}), "new"
        )

    def test_who_gets_it_elsewhere_leaves_it_to_them_where_it_is_all_that_they_have(self):
        here = self.here(given_to("eve", vfs(1)[0], A), old={A: 1}, bob={self.NEW: 1})
        assert chosen(replace(here, claims={"old": {A: 1}}), "old") == [SECOND]
        assert "may hold any of the 2" in refused(
            replace(here, record=ClaimRecord(of_before=frozenset({"old"}))), "old"
        )
