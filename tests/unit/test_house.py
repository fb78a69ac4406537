import ast
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

# each starts an interpreter that reads the whole package: most of the time of all units together
STARTS_OTHERS = pytest.mark.exhaustive


@pytest.fixture
def copy(tmp_path):
    """The package with its contracts, to be built on."""
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT / "pci_placement", tmp_path / "pci_placement", ignore=ignored)
    return tmp_path


def verdict(folder: Path) -> tuple[int, str]:
    if not LINT_IMPORTS.exists():
        pytest.skip("import-linter is not installed")
    done = subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@STARTS_OTHERS
def test_the_house_as_it_is_keeps_its_contracts(copy):
    assert verdict(copy)[0] == 0


MOST_LINES = 250
"""Of a file that has one idea."""


def test_no_file_is_so_long_that_it_must_have_two_ideas():
    lengths = {
        str(file.relative_to(PROJECT)): len(file.read_text().splitlines())
        for file in (PROJECT / "pci_placement").rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


MOST_LINES_OF_A_FUNCTION = 25
"""Of a body without its docstring; of more a noun is missing."""


def bodies(package: Path) -> dict[str, int]:
    """How many lines the body of each function has, by module and name."""
    found = {}
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body if ast.get_docstring(node) is None else node.body[1:]
                lines = node.end_lineno - body[0].lineno + 1 if body else 0
                found[f"{file.relative_to(package)}:{node.lineno} {node.name}"] = lines
    return found


def test_no_function_is_so_long_that_it_must_have_two_ideas():
    found = bodies(PROJECT / "pci_placement")
    assert len(found) > 2000
    assert {name: n for name, n in found.items() if n > MOST_LINES_OF_A_FUNCTION} == {}


def test_a_docstring_is_no_line_of_a_body_and_a_method_and_what_is_inside_is(tmp_path):
    (tmp_path / "of.py").write_text(
        """class A:
    def long(self):
        '''One line,

        and another.
        '''
        def inside():
            return 1
        return inside
    async def bare(self):
        '''Nothing else.'''
"""
    )
    assert bodies(tmp_path) == {"of.py:2 long": 3, "of.py:7 inside": 1, "of.py:10 bare": 0}


def test_the_root_folder_has_seven_modules():
    """Whoever reads it sees the flow, and no list of files; what is one of several has a folder."""
    assert len(list((PROJECT / "pci_placement").glob("[a-z]*.py"))) == 7


@STARTS_OTHERS
def test_a_module_without_a_floor_is_refused(copy):
    (copy / "pci_placement" / "rogue.py").write_text("")
    code, said = verdict(copy)
    assert code == 1
    assert "rogue" in said


OUTSIDE = ("os", "keystoneauth1", "os_traits", "asyncio", "datetime", "sqlite3")
"""Files, HTTP, the standard names, sockets, the clock, a database."""


@STARTS_OTHERS
def test_what_a_new_module_touches_of_the_outside_is_refused(copy):
    (copy / "pci_placement" / "rogue.py").write_text(
        "".join(f"import {name}\n" for name in OUTSIDE)
    )
    limits = copy / "pci_placement" / "plan" / "limits.py"
    limits.write_text(limits.read_text() + "\nfrom pci_placement import rogue\n")
    code, said = verdict(copy)
    assert code == 1
    for name in OUTSIDE:
        assert f"pci_placement is not allowed to import {name}:" in said


@STARTS_OTHERS
def test_a_new_stage_of_the_plan_that_nobody_placed_is_refused(copy):
    (copy / "pci_placement" / "plan" / "rogue.py").write_text("")
    assert verdict(copy)[0] == 1


@STARTS_OTHERS
@pytest.mark.parametrize("line", ["import re", "from pci_placement import model"])
def test_what_would_take_long_to_load_is_refused_where_a_host_is_read(copy, line):
    texts = copy / "pci_placement" / "discovery" / "raw" / "texts.py"
    texts.write_text(f"{texts.read_text()}\n{line}\n")
    assert verdict(copy)[0] == 1


@STARTS_OTHERS
def test_whoever_makes_values_of_what_was_read_may_not_read_again(copy):
    sysfs = copy / "pci_placement" / "discovery" / "sysfs.py"
    sysfs.write_text(f"{sysfs.read_text()}\nimport os\n")
    assert verdict(copy)[0] == 1


OPENS = re.compile(r"(?<![.\w])open\(")


def test_what_decides_may_not_open_files():
    """The builtin is no import, so no contract sees it."""
    package, reading = PROJECT / "pci_placement", PROJECT / "pci_placement/discovery/raw"
    deciding = ("model", "mapping", "plan", "claims", "discovery")
    files = [f for name in deciding for f in (package / name).rglob("*.py")]
    files += [package / f"{name}.py" for name in ("names", "identity", "pci_address", "desired")]
    files = [file for file in files if not file.is_relative_to(reading)]
    assert len(files) > 100
    assert [f.name for f in files if OPENS.search(f.read_text())] == []


def loaded_by(module: str) -> list[str]:
    command = [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@STARTS_OTHERS
@pytest.mark.parametrize("module", ["agent", "service.whole", "service.daemon"])
def test_who_makes_passes_loads_nothing_of_the_command_line(module):
    """Nor openstacksdk, which only a cloud of clouds.yaml needs: it takes half as long again.

    Nor what metrics are written with, as long as nobody reads them.
    """
    modules = loaded_by(f"pci_placement.{module}")
    assert "pci_placement.sync" in modules
    loaded = {module.partition(".")[0] for module in modules}
    unneeded = {"cliff", "openstack", "osc_lib", "openstackclient", "prometheus_client"}
    assert loaded & unneeded == set()
    assert [module for module in modules if module.startswith("pci_placement.cli")] == []


@STARTS_OTHERS
@pytest.mark.parametrize(
    "module", ["alias", "completion", "config", "device", "provider", "request", "sync"]
)
def test_a_command_loads_what_speaks_http_when_it_is_needed(module):
    modules = loaded_by(f"pci_placement.cli.main, pci_placement.cli.{module}")
    assert {"keystoneauth1", "requests", "urllib3"} & set(modules) == set()


@STARTS_OTHERS
def test_whether_there_is_anything_to_do_is_found_out_without_what_a_pass_needs():
    ours = [m for m in loaded_by("pci_placement.service.once") if m.startswith("pci_placement.")]
    rooms = {module.split(".")[1] for module in ours}
    light = {"discovery", "errors", "pci_address", "quiet", "service", "state", "text"}
    assert rooms == light
    assert "pci_placement.model" not in ours


@STARTS_OTHERS
def test_the_agents_program_starts_before_it_loads_what_a_pass_needs():
    ours = [m for m in loaded_by("pci_placement.service.main") if m.startswith("pci_placement.")]
    assert sorted(ours) == [
        "pci_placement.service",
        "pci_placement.service.arguments",
        "pci_placement.service.main",
        "pci_placement.text",
        "pci_placement.text.usage",
    ]


def texts(package: Path) -> Counter[str]:
    """How many modules define a text under a name: one of capitals, without a leading underscore.

    A private name is not said outside of its module, so two may mean what they like by it.
    """
    defined = (_texts(ast.parse(file.read_text())) for file in package.rglob("*.py"))
    return Counter(name for names in defined for name in names)


def _texts(module: ast.Module) -> set[str]:
    found = set()
    for node in module.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if _is_text(getattr(node, "value", None)):
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in found if name.isupper() and not name.startswith("_")}


def _is_text(value: ast.expr | None) -> bool:
    plain = isinstance(value, ast.Constant) and isinstance(value.value, str)
    reason = isinstance(value, ast.Call) and ast.unparse(value.func) == "Reason"
    return plain or reason or isinstance(value, ast.JoinedStr)


@pytest.fixture(scope="module")
def named() -> Counter[str]:
    """The texts of the package as it is."""
    return texts(PROJECT / "pci_placement")


def test_a_message_has_a_name_of_its_own_in_the_whole_package(named):
    assert len(named) > 90
    assert [name for name, modules in named.items() if modules > 1] == []


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ('DISABLED = "off"', ["DISABLED"]),
        ('DISABLED: str = ("o" "ff")', ["DISABLED"]),
        ('DISABLED = OFF = f"off at {1}"', ["DISABLED"]),
        ('GONE = Reason(ReasonCode.GONE, "gone")', ["GONE"]),
        ('_DISABLED = "off"', []),
        ("from pci_placement.cli.base import DISABLED", []),
    ],
)
def test_a_second_message_of_the_same_name_is_found(tmp_path, named, line, refused):
    (tmp_path / "rogue.py").write_text(line)
    found = named + texts(tmp_path)
    assert [name for name, modules in found.items() if modules > 1] == refused
