"""For how long a host that does not settle is no failure."""

import pytest

from pci_placement.errors import Unreachable, Unsettled
from pci_placement.service.patience import LONG, Patience

RESTLESS, OTHER = Unsettled("changing"), Unreachable("no answer")


@pytest.fixture
def borne():
    """Bears one error after the other, each at its second."""

    def borne(*errors: tuple[float, Exception], **own: float) -> list[bool]:
        times = iter(at for at, error in errors for _ in range(2 * isinstance(error, Unsettled)))
        patience = Patience(lambda: next(times), **own)
        return [patience.bears(error) for _, error in errors]

    return borne


def test_an_unsettled_host_is_borne_with_for_a_minute(borne):
    assert borne((5, RESTLESS), (5 + LONG - 0.1, RESTLESS), (5 + LONG, RESTLESS)) == [1, 1, 0]


def test_nothing_else_is(borne):
    assert borne((5, OTHER)) == [False]


def test_something_else_in_between_begins_it_anew(borne):
    assert borne((5, RESTLESS), (30, OTHER), (5 + LONG, RESTLESS)) == [True, False, True]


def test_who_looks_only_once_has_no_patience(borne):
    assert borne((5, RESTLESS), length=0.0) == [False]
