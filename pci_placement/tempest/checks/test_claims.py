"""Devices are found, claimed and released, by those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from tempest.lib import decorators, exceptions

from pci_placement.tempest.base import AliasCheck, consumer
from pci_placement.tempest.wishes import Wish

NO_CANDIDATES = "{}: no node has one free; pci-placement request explain {} says why"
NOTHING_TO_CLAIM = "of no alias there is a device free that may be claimed for a moment"
TRIES = 3
"""Of so many candidates one is tried after the other, where somebody else is faster."""

CLAIMING = consumer("claims: claimed and released")
UNPRIVILEGED = consumer("claims: by a user without a role")


class ClaimsTest(AliasCheck):
    """One device of each alias is claimed for a moment, and by nobody else."""

    credentials: ClassVar[list[str]] = ["admin", "primary"]

    def setUp(self) -> None:
        """Take back what a run that was killed has claimed."""
        super().setUp()
        for who in (CLAIMING, UNPRIVILEGED):
            self.claims.release(who)
            self.addCleanup(self.claims.release, who)

    @decorators.idempotent_id("0b9961ab-ff61-4c0b-b57b-de0474b42f82")
    def test_each_alias_has_candidates(self) -> None:
        """Some node has a device free."""
        without = [w.alias for w in self.wishes if not self.candidates(w)["allocation_requests"]]
        self.check_none(NO_CANDIDATES.format(alias, alias) for alias in without)

    @decorators.idempotent_id("9c303c5b-2094-4610-b626-2be076b047a9")
    def test_a_claim_and_its_release_leave_nothing_behind(self) -> None:
        """What was claimed is what was offered, and afterwards nobody holds it."""
        claimed = [self._claimed_and_released(wish) for wish in self.wishes]
        if not any(claimed):
            raise self.skipException(NOTHING_TO_CLAIM)

    def _claimed_and_released(self, wish: Wish) -> bool:
        for allocations in self.claimable(wish)[:TRIES]:
            try:
                self.claims.claim(CLAIMING, allocations, self._owner)
            except exceptions.Conflict:
                continue
            self._check_held(allocations)
            self.claims.release(CLAIMING)
            self._check_released(allocations)
            return True
        return False

    def _check_held(self, allocations: dict[str, Any]) -> None:
        held = self.placement.list_allocations(CLAIMING)["allocations"]
        self.assertEqual(
            {uuid: of["resources"] for uuid, of in allocations.items()},
            {uuid: of["resources"] for uuid, of in held.items()},
        )

    def _check_released(self, allocations: dict[str, Any]) -> None:
        self.assertEqual({}, self.placement.list_allocations(CLAIMING)["allocations"])
        for uuid in allocations:
            self.assertNotIn(CLAIMING, self.claims.holders(uuid))

    @decorators.idempotent_id("3e8af499-452f-4faf-8667-5df4ec690b8a")
    def test_a_user_without_a_role_may_neither_see_nor_claim(self) -> None:
        """Placement refuses who is no administrator and no service."""
        found = [allocations for wish in self.wishes for allocations in self.claimable(wish)]
        if not found:
            raise self.skipException(NOTHING_TO_CLAIM)
        self._refuses(self.os_primary.resource_providers_client.list_resource_providers)
        self._refuses(
            self.os_primary.placement_client.list_allocation_candidates,
            **self.wishes[0].parameters,
        )
        theirs = self.os_primary.pci_placement.ClaimsClient()
        self._refuses(theirs.claim, UNPRIVILEGED, found[0], self._owner)
        self.assertEqual({}, self.placement.list_allocations(UNPRIVILEGED)["allocations"])

    def _refuses(self, ask: Callable[..., object], *arguments: object, **more: object) -> None:
        self.assertRaises(exceptions.Forbidden, ask, *arguments, **more)

    @property
    def _owner(self) -> str:
        return str(self.os_admin.credentials.project_id)
