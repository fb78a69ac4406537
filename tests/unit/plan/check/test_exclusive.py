"""A card that is offered whole and through its VFs: only one kind of it can be claimed."""

import pytest
from support.cloud import CARD, NIC, OLD, SLOT, SLOTS, VF, have, left, reserved, want
from support.judged import Case, create, inventories, traits

from pci_placement import names
from pci_placement.model import EnsureResourceClass, EnsureTrait

BOTH = {OLD: 1, NIC: 4, SLOT: SLOTS}
AT = {OLD: [CARD], NIC: VF[:4]}
W_BOTH = want(CARD, BOTH, at=AT)
LAST = left([W_BOTH], [have(CARD, BOTH)])
NAMED = [EnsureTrait(names.MANAGED), *map(EnsureResourceClass, (OLD, NIC, SLOT))]
MADE = [*NAMED, create(CARD), traits(CARD)]
WHOLE, PART = {"a": {OLD: 1, SLOT: SLOTS}}, {"a": {NIC: 1, SLOT: 1}}
SLOTLESS_WHOLE, SLOTLESS_PART = {"a": {OLD: 1}}, {"a": {NIC: 1}}
CLOSED = {OLD: reserved(1), NIC: reserved(4), SLOT: SLOTS}
OPENED = inventories(CARD, BOTH)
ONE_SLOT = reserved(SLOTS, 1)
PARTS_ALONE = have(CARD, {NIC: reserved(3, 1), SLOT: ONE_SLOT}, used={})


def opened(used, given=BOTH, before=CLOSED) -> Case:
    return Case(
        [inventories(CARD, given)],
        [W_BOTH],
        [have(CARD, before, names.DRAINING, used=used)],
        last=LAST,
    )


BROKEN = {
    "more slots than one card has": (
        Case([*MADE, inventories(CARD, {**BOTH, SLOT: 2 * SLOTS})], [W_BOTH]),
        {f"once {CARD}"},
    ),
    "no slots at all": (
        Case([*MADE, inventories(CARD, {OLD: 1, NIC: 4})], [W_BOTH]),
        {f"once {CARD}"},
    ),
    "VFs beside the whole card in use": (
        opened(SLOTLESS_WHOLE, given={**BOTH, OLD: 1}),
        {
            f"claimed {CARD}",
        },
    ),
    "the whole card beside VFs in use": (opened(SLOTLESS_PART), {f"claimed {CARD}"}),
    "the whole card beside reserved VFs": (
        opened(
            {},
            given={**BOTH, NIC: reserved(4, 1)},
            before={**BOTH, NIC: reserved(4, 1), OLD: reserved(1)},
        ),
        {f"sticky {CARD}"},
    ),
    "what is reserved of VFs of which nobody remembers which they are": (
        Case([*NAMED, inventories(CARD, {**BOTH, SLOT: ONE_SLOT})], [W_BOTH], [PARTS_ALONE]),
        {f"sticky {CARD}"},
    ),
    "nobody asked for their slots": (
        Case(
            [*NAMED, inventories(CARD, BOTH)],
            [W_BOTH],
            [have(CARD, {NIC: 4})],
            last=LAST,
        ),
        {f"asked {CARD}"},
    ),
}

KEPT = {
    "slots keep them apart": Case([*MADE, inventories(CARD, BOTH)], [W_BOTH]),
    "the whole card is in use with its slots": opened(WHOLE, before={**BOTH, NIC: reserved(4)}),
    "a VF is in use with its slot": opened(PART, before={**BOTH, OLD: reserved(1)}),
    "it was so before": opened(SLOTLESS_PART, given={**BOTH, NIC: 3}, before=BOTH),
    "only one kind is there": Case(
        [inventories(CARD, {OLD: 1, SLOT: SLOTS})],
        [W_BOTH],
        [have(CARD, {OLD: reserved(1), SLOT: SLOTS}, names.DRAINING, used={})],
        last=LAST,
    ),
    "it comes beside such VFs, and they stay reserved": Case(
        [*NAMED, inventories(CARD, {OLD: 1, NIC: reserved(4, 1), SLOT: ONE_SLOT})],
        [W_BOTH],
        [PARTS_ALONE],
    ),
    "only VFs can be claimed": opened({}, given={**BOTH, OLD: reserved(1)}),
}


@pytest.mark.parametrize(("case", "broken"), BROKEN.values(), ids=BROKEN)
def test_it_is_named(case, broken):
    assert case.broken() == broken


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_its_neighbour_is_not(case):
    assert case.broken() == set()
