"""What of a node's tree is told as amiss."""

from support.cloud import CARD, PLAIN, VFS, name, uuid
from support.placements import ROOT

from pci_placement.tempest.trees import amiss, roots_of

OTHER = "00000000-0000-0000-0000-000000000001"


def line(uuid: str, name: str, parent: str | None = ROOT.uuid) -> dict:
    known = {"uuid": uuid, "name": name, "parent_provider_uuid": parent}
    return {**known, "root_provider_uuid": ROOT.uuid}


NODE = line(ROOT.uuid, ROOT.name, None)
OURS = [line(uuid(PLAIN), name(PLAIN)), line(uuid(CARD), name(CARD))]
OURS.append(line(uuid(VFS), name(VFS), uuid(CARD)))


def told(*more: dict, marked=(), unmarked=()) -> list[str]:
    marks = {provider["uuid"] for provider in OURS} | set(marked)
    return list(amiss(ROOT.uuid, [NODE, *OURS, *more], marks - set(unmarked)))


def test_a_tree_as_we_leave_it_is_in_order():
    assert told() == []


def test_what_others_have_beside_us_is_theirs():
    assert told(line(OTHER, "node_sriov_agent"), line(uuid("x"), "node_0000:99:00.0")) == []


def test_a_mark_on_what_is_not_ours_is_told():
    assert told(line(OTHER, name("0000:99:00.0")), marked=[OTHER]) == [
        f"{name('0000:99:00.0')} ({OTHER}) carries our mark, and its uuid is not that of its name"
    ]


def test_ours_without_the_mark_is_told():
    (said,) = told(unmarked=[uuid(VFS)])
    assert said == f"{name(VFS)} ({uuid(VFS)}) has name and uuid of ours, and not our mark"


def test_what_somebody_put_below_ours_is_told():
    (said,) = told(line(OTHER, "stranger", uuid(CARD)))
    assert said == f"stranger ({OTHER}) is below our {name(CARD)}, and is not ours"


def test_a_card_that_nova_reports_too_is_told():
    (said,) = told(line(OTHER, "node_0000:81:00.0"))
    assert f"reports {CARD} for somebody else" in said


def test_the_vfs_of_a_card_are_reported_by_its_name():
    vfs_alone = [NODE, line(uuid(VFS), name(VFS), uuid(CARD)), line(OTHER, f"node_{CARD}")]
    (said,) = amiss(ROOT.uuid, vfs_alone, {uuid(VFS)})
    assert name(VFS) in said


def test_each_node_is_named_once():
    assert roots_of(OURS) == (ROOT.uuid,)
