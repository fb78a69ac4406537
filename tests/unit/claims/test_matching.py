from support.build import address

from pci_placement.claims.matching import most_served

A, B, C = (address(f"0000:0{number}:00.0") for number in range(3))


def test_each_wish_takes_a_device_of_its_own():
    assert most_served([[A], [A]]) == 1
    assert most_served([[A, B], [A]]) == 2


def test_others_take_another_device_if_that_serves_one_more():
    assert most_served([[A, B], [A, C], [A]]) == 3


def test_what_is_taken_serves_nobody():
    assert most_served([[A, B], [B]], taken=[B]) == 1
    assert most_served([]) == 0
