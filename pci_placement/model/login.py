"""What of a login holds longer than a pass."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KeptLogin:
    """A login that somebody kept.

    whose tells, as a digest, for which user, project and endpoint it is; auth is what keystoneauth
    makes of its token and catalog, None where it has none; version is the microversion that was
    agreed on.
    """

    whose: str
    auth: str | None = field(repr=False)
    version: tuple[int, int]
