import logging

from pci_placement.service.conditions import Condition, Conditions

DISK, CARD = Condition("disk", "the disk is full"), Condition("card", "a card is held")
STRANGER = Condition("stranger", "a stranger has our mark", only_in_full=True)
QUIET = Condition("off", "switched off", logging.INFO)


class Told(list):
    def __call__(self, level: int, text: str) -> None:
        self.append((logging.getLevelName(level), text))


def told(*sights, full=True) -> Told:
    lines = Told()
    conditions = Conditions(lines)
    for found in sights:
        conditions.see(found, full)
    return lines


def test_a_condition_is_told_once_however_often_it_is_seen():
    assert told([DISK], [DISK], [DISK]) == [("WARNING", "the disk is full")]


def test_its_end_is_told_and_so_is_its_return():
    assert told([DISK, CARD], [CARD], [CARD, DISK])[2:] == [
        ("INFO", "over: the disk is full"),
        ("WARNING", "the disk is full"),
    ]


def test_other_words_for_the_same_are_not_news():
    assert len(told([DISK], [Condition("disk", "the disk is still full")])) == 1


def test_what_somebody_wished_for_is_no_warning():
    assert told([QUIET]) == [("INFO", "switched off")]


def test_of_what_only_a_full_pass_sees_the_silence_of_others_means_nothing():
    assert len(told([STRANGER], [], [STRANGER], full=False)) == 1
    assert told([STRANGER], [])[-1] == ("INFO", "over: a stranger has our mark")


def test_nothing_is_told_of_nothing():
    assert told([], []) == []
