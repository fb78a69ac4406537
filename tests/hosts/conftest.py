from __future__ import annotations

import tarfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import pci_placement

HERE = Path(__file__).parent
SHIPPED = Path(pci_placement.__file__).parent / "captures"


def _archive(name: str) -> Path:
    (found,) = [
        path
        for folder in (HERE, HERE / "public", SHIPPED)
        for path in folder.glob(f"{name}.*tar.*")
    ]
    return found


@pytest.fixture(scope="session")
def sys_tree(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Unpacks a capture, once a session, and gives the folder that stands for /sys."""

    @cache
    def unpack(name: str) -> Path:
        target = tmp_path_factory.mktemp(name)
        with tarfile.open(_archive(name)) as archive:
            # not "data": links such as net/…/subsystem may end outside of a partial capture;
            # Python before 3.11.4 has no filters
            archive.extraction_filter = getattr(tarfile, "tar_filter", None)
            archive.extractall(target)  # noqa: S202  these are our own archives
        # hwloc's archives have one more folder around it
        return next(path for path in (target / "sys", *target.glob("*/sys")) if path.is_dir())

    return unpack


@pytest.fixture(scope="session")
def lspci_text() -> Callable[[str], str]:
    """Gives the text of `lspci -Dnmm` that belongs to a capture."""

    def read(name: str) -> str:
        paths = (folder / f"{name}.lspci.txt" for folder in (HERE, SHIPPED))
        return next(path for path in paths if path.exists()).read_text()

    return read
