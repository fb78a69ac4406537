"""Where the values of an option stand: file, option as it is spelled there, number of the entry.

oslo.config forgets it of multi-valued options, so the files are read once more by its own parser.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from oslo_config import cfg

from pci_placement.model import Problem, Severity, Source

from .json_objects import OptionValue


class Assignment(NamedTuple):
    """Section, key and value as they are spelled, and the line (from 1) where it begins."""

    section: str
    key: str
    line: int
    value: str


class _RememberingParser(cfg.ConfigParser):
    """oslo.config's own parser, which also remembers where each value stood."""

    def __init__(self, file: str) -> None:
        super().__init__(file, {})
        self.found: list[Assignment] = []
        self._began = 0

    def _split_key_value(self, line: str) -> tuple[str, list[str]]:
        # called at the first line of an assignment, which is told only after its last one
        self._began = self.lineno
        return super()._split_key_value(line)

    def assignment(self, key: str, value: list[str]) -> None:
        """Take one assignment."""
        super().assignment(key, value)
        self.found.append(Assignment(str(self.section), key, self._began, "\n".join(value)))


def assigned(file: str) -> list[Assignment]:
    """Each assignment in a file, in order."""
    parser = _RememberingParser(file)
    parser.parse()
    return parser.found


def sources(file: str, spellings: Sequence[tuple[str, str]]) -> Iterator[Source]:
    """Where in a file the values of an option stand, spelled as one of several (group, name)."""
    found = assigned(file)
    for group, name in spellings:
        same = [one for one in found if one.key == name and is_section(one.section, group)]
        for number, one in enumerate(same, 1):
            yield Source(file, f"[{one.section}] {name}", number, one.line)


def is_section(spelled: str, group: str) -> bool:
    """Whether oslo.config takes a section for that of a group.

    Source: oslo_config/cfg.py, _normalize_group_name.
    """
    return (spelled if spelled == "DEFAULT" else spelled.lower()) == group


def values(conf: cfg.ConfigOpts, files: Sequence[str], option: cfg.Opt) -> list[OptionValue]:
    """Give the values of a multi-valued option of group [pci] their sources back.

    oslo.config's order is file by file, and within a file the deprecated names first, the last of
    them leading.

    Source: oslo_config/cfg.py, _Namespace._get_file_value.
    """
    texts = conf.pci[option.name]
    spellings = [(str(d.group), str(d.name)) for d in reversed(option.deprecated_opts)]
    spellings.append(("pci", option.name))
    found = [source for file in files for source in sources(file, spellings)]
    return [OptionValue(s, text) for s, text in zip(found, texts, strict=True)]


def old_names(found: Sequence[OptionValue], option: cfg.Opt) -> Iterator[Problem]:
    """Note each deprecated name once a file; zun knows only one of them, so it stays a note.

    Source: zun/conf/pci.py, pci_opts.
    """
    name = f"[pci] {option.name}"
    known = name.lower()
    old: dict[tuple[str, str], Source] = {}
    for value in found:
        if value.source.option.lower() != known:
            old.setdefault((value.source.file, value.source.option), value.source)
    for source in old.values():
        hint = f"nova calls it {name} (keep the old name in a file that zun reads as well)"
        yield Problem(f"{source.option} is deprecated", hint, source, Severity.NOTE)
