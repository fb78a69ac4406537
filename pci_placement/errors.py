"""What can go wrong, one class for each thing that somebody does something different about.

    PciPlacementError
    ├─ ConfigError(problems)      every problem of every file at once
    ├─ RequestError               a request such as "QuickAssist:2" cannot be understood
    ├─ DiscoveryError(path)       /sys itself cannot be read: nothing is written
    ├─ Unsettled                  the devices keep changing while we look: try again later
    ├─ Locked                     another pass over this root is running: try again later
    ├─ Unreachable                no answer, or 5xx and 429 after retries: try again later
    ├─ UnsafePlan(plan)           our own judge refuses the plan: shown, nothing is written
    ├─ ClaimUnknown               nobody can tell yet who has which device: try again later
    ├─ ClaimRefused               a consumer cannot be given what it has claimed
    ├─ PlanMovedOn                what would be done is not what was reviewed: nothing is written
    ├─ AuthError                  Keystone or Placement does not let us in
    └─ PlacementError             Placement answered with an error
       ├─ GenerationConflict      somebody wrote first: observe again, now
       ├─ ReshapeForbidden        the user may not move claims: go on without
       ├─ InUse                   allocations or children are in the way: expected, next tick
       ├─ NameTaken               the name or uuid belongs to a provider that is not ours
       └─ RootNotFound            the compute node is not registered yet: next tick

The message of each is one that an operator can act on; exit_code is how a program ends with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from .model import Plan, Problem


_CREDENTIALS = re.compile(r"(?<=://)[^/?#\s]*@")


def without_credentials(text: str) -> str:
    """A text whose URLs do not tell with which user and password they are used."""
    return _CREDENTIALS.sub("***@", text)


class ExitCode(IntEnum):
    """What a shell, cron or systemd learns from a run."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    CHANGES = 3
    WITHHELD = 4
    PARTLY = 5
    TRY_AGAIN = 75


class PciPlacementError(Exception):
    """The base of all errors that this package raises."""

    exit_code: ClassVar[ExitCode] = ExitCode.ERROR

    def __init__(self, message: str) -> None:
        super().__init__(without_credentials(message))


class ConfigError(PciPlacementError):
    """The configuration is wrong; carries every problem found in it."""

    exit_code = ExitCode.USAGE

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class RequestError(PciPlacementError):
    """A request for devices that cannot be understood; the message says what to write."""

    exit_code = ExitCode.USAGE


class DiscoveryError(PciPlacementError):
    """The PCI devices of this host cannot be listed."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"cannot list PCI devices at {path}: {reason}")
        self.path = path


class Unsettled(PciPlacementError):
    """The devices changed at every look, so that nothing may be taken away on their account."""

    exit_code = ExitCode.TRY_AGAIN


class Locked(PciPlacementError):
    """Another pass over the same root is running."""

    exit_code = ExitCode.TRY_AGAIN


class Unreachable(PciPlacementError):
    """Placement or Keystone gave no usable answer; a later try may succeed."""

    exit_code = ExitCode.TRY_AGAIN


class UnsafePlan(PciPlacementError):
    """A plan breaks what this program promises, so that nothing of it may be written."""

    def __init__(self, reason: str, plan: Plan) -> None:
        super().__init__(reason)
        self.plan = plan


class ClaimUnknown(PciPlacementError):
    """It is not known who has which device, or what is counted here, until a pass was made."""

    exit_code = ExitCode.TRY_AGAIN


class ClaimRefused(PciPlacementError):
    """No device can be given to a consumer; nothing was written down."""


class PlanMovedOn(PciPlacementError):
    """What would be done is not what somebody reviewed, so that nothing of it may be written."""

    exit_code = ExitCode.WITHHELD


class AuthError(PciPlacementError):
    """The credentials are refused, missing or not allowed to do this."""


class PlacementError(PciPlacementError):
    """Placement answered a request with an error."""

    def __init__(
        self,
        method: str,
        url: str,
        status: int,
        code: str = "",
        detail: str = "",
        request_id: str = "",
    ) -> None:
        mark = ", ".join(filter(None, (code, f"request id {request_id}" if request_id else "")))
        super().__init__(
            f"Placement answered {status} to {method} {url}: {detail.strip() or 'no reason given'}"
            + (f" ({mark})" if mark else "")
        )
        self.method = method
        self.url = url
        self.status = status
        self.code = code
        self.detail = detail
        self.request_id = request_id


class GenerationConflict(PlacementError):
    """The provider changed since it was read."""

    exit_code = ExitCode.TRY_AGAIN


class ReshapeForbidden(PlacementError):
    """The user may write everything but POST /reshaper, which needs the role service.

    With Placement's old defaults of policy, admin may as well.

    Source: placement/policies/reshaper.py; placement/policies/base.py, service_api.
    """


class InUse(PlacementError):
    """Allocations or child providers stand in the way."""


class NameTaken(PlacementError):
    """A provider with this name or uuid exists already and is not ours."""


class RootNotFound(PciPlacementError):
    """The compute node's own provider is not in Placement (yet).

    Source: zun/compute/compute_node_tracker.py, ComputeNodeTracker._update_to_placement.
    """

    exit_code = ExitCode.TRY_AGAIN

    def __init__(self, wanted: str, near: Sequence[str] = ()) -> None:
        hint = f"; near names: {', '.join(near)}" if near else ""
        super().__init__(
            f"the compute node's resource provider {wanted} is not in Placement{hint}. zun-compute "
            "or nova-compute registers it when it starts; set [pci_placement] root_provider_name "
            "or root_provider_uuid if it goes by another name"
        )
        self.wanted = wanted
        self.near = tuple(near)
