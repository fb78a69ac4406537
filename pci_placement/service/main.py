"""The console script `pci-placement-agent`."""

from __future__ import annotations

from collections.abc import Sequence

from .arguments import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Make one pass, or passes until somebody ends it; gives the exit code."""
    arguments = parse(argv)
    # whoever finds that there is nothing to do need not wait for what a pass imports
    if arguments.once:
        from .once import once

        return once(arguments)
    from .daemon import serve

    return serve(arguments)
