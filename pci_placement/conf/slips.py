"""What people write in place of JSON."""

from __future__ import annotations

import json
import re

QUOTES = "; what it quotes stands in double quotes"
COMMA = "; no comma stands before }"
_COMMA_BEFORE_END = re.compile(r",\s*}")


def slip(error: json.JSONDecodeError) -> str:
    """What is mostly meant by what was not understood; "" where that is not plain."""
    if error.doc.startswith("'", error.pos):
        return QUOTES
    # Python 3.13 names the comma, the older ones the brace after it
    comma = error.doc.rfind(",", 0, error.pos + 1)
    found = _COMMA_BEFORE_END.match(error.doc, comma) if comma >= 0 else None
    return COMMA if found and found.end() > error.pos else ""
