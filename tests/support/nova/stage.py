"""A cloud with nova and with us: one node, of which both tell Placement."""

from __future__ import annotations

from collections.abc import Sequence

from pci_placement.sync import PassReport
from support.beside import Beside, did, on
from support.cloud import HOST, LISTS, PLAIN, QAT
from support.placements import claim

from .cloud import NOVAS_ALIAS, NOVAS_IDS, Nova, running

CONTAINER = "5a0d6a3c-6c61-4c3c-9d6e-0c9a3f1d7b11"


class Stage(Beside):
    """nova, Placement, and a pass of ours at any time."""

    nova: Nova
    last: PassReport

    def start(
        self,
        device_spec: Sequence[dict] = (NOVAS_IDS,),
        alias: Sequence[dict] = (NOVAS_ALIAS,),
        *,
        lines: Sequence[dict] = HOST,
        lists: str = LISTS,
        report: bool = True,
        **flags: str,
    ) -> Stage:
        """Start nova with its lists and a node; the node has these devices on our lists."""
        self.lines, self.lists = lines, lists
        nova = running(self.placement_url, device_spec, alias, report_in_placement=report)
        self.nova = self._undo.enter_context(nova)
        self.nova.flags(group="compute", **flags)
        self.nova.node()
        self.sync()
        return self

    def sync(self, **own: str) -> list[str]:
        """A pass of ours; what it did."""
        self.last = self.make_pass("node", self.lines, self.lists, **own)
        return did(self.last)

    def claim(self, key: str = PLAIN, resource_class: str = QAT) -> None:
        """A container claims a device of ours, as zun's scheduler does."""
        claim(self.client.send, CONTAINER, {self.uuid(on(key)): {resource_class: 1}})
