"""The configuration: files in, values out, and every problem with its place."""

import dataclasses
import os
import socket
from pathlib import Path

import pytest
from support.build import alias, entry

from pci_placement import settings as settings_module
from pci_placement.conf import options
from pci_placement.errors import ConfigError
from pci_placement.model import AddressGlob, DevType, Layout, Pooling, Severity, Source
from pci_placement.settings import ConfigPath, load
from pci_placement.settings import read as read_settings

NOVA_CONF = """\
# nova.conf of a compute node
[DEFAULT]
transport_url = rabbit://openstack:secret@controller:5672/
my_ip = 192.0.2.31
log_file = $my_log_dir/nova.log
my_log_dir = /var/log/nova
enabled_apis = osapi_compute,metadata

[api]
auth_strategy = keystone

[keystone_authtoken]
www_authenticate_uri = http://controller:5000/
auth_type = password
password = $ecret

[libvirt]
virt_type = kvm
; a semicolon starts a comment too

[pci]
device_spec = { "vendor_id": "8086", "product_id": "0443" }
device_spec = [
  {"devname": "ens1f0", "physical_network": "physnet1"},
  {"address": "0000:82:00.*", "trusted": "true"}
  ]
# the devices that flavors name
alias = { "vendor_id": "8086", "product_id": "0443",
          "name": "QuickAssist",
          "device_type": "type-PCI",
          "numa_policy": "required" }
report_in_placement = true

[placement]
auth_type = password
auth_url = http://controller:5000/v3
username = nova

[vnc]
server_listen = 0.0.0.0
"""


@pytest.fixture
def write(tmp_path):
    """Write a configuration file and say where it is."""

    def write_file(text: str, name: str = "zun.conf") -> ConfigPath:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return ConfigPath(str(path))

    return write_file


@pytest.fixture
def read(write):
    """Read one file with this text."""
    return lambda text: read_settings([write(text)])


@pytest.fixture
def refused(write):
    """Say why one file with this text cannot be read."""

    def problem_of(text: str):
        with pytest.raises(ConfigError) as caught:
            load([write(text)])
        (problem,) = caught.value.problems
        return problem

    return problem_of


def vendors(settings) -> list[str]:
    return [found.vendor_id for found in settings.whitelist]


def places(settings) -> list[str]:
    """Where each entry stands, with the name of its file alone."""
    sources = [found.source for found in settings.whitelist]
    return [str(dataclasses.replace(s, file=Path(s.file).name)) for s in sources]


def errors(settings) -> list[str]:
    return [found.problem for found in settings.problems if found.severity is Severity.ERROR]


def test_an_empty_file_leaves_everything_at_its_default(read):
    settings = read("")
    assert (settings.whitelist, settings.aliases, settings.problems) == ((), (), ())
    assert settings.root_provider_uuid is None
    assert settings.root_provider_name == socket.gethostname()
    assert settings.create_root is False
    assert settings.state_dir == "/var/lib/pci-placement"
    assert settings.unaliased == "report"
    assert settings.layout == Layout(Pooling.DEVICE, exclusive=False)
    assert settings.settle_time == 5.0


def test_our_own_options_are_read(read):
    settings = read(
        "[pci_placement]\nroot_provider_uuid = 8c7e2f3a-0d5c-4b52-9a0e-3a4a6d6b1f00\n"
        "root_provider_name = node1\ncreate_root = true\nstate_dir = /srv/x\nunaliased = ignore\n"
        "pooling = numa\npf_vf_exclusive = true\nsettle_time = 0.5\n"
    )
    assert settings.root_provider_uuid == "8c7e2f3a-0d5c-4b52-9a0e-3a4a6d6b1f00"
    assert settings.root_provider_name == "node1"
    assert settings.create_root is True
    assert settings.state_dir == "/srv/x"
    assert settings.unaliased == "ignore"
    assert settings.layout == Layout(Pooling.NUMA, exclusive=True)
    assert settings.settle_time == 0.5


