"""Whether this process sees what the host lives on, or only what its container lives on."""

from __future__ import annotations

import os

# Source: Linux, include/linux/proc_ns.h, PROC_PID_INIT_INO.
_OF_THE_HOST = "pid:[4026531836]"


def is_blind(proc: str) -> bool:
    """Whether process 1, whose mounts and routes are read, is that of a container.

    A kernel that has no namespaces of process ids has no containers.
    """
    try:
        return os.readlink(os.path.join(proc, "self/ns/pid")) != _OF_THE_HOST
    except OSError:
        return False
