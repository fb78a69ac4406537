"""The queries for a request, in the order to ask them."""

import pytest
from support.build import alias, traits

from pci_placement import names
from pci_placement.errors import RequestError
from pci_placement.mapping import request
from pci_placement.mapping.questions import first_answer, last_of_first, questions
from pci_placement.model import DevType

ALIASES = (
    alias("h100", "10de:2330"),
    alias("a100", "10de:20b0", traits=traits("FAST"), live_migratable=False),
    alias("card", "8086:10c9", device_type=DevType.PF),
)
H100, A100 = "CUSTOM_PCI_H100", "CUSTOM_PCI_A100"


def asked(text: str, **how: bool):
    return questions(request.parse_alternatives(text), ALIASES, **how)


def test_each_query_has_a_group_for_each_part():
    assert [question.query for question in asked("h100:3")] == [
        f"resources1={H100}:3",
        f"resources1={H100}:2&resources2={H100}:1&group_policy=none",
        f"resources1={H100}:1&resources2={H100}:1&resources3={H100}:1&group_policy=none",
    ]


def test_each_query_has_extra_specs():
    apart = asked("h100:3")[1]
    assert apart.extra_specs == {
        f"resources1:{H100}": "2",
        f"resources2:{H100}": "1",
        "group_policy": "none",
    }


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("text", ["h100", "a100:5@net", "h100:2,card:3", "card,h100:8,a100:2"])
def test_the_first_is_the_request_together_and_the_last_its_devices_one_by_one(text, exclusive):
    usages, found = request.parse_usage(text), asked(text, exclusive=exclusive)
    assert found[0].groups == request.translate(usages, ALIASES, True, exclusive)
    assert found[-1].groups == request.translate(usages, ALIASES, False, exclusive)
    assert {question.usages for question in found} == {usages}


def test_every_part_of_a_wish_asks_for_its_slots_and_traits():
    (whole, _) = asked("a100:2@net,card:2", exclusive=True)
    assert [group.resources for group in whole.groups] == [
        {A100: 2, names.SLOT: 2},
        {"CUSTOM_PCI_CARD": 2, names.SLOT: 131072},
    ]
    assert whole.groups[0].required == ("CUSTOM_FAST", "CUSTOM_PHYSNET_NET")
    assert whole.resource_classes == {A100, "CUSTOM_PCI_CARD", names.SLOT}
    assert whole.traits == {"CUSTOM_FAST", "CUSTOM_PHYSNET_NET", names.LIVE_MIGRATABLE}


def test_one_alternative_is_asked_for_to_the_end_before_the_next():
    assert [str(question) for question in asked("h100:2|a100:3,card")] == [
        "h100:2 as 2, card:1 as 1",
        "h100:2 as 1 + 1, card:1 as 1",
        "a100:3 as 3, card:1 as 1",
        "a100:3 as 2 + 1, card:1 as 1",
        "a100:3 as 1 + 1 + 1, card:1 as 1",
    ]


def test_together_there_is_one_query_for_each_alternative():
    assert [str(question) for question in asked("h100:2|a100:3", together=True)] == [
        "h100:2 as 2",
        "a100:3 as 3",
    ]


def test_an_unknown_alias_is_an_error_whichever_alternative_it_is():
    with pytest.raises(RequestError, match="unknown alias 'b200'; known: a100, card, h100"):
        asked("h100|b200")


def test_who_can_ask_only_once_asks_for_single_devices_of_the_first_alternative():
    assert str(last_of_first(asked("h100:2|a100"))) == "h100:2 as 1 + 1"


def test_the_first_question_with_an_answer_ends_it():
    all_of_them, heard = asked("h100:4|a100"), []

    def ask(question):
        heard.append(question)
        return ["node"] * (len(heard) == 3)

    assert first_answer(all_of_them, ask) == (all_of_them[2], ["node"])
    assert heard == list(all_of_them[:3])


def test_without_any_answer_all_are_asked():
    heard = []
    found = first_answer(asked("h100:4|a100"), lambda question: heard.append(question) or [])
    assert found == (None, ())
    assert heard == list(asked("h100:4|a100"))
