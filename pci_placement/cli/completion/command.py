"""The command `complete`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from pci_placement.cli.contract import ContractCommand
from pci_placement.cli.helps import LOCAL
from pci_placement.settings import read

from .grammar import Grammar, grammar
from .remembered import REMEMBERED
from .scripts import as_bash, as_zsh

SHELLS = {"bash": as_bash, "zsh": as_zsh}


class Complete(ContractCommand):
    """Print a script that lets a shell complete commands, options, addresses and aliases."""

    only_reads = True
    example = "--shell zsh"
    codes = LOCAL

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --shell and --words."""
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--shell", choices=SHELLS, default="bash", help="the default is bash")
        either.add_argument(
            "--words", choices=REMEMBERED, help="what such a script asks for: no script, but words"
        )

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Ask every command how it is called; or look what is remembered here, as it stands."""
        if parsed_args.words:
            settings = read(self._options.pci_config_paths or ())
            words = sorted({*REMEMBERED[parsed_args.words](settings.state_dir)})
            self.app.stdout.writelines(f"{word}\n" for word in words)
            return
        self.app.stdout.write(SHELLS[parsed_args.shell](list(self._grammars())))

    def _grammars(self) -> Iterator[Grammar]:
        everywhere = grammar("", self.app.parser)
        yield everywhere
        for name, found in sorted(dict(self.app.command_manager).items()):
            kind = found.load()
            parser = kind(self.app, None, name).get_parser(name)
            own = grammar(name, parser, getattr(kind, "columns", ()))
            yield Grammar(name, {**everywhere.options, **own.options}, own.arguments)
