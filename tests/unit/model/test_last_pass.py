"""What a pass leaves for the next one."""

from support.build import address

from pci_placement.model import Counted

ONE, OTHER = address("0000:81:10.0"), address("0000:81:10.1")


def test_what_is_known_for_sure_stays_so_where_both_say_it():
    said = Counted(frozenset({ONE}))
    assert said.or_else(Counted(frozenset({ONE}))) == said


def test_of_two_that_differ_either_may_be_so():
    left = Counted(frozenset({ONE}), frozenset({OTHER}), {"ann": 1})
    written = Counted(frozenset({OTHER}), old_claims={"eve": 2})
    either = left.or_else(written)
    assert (either.devices, either.old_devices) == ({ONE, OTHER}, {OTHER})
    assert (either.old_claims, either.sure) == ({"ann": 1, "eve": 2}, False)


def test_the_same_devices_are_sure_whoever_claimed_them():
    of_ann, of_eve = (Counted(frozenset({ONE}), old_claims={who: 1}) for who in ("ann", "eve"))
    assert of_ann.or_else(of_eve).sure
