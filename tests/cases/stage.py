"""Where the parts of a case are played: one host folder, one state folder and one Placement."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from support.command import Run

from .case import Case, Claim, Part
from .checker import Wrong, breakdowns, complaints, of_provider
from .cloud import Cloud
from .tree import write_host


class Stage:
    """A host and its surroundings, as they are between two parts."""

    def __init__(self, folder: Path, call: Callable[..., Run], url: str = "") -> None:
        self._host, self._state, self._config = (
            folder / name for name in ("sys", "state", "pci.conf")
        )
        self._folder, self._call = str(folder), call
        self._url = url
        self._cloud = Cloud(url)
        self._numbers = count(1)

    def play(self, case: Case) -> None:
        """Play the parts of a case up to the first that is not as expected."""
        for number, part in enumerate(case.parts, 1):
            if found := list(self._play(part)):
                raise Wrong("\n".join([f"part {number} of {case.id}:", *found]))

    def _play(self, part: Part) -> Iterator[str]:
        self._change_cloud(part)
        self._change_host(part)
        if part.claim:
            yield from self._claim(part.claim)
        if part.args:
            yield from self._command(part)
        for name, wanted in part.placement.items():
            yield from of_provider(name, self._cloud.provider(name), wanted)

    def _change_cloud(self, part: Part) -> None:
        if part.root:
            self._cloud.create_root(part.root)
        if part.rename:
            self._cloud.rename(*part.rename)
        if part.release:
            self._cloud.release(part.release)

    def _change_host(self, part: Part) -> None:
        if part.files is not None:
            write_host(self._host, part.files)
        if part.config is not None:
            self._config.write_text(self._filled_in(part.config))
        if part.lose_state:
            shutil.rmtree(self._state)

    def _filled_in(self, text: str) -> str:
        return text.replace("@STATE@", str(self._state)).replace("@URL@", self._url)

    def _claim(self, claim: Claim) -> Iterator[str]:
        consumer = claim.consumer or f"consumer {next(self._numbers)}"
        status = self._cloud.claim(consumer, claim.provider, claim.resource_class, claim.amount)
        if status != claim.status:
            yield f"{claim} was answered with {status}"

    def _command(self, part: Part) -> Iterator[str]:
        run = self._run(*map(self._filled_in, part.args))
        found = [*breakdowns(run), *(complaints(run, part.expect) if part.expect else ())]
        yield from found
        if found:
            yield f"$ {' '.join(part.args)}\n{run.out}{run.err}"

    def _run(self, *line: str) -> Run:
        """Run a command; its output is without our folder, in whose name a word can stand."""
        where = ("--sysfs", self._host, "--config-file", self._config)
        run = self._call(*where, *line, "-f", "json")
        return Run(run.code, *(text.replace(self._folder, "") for text in (run.out, run.err)))
