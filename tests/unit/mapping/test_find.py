"""A device is found by less than its whole address, and never by guessing."""

import pytest
from support.build import address, device, pf, snapshot, vf

from pci_placement.errors import RequestError
from pci_placement.mapping.find import find_device, whole_address
from pci_placement.model import Unreadable

CARD, ODD = "0000:81:00.0", "0000:99:1f.7"
HOST = snapshot(
    device("0000:3b:00.0"),
    device("10000:3b:00.0"),
    pf(CARD, devnames=("ens1f0", "ens1f0d1")),
    vf(),
    unreadable={address(ODD): Unreadable("gone")},
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (CARD, CARD),
        ("0000:AA:00.0", "0000:aa:00.0"),
        ("81:00.0", CARD),
        ("81:0.0", CARD),
        ("81:02.0", "0000:81:02.0"),
        ("99:1f.7", ODD),
        ("ens1f0", CARD),
        ("ens1f0d1", CARD),
    ],
)
def test_one_that_fits_is_meant(text, found):
    assert str(find_device(text, HOST)) == found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("3b:00.0", "3b:00.0 may be any of 0000:3b:00.0, 10000:3b:00.0: write one of them in full"),
        ("82:00.0", "this host has no PCI device 82:00.0; see device list --all"),
        (
            "ens1f1d1",
            "this host has no PCI device ens1f1d1: did you mean ens1f0d1?; see device list",
        ),
        ("81", "this host has no PCI device 81; see"),
        ("81:00.8", "this host has no PCI device 81:00.8; see"),
        ("", "this host has no PCI device ; see"),
    ],
)
def test_none_or_several_are_told(text, told):
    with pytest.raises(RequestError) as caught:
        find_device(text, HOST)
    assert str(caught.value).startswith(told)


def test_only_a_whole_address_is_whole():
    assert whole_address("81:00.0") is None
    assert whole_address("ens1f0") is None
