"""Fields are listed once: what is added to what is remembered is neither lost nor forgotten."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import pytest
from support.cloud import observe, tree
from support.different import default_of, different

from pci_placement.model import LastPass, Matching, ObservedProvider, Plan
from pci_placement.model.outcome import Outcome
from pci_placement.state.codec import FLAG, TEXT, record
from pci_placement.state.record import begin, remember
from pci_placement.state.store import StateFile

NOT_KEPT = {(ObservedProvider, "consumers"), (LastPass, "given")}
"""What is asked for at every pass, and what has a file of its own."""

FOUND_OUT = {
    "withheld_of",
    "forsaken_at",
    "root",
    "keys",
    "traits",
    "providers",
    "kinds",
    "ledger",
    "begun",
}
"""What a pass finds out itself; whatever else is remembered it hands on."""

EVERYTHING = different(LastPass)


def as_by_default(value: Any) -> Iterator[tuple[type, str]]:
    """Every field, however deep, that says what it says where nobody says anything."""
    if is_dataclass(value):
        for field in fields(value):
            found = getattr(value, field.name)
            if found in (default_of(field), None):
                yield type(value), field.name
            yield from as_by_default(found)
    elif isinstance(value, Mapping):
        yield from as_by_default((*value.keys(), *value.values()))
    elif isinstance(value, tuple | frozenset):
        for item in value:
            yield from as_by_default(item)


def saved_and_loaded(value: LastPass, folder) -> LastPass:
    file = StateFile(folder, "node")
    file.save(value)
    return file.load()


def handed_on(value: LastPass) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in fields(value) if f.name not in FOUND_OUT}


def test_no_field_of_the_value_for_these_tests_is_as_by_default():
    assert list(as_by_default(EVERYTHING)) == []


def test_every_field_is_saved_and_loaded(tmp_path):
    loaded = saved_and_loaded(EVERYTHING, tmp_path)
    assert set(as_by_default(loaded)) == NOT_KEPT
    (uuid, provider), *others = EVERYTHING.providers.items()
    assert not others
    there = {uuid: replace(provider, consumers=None)}
    assert loaded == replace(EVERYTHING, providers=there, given={})


def test_every_field_is_handed_on_by_a_pass_or_found_out_by_it():
    seen, nothing = observe(), Plan(())
    begun = begin(tree(), seen, nothing, EVERYTHING)
    assert handed_on(begun) == handed_on(EVERYTHING) | {"reread": False}
    after = remember(Matching({}), {}, tree(), seen, nothing, Outcome(()), begun)
    assert handed_on(after) == handed_on(begun)


def test_what_is_to_be_read_again_is_so_still_after_a_pass_that_did_not(tmp_path):
    asked = LastPass().to_be_read()
    assert saved_and_loaded(asked, tmp_path).reread


def test_a_field_without_a_codec_is_an_error_before_anything_is_written():
    @dataclass(frozen=True)
    class Grown:
        old: str
        new: bool = False

    with pytest.raises(TypeError, match="fields and codecs differ in new"):
        record(Grown, old=TEXT)
    with pytest.raises(TypeError, match="fields and codecs differ in gone"):
        record(Grown, old=TEXT, new=FLAG, gone=FLAG)
