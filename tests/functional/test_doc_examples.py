"""The examples of the documentation, run again: a page shows what the commands print.

A page is read from top to bottom. Blocks marked `console` hold commands and what they print; an
`ini` block that begins with the path of our own configuration file is the configuration from there
on. What happens to the host or in Placement stands in comments: `<!-- meanwhile: claim … -->`.
To write what the commands print today into the pages, set UPDATE_DOC_EXAMPLES=1.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from support import hosts
from support.placements import consumer_uuid

from pci_placement import placement
from pci_placement.cli.main import main
from pci_placement.settings import ConfigPath, load

DOC = Path(__file__).parents[2] / "doc"
FILE = "/etc/pci-placement/pci-placement.conf"
ROOT_UUID = "5a0d6a3c-6c61-4c3c-9d6e-0c9a3f1d7b11"
PART = re.compile(
    r"^```console\n(?P<console>.*?)^```$"
    rf"|^```ini\n# {FILE}\n(?P<config>.*?)^```$"
    r"|^<!-- meanwhile: (?P<event>.*?) -->$",
    re.MULTILINE | re.DOTALL,
)

HOST = """
"0000:00:1f.0": {id: "8086:a1c1", class: "060100"}
"0000:3b:00.0": {id: "10de:20b0", class: "030200", numa: 0, driver: vfio-pci}
"0000:3c:00.0": {id: "10de:20b0", class: "030200", numa: 0, driver: vfio-pci}
"0000:41:00.0": {id: "8086:0442", class: "0b4000", numa: 0, driver: c6xx, totalvfs: 16,
                 vf_device: "0443", vfs: {first: "0000:41:01.0", count: 4}}
"0000:81:00.0": {id: "8086:1572", class: "020000", numa: 1, driver: i40e, net: [ens1f0],
                 totalvfs: 64, vf_device: "154c",
                 vfs: {first: "0000:81:02.0", count: 3, driver: iavf, net: true}}
"""


class Page:
    """One page being played: its host, its configuration, and the commands so far."""

    def __init__(self, folder: Path, server) -> None:
        self.server, self.exit_code = server, 0
        self.file = folder / "pci-placement.conf"
        self.sysfs, self.state = folder / "sys", folder / "state"
        self.host = yaml.safe_load(HOST)
        self.plug()
        server.create_compute_node("compute-1", ROOT_UUID)

    def play(self, part: re.Match) -> str:
        """Give a part of the page as it ought to be."""
        if part["console"]:
            return f"```console\n{self.console(part['console'])}```"
        if part["config"]:
            self.file.write_text(self.header() + part["config"])
        if part["event"]:
            verb, *arguments = shlex.split(part["event"])
            getattr(self, verb)(*arguments)
        return part[0]

    def header(self) -> str:
        return (
            f"[pci_placement]\nroot_provider_name = compute-1\nstate_dir = {self.state}\n"
            f"[placement]\nauth_type = admin_token\nendpoint = {self.server.url}\ntoken = admin\n"
        )

    def console(self, text: str) -> str:
        lines = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
        return "".join(f"$ {line}\n{self.run(line)}" for line in lines)

    def run(self, line: str) -> str:
        if line == "echo $?":
            return f"{self.exit_code}\n"
        program, *words = shlex.split(line)
        assert program == "pci-placement"
        arguments = ["--config-file", str(self.file), "--sysfs", str(self.sysfs), *words]
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            self.exit_code = main(arguments)
        lines = said.getvalue().replace(str(self.file), FILE).splitlines()
        return "".join(f"{line}\n" for line in lines if line)

    @property
    def client(self) -> placement.Client:
        settings = load([ConfigPath(str(self.file))])
        return placement.Client(placement.connect(settings.conf))

    def plug(self, *addresses: str) -> None:
        """Put cards (back) into the host."""
        self.host |= {a: yaml.safe_load(HOST)[a] for a in addresses}
        self.write_host()

    def unplug(self, *addresses: str) -> None:
        """Take cards out of the host."""
        for address in addresses:
            del self.host[address]
        self.write_host()

    def resize(self, address: str, count: str) -> None:
        """Give a card another number of VFs."""
        self.host[address]["vfs"]["count"] = int(count)
        self.write_host()

    def write_host(self) -> None:
        shutil.rmtree(self.sysfs, ignore_errors=True)
        lines = [{"address": address, **line} for address, line in self.host.items()]
        hosts.write_tree(self.sysfs, hosts.snapshot(lines))

    def sync(self) -> None:
        """Make a pass that the page need not show."""
        self.run("pci-placement sync")

    def claim(self, consumer: str, provider: str, resource: str) -> None:
        """Claim some of a class of a provider."""
        name, amount = resource.split(":")
        body = {
            "allocations": {self.uuid(provider): {"resources": {name: int(amount)}}},
            "project_id": "lab",
            "user_id": "lab",
            "consumer_generation": None,
            "consumer_type": "CONTAINER",
        }
        self.client.send("PUT", f"/allocations/{consumer_uuid(consumer)}", body)

    def release(self, consumer: str) -> None:
        """Give everything back that a consumer holds."""
        self.client.send("DELETE", f"/allocations/{consumer_uuid(consumer)}")

    def report(self, name: str) -> None:
        """Let another service create a provider below the compute node's."""
        body = {"name": name, "parent_provider_uuid": ROOT_UUID}
        self.client.send("POST", "/resource_providers", body)

    def withdraw(self, name: str) -> None:
        """Let it delete that provider."""
        self.client.send("DELETE", f"/resource_providers/{self.uuid(name)}")

    def uuid(self, name: str) -> str:
        found = self.client.send("GET", f"/resource_providers?name={name}")
        return found["resource_providers"][0]["uuid"]


PAGES = [
    *(
        f"{page}.md"
        for page in ("commands", "configuration", "model", "operating", "troubleshooting")
    ),
    "../README.md",
]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_the_commands_print(name, tmp_path, placement, monkeypatch):
    # names of products are not the same on every machine
    for command in ("device", "topology"):
        monkeypatch.setattr(f"pci_placement.cli.{command}.product_names", lambda _: {})
    path = DOC / name
    page, text = Page(tmp_path, placement), path.read_text()
    played = PART.sub(page.play, text)
    if os.environ.get("UPDATE_DOC_EXAMPLES"):
        path.write_text(played)
    else:
        assert text == played
