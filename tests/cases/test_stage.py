"""How a case is played: what happens to the host and in a real Placement between two commands."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from support.command import Run

from cases.case import read_case
from cases.checker import Wrong
from cases.cloud import Cloud
from cases.stage import Stage
from cases.tree import write_host

LINE = {"id": "a", "source": "b", "title": "c"}
SILENT = Run(0, "[]", "")


class Program:
    """Says what it is told to, and remembers what it was asked and what it saw."""

    def __init__(self, says: Run = SILENT) -> None:
        self.says = says
        self.hosts: list[list[str]] = []
        self.configs: list[str] = []
        self.lines: list[tuple[object, ...]] = []

    def __call__(self, _: str, host: Path, __: str, config: Path, *line: object) -> Run:
        self.hosts.append(sorted(os.listdir(host)))
        self.configs.append(config.read_text())
        self.lines.append(line)
        return self.says


def steps(*parts: dict[str, Any]):
    return read_case({**LINE, "steps": list(parts)})


RUN = {"args": ["sync"], "expect": {"rc": 0}}
ENDS_WITH_1 = {"args": ["sync"], "expect": {"rc": 1}}


def test_a_host_is_files_links_and_empty_folders(tmp_path) -> None:
    write_host(tmp_path / "sys", {"a/b": "text", "a/c": "link:../no/where", "a/d": "dir:"})
    assert (tmp_path / "sys/a/b").read_text() == "text"
    assert os.readlink(tmp_path / "sys/a/c") == "../no/where"
    assert list((tmp_path / "sys/a/d").iterdir()) == []


def test_parts_share_the_host_and_the_configuration_until_they_change(tmp_path) -> None:
    program = Program()
    first = {"files": {"one": ""}, "config": "x = @STATE@ @URL@", **RUN}
    Stage(tmp_path, program, "http://there").play(
        steps(first, RUN, {"files": {"two": ""}, **RUN}, {"config": "y", **RUN})
    )
    assert program.hosts == [["bus", "one"], ["bus", "one"], ["bus", "two"], ["bus", "two"]]
    assert program.configs == [f"x = {tmp_path}/state http://there"] * 3 + ["y"]
    assert program.lines == [("sync", "-f", "json")] * 4


def test_the_state_is_lost_where_a_part_says_so(tmp_path) -> None:
    (tmp_path / "state").mkdir()
    stage = Stage(tmp_path, Program())
    stage.play(steps({"files": {}, "config": "", **RUN}))
    assert (tmp_path / "state").exists()
    stage.play(steps({"lose_state": True, **RUN}))
    assert not (tmp_path / "state").exists()


def test_a_part_that_is_not_as_expected_is_named_with_what_was_said(tmp_path) -> None:
    stage = Stage(tmp_path, Program(Run(5, "[]", "left as it is\n")))
    with pytest.raises(Wrong) as wrong:
        stage.play(steps({"files": {}, "config": "", "args": ["plan"]}, RUN))
    told = str(wrong.value)
    assert told.startswith("part 2 of a:\nit ended with 5, not 0\n$ sync\n")
    assert "left as it is" in told


def test_a_program_that_breaks_fails_a_part_that_expects_nothing(tmp_path) -> None:
    stage = Stage(tmp_path, Program(Run(1, "", "KeyError: 1; this should not happen\n")))
    with pytest.raises(Wrong, match="KeyError"):
        stage.play(steps({"files": {}, "config": "", "args": ["plan"]}, ENDS_WITH_1))


def test_the_name_of_the_folder_is_nothing_that_the_program_says(tmp_path) -> None:
    folder = tmp_path / "iommu"
    folder.mkdir()
    case = read_case(
        {**LINE, "files": {}, "config": "", "args": ["plan"], "expect": {"text": ["iommu"]}}
    )
    with pytest.raises(Wrong):
        Stage(folder, Program(Run(0, f"{folder}/pci.conf", f"{folder}/sys"))).play(case)
    Stage(folder, Program(Run(0, "[]", "an IOMMU group"))).play(case)


@pytest.fixture
def cloud(placement) -> Cloud:
    """A Placement in which one compute node is."""
    cloud = Cloud(placement.url)
    placement.create_compute_node("n1")
    return cloud


def play(tmp_path, placement, *parts: dict[str, Any]) -> None:
    Stage(tmp_path, Program(), placement.url).play(steps(*parts))


def free(amount: int) -> dict[str, Any]:
    return {"n1": {"inventories": {"VCPU": {"free": amount}}}}


def test_claims_and_releases_are_seen_in_placement(tmp_path, placement, cloud) -> None:
    play(
        tmp_path,
        placement,
        {"placement": free(512)},
        {"claim": ["n1", "VCPU", 2], "as": "a", "placement": free(510)},
        {"claim": ["n1", "VCPU", 3]},
        {"claim": ["n1", "VCPU", 3], "placement": free(504)},
        {"release": "a", "placement": free(506)},
        {
            "claim": ["n1", "VCPU", 2],
            "as": "a",
            "placement": {"n1": {"inventories": {"VCPU": {"used": 8}}}},
        },
    )
    assert cloud.provider("n1")["inventories"]["VCPU"]["total"] == 32


@pytest.mark.parametrize(
    "part",
    [
        {"claim": ["n1", "VCPU", 1], "status": 409},
        {"claim": ["n1", "VCPU", 1000]},
        {"claim": ["n2", "VCPU", 1]},
        {"placement": free(511)},
        {"placement": {"n1": {"inventories": {}}}},
        {"placement": {"n2": {"inventories": {}}}},
        {"rename": ["n2", "n3"], "placement": {"n1": {}}},
    ],
)
@pytest.mark.usefixtures("cloud")
def test_what_is_not_so_in_placement_fails(tmp_path, placement, part: dict[str, Any]) -> None:
    with pytest.raises(Wrong):
        play(tmp_path, placement, part)


@pytest.mark.usefixtures("cloud")
def test_a_claim_that_is_to_be_refused(tmp_path, placement) -> None:
    play(tmp_path, placement, {"claim": ["n1", "VCPU", 1000], "status": 409})


@pytest.mark.usefixtures("cloud")
def test_providers_are_made_and_renamed(tmp_path, placement) -> None:
    play(
        tmp_path,
        placement,
        {"root": "n2", "placement": {"n2": {"inventories": {}, "traits": []}}},
        {"rename": ["n1", "n3"], "placement": {"n1": None, "n3": free(512)["n1"]}},
    )


@pytest.mark.usefixtures("cloud")
def test_who_had_nothing_cannot_release_it(tmp_path, placement) -> None:
    with pytest.raises(Exception, match="404"):
        play(tmp_path, placement, {"release": "nobody", "placement": free(512)})
