"""Which of NVIDIA's GPUs is at an address, by what its driver tells.

Source: open-gpu-kernel-modules, kernel-open/nvidia/nv-procfs.c, nv_procfs_read_gpu_info.
"""

from __future__ import annotations

import re
from pathlib import Path

GPUS = Path("/proc/driver/nvidia/gpus")

_UUID = re.compile(r"^GPU UUID:\s*(GPU-[0-9a-f-]+)\s*$", re.MULTILINE | re.IGNORECASE)


def gpu_at(address: str, folder: Path = GPUS) -> str | None:
    """The UUID of the GPU, or None where the driver does not tell."""
    try:
        text = (folder / address / "information").read_text(errors="replace")
    except OSError:
        return None
    found = _UUID.search(text)
    return found[1] if found else None
