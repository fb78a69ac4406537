"""Make a virtual environment with pci-placement and some of its extras in it.

Usage: python3 tools/make_venv.py [--lowest] FOLDER EXTRA[,EXTRA…]

With --lowest all that pyproject.toml names is as old as it allows. Does nothing where that has been
done for this Python and this pyproject.toml. Shows what pip is at, and all that it said if it
fails.
"""

import argparse
import hashlib
import pathlib
import subprocess
import sys

OLDEST = (3, 11)


def main() -> None:
    asked = arguments()
    check_python()
    stamp = asked.folder / "made-from"
    wanted = hashlib.sha256(
        pathlib.Path("pyproject.toml").read_bytes() + f"{sys.version}{asked.extras}".encode()
    ).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    run(f"Making {asked.folder}", [sys.executable, "-m", "venv", "--clear", str(asked.folder)])
    install = with_the_lowest if asked.lowest else with_the_newest
    install(str(asked.folder / "bin" / "python"), ["--editable", f".[{asked.extras}]"])
    stamp.write_text(wanted)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lowest", action="store_true")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("extras")
    return parser.parse_args()


def with_the_newest(python: str, what: list[str]) -> None:
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    run("Installing", [*pip, "install", "--progress-bar=off", *what])


def with_the_lowest(python: str, what: list[str]) -> None:
    """By uv: pip cannot be asked for old versions."""
    with_the_newest(python, ["uv"])
    uv = [python, "-m", "uv", "pip", "install", "--python", python]
    run("Installing", [*uv, "--resolution", "lowest-direct", *what])


def check_python() -> None:
    if sys.version_info < OLDEST:
        sys.exit(
            f"pci-placement needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and {sys.executable} is "
            f"{sys.version.split()[0]}: say `make PYTHON=python3.11 …`"
        )
    try:
        import ensurepip  # noqa: F401  Debian ships Python without it
        import venv  # noqa: F401  as above
    except ImportError:
        sys.exit(f"{sys.executable} cannot make virtual environments: apt install python3-venv")


def run(what: str, command: list[str]) -> None:
    """Run a command; its last line of output, shortened, is the progress that one sees."""
    said = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout:
            said.append(line)
            show(f"{what}: {' '.join(line.split())}")
    show("")
    if process.returncode:
        sys.exit(f"{''.join(said)}\n{what} failed: {' '.join(command)}")


def show(text: str) -> None:
    """Overwrite one line of a terminal; a log gets no such line."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text[:78]}")
        sys.stderr.flush()


main()
