"""Sequences that broke a promise once, shrunk: by the fault that each of them shows."""

import pytest

from .run import play

ANOTHER = ("sync", 2, False, False)
POOL_IN_USE_ENDS = [
    ("pooling", "numa"),
    ("fault", "kill-after", 25, 1, 520),
    ("label", 4, "once"),
    ("reserve", 683),
    ("sync", 1, True, True),
    ("claim", 746, 1),
    ("pooling", "device"),
]
SYNC, FORCED, FULL = ("sync", 1, False, False), ("sync", 1, False, True), ("sync", 1, True, True)

CASES = {
    # a class whose removal is withheld is drained beside the one that came for it, and the next
    # pass takes the reservation that somebody made by hand for its own
    "withheld reservation": [
        [SYNC, ("reserve", 509), ("alias", "qat", None), ANOTHER],
    ],
    # what was reserved by hand of a card whose removal is withheld is told of the one that came in
    # its place, and the next pass reserves that one
    "withheld reservation of another card": [
        [
            ("pooling", "numa"),
            ("removals", 0),
            FORCED,
            ("reserve", 607),
            ("claim", 151, 2),
            ("pooling", "device"),
            ("fault", "409", 29, 1, 24),
            ("plug", 0, "0435"),
            SYNC,
        ],
    ],
    # the VFs of a card wait beside slots for their PF; whoever remembers nothing took the one class
    # that is there for the PF: the judge of plans held it back
    "one class beside slots": [
        [
            ("sync", 1, True, False),
            ("claim", 685, 1),
            ("reserve", 560),
            ("drain", 211),
            ("exclusive", True),
            ("whole", True),
            ("claim", 320, 1),
            ANOTHER,
            ("release", 682),
            ("release", 536),
            FORCED,
        ],
    ],
    # the VFs of a card are out of service, and gone; the card itself was to be offered in a pool
    # for a claim that has it, and nothing would have kept the next one away
    "out of service, and in use as another": [
        [
            SYNC,
            ("pooling", "numa"),
            ("alias", "qat", None),
            ("card", "plain"),
            SYNC,
            ("drain", 448),
            ("claim", 249, 1),
            ("card", "gone"),
            ("fault", "kill-after", 19, 1, 568),
            ("card", "plain"),
            FORCED,
        ],
        # where it is on offer that stays so while it is in use
        [
            FULL,
            ("card", "plain"),
            ("pooling", "numa"),
            SYNC,
            ("drain", 200),
            ("claim", 664, 1),
            FORCED,
        ],
    ],
    # a drain wrote down what a provider counts now beside which devices it had counted before: a
    # pass that remembered less, after a copy of its state was put back, then believed both
    "drained with a state of before": [
        [
            ("vfs", 1),
            FULL,
            ("vfs", 3),
            ("card", "gone"),
            FORCED,
            ("card", "pf"),
            FULL,
            ("rollback", 1, 20),
            ("claim", 828, 2),
            ("drain", 632),
            ("label", 0, "fast"),
            SYNC,
        ],
    ],
    # a claim in the middle of the pass that makes the provider: a scheduler knows by the alias how
    # many slots a PF takes
    "claimed as soon as it is there": [
        [
            SYNC,
            ("card", "gone"),
            ("exclusive", True),
            ("drain", 503),
            ("whole", True),
            FORCED,
            ("claim", 171, 1),
            ("card", "pf"),
            ("fault", "rival", 3, 1, 896),
            ("claim", 398, 1),
            FULL,
        ],
    ],
    # nobody remembers what a pool counted, and who had claimed of it before has ended: the judge of
    # plans still held back the card that it no longer counts
    "judge after claims that ended": [
        [
            ("card", "gone"),
            ("pooling", "numa"),
            FORCED,
            ("plug", 1, "0435"),
            ("claim", 370, 2),
            ("sync", 2, True, False),
            SYNC,
            ("release", 109),
            ("pooling", "device"),
            ("claim", 335, 1),
            SYNC,
        ],
    ],
    # claims.counted knows one class of a device: of a provider that has a drained old class and
    # a new one for the same devices it names none for a claim of the new one
    "two classes": [
        [SYNC, ("alias", "qat", None), SYNC, FORCED],
        [
            ("removals", 0),
            ("plug", 1, "0435"),
            FORCED,
            ("plug", 1, "0443"),
            SYNC,
            SYNC,
        ],
    ],
    # each pass asks to drop the slots that claims hold, and is refused, with all else in that PUT
    "slots stay": [
        [
            ("exclusive", True),
            FULL,
            ("claim", 765, 1),
            ("exclusive", False),
            ("ratio", 987),
            SYNC,
        ],
        [("exclusive", True), FORCED, ("claim", 72, 1), ("exclusive", False), FORCED],
    ],
    # effect.after does not carry a reshape over that touched a provider on which a later action
    # failed, and believes the generations of all the others
    "half a reshape": [
        [
            SYNC,
            ("claim", 449, 1),
            SYNC,
            ("pooling", "numa"),
            ("fault", "dropped", 14, 1, 64),
            ("pooling", "device"),
            SYNC,
        ],
    ],
    # what waits for claims is offered by a second pass, though nothing ended in between
    "held goes on": [
        [
            ("exclusive", True),
            ("whole", True),
            ("sync", 1, False, True),
            ("claim", 220, 2),
            ("vfs", 1),
            FORCED,
            ("vfs", 4),
            FORCED,
        ],
    ],
    # half of our providers is more once the new ones are there: what was withheld goes unasked
    "limit grows": [[SYNC, ("pooling", "numa"), SYNC]],
    # handover._at_least keeps what is on offer where claims are not known, though the devices
    # that it counts have become fewer
    "unknown state": [
        # the new card at an address that a claim of before may hold
        [("pooling", "numa"), FORCED, ("claim", 1, 1), ("plug", 2, "0435"), ("lose", 1), SYNC],
        [
            FORCED,
            ("claim", 690, 1),
            ("pooling", "numa"),
            ("lose", 1),
            FORCED,
            ("plug", 0, "gone"),
            SYNC,
        ],
        [
            ("vfs", 2),
            SYNC,
            ("vfs", 4),
            ("claim", 92, 2),
            ("alias", "nic", "nic2"),
            ("lose", 1),
            FULL,
            ("label", 3, None),
            FORCED,
        ],
        # what is written down after VFs became fewer than the claims is sure, and is not
        [
            SYNC,
            ("claim", 500, 2),
            ("vfs", 1),
            ("lose", 1),
            FORCED,
            ("label", 0, "net"),
            ("vfs", 4),
            SYNC,
        ],
        # the same after no more than a pass that was killed
        [
            SYNC,
            ("claim", 721, 2),
            FORCED,
            ("claim", 690, 1),
            ("claim", 98, 1),
            ("label", 0, "own"),
            ("fault", "kill-after", 7, 1, 791),
            ("claim", 342, 1),
            ("undrain", 564),
            ("release", 363),
            ("release", 917),
            ("label", 0, "fast"),
            FULL,
            ("vfs", 2),
            ("fault", "kill-after", 20, 1, 311),
        ],
        # a drained device is counted by a pool by name, though its number is left out
        [
            SYNC,
            ("pooling", "numa"),
            ("drain", 515),
            ("claim", 197, 1),
            FORCED,
            ("lose", 1),
            FORCED,
        ],
    ],
    # of a drained inventory only what it counts now is left out, not what its claims may hold
    "drained in use": [
        [
            SYNC,
            ("claim", 681, 2),
            ("vfs", 2),
            SYNC,
            ("label", 2, "net"),
            ("drain", 924),
            ("vfs", 4),
            FORCED,
        ],
    ],
    # VFs that were away while their card was drained come back as another set of traits
    "regrouped drain": [
        [SYNC, ("drain", 248), ("vfs", 2), SYNC, ("vfs", 4), ("label", 3, "fast"), FORCED],
    ],
    "drained growth": [
        [("label", 0, "net"), FORCED, ("label", 3, "net"), ("drain", 268), SYNC],
    ],
    # who holds the plain card holds one slot of it; its VFs are offered beside that claim
    "turned card": [
        [
            ("whole", True),
            ("exclusive", True),
            ("card", "plain"),
            SYNC,
            ("claim", 0, 1),
            ("card", "pf"),
            SYNC,
        ],
        # out of a pool
        [
            SYNC,
            ("card", "plain"),
            ("pooling", "numa"),
            ("claim", 301, 1),
            ("release", 481),
            ("claim", 771, 1),
            FORCED,
            FORCED,
            ("claim", 753, 2),
            ("claim", 490, 1),
            ("exclusive", True),
            ("release", 657),
            ("reserve", 663),
            ("release", 193),
            SYNC,
            ("claim", 225, 1),
            ("whole", True),
            ("card", "pf"),
            ("fault", "500", 33, 1, 455),
        ],
    ],
    # a device that an operator drained at the provider of its own, of which nobody remembers more
    "drained out of a pool": [
        [
            ("sync", 2, False, True),
            ("pooling", "numa"),
            ("fault", "rival", 26, 1, 685),
            ("drain", 951),
            SYNC,
        ],
    ],
    # claims of a pool move to the provider of a card that is there in the place of another one
    "moved to another": [
        [
            SYNC,
            ("removals", 0),
            ("pooling", "numa"),
            SYNC,
            ("plug", 0, "0435"),
            SYNC,
            ("claim", 3, 1),
            ("claim", 1, 1),
            ("pooling", "device"),
            SYNC,
        ],
    ],
    # what nova reports stays on offer here
    "not ours": [[SYNC, ("neighbour", "0000:02:00.0", True), SYNC]],
    # the tree of the old name and that of the new one offer the same devices
    "renamed host": [[SYNC, ("claim", 2, 1), ("root", "other"), SYNC]],
    # a claim on a pool may hold what becomes for one-time use; nobody notes that it did
    "once out of a pool": [
        [
            ("pooling", "numa"),
            SYNC,
            ("label", 6, "once"),
            ("claim", 81, 2),
            FULL,
            ("release", 471),
            SYNC,
        ],
    ],
    # nobody notes a use while the card is held
    "once while held": [
        [
            ("label", 4, "once"),
            SYNC,
            ("neighbour", "0000:02:00.0", True),
            SYNC,
            ("claim", 1, 1),
            SYNC,
            ("release", 0),
            SYNC,
            ("neighbour", "0000:02:00.0", False),
            SYNC,
        ],
    ],
    # what the claims of an inventory hold is counted against it, as if others could hold it too
    "own claims": [
        [
            FORCED,
            ("claim", 503, 1),
            ("exclusive", True),
            ("claim", 814, 1),
            ("pooling", "numa"),
            FORCED,
            ("label", 5, None),
            ("alias", "qat", "qat2"),
            ("exclusive", False),
            ("claim", 449, 1),
            FORCED,
        ],
        # and a PF beside its VFs is taken for hardware that it is not
        [
            SYNC,
            ("exclusive", True),
            ("claim", 811, 1),
            ("pooling", "numa"),
            ("whole", True),
            FORCED,
            ("claim", 578, 2),
            ("claim", 121, 1),
            ("claim", 876, 2),
            ANOTHER,
        ],
    ],
    # of two providers of a card that are both out of service each is cut down for the other
    "drained beside drained": [
        [
            ("label", 0, "fast"),
            SYNC,
            ("card", "gone"),
            ("drain", 460),
            ("sync", 2, False, True),
            ("card", "pf"),
            ANOTHER,
        ],
    ],
    # the traits of a card that was about to come stand over the inventory of the one that is back
    "half a swap": [
        [
            ("plug", 1, "0435"),
            FORCED,
            ("plug", 0, "0435"),
            ("fault", "dropped", 4, 1, 895),
            ("plug", 0, "0443"),
            ("reserve", 833),
            ("fault", "500", 18, 1, 701),
        ],
        # cut off again before it comes back
        [
            ("plug", 1, "0435"),
            FORCED,
            ("plug", 0, "0435"),
            ("fault", "dropped", 4, 1, 895),
            ("fault", "dropped", 2, 1, 895),
            ("plug", 0, "0443"),
            ("reserve", 833),
            SYNC,
        ],
    ],
    # what was reserved of a card that another one replaced is forgotten while its class stays
    "reserved of another card": [
        [
            ("fault", "503", 39, 1, 901),
            ("reserve", 133),
            ("removals", 0),
            ("plug", 0, "0435"),
            ("sync", 1, True, False),
        ],
    ],
    # a device that is reserved by hand and becomes one for one-time use is marked, and is not
    "reserved for one use": [
        [
            ("whole", True),
            ("label", 4, None),
            ("sync", 2, False, True),
            ("claim", 602, 1),
            ("alias", "qat", None),
            ("reserve", 772),
            ("label", 5, "once"),
            FORCED,
        ],
    ],
    # what is for one-time use looks used once its removal is withheld, and the rest is fewer then
    "withheld of one use": [
        [
            ("fault", "503", 38, 1, 935),
            ("alias", "nic", "nic2"),
            ("label", 0, None),
            ("label", 6, "once"),
            ("claim", 700, 1),
            ("sync", 1, True, True),
            ("plug", 2, "gone"),
            ("release", 744),
            ("pooling", "numa"),
            ("claim", 537, 1),
            *also,
            SYNC,
        ]
        for also in ([], [("lose", 1)])
    ],
    # a provider whose claims move away is deleted, though what stands below it is kept for now
    "withheld below": [
        [
            ("sync", 1, True, True),
            ("claim", 637, 2),
            ("card", "plain"),
            ("pooling", "numa"),
            FORCED,
            ("pooling", "device"),
            ("release", 803),
            SYNC,
            ("pooling", "numa"),
            ("claim", 708, 1),
            SYNC,
        ],
    ],
    # the room that claims need on their way is taken for what somebody reserved by hand
    "reserved on the way": [
        [
            ("sync", 1, True, True),
            ("exclusive", True),
            ("claim", 622, 2),
            ("alias", "nic", "nic2"),
            ("whole", True),
            SYNC,
            ("neighbour", "0000:02:00.0", True),
            ("claim", 738, 2),
            SYNC,
        ],
    ],
    # what is written down of an inventory that another agent wrote since is forgotten in part
    "another agent's total": [
        [
            ("pooling", "numa"),
            ANOTHER,
            ("plug", 1, "0435"),
            ("claim", 721, 1),
            ANOTHER,
            ("plug", 0, "gone"),
            FORCED,
            ANOTHER,
        ],
    ],
    # who uses a provider is not asked where another one may count its devices, and names none
    "unknown and unnamed": [
        [
            ("neighbour", "0000:02:00.0", True),
            ("label", 1, "fast"),
            SYNC,
            ("claim", 578, 1),
            ("claim", 463, 1),
            ("release", 754),
            ("card", "gone"),
            SYNC,
            ("sync", 2, False, True),
            ("release", 869),
            ("card", "pf"),
            ("fault", "lost", 30, 1, 660),
            ("claim", 152, 1),
            ("claim", 276, 2),
            ANOTHER,
        ],
    ],
    # a drain in the place of a removal told of a device that was used once that nobody had had it
    "used once and renamed": [
        [
            ("removals", 0),
            FORCED,
            ("claim", 700, 1),
            ("release", 17),
            ("label", 4, "once"),
            ("claim", 647, 2),
            FORCED,
            ("claim", 582, 2),
            ("claim", 471, 1),
            ("release", 909),
            ("claim", 942, 2),
            ("pooling", "numa"),
            FORCED,
            ("alias", "qat", "qat2"),
            ("claim", 250, 2),
            ("release", 460),
            ("sync", 1, True, False),
        ],
    ],
    # an agent that remembers nothing takes the right total for the right devices, and writes down
    # that its claims hold those: what was away meanwhile is offered when it is back
    "known by a guess": [
        [
            FULL,
            ("pooling", "numa"),
            ("drain", 83),
            FORCED,
            ("claim", 557, 1),
            ("plug", 0, "0435"),
            ("sync", 2, False, True),
            ("plug", 0, "0443"),
            ("pooling", "device"),
            ("sync", 2, False, True),
        ],
    ],
    # what claims hold beside what is reserved by hand is taken for too little by the judge
    "reserved beside claims": [
        [
            ("fault", "rival", 20, 1, 232),
            ("claim", 729, 2),
            ("pooling", "numa"),
            ("fault", "503", 18, 1, 628),
            ("reserve", 355),
            ("drain", 993),
            ("reserve", 92),
            ("claim", 302, 2),
            FORCED,
        ],
    ],
    # what was wrong here was the judge of these sequences: what is reserved of VFs that are gone is
    # not reserved of the others
    "reserved of what is gone": [
        [("label", 1, "own"), SYNC, ("reserve", 580), ("vfs", 1), SYNC],
    ],
    # nothing changes on a card that is held, whatever somebody calls its provider
    "held and renamed": [
        [
            ("exclusive", True),
            ("whole", True),
            SYNC,
            ("rename", 192),
            ("ratio", 592),
            ("exclusive", False),
            FORCED,
        ],
    ],
    # an agent that is cut off before it writes tells a compute service nothing of what it remembers
    "an older memory": [
        [
            ("pooling", "numa"),
            ("sync", 2, False, True),
            ("fault", "dropped", 29, 1, 442),
            ("claim", 563, 2),
            ("card", "gone"),
            ("plug", 0, "0435"),
            SYNC,
            ("fault", "503", 6, 2, 570),
            ("plug", 2, "gone"),
            ("release", 71),
            ("claim", 792, 1),
            ("claim", 52, 1),
            ("plug", 2, "0443"),
            SYNC,
        ],
    ],
    # what tells that nobody had a device for one-time use stays while somebody has it under the
    # name that came for the one that is drained
    "fresh and used": [
        [
            FORCED,
            ("label", 5, "once"),
            ("alias", "qat", None),
            SYNC,
            ("claim", 98, 1),
            SYNC,
            ("release", 569),
            FORCED,
        ],
        # and while somebody had it between two passes
        [
            FORCED,
            ("label", 5, "once"),
            ("alias", "qat", None),
            SYNC,
            ("claim", 98, 1),
            ("release", 569),
            SYNC,
            FORCED,
        ],
    ],
    # another agent saw claims of before end, and what it offered since is taken back for a pass
    "ended meanwhile": [
        [
            ("pooling", "numa"),
            FORCED,
            ("claim", 979, 2),
            ("plug", 0, "0435"),
            SYNC,
            ("release", 660),
            ("sync", 2, False, True),
            FORCED,
        ],
    ],
    # which VFs are out of service is forgotten with the state, and those that were not listed then,
    # or not there, are offered as others of their card
    "drained and forgotten": [
        [FORCED, ("drain", 0), *forgotten, FORCED, ("label", 0, "net"), FORCED]
        for forgotten in (
            [("label", 0, None), ("lose", 1)],
            [("label", 0, None), FORCED, ("lose", 1)],
        )
    ]
    + [
        [
            FORCED,
            ("drain", 0),
            ("vfs", 2),
            ("lose", 1),
            FORCED,
            ("label", 3, "net"),
            ("vfs", 4),
            FORCED,
        ],
    ],
    # what claims on a drained provider may hold is taken for drained a pass later
    "drained beside claims of before": [
        [
            SYNC,
            ("claim", 832, 1),
            ("vfs", 2),
            SYNC,
            ("vfs", 4),
            ("drain", 20),
            ("whole", True),
            ("exclusive", True),
            SYNC,
        ],
    ],
    # what claims held that have ended is taken for drained, until the next pass has forgotten them
    "drained after claims of before": [
        [
            FORCED,
            ("claim", 445, 2),
            ("vfs", 3),
            FORCED,
            ("vfs", 4),
            ("release", 268),
            ("label", 1, "net"),
            ("drain", 680),
            FORCED,
        ],
    ],
    # what is reserved by hand of a class that is drained is not told, where the removal of another
    # class beside it is withheld
    "withheld beside a drain": [
        [
            FORCED,
            ("drain", 482),
            ("exclusive", True),
            ("whole", True),
            ("fault", "500", 25, 1, 97),
            ("reserve", 977),
            ("fault", "dropped", 12, 1, 765),
            ("claim", 780, 1),
            ("removals", 0),
            ("card", "plain"),
            SYNC,
        ],
        # and for a pass it is taken for reserved of the card that came
        [
            FORCED,
            ("drain", 482),
            ("exclusive", True),
            ("whole", True),
            ("fault", "dropped", 35, 1, 60),
            ("claim", 8, 2),
            ("reserve", 977),
            ("card", "plain"),
            SYNC,
        ],
    ],
    # that a device was used once is told no more where its class changes and it is not for one use
    # any longer: it is drained by one pass, and offered by the next
    "used once and of another class": [
        [
            FORCED,
            ("claim", 825, 1),
            ("label", 4, "once"),
            FORCED,
            ("label", 4, "own"),
            SYNC,
        ],
    ],
    # as many devices are gone as were reserved by hand, and what is left looks like what is wanted
    "reserved and gone": [
        [
            SYNC,
            ("reserve", 620),
            ("vfs", 2),
            FULL,
            ("vfs", 1),
            ANOTHER,
            ("exclusive", True),
            ("sync", 2, True, True),
        ],
        # and of a pool
        [
            ("plug", 0, "gone"),
            ("pooling", "numa"),
            SYNC,
            ("reserve", 153),
            ("plug", 1, "gone"),
            ("lose", 1),
            SYNC,
            ("plug", 0, "0443"),
            FORCED,
        ],
    ],
    # what was reserved by hand of a pool in use goes to one of the devices that it becomes, in the
    # same pass: to one that was drained for the pool, or after another one took it away again
    "reserved of a pool in use": [
        [
            ("sync", 1, False, False),
            ("pooling", "numa"),
            ("sync", 1, False, False),
            ("claim", 702, 1),
            ("claim", 334, 2),
            ("reserve", 15),
            ("pooling", "device"),
            ("claim", 868, 2),
            FORCED,
        ],
        # and an operator drains one of them
        [
            ("sync", 1, False, False),
            ("pooling", "numa"),
            ("sync", 1, False, False),
            ("claim", 702, 1),
            ("claim", 334, 2),
            ("reserve", 15),
            ("drain", 105),
            ("pooling", "device"),
            ("claim", 868, 2),
            FORCED,
        ],
        # the one that got it
        [
            ("pooling", "numa"),
            ("fault", "dropped", 9, 2, 177),
            FORCED,
            ("claim", 702, 1),
            ("claim", 334, 2),
            ("reserve", 15),
            ("pooling", "device"),
            ("claim", 868, 2),
            FORCED,
            ("drain", 501),
            ("sync", 2, False, True),
        ],
        # another card comes to where that one was
        [
            *POOL_IN_USE_ENDS,
            ("sync", 1, False, False),
            ("plug", 1, "0435"),
            FORCED,
        ],
        # or one that nobody listed
        [
            *POOL_IN_USE_ENDS,
            ("neighbour", "0000:02:00.0", True),
            ("sync", 1, False, False),
            ("plug", 1, "0435"),
            FORCED,
        ],
        # a pass that was cut off leaves it at both, and both go
        [
            ("pooling", "numa"),
            SYNC,
            ("reserve", 171),
            ("alias", "qat", "qat2"),
            FORCED,
            ("pooling", "device"),
            ("alias", "qat", "qat"),
            ("removals", 0),
            ("fault", "409", 17, 1, 26),
            ("pooling", "numa"),
            ("fault", "kill-after", 30, 1, 218),
        ],
    ],
    # the drain of a card that is gone forgets what was reserved by hand of a class that goes
    "reserved of a class that goes": [
        [
            ("whole", True),
            ("exclusive", True),
            ("pooling", "numa"),
            FORCED,
            ("reserve", 966),
            ("label", 1, "own"),
            ("sync", 1, True, True),
            ("claim", 72, 1),
            ("label", 1, None),
            FORCED,
            ("card", "gone"),
            ("fault", "500", 29, 2, 20),
        ],
    ],
    # what somebody has of a pool may be held by claims of another one, in every other pass
    "held by its own claims": [
        [
            ("label", 6, "own"),
            ("pooling", "numa"),
            FORCED,
            ("claim", 209, 1),
            ("label", 5, "own"),
            ("claim", 331, 1),
            ("claim", 343, 1),
            ("sync", 1, True, False),
            ("label", 5, ""),
            SYNC,
        ],
    ],
    # what a pass was about to write when it was cut off says nothing of what another agent wrote
    "cut off long ago": [
        [
            ("fault", "lost", 11, 1, 135),
            SYNC,
            ("plug", 0, "0435"),
            ("rollback", 1, 135),
            ("sync", 2, True, False),
            ("claim", 833, 1),
            SYNC,
        ],
    ],
    # what is reserved by hand gives way to claims that come, and the pass ends before it is back
    "reserved of what moves": [
        [
            FORCED,
            ("claim", 459, 1),
            ("sync", 1, True, True),
            ("claim", 365, 1),
            ("claim", 940, 1),
            ("label", 2, "net"),
            ("alias", "qat", "qat2"),
            ("reserve", 102),
            ("fault", "409", 23, 1, 333),
        ],
    ],
    # a claim moves to a provider of its own because its device is for one-time use from now on
    "used before it moved": [
        [
            ("plug", 0, "0435"),
            ("pooling", "numa"),
            ("card", "plain"),
            SYNC,
            ("claim", 63, 1),
            ("label", 4, "once"),
            SYNC,
            ("release", 582),
            SYNC,
        ],
    ],
    # new claims of an inventory are taken for such as may hold what nobody remembers
    "new beside unknown": [
        [
            FORCED,
            ("claim", 346, 1),
            ("claim", 671, 1),
            ("label", 1, None),
            ("sync", 2, False, True),
            ("pooling", "numa"),
            ("sync", 2, False, True),
            ("plug", 0, "0435"),
            ("release", 504),
            FORCED,
            ("release", 650),
            ("claim", 736, 2),
            FULL,
        ],
    ],
    # a trait of an entry is taken for somebody's by the first pass without a memory, and not by the
    # second
    "of an entry": [
        [
            ("label", 5, "fast"),
            SYNC,
            ("label", 0, "fast"),
            ("label", 5, ""),
            ("lose", 1),
            FORCED,
        ],
    ],
    # who has claims that keep an inventory short is not asked where it gives up one more device
    "short and shorter": [
        [
            ("vfs", 0),
            ("pooling", "numa"),
            ("sync", 1, True, False),
            ("claim", 616, 2),
            ("label", 4, "once"),
            ("claim", 592, 1),
            ("vfs", 3),
            ("fault", "rival", 34, 2, 270),
            ("release", 541),
            ("plug", 0, "0435"),
            ("plug", 2, "gone"),
            FORCED,
            ("sync", 2, True, True),
            ("vfs", 4),
            FULL,
            ("label", 3, None),
            ("release", 540),
            SYNC,
        ],
    ],
    # what was wrong here was the judge of these sequences: who deletes a drained provider by hand
    # deletes what tells of the drain, of VFs that are not listed just now too
    "drained and deleted": [
        [
            FULL,
            ("drain", 32),
            ("label", 2, None),
            ("sync", 2, False, True),
            ("delete", 241),
            ("label", 2, ""),
            ("sync", 2, False, True),
        ],
    ],
}


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(steps, id=f"{fault} {number}")
        for fault, cases in CASES.items()
        for number, steps in enumerate(cases, 1)
    ],
)
def test_the_promise_holds(steps):
    broken = play(steps)
    if broken:
        raise broken
