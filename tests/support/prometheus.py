"""A Prometheus of our own that scrapes an agent every second, and its tool."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import requests

from .daemons import PATIENCE, program, running
from .ports import kept_port

CONFIGURATION = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: pci-placement
    static_configs: [{{targets: ["{target}"]}}]
"""


def promtool(*arguments: object, given: str = "") -> subprocess.CompletedProcess:
    """Run Prometheus' own judge of rules and metrics."""
    command = [program("promtool"), *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False)


def fetched(url: str) -> str:
    """What is there to be read; nothing where nobody answers."""
    with contextlib.suppress(requests.ConnectionError):
        answer = requests.get(url, timeout=PATIENCE)
        return answer.text
    return ""


class Prometheus:
    """Answers questions about what it scraped."""

    def __init__(self, url: str) -> None:
        self._url = url

    def query(self, expression: str) -> list[dict]:
        """What an expression gives now; an AssertionError where it is none."""
        return self._ask("query", query=expression)["result"]

    def values(self, metric: str, label: str) -> list[str]:
        """What a variable of a dashboard may be."""
        return self._ask(f"label/{label}/values", **{"match[]": metric})

    def rules(self) -> list[dict]:
        """All rules, with what became of each."""
        return [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]

    def _ask(self, what: str, **query: str):
        text = fetched(f"{self._url}/api/v1/{what}?{urlencode(query)}")
        answer = json.loads(text or '{"status": "no answer"}')
        assert answer["status"] == "success", (query, answer)
        return answer["data"]


@contextlib.contextmanager
def prometheus(folder: Path, target: str, rules: Path) -> Iterator[Prometheus]:
    """Start one in a folder of its own."""
    file = folder / "prometheus.yml"
    file.write_text(CONFIGURATION.format(rules=rules, target=target))
    with kept_port() as port:
        url = f"http://127.0.0.1:{port}"
        command = [
            program("prometheus"),
            f"--config.file={file}",
            "--log.level=warn",
        ]
        command += [f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"]
        log = folder / "prometheus.log"
        with running(command, log, lambda: "is Ready" in fetched(f"{url}/-/ready"), cwd=folder):
            yield Prometheus(url)