def test_the_nova_conf_of_a_compute_node_works_unchanged(write):
    path = write(NOVA_CONF, "nova.conf")
    settings = load([path])
    assert settings.files == (path.path,)
    spec = Source(path.path, "[pci] device_spec", 1)
    listed = [
        entry(vendor_id="8086", product_id="0443"),
        entry(devname="ens1f0", physical_network="physnet1"),
        entry(address=AddressGlob(0, 0x82, 0), trusted=True),
    ]
    assert settings.whitelist == tuple(
        dataclasses.replace(one, source=dataclasses.replace(spec, entry=number))
        for number, one in enumerate(listed, 1)
    )
    (found,) = settings.aliases
    quick_assist = alias(device_type=DevType.PCI, numa_policy="required")
    assert found == dataclasses.replace(quick_assist, source=Source(path.path, "[pci] alias", 1))


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("pci", "device_spec"),
        ("pci", "passthrough_whitelist"),
        ("DEFAULT", "pci_passthrough_whitelist"),
        ("default", "pci_passthrough_whitelist"),
        ("PCI", "device_spec"),
        ("Default", "pci_passthrough_whitelist"),
    ],
)
def test_the_whitelist_is_found_under_each_of_its_names(read, section, name):
    settings = read(f'[{section}]\n{name} = {{"vendor_id": "8086"}}\n')
    assert vendors(settings) == ["8086"]
    assert places(settings) == [f"zun.conf:2: [{section}] {name}, entry 1"]


@pytest.mark.parametrize(
    ("section", "name"), [("pci", "alias"), ("DEFAULT", "pci_alias"), ("default", "pci_alias")]
)
def test_the_aliases_are_found_under_each_of_their_names(write, section, name):
    path = write(
        f'[{section}]\n{name} = {{"name": "a", "vendor_id": "8086", "product_id": "0443"}}\n'
    )
    (found,) = read_settings([path]).aliases
    assert found == dataclasses.replace(
        alias("a"), source=Source(path.path, f"[{section}] {name}", 1)
    )


@pytest.mark.parametrize(
    "line", ["[DEFAULT]\ndevice_spec", "[pci]\npci_passthrough_whitelist", "[zun]\ndevice_spec"]
)
def test_the_same_name_elsewhere_is_somebody_elses(read, line):
    assert read(f'{line} = {{"vendor_id": "8086"}}\n').whitelist == ()


EVERY_NAME = """\
[pci]
device_spec = {"vendor_id": "5"}
passthrough_whitelist = {"vendor_id": "4"}
device_spec = [{"vendor_id": "6"}, {"vendor_id": "7"}]
[DEFAULT]
pci_passthrough_whitelist = {"vendor_id": "2"}
pci_passthrough_whitelist = {"vendor_id": "3"}
[default]
pci_passthrough_whitelist = {"vendor_id": "1"}
"""


def test_deprecated_names_count_first_and_every_entry_keeps_its_place(read):
    settings = read(EVERY_NAME)
    assert vendors(settings) == [f"000{number}" for number in range(1, 8)]
    assert places(settings) == [
        "zun.conf:9: [default] pci_passthrough_whitelist, entry 1",
        "zun.conf:6: [DEFAULT] pci_passthrough_whitelist, entry 1",
        "zun.conf:7: [DEFAULT] pci_passthrough_whitelist, entry 2",
        "zun.conf:3: [pci] passthrough_whitelist, entry 1",
        "zun.conf:2: [pci] device_spec, entry 1",
        "zun.conf:4: [pci] device_spec, entry 2",
        "zun.conf:4: [pci] device_spec, entry 3",
    ]


def test_each_old_name_is_noted_once_a_file(write):
    first, second = write(EVERY_NAME, "a.conf"), write(EVERY_NAME, "b.conf")
    notes = [
        (found.source.file, found.problem.split()[1])
        for found in read_settings([first, second]).problems
        if found.severity is Severity.NOTE
    ]
    names = ["pci_passthrough_whitelist", "pci_passthrough_whitelist", "passthrough_whitelist"]
    assert notes == [(path.path, name) for path in (first, second) for name in names]


def test_the_names_of_today_are_not_noted(read):
    assert read('[pci]\ndevice_spec = {"vendor_id": "8086"}\n').problems == ()


def test_files_count_in_the_order_in_which_they_are_named(write):
    second = write('[pci]\ndevice_spec = {"vendor_id": "2"}\n', "b.conf")
    third = write('[pci]\npassthrough_whitelist = {"vendor_id": "3"}\n', "a.conf")
    first = write("[pci]\n", "c.conf")
    settings = read_settings([first, second, third])
    assert vendors(settings) == ["0002", "0003"]
    assert places(settings) == [
        "b.conf:2: [pci] device_spec, entry 1",
        "a.conf:2: [pci] passthrough_whitelist, entry 1",
    ]
    assert settings.files == (first.path, second.path, third.path)


def test_of_options_with_one_value_that_of_the_last_file_counts(write):
    files = [write(f"[pci_placement]\nunaliased = {word}\n", word) for word in ("report", "ignore")]
    assert read_settings(files).unaliased == "ignore"
    assert read_settings(files[::-1]).unaliased == "report"


