"""One pass, alone and remembered: what a command, a service or another program starts from.

    settings = load([ConfigPath("/etc/zun/zun.conf")])
    answer = build(settings).sync()
    print(answer.exit_code)

Everything that an agent says is a value. What it raises is an error that ended a pass before its
first write.
"""

from .answers import Pass, PassAnswer, Preview, Standing
from .build import build
from .one_pass import Agent

__all__ = [
    "Agent",
    "Pass",
    "PassAnswer",
    "Preview",
    "Standing",
    "build",
]
