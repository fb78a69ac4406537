"""Leaving a note of a pass that changed nothing, by which the next one may be spared."""

from __future__ import annotations

import time
from collections.abc import Sequence

from pci_placement.quiet.inputs import digest_of_files, digest_of_inputs
from pci_placement.quiet.invocation import Invocation
from pci_placement.quiet.note import Note, Way, write_note

from .answers import PassAnswer
from .basis import basis_of
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
        basis = basis_of(agent, answer)
        if basis is None:
            return None
        state_dir, now = agent.settings.state_dir, time.time()
        connection = agent.reconciler().client.connection()
        files = digest_of_files(self._invocation, state_dir)
        if connection is None or files != self._before[state_dir]:
            return None
        url, headers, verify, cert, timeout, ends = connection
        return Note(
            inputs=digest_of_inputs(files, basis.host),
            answers=basis.answers,
            root=basis.root,
            ours=basis.ours,
            asked=basis.asked,
            written_at=now,
            expires=min(basis.full_at, ends),
            code=code,
            said=list(said),
            metrics_file=agent.settings.metrics_file,
            way=Way(url, headers, verify, cert, timeout),
        )
