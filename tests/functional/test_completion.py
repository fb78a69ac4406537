"""What bash and zsh offer behind `pci-placement`: real shells, and the files that are installed."""

import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest
from support.cloud import CARD, PLAIN
from support.command import SCRIPT
from support.daemons import PATIENCE
from support.placements import consumer_uuid

from pci_placement.cli.completion.remembered import REMEMBERED

INSTALLED = Path(__file__).parents[2] / "etc/completion"
FILES = {"bash": INSTALLED / "pci-placement", "zsh": INSTALLED / "_pci-placement"}
BASH = """
source {file}
COMP_LINE=$1 COMP_POINT=${{#1}}
COMP_WORDBREAKS=$2
_pci_placement
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
ZSH = """
autoload -Uz compinit
compinit -D -u
source {file}
compadd() {{ [[ $1 = -- ]] && print -rl -- "${{@[2,-1]}}" >>{offered}; builtin compadd "$@" }}
leave() {{ print -r -- "$BUFFER" >{typed}; exit }}
zle -N leave
bindkey '^T' leave
bindkey '^I' complete-word
PS1='ready> '
"""


def in_bash(tmp_path: Path, line: str, breaks: str = " \t\n") -> list[str]:
    program = BASH.format(file=FILES["bash"])
    done = subprocess.run(
        ["bash", "--norc", "-c", program, "bash", line, breaks],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert done.stderr == ""
    return list(filter(None, done.stdout.splitlines()))


def in_zsh(tmp_path: Path, line: str) -> list[str]:
    offered = tmp_path / "offered"
    offered.unlink(missing_ok=True)
    zsh(tmp_path, line)
    last = line.rpartition(" ")[2]
    found = offered.read_text().splitlines() if offered.exists() else []
    return [word for word in found if word and word.startswith(last)]


def zsh(tmp_path: Path, line: str) -> str:
    """Type a line and the key that completes it, and give what stands there then."""
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    typed = tmp_path / "typed"
    setup = ZSH.format(file=FILES["zsh"], offered=tmp_path / "offered", typed=typed)
    (tmp_path / ".zshrc").write_text(setup)
    ours, its = pty.openpty()
    with subprocess.Popen(
        ["zsh", "-i"], stdin=its, stdout=its, stderr=its, env=environment(tmp_path)
    ) as shell:
        os.close(its)
        seen = until(ours, "ready> ")
        assert "command not found" not in seen
        os.write(ours, f"{line}\t\x14".encode())
        shell.wait(PATIENCE)
    os.close(ours)
    return typed.read_text().rstrip("\n")


def until(terminal: int, text: str) -> str:
    seen = ""
    while text not in seen:
        seen += os.read(terminal, 4096).decode(errors="replace")
    return seen


def environment(tmp_path: Path) -> dict[str, str]:
    path = f"{SCRIPT.parent}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(tmp_path), "ZDOTDIR": str(tmp_path), "TERM": "dumb"}


SHELLS = pytest.mark.parametrize("offered", [in_bash, in_zsh], ids=["bash", "zsh"])


@pytest.fixture
def here(run, tmp_path, sysfs) -> str:
    """The options that name this host and its lists."""
    assert run("config validate").code == 0
    return f"--config-file {tmp_path / 'pci-placement.conf'} --sysfs {sysfs}"


@SHELLS
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("dev", ["device"]),
        ("device ", ["drain", "list", "show", "undrain"]),
        ("device li", ["list"]),
        ("device list -c a", ["address", "alias"]),
        ("device list --fl", ["--flat"]),
        ("device list --sysfs /sys --fl", ["--flat"]),
        ("-v device list --fl", ["--flat"]),
        ("topology -f s", ["svg"]),
        ("report --format h", ["html"]),
        ("complete --shell ", ["bash", "zsh"]),
        ("sync --y", ["--yes"]),
        ("nonsense d", []),
        ("request show [/* ", []),
    ],
)
def test_words_that_are_always_the_same(tmp_path, offered, typed, expected):
    assert sorted(offered(tmp_path, f"pci-placement {typed}")) == expected


@SHELLS
def test_addresses_and_interfaces_are_those_of_this_host(tmp_path, offered, here):
    found = offered(tmp_path, f"pci-placement {here} device show ")
    assert {PLAIN, CARD, "ens1f0"} <= set(found)
    assert offered(tmp_path, f"pci-placement {here} claim set somebody {PLAIN} 0000:3") == [PLAIN]


@SHELLS
def test_aliases_are_those_of_the_configuration_that_is_named(tmp_path, offered, here):
    assert sorted(offered(tmp_path, f"pci-placement {here} request explain ")) == ["nic", "qat"]


@SHELLS
def test_nodes_and_consumers_are_those_that_are_remembered_here(
    tmp_path, offered, here, run, real, placement
):
    assert run("sync").code == 0
    given = consumer_uuid("a container")
    real.claim("a container", {PLAIN: {"CUSTOM_PCI_QAT": 1}})
    assert run(f"claim show {given}").code == 0
    placement.requests.clear()
    assert offered(tmp_path, f"pci-placement {here} claim show ") == [given]
    assert offered(tmp_path, f"pci-placement {here} claim set {given[:3]}") == [given]
    assert offered(tmp_path, f"pci-placement {here} report --node ") == ["node"]
    assert offered(tmp_path, f"pci-placement {here} retire --root no") == ["node"]
    assert placement.requests == []


@pytest.mark.parametrize("kind", REMEMBERED)
def test_nothing_is_remembered_where_no_state_can_be_read(run, tmp_path, kind):
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "8c7e2f3a-0d5c-4b52-9a0e-3a4a6d6b1f00.json").write_text("{")
    (tmp_path / "damaged" / "8c7e2f3a-0d5c-4b52-9a0e-3a4a6d6b1f00.claims").write_text("{")
    (tmp_path / "looped").symlink_to(tmp_path / "looped")
    for folder in ("none", "damaged", "looped"):
        done = run(f"complete --words {kind}", state_dir=tmp_path / folder)
        assert (done.code, done.out, done.err) == (0, "", "")


def test_bash_is_given_what_stands_behind_the_last_colon(tmp_path, here):
    """It takes a colon for the end of a word, unless somebody told it otherwise."""
    found = in_bash(tmp_path, f"pci-placement {here} device show 0000:3", " \t\n:")
    assert found == [PLAIN.partition(":")[2]]


def test_zsh_completes_an_address(tmp_path, here):
    line = f"pci-placement {here} device show "
    assert zsh(tmp_path, f"{line}0000:3").rstrip() == f"{line}{PLAIN}"


def test_files_are_offered_where_one_is_wanted(tmp_path):
    (tmp_path / "some.conf").write_text("")
    line = f"pci-placement --config-file {tmp_path}/so"
    assert in_bash(tmp_path, line) == [f"{tmp_path}/some.conf"]
    assert zsh(tmp_path, line).rstrip() == f"pci-placement --config-file {tmp_path}/some.conf"


@pytest.mark.parametrize("shell", FILES)
def test_what_is_installed_is_what_the_command_prints(call, shell):
    made = call("complete", "--shell", shell)
    assert made.code == 0
    assert FILES[shell].read_text() == made.out, "say `make completion`"


@pytest.mark.parametrize("shell", FILES)
def test_the_shell_itself_finds_no_fault(shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([shell, "-n", FILES[shell]], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
