"""What a zun with the patches of doc/zun.md does; test_patches.py makes one and calls this."""

from unittest import mock

import eventlet
import zun
from support.cloud import PLAIN, QAT_CARD
from support.zun.stage import NOT_ENOUGH, create, on, refused
from zun.common import exception
from zun.scheduler import utils

SECOND = "0000:3c:00.0"


def with_another(stage, pci: str) -> list[str]:
    """Two containers at the same moment: the second comes before the first has claimed."""
    real, uuids = utils.claim_resources, []

    def claim(*args, **kwargs):
        if not uuids:
            uuids.append("")
            uuids[0] = eventlet.spawn(create, stage, pci).wait()
        return real(*args, **kwargs)

    with mock.patch.object(utils, "claim_resources", claim):
        uuids.append(create(stage, pci))
    return uuids


def test_two_containers_at_the_same_moment_get_a_device_each(start):
    assert "site-packages" not in zun.__file__
    stage = start(node=(QAT_CARD, {**QAT_CARD, "address": SECOND}))
    held = [stage.devices(uuid) for uuid in with_another(stage, "qat")]
    assert sorted(map(list, held)) == [[on(PLAIN)], [on(SECOND)]]


def test_where_there_is_one_device_the_other_container_is_told_so(start):
    stage = start()
    first, second = with_another(stage, "qat")
    assert stage.devices(first) == {on(PLAIN): 1}
    assert refused(stage, second) == NOT_ENOUGH


def test_a_creation_that_fails_frees_the_device(start):
    stage = start()
    stage.zun.nodes["node"].driver.fails = exception.DockerError("no space left on device")
    uuid = create(stage, "qat")
    assert stage.zun.show(uuid).status == "Error"
    assert stage.allocated(uuid) == {}
