"""The whitelist: what an entry may say, and which devices it selects."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.build import address, alias, device, entry, pf, snapshot, source, traits, values, vf
from support.examples import tried

from pci_placement import names
from pci_placement.conf.json_objects import OptionValue
from pci_placement.discovery.selection import may_select_vfs, rooms, selector, shadows
from pci_placement.discovery.whitelist import parse_whitelist
from pci_placement.model import AddressGlob, DevType, PciAddress, Severity, Tags, WhitelistEntry


def covers(earlier, later) -> bool:
    """Whether the one never lets the other count, and is told to be why."""
    found = list(shadows([earlier, later]))
    assert found in ([], [(later, earlier)])
    return bool(found)


def parse(**content) -> WhitelistEntry:
    """Read one entry without problems."""
    (found,), problems = parse_whitelist(values(content))
    assert problems == ()
    return found


def wrong(text) -> list[str]:
    """What is wrong with one value that gives no entry."""
    entries, problems = parse_whitelist(values(text))
    assert entries == ()
    assert {problem.source for problem in problems} == {source()}
    return [problem.problem for problem in problems]


def test_an_empty_entry_selects_everything():
    assert parse() == WhitelistEntry(source())


@pytest.mark.parametrize(
    ("text", "vendor_id"),
    [("8086", "8086"), ("10DE", "10de"), ("*", None), (" 8086 ", "8086"), ("1", "0001")],
)
def test_ids_are_hexadecimal_in_any_case_or_any(text, vendor_id):
    found = parse(vendor_id=text, product_id=text)
    assert (found.vendor_id, found.product_id) == (vendor_id, vendor_id)


@pytest.mark.parametrize("key", ["vendor_id", "product_id"])
@pytest.mark.parametrize(
    ("value", "problem"),
    [
        pytest.param(8086, "must be a string that is not empty, not 8086", id="number"),
        pytest.param("", 'must be a string that is not empty, not ""', id="empty"),
        pytest.param("18086", "'18086' has more than four hexadecimal digits", id="five digits"),
        pytest.param("86h", "the id '86h' is not a hexadecimal number", id="suffix"),
        pytest.param("80**", "the id '80**' is not a hexadecimal number", id="glob"),
        pytest.param("٨٠٨٦", "is not a hexadecimal number", id="Arabic digits"),
    ],
)
def test_other_ids_are_errors(key, value, problem):
    (said,) = wrong({key: value})
    assert key in said
    assert problem in said


@pytest.mark.parametrize("text", ["0x10de", " 0X10DE "])
def test_an_id_with_a_prefix_is_read_as_nova_does_with_a_warning(text):
    (found,), (problem,) = parse_whitelist(values({"vendor_id": text}))
    assert found.vendor_id == "10de"
    assert problem.severity is Severity.WARNING
    assert "is read without its 0x" in problem.problem


@pytest.mark.parametrize("text", ["0x", "0x010de", "0x0x10"])
def test_a_prefix_does_not_make_an_id(text):
    entries, problems = parse_whitelist(values({"vendor_id": text}))
    assert entries == ()
    assert [problem.severity for problem in problems] == [Severity.WARNING, Severity.ERROR]


def test_every_tag_is_read():
    found = parse(
        physical_network="physnet1",
        device_type="type-PF",
        resource_class="gpu",
        traits=["HW_GPU_API_VULKAN", "fast"],
        trusted="true",
        managed="no",
        live_migratable="yes",
        remote_managed=True,
        one_time_use=True,
        allow_host_use=True,
    )
    assert found.tags == Tags(
        physical_network="physnet1",
        device_type=DevType.PF,
        resource_class="CUSTOM_GPU",
        traits=traits("HW_GPU_API_VULKAN", "CUSTOM_FAST"),
        trusted=True,
        managed=False,
        live_migratable=True,
        remote_managed=True,
        one_time_use=True,
        allow_host_use=True,
    )


def test_tags_that_are_not_given_are_not_known_or_false():
    assert parse(vendor_id="8086").tags == Tags()


def test_an_empty_resource_class_is_none():
    assert parse(vendor_id="8086", resource_class="").tags == Tags()


def test_a_physical_network_of_null_is_none():
    assert parse(physical_network=None).physical_network is None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"physical_network": ""}, "physical_network must be a string that is not empty"),
        ({"physical_network": "-"}, "physical_network: '-' has no letter or digit"),
        ({"resource_class": "-"}, "resource_class: '-' has no letter or digit"),
        ({"resource_class": " "}, "resource_class must be a string that is not empty"),
        ({"traits": "fast,-"}, "traits: '-' has no letter or digit"),
        ({"trusted": 1}, "trusted must be true or false, not 1"),
        ({"device_type": "type-NIC"}, "device_type 'type-NIC' is not a device type"),
        ({"vendorid": "8086"}, "unknown key 'vendorid'"),
        ({"devname": ""}, "devname must be a string that is not empty"),
        ({"address": ""}, "address must be a string that is not empty"),
        ({"address": None}, "address must be a string that is not empty"),
        ({"address": {}}, "address is an empty object"),
        ({"address": "81:00.0", "devname": "ens1"}, "address and devname in one entry"),
    ],
    ids=json.dumps,
)
def test_a_wrong_entry_is_no_entry(content, problem):
    (said,) = wrong(content)
    assert problem in said


@pytest.mark.parametrize(
    ("content", "suggestion"),
    [
        ({"vendor_id": 8086}, 'write "vendor_id": "8086" or leave vendor_id out'),
        ({"product_id": 443}, 'write "product_id": "0443" or leave product_id out'),
        ({"devname": ""}, 'write "devname": "ens1f0" or leave devname out'),
        ({"address": ""}, 'write "address": "0000:81:00.0" or leave address out'),
        ({"address": {}}, "leave address out to select any address"),
        ({"vendorid": "8086"}, "write 'vendor_id'"),
        ({"address": "", "devname": "ens1f0"}, "leave one of them out"),
    ],
    ids=json.dumps,
)
def test_the_first_problem_of_an_entry_comes_with_what_to_write_instead(content, suggestion):
    _, problems = parse_whitelist(values(content))
    assert problems[0].suggestion == suggestion


def test_all_problems_of_all_entries_are_told_and_the_good_entries_kept():
    entries, problems = parse_whitelist(
        values([{"vendorid": 1, "product_id": 2}, {"device_type": "PF"}], "{", {"vendor_id": "1"})
    )
    assert [found.source.entry for found in entries] == [2, 4]
    assert [(p.source.entry, p.severity) for p in problems] == [
        (3, Severity.ERROR),
        (1, Severity.ERROR),
        (1, Severity.ERROR),
        (2, Severity.WARNING),
    ]


@pytest.mark.parametrize(
    ("text", "glob"),
    [
        pytest.param("0000:81:00.0", AddressGlob(0, 0x81, 0, 0), id="exact"),
        pytest.param("10000:e1:1f.7", AddressGlob(0x10000, 0xE1, 0x1F, 7), id="VMD"),
        pytest.param("0a:00", AddressGlob(bus=0xA, slot=0), id="fields fill from the right"),
        pytest.param(":0a:00.", AddressGlob(bus=0xA, slot=0), id="empty fields"),
        pytest.param("*:0A:*", AddressGlob(bus=0xA), id="stars"),
        pytest.param("1f", AddressGlob(slot=0x1F), id="slot alone"),
        pytest.param(".1", AddressGlob(function=1), id="function alone"),
        pytest.param(" 0000 : 81 :00 . 0 ", AddressGlob(0, 0x81, 0, 0), id="blanks"),
        pytest.param("*", AddressGlob(), id="star"),
        pytest.param("*:*:*.*", AddressGlob(), id="only stars"),
        pytest.param("0:1:2.3", AddressGlob(0, 1, 2, 3), id="short fields"),
    ],
)
def test_an_address_is_read_as_novas_glob(text, glob):
    assert parse(address=text).address == glob


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0:0000:81:00.0", "has more than three parts before the dot"),
        ("0000:81:00.0.0", "function '0.0' is not a hexadecimal number"),
        ("100000000:81:00.0", "domain '100000000' is greater than ffffffff"),
        ("0000:100:00.0", "bus '100' is greater than ff"),
        ("0000:81:20.0", "slot '20' is greater than 1f"),
        ("0000:81:00.8", "function '8' is greater than 7"),
        ("0000:8*:00.0", "bus '8*' is not a hexadecimal number"),
        ("0000:81:00x1", "slot '00x1' is not a hexadecimal number"),
        ("0000:٨١:00.0", "bus '٨١' is not a hexadecimal number"),
    ],
)
def test_other_addresses_are_errors(text, problem):
    (said,) = wrong({"address": text})
    assert said.startswith("address: ")
    assert problem in said


def glob_fields(greatest: int, digits: int):
    """A field of a glob as text, often one that the addresses below have."""
    numbers = st.integers(0, 2) | st.integers(0, greatest)
    texts = numbers.map(lambda number: f"{number:0{digits}x}") | numbers.map("{:X}".format)
    return st.sampled_from(["", "*"]) | texts


GLOBS = st.tuples(
    glob_fields(0xFFFFFFFF, 4), glob_fields(0xFF, 2), glob_fields(0x1F, 2), glob_fields(7, 1)
)
ADDRESSES = st.builds(PciAddress, *[st.integers(0, 2)] * 4)


@given(GLOBS, ADDRESSES)
@tried(150)
def test_a_glob_selects_what_has_each_field_that_it_writes(texts, where):
    domain, bus, slot, function = texts
    found = parse(address=f"{domain}:{bus}:{slot}.{function}").address
    parts = str(where).replace(".", ":").split(":")
    same = [
        text in ("", "*") or int(text, 16) == int(part, 16)
        for text, part in zip(texts, parts, strict=True)
    ]
    assert found.matches(where) is all(same)
    assert found.is_exact is not any(text in ("", "*") for text in texts)


def test_an_address_may_be_regular_expressions_and_those_left_out_match_anything():
    found = parse(address={"bus": "8[01]", "function": "[0-3]"}).address
    assert found.matches(address("10000:81:1f.3"))
    assert not found.matches(address("10000:82:1f.3"))
    assert not found.matches(address("10000:81:1f.4"))


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        pytest.param({"bus": "("}, "address bus '(' is not a regular expression", id="brackets"),
        pytest.param({"slot": "a{9999999999}"}, "is not a regular expression", id="overflow"),
        pytest.param({"slot": "(" * 10_000}, "is not a regular expression", id="too deep"),
        pytest.param({"bus": 81}, "address bus must be a regular expression", id="number"),
        pytest.param({"buss": "81"}, "unknown key 'buss'", id="unknown key"),
    ],
)
def test_other_regular_expressions_are_errors(address, problem):
    (said,) = wrong({"address": address})
    assert problem in said


def test_every_wrong_regular_expression_is_told():
    assert len(wrong({"address": {"domain": "(", "bus": "[", "slot": 0}})) == 3


GPU = {"resource_class": names.resource_class("gpu")}
PF, VF = pf(devnames=("ens1f0", "ens1f0np0")), vf(devnames=("ens1f0v0",))
OTHER = device("0000:81:00.1", "8086:1572")
HOST = snapshot(PF, VF, OTHER)
REGEX = {"domain": "0000", "bus": "81", "slot": "00", "function": "0"}


@pytest.mark.parametrize(
    ("content", "selected"),
    [
        pytest.param({}, [PF, OTHER, VF], id="everything"),
        pytest.param({"vendor_id": "8086"}, [PF, OTHER, VF], id="vendor"),
        pytest.param({"vendor_id": "10de"}, [], id="another vendor"),
        pytest.param({"product_id": "154c"}, [VF], id="product of the VFs"),
        pytest.param({"product_id": "1572"}, [PF, OTHER], id="product of the PF"),
        pytest.param({"device_type": "type-PF"}, [PF], id="type filters"),
        pytest.param({"address": "0000:81:00.0"}, [PF, VF], id="exact address of a PF"),
        pytest.param({"address": "81:00.0"}, [PF], id="partial address"),
        pytest.param({"address": "0000:81:00.*"}, [PF, OTHER], id="glob"),
        pytest.param({"address": "0000:81:02.0"}, [VF], id="exact address of a VF"),
        pytest.param({"address": REGEX}, [PF, VF], id="plain hex in expressions"),
        pytest.param({"address": {**REGEX, "bus": "8."}}, [PF], id="an expression"),
        pytest.param({"devname": "ens1f0"}, [PF, VF], id="name of a PF"),
        pytest.param({"devname": "ens1f0np0"}, [PF, VF], id="its other name"),
        pytest.param({"devname": "ens1f0v0"}, [VF], id="name of a VF"),
        pytest.param({"devname": "ens9"}, [], id="unknown name"),
        pytest.param({"devname": "ens1f0", "product_id": "154c"}, [VF], id="name and product"),
        pytest.param(
            {"address": "0000:81:00.0", "device_type": "type-VF"}, [VF], id="address and type"
        ),
    ],
)
def test_an_entry_selects_the_devices_that_have_all_it_says(content, selected):
    selects, chosen = selector(HOST), parse(**content)
    assert [found for found in HOST.devices if selects(chosen, found)] == selected


@pytest.mark.parametrize(
    ("card", "chosen", "may"),
    [
        pytest.param(pf(), entry(), True, id="everything"),
        pytest.param(pf(), entry(product_id="154c"), True, id="product of the VFs"),
        pytest.param(pf(), entry(product_id="1572"), False, id="product of the PF"),
        pytest.param(pf(), entry(device_type=DevType.VF), True, id="type of the VFs"),
        pytest.param(pf(), entry(device_type=DevType.PF), False, id="type of the PF"),
        pytest.param(
            pf(sriov_vf_device=None), entry(product_id="1572"), True, id="product not known"
        ),
    ],
)
def test_an_entry_may_select_vfs_to_come_unless_its_ids_or_type_exclude_them(card, chosen, may):
    assert may_select_vfs(chosen, card) is may


@pytest.mark.parametrize(
    ("chosen", "of", "may"),
    [
        pytest.param(entry(), alias(), True, id="everything"),
        pytest.param(entry(vendor_id="8086", product_id="0443"), alias(), True, id="ids"),
        pytest.param(entry(vendor_id="10de"), alias(), False, id="other vendor"),
        pytest.param(entry(product_id="0442"), alias(), False, id="other product"),
        pytest.param(entry(device_type=DevType.VF), alias(), True, id="type"),
        pytest.param(entry(device_type=DevType.PF), alias(), False, id="other type"),
        pytest.param(entry(vendor_id="10de", **GPU), alias(ids="", **GPU), True, id="class"),
        pytest.param(entry(vendor_id="10de"), alias(ids="", **GPU), False, id="class of nobody"),
    ],
)
def test_an_entry_may_select_devices_of_an_alias(chosen, of, may):
    assert rooms([chosen])(of) is may


EXACT, SLOT, BUS = AddressGlob(0, 0x81, 0, 0), AddressGlob(0, 0x81, 0), AddressGlob(0, 0x81)
WORDS_FOR_BUS = parse(address={"bus": "81"}).address


@pytest.mark.parametrize(
    ("earlier", "later", "covered"),
    [
        pytest.param({}, {}, True, id="everything twice"),
        pytest.param({}, {"devname": "ens1f0"}, True, id="everything, then a name"),
        pytest.param({}, {"address": EXACT}, True, id="everything, then an address"),
        pytest.param({"vendor_id": "8086"}, {"vendor_id": "8086"}, True, id="vendor twice"),
        pytest.param({"vendor_id": "8086"}, {}, False, id="vendor, then everything"),
        pytest.param({"vendor_id": "8086"}, {"vendor_id": "10de"}, False, id="two vendors"),
        pytest.param({"product_id": "0443"}, {"product_id": "0442"}, False, id="two products"),
        pytest.param({"device_type": DevType.PF}, {}, False, id="a type, then any"),
        pytest.param({}, {"device_type": DevType.PF}, True, id="any type, then one"),
        pytest.param({"devname": "a"}, {"devname": "a"}, True, id="a name twice"),
        pytest.param({"devname": "a"}, {"devname": "b"}, False, id="two names"),
        pytest.param({"devname": "a"}, {"address": EXACT}, False, id="name, then address"),
        pytest.param({"address": EXACT}, {"devname": "a"}, False, id="address, then name"),
        pytest.param({"address": EXACT}, {"address": EXACT}, True, id="an address twice"),
        pytest.param({"address": BUS}, {"address": SLOT}, True, id="a bus, then its slot"),
        pytest.param({"address": SLOT}, {"address": BUS}, False, id="a slot, then its bus"),
        pytest.param({"address": BUS}, {}, False, id="a bus, then anything"),
        pytest.param({"address": BUS}, {"address": EXACT}, False, id="exact means VFs as well"),
        pytest.param(
            {"address": WORDS_FOR_BUS}, {"address": SLOT}, False, id="expressions, then a glob"
        ),
        pytest.param(
            {"address": BUS}, {"address": WORDS_FOR_BUS}, False, id="a glob, then expressions"
        ),
        pytest.param(
            {"address": WORDS_FOR_BUS}, {"address": WORDS_FOR_BUS}, True, id="expressions twice"
        ),
    ],
)
def test_an_earlier_entry_covers_a_later_one_where_it_leaves_it_nothing(earlier, later, covered):
    assert covers(entry(1, **earlier), entry(2, **later)) is covered


SIDES = st.builds(
    entry,
    vendor_id=st.sampled_from([None, "8086", "10de"]),
    product_id=st.sampled_from([None, "1572", "154c"]),
    device_type=st.sampled_from([None, DevType.PF, DevType.VF]),
    address=st.none() | st.sampled_from([EXACT, SLOT, BUS, AddressGlob(0, 0x81, 2, 0)]),
)


@given(SIDES, SIDES)
@tried(100)
def test_what_an_entry_covers_it_selects(earlier, later):
    selects = selector(HOST)
    if covers(earlier, later):
        assert all(selects(earlier, d) for d in HOST.devices if selects(later, d))


KEYS = st.sampled_from(
    """vendor_id product_id address devname physical_network device_type resource_class traits
    trusted live_migratable remote_managed vendorid domain bus""".split()
)
WORDS = st.sampled_from(
    ["", "*", "8086", "type-PF", "VF", "yes", "0000:81:00.0", "(", "A,,-", "[0-9]+", "x" * 260]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=16,
)
OBJECTS = st.dictionaries(KEYS, SCALARS | st.dictionaries(KEYS, SCALARS, max_size=4), max_size=5)


@given(st.lists(JSON.map(json.dumps) | OBJECTS.map(json.dumps) | st.text(max_size=20), max_size=4))
@tried(200)
@pytest.mark.filterwarnings("ignore::FutureWarning")  # of re, about odd regular expressions
def test_no_text_raises_and_an_entry_with_an_error_is_never_usable(texts):
    entries, problems = parse_whitelist(OptionValue(source(), text) for text in texts)
    usable = {found.source for found in entries}
    broken = {problem.source for problem in problems if problem.severity is Severity.ERROR}
    assert usable.isdisjoint(broken)
    assert len(usable) == len(entries)
    assert {found.entry for found in usable | broken} == set(range(1, len(usable | broken) + 1))