def test_the_conf_files_of_a_folder_are_read_in_the_order_of_their_names(write, tmp_path):
    for number, name in enumerate(["10-b.conf", "05-a.conf", "20.conf", "30.txt"], 1):
        write(f'[pci]\ndevice_spec = {{"vendor_id": "{number}"}}\n', f"[d]/{name}")
    settings = read_settings([ConfigPath(str(tmp_path / "[d]"), is_dir=True)])
    assert vendors(settings) == ["0002", "0001", "0003"]
    assert [Path(file).name for file in settings.files] == ["05-a.conf", "10-b.conf", "20.conf"]


def test_an_empty_folder_holds_no_configuration(tmp_path):
    assert read_settings([ConfigPath(str(tmp_path), is_dir=True)]).files == ()


def test_files_may_be_named_from_the_home_or_working_directory(write, tmp_path, monkeypatch):
    path = write('[pci]\ndevice_spec = {"vendor_id": "8086"}\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("~/zun.conf", "zun.conf", "./zun.conf"):
        settings = read_settings([ConfigPath(name)])
        assert settings.files == (path.path,)
        assert vendors(settings) == ["8086"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("home")
def test_without_files_those_of_the_project_are_read(write):
    path = write(
        '[pci]\ndevice_spec = {"vendor_id": "8086"}\n', ".pci-placement/pci-placement.conf"
    )
    settings = read_settings()
    assert path.path in settings.files
    assert vendors(settings) == ["8086"]


@pytest.mark.usefixtures("home")
def test_without_files_the_folder_of_the_project_is_read_last(write):
    folder = Path(write("", "pci-placement.conf").path + ".d")
    path = write('[pci]\ndevice_spec = {"vendor_id": "8086"}\n', f"{folder.name}/a.conf")
    assert read_settings().files[-1] == path.path


@pytest.fixture
def rewrite(write, monkeypatch):
    """Let somebody write the file anew, so many times, after oslo.config and before we read it."""
    really = settings_module.own_options

    def rewrite(texts: list[str]) -> None:
        left = iter(texts)

        def own_options(*arguments):
            text = next(left, None)
            if text is not None:
                write(text)
            return really(*arguments)

        monkeypatch.setattr(settings_module, "own_options", own_options)

    return rewrite


NONE, ONE, TWO = (
    "\n".join(["[pci]", *(f'device_spec = {{"vendor_id": "{n}"}}' for n in vendors), ""])
    for vendors in ("", "1", "23")
)


@pytest.mark.parametrize("texts", [[TWO], [NONE, TWO], [TWO, ONE, NONE, TWO]])
def test_a_file_that_is_written_while_it_is_read_is_read_again(read, rewrite, texts):
    rewrite(texts)
    assert vendors(read(ONE)) == ["0002", "0003"]


def test_a_file_that_never_keeps_still_is_told(read, rewrite):
    rewrite([TWO, ONE] * settings_module.READS)
    with pytest.raises(ConfigError, match="changed while it was read; try again"):
        read(ONE)


MULTI_LINE = """\
[pci]
device_spec = {
  "vendor_id": "8086",
  "product_id": "0443"
  }
"""


def test_a_value_may_go_on_over_indented_lines(read):
    assert vendors(read(MULTI_LINE)) == ["8086"]


@pytest.mark.parametrize("quote", ["'", '"'])
def test_quotes_around_a_value_are_dropped(read, quote):
    text = '{"vendor_id": "8086"}'
    assert vendors(read(f"[pci]\ndevice_spec = {quote}{text}{quote}\n")) == ["8086"]


def test_two_dollar_signs_are_one(read):
    settings = read('[pci]\ndevice_spec = {"address": {"bus": "^8$$"}}\n')
    assert settings.whitelist[0].address.bus.pattern == "^8$"


def test_a_dollar_sign_before_no_word_stands_for_itself(read):
    settings = read('[pci]\ndevice_spec = {"address": {"bus": "^81$"}}\n')
    assert settings.whitelist[0].address.bus.pattern == "^81$"


def test_a_dollar_sign_before_a_word_is_a_template(refused):
    problem = refused('[pci]\ndevice_spec = {"address": {"bus": "^8$pci"}}\n')
    assert problem.suggestion == "write $$ for a dollar sign"


INDENT = "indent the continuation lines of a value, its closing brace included"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            MULTI_LINE.replace("  }", "}"),
            "zun.conf:5, No ':' or '=' found in assignment: '}'",
            id="closing brace in column 0",
        ),
        pytest.param("[pci\n", "zun.conf:1, Invalid section (must end with ])", id="section"),
        pytest.param("device_spec = {}\n", "Section must be started before", id="no section"),
        pytest.param("[pci]\n\n  {}\n", "zun.conf:3, Unexpected continuation", id="blank line"),
    ],
)
def test_what_is_no_configuration_file_is_told_with_its_line(refused, text, problem):
    found = refused(text)
    assert problem in found.problem
    assert "\n" not in found.problem
    assert found.suggestion == INDENT


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("unaliased = offer", "Valid values are [report, ignore], but found 'offer'"),
        ("create_root = perhaps", "Unexpected boolean value 'perhaps'"),
    ],
)
def test_a_wrong_value_of_our_own_options_is_told(refused, line, problem):
    assert problem in refused(f"[pci_placement]\n{line}\n").problem


