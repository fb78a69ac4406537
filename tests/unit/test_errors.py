"""What a program ends with, by the error that ended it."""

from pci_placement import errors
from pci_placement.errors import ExitCode, PciPlacementError

PLACEMENT = ("GET", "http://placement/x", 409)
BY_CODE = {
    ExitCode.USAGE: (errors.ConfigError([]), errors.RequestError("?")),
    ExitCode.TRY_AGAIN: (
        errors.ClaimUnknown("no pass yet"),
        errors.GenerationConflict(*PLACEMENT),
        errors.Locked("another pass"),
        errors.RootNotFound("node"),
        errors.Unreachable("no answer"),
        errors.Unsettled("changing"),
    ),
    ExitCode.WITHHELD: (errors.PlanMovedOn("another card"),),
}


def test_a_service_tries_again_what_may_pass_and_nothing_else():
    for code, raised in BY_CODE.items():
        assert [error.exit_code for error in raised] == [code] * len(raised)
    others = _kinds(PciPlacementError) - {type(e) for each in BY_CODE.values() for e in each}
    assert {kind.exit_code for kind in others} == {ExitCode.ERROR}


def _kinds(kind: type[PciPlacementError]) -> set[type[PciPlacementError]]:
    below = {each for sub in kind.__subclasses__() for each in _kinds(sub)}
    return {kind, *below} if kind.__module__ == errors.__name__ else below
