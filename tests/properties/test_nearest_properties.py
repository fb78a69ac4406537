"""A line that is said to offer a device does, in the language of the lists."""

import json
from dataclasses import replace

from hypothesis import given
from support.build import values
from support.strategies import View, view, views

from pci_placement.discovery.whitelist import parse_whitelist
from pci_placement.mapping.nearest import OFFERED_BY_LINE, how_to_offer
from pci_placement.model import Match, Refusal, Source

_PROMISE = OFFERED_BY_LINE.partition("{}")[0]


class Judged:
    def __init__(self, seen: View) -> None:
        self.matching, self.kept = seen.matching, seen.aside


@given(views())
def test_a_line_keeps_its_promise(seen):
    def by(entries) -> View:
        return view(seen.snapshot, replace(seen.config, whitelist=tuple(entries)))

    for refusal in seen.matching.verdicts.values():
        if isinstance(refusal, Refusal):
            told = how_to_offer(
                refusal, seen.snapshot, seen.config.whitelist, lambda e: Judged(by(e))
            )
            _, promised, rest = told.partition(_PROMISE)
            if promised:
                written = json.loads("{" + rest.rpartition("= {")[2])
                (entry,), problems = parse_whitelist(values(written))
                assert not problems
                others = [e for e in seen.config.whitelist if str(e.source) not in rest]
                new = replace(entry, source=Source("new", "[pci] device_spec", 1))
                after = by([new, *others])
                assert isinstance(after.matching.verdicts[refusal.device.address], Match)
                assert refusal.device.card_addr not in after.aside
