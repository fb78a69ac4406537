"""A cloud with zun and with us: nodes with devices, of which both tell Placement."""

from __future__ import annotations

from support.beside import Beside, did, on
from support.cloud import HOST, LISTS

from .cloud import SCHEDULER, Zun, running

__all__ = ["NOT_ENOUGH", "Stage", "create", "on", "refused"]

NOT_ENOUGH = "There are not enough hosts available."


class Stage(Beside):
    """Zun, Placement, and a pass of ours on any node at any time."""

    zun: Zun

    def open(self, text: str) -> Stage:
        """Start a zun that has no node yet, on a zun.conf of this text."""
        self.zun = self._undo.enter_context(running(self.folder, self._auth, text))
        return self

    def start(self, lists: str = LISTS, scheduler: str = SCHEDULER, **nodes) -> Stage:
        """Start zun; nodes are hosts by name, and the devices that each has."""
        self.open(lists + scheduler)
        for host, lines in (nodes or {"node": HOST}).items():
            self.zun.node(host)
            self.sync(host, lines)
        return self

    def sync(self, host: str = "node", lines=HOST, lists: str | None = None, **own: str) -> list:
        """A pass on one node, which has these devices and, if given, other lists; what it did."""
        text = self.zun.file.read_text() if lists is None else lists
        return did(self.make_pass(host, lines, text, **own))


def create(stage: Stage, pci: object, **more) -> str:
    """A container that zun accepts; its uuid."""
    answer = stage.zun.create(pci, **more)
    assert answer.status == 202, answer
    return answer.body["uuid"]


def refused(stage: Stage, uuid: str) -> str:
    """Why a container is not started; it holds nothing, and no node knows of it."""
    container = stage.zun.show(uuid)
    assert container.status == "Error"
    assert stage.allocated(uuid) == {}
    assert all(uuid not in node.driver.created for node in stage.zun.nodes.values())
    return container.status_reason
