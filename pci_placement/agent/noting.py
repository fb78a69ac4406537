"""Leaving a note of a pass that changed nothing, by which the next one may be spared."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from pci_placement.model import ListedProvider, ObservedTree, ProviderUuid
from pci_placement.quiet.ask import digest_of_answers
from pci_placement.quiet.inputs import digest_of_files, digest_of_inputs
from pci_placement.quiet.invocation import Invocation
from pci_placement.quiet.note import Note, Way, write_note

from .answers import Pass, PassAnswer
from .one_pass import Agent


class Noting:
    """What a pass rests on, from before it began: what changes meanwhile it may have missed."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        # where the note is looked for; wherever else state_dir is, there will be none
        self._state_dirs = invocation.state_dirs()
        self._before = {each: digest_of_files(invocation, each) for each in self._state_dirs}

    def leave(
        self, agent: Agent, answer: PassAnswer, code: int, said: Sequence[tuple[int, str]]
    ) -> None:
        """Keep a note of the pass if the next one would rest on the same, or none."""
        state_dir = agent.settings.state_dir
        note = self._note(agent, answer, code, said) if state_dir in self._before else None
        write_note(state_dir, self._invocation.stem, note)

    def _note(
        self, agent: Agent, answer: PassAnswer, code: int, said: Sequence[tuple[int, str]]
    ) -> Note | None:
        made = answer.made
        if made is None or not _is_over(answer, made) or agent.left_behind():
            return None
        state_dir, now = agent.settings.state_dir, time.time()
        connection = agent.reconciler().client.connection()
        files = digest_of_files(self._invocation, state_dir)
        if connection is None or files != self._before[state_dir]:
            return None
        url, headers, verify, cert, timeout, ends = connection
        observed = made.report.planned.observed
        asked = _asked(observed)
        return Note(
            # of the host what the pass saw counts, whatever it has become meanwhile
            inputs=digest_of_inputs(files, made.report.planned.host.snapshot.digest),
            answers=digest_of_answers(
                map(_line, observed.listed),
                observed.keys.keys(),
                {uuid: observed.providers[uuid].consumers for uuid in asked},
            ),
            root=observed.root.uuid,
            ours=sorted(observed.keys),
            asked=asked,
            written_at=now,
            expires=min(agent.full_sync_at(observed.root.uuid, made.report.last_pass), ends),
            code=code,
            said=list(said),
            way=Way(url, headers, verify, cert, timeout),
        )


def _is_over(answer: PassAnswer, made: Pass) -> bool:
    """Whether the same pass again, with what this one leaves, would do nothing."""
    return made.unchanged and not answer.retires and not made.report.planned.plan.actions


def _asked(observed: ObservedTree) -> list[ProviderUuid]:
    """The providers whose consumers were asked for: a release moves no generation."""
    providers = observed.providers.items()
    return sorted(u for u, have in providers if have.consumers is not None and not have.unused)


def _line(line: ListedProvider) -> Mapping[str, object]:
    return {
        "uuid": line.uuid,
        "name": line.name,
        "parent_provider_uuid": line.parent,
        "generation": line.generation,
    }