@pytest.mark.parametrize(
    ("line", "problem", "suggestion"),
    [
        ("sync_interval = often", "'often' is no number", "write a number, such as 60"),
        ("max_removals = 1.5", "'1.5' is no number", "write a number, such as "),
        ("settle_time = soon", "'soon' is no number", "write a number, such as "),
        ("create_root = perhaps", "Unexpected boolean value 'perhaps'", "write true or false"),
    ],
)
def test_what_to_write_in_place_of_a_wrong_value_is_told(refused, line, problem, suggestion):
    found = refused(f"[pci_placement]\n{line}\n")
    assert (found.problem.startswith(problem), found.suggestion.startswith(suggestion)) == (
        True,
        True,
    )


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"there is no .*/none\.conf"):
        read_settings([ConfigPath(str(tmp_path / "none.conf"))])


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_that_may_not_be_read_is_told(write):
    path = write("")
    Path(path.path).chmod(0)
    with pytest.raises(ConfigError, match=r"cannot read .*/zun\.conf: permission denied"):
        read_settings([path])


def test_a_file_that_cannot_be_opened_is_told(tmp_path):
    loop = tmp_path / "loop.conf"
    loop.symlink_to(loop)
    with pytest.raises(ConfigError, match=r"cannot read the configuration: .*loop\.conf"):
        read_settings([ConfigPath(str(loop))])


def test_a_file_that_is_not_utf_8_is_told(tmp_path):
    (tmp_path / "zun.conf").write_bytes(b"[pci]\n# gr\xfc\xdfe\n")
    with pytest.raises(ConfigError, match=r"/zun.conf is not UTF-8 text: .*; save it as UTF-8"):
        read_settings([ConfigPath(str(tmp_path / "zun.conf"))])


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ConfigError, match="is a folder; use --config-dir for folders"):
        read_settings([ConfigPath(str(tmp_path))])


def test_a_file_is_no_folder(write):
    path = write("").path
    with pytest.raises(ConfigError, match="is not a folder; check --config-dir"):
        read_settings([ConfigPath(path, is_dir=True)])


def test_a_path_that_no_system_has_is_told():
    with pytest.raises(ConfigError, match="cannot read the configuration: embedded null byte"):
        read_settings([ConfigPath("zun\0.conf")])


WRONG_LISTS = """\
[pci]
device_spec = {"vendorid": "8086"}
device_spec = {"device_type": "VF", "product_id": "154c"}
alias = {"name": "gpu"}
"""


def test_reading_hands_the_problems_of_both_lists_back(read):
    settings = read(WRONG_LISTS)
    assert errors(settings) == [
        "unknown key 'vendorid'",
        "an alias needs vendor_id and product_id, or resource_class",
    ]
    assert [found.tags.device_type for found in settings.whitelist] == [DevType.VF]
    assert [found.source.entry for found in settings.warnings] == [2]


def test_loading_refuses_lists_with_an_error_and_tells_all_problems(write):
    path = write(WRONG_LISTS)
    with pytest.raises(ConfigError) as caught:
        load([path])
    assert caught.value.problems == read_settings([path]).problems
    assert f"{path.path}:4: [pci] alias, entry 1: an alias needs" in str(caught.value)


def test_loading_takes_lists_with_a_warning(write):
    settings = load([write('[pci]\ndevice_spec = {"product_id": "1", "device_type": "PF"}\n')])
    assert len(settings.whitelist) == len(settings.warnings) == 1


def test_every_option_is_listed_for_the_sample_and_explained():
    listed = {group.name: {opt.name for opt in opts} for group, opts in options.list_opts()}
    assert listed["pci"] == {"device_spec", "alias"}
    assert listed["pci_placement"] >= {
        "root_provider_uuid",
        "root_provider_name",
        "create_root",
        "state_dir",
        "unaliased",
    }
    assert all(opt.help for _, opts in options.list_opts() for opt in opts)


def test_options_of_others_can_be_registered_beside_ours(read):
    registered = read("[pci_placement]\nunaliased = ignore\n").conf
    assert registered.pci_placement.unaliased == "ignore"
    assert registered.pci.device_spec == []
