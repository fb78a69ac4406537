"""Make a virtual environment with pci-placement and some of its extras in it.

Usage: python3 tools/make_venv.py [--lowest] FOLDER EXTRA[,EXTRA…]

With --lowest all that pyproject.toml names is as old as it allows. Does nothing where that has been
done for this Python and this pyproject.toml. Shows what is being installed, and all that was
said if that fails.
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
    what = ["--editable", f".[{asked.extras}]"]
    install(str(asked.folder / "bin" / "python"), what, lowest=asked.lowest)
    stamp.write_text(wanted)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lowest", action="store_true")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("extras")
    return parser.parse_args()


def install(python: str, what: list[str], *, lowest: bool) -> None:
    """By uv, which takes a seventh of pip's time; by pip where uv cannot be had, or fails.

    uv does not read pip.conf, which may name the only index that there is. But pip cannot be asked
    for old versions.
    """
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--progress-bar=off"]
    by_uv = [python, "-m", "uv", "pip", "install", "--python", python, *what]
    if lowest:
        run("Installing", [*pip, "uv"])
        run("Installing", [*by_uv, "--resolution", "lowest-direct"])
    elif not (done("Installing", [*pip, "uv"]) and done("Installing", by_uv)):
        run("Installing", [*pip, *what])


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
    """Run a command, or end with all that it said."""
    failed = said_when_it_failed(what, command)
    if failed is not None:
        sys.exit(f"{failed}\n{what} failed: {' '.join(command)}")


def done(what: str, command: list[str]) -> bool:
    """Run a command, and tell whether it worked."""
    return said_when_it_failed(what, command) is None


def said_when_it_failed(what: str, command: list[str]) -> str | None:
    """Run a command; its last line of output, shortened, is the progress that one sees."""
    said = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout:
            said.append(line)
            show(f"{what}: {' '.join(line.split())}")
    show("")
    return "".join(said) if process.returncode else None


def show(text: str) -> None:
    """Overwrite one line of a terminal; a log gets no such line."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text[:78]}")
        sys.stderr.flush()


main()
