"""What a program asks the kernel to change in files, seen by strace."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

CHANGES = (
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat creat fallocate ftruncate "
    "link linkat mkdir mkdirat mknod mknodat mount rename renameat renameat2 rmdir setxattr "
    "lsetxattr fsetxattr removexattr lremovexattr fremovexattr symlink symlinkat truncate umount2 "
    "unlink unlinkat utime utimes utimensat futimesat"
).split()
OPENS = ["open", "openat", "openat2"]
WRITES = ["write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "copy_file_range"]

_CALL = re.compile(r"^(?:\[?pid +\d+\]? +|\d+ +)?(\w+)\((.*)$")
_TO_WRITE = re.compile(r"O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)")


def traced(log: Path, command: Sequence[object]) -> list[str]:
    """The command line that runs another one, with all its threads and children written down."""
    found = shutil.which("strace")
    assert found, "strace is missing: tools/install_system.sh strace"
    calls = ",".join(f"?{call}" for call in [*CHANGES, *OPENS, *WRITES])
    # -y: whatever is named by a handle is shown with its path
    options = ["-f", "-y", "-qq", "-s", "4096", "-e", f"trace={calls}", "-e", "signal=none"]
    return [found, *options, "-o", str(log), *map(str, command)]


def changes_below(log: Path, folder: str) -> Iterator[str]:
    """The calls that would change something below a folder, or did."""
    for line in log.read_text(errors="replace").splitlines():
        call = _CALL.match(line)
        if call and _names(call[2], folder) and _changes(call[1], call[2]):
            yield line


def _names(arguments: str, folder: str) -> bool:
    return any(mark + folder in arguments for mark in ('"', "<"))


def _changes(call: str, arguments: str) -> bool:
    return call not in OPENS or bool(_TO_WRITE.search(arguments))


def run(log: Path, command: Sequence[object], patience: float) -> subprocess.CompletedProcess:
    return subprocess.run(
        traced(log, command), capture_output=True, text=True, check=False, timeout=patience
    )
