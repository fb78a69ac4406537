"""The language of the whitelist, against a reader of its own made from what nova documents.

That reader knows strings only. Devices are what nova's own dictionaries of them are.
"""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.build import device, snapshot, values
from support.examples import tried

from pci_placement.discovery.selection import selector
from pci_placement.discovery.whitelist import parse_whitelist
from pci_placement.errors import ConfigError
from pci_placement.mapping.match import match_devices
from pci_placement.model import DevType, Severity
from pci_placement.settings import ConfigPath, load
from pci_placement.settings import read as read_settings

KEYS = ("domain", "bus", "slot", "function")


# nova's reading


def listed(spec: dict, found: dict, host: list[dict]) -> bool:
    """Whether an entry selects a device; device_type filters, which is ours alone."""
    return (
        same_id(spec.get("vendor_id", "*"), found["vendor_id"])
        and same_id(spec.get("product_id", "*"), found["product_id"])
        and spec.get("device_type", found["dev_type"]) == found["dev_type"]
        and in_place(spec, found, host)
    )


def same_id(text: str, found: str) -> bool:
    digits = text.strip().lower().removeprefix("0x")
    return digits in ("*", found.lstrip("0")) or digits == found


def in_place(spec: dict, found: dict, host: list[dict]) -> bool:
    """Whether a device, or the PF that it is a VF of, is where the entry says."""
    if "devname" in spec:
        owner = [other["address"] for other in host if spec["devname"].strip() in other["names"]]
        return found["address"] in owner or found["parent_addr"] in owner
    if "address" not in spec:
        return True
    pattern = spec["address"]
    matches = by_expressions if isinstance(pattern, dict) else by_glob
    if matches(pattern, found["address"]):
        return True
    return found["parent_addr"] == in_full(pattern)


def fields_of(where: str) -> list[str]:
    return re.split("[:.]", where)


def glob_fields(pattern: str) -> list[str]:
    """The four fields, those that are left out at the left or blank as stars."""
    left, _, function = pattern.partition(".")
    given_fields = [field.strip() or "*" for field in [*left.split(":"), function]]
    return ["*"] * (4 - len(given_fields)) + given_fields


def by_glob(pattern: str, where: str) -> bool:
    return all(
        field == "*" or field.lower().lstrip("0") == at.lstrip("0")
        for field, at in zip(glob_fields(pattern), fields_of(where), strict=True)
    )


def by_expressions(pattern: dict, where: str) -> bool:
    return all(
        re.match(pattern.get(key, ".*"), at) for key, at in zip(KEYS, fields_of(where), strict=True)
    )


def in_full(pattern) -> str:
    """The address that a pattern spells out, if it does: only such a one speaks for its VFs."""
    if isinstance(pattern, dict):
        domain, bus, slot, function = (pattern.get(key, ".*") for key in KEYS)
    else:
        domain, bus, slot, function = glob_fields(pattern.lower())
        widths = ((domain, 4), (bus, 2), (slot, 2), (function, 1))
        domain, bus, slot, function = (t.lstrip("0").rjust(width, "0") for t, width in widths)
    return f"{domain}:{bus}:{slot}.{function}"


# hosts and entries

PLACES = st.builds(
    "{}:{}:{}.{}".format,
    st.sampled_from(["0000", "0000", "0000", "0001", "10000"]),
    st.sampled_from(["0a", "0a", "0a", "81"]),
    st.sampled_from(["00", "00", "02", "10"]),
    st.sampled_from("0013"),
)
VENDORS, PRODUCTS = st.sampled_from(["8086", "8086", "0a5c"]), st.sampled_from(["0443", "154c"])
NAMES = ("ens1f0", "ens1f0v0", "eth0", "eth1", "x")


@st.composite
def hosts(draw) -> list[dict]:
    """A few devices, most of them a PF and its VFs, some with a name or two."""
    names = list(NAMES[:4])
    host: list[dict] = []
    for where in draw(st.lists(PLACES, min_size=3, max_size=7, unique=True)):
        cards = [found["address"] for found in host if found["dev_type"] == "type-PF"]
        kind = draw(st.sampled_from(["type-PCI", "type-VF", "type-VF"] if cards else ["type-PF"]))
        of_it = [names.pop(0) for _ in range(draw(st.integers(0, min(2, len(names)))))]
        host.append(
            {
                "address": where,
                "vendor_id": draw(VENDORS),
                "product_id": draw(PRODUCTS),
                "dev_type": kind,
                "parent_addr": draw(st.sampled_from(cards)) if kind == "type-VF" else None,
                "names": of_it,
            }
        )
    return host


def as_snapshot(host: list[dict]):
    return snapshot(
        *(
            device(
                found["address"],
                f"{found['vendor_id']}:{found['product_id']}",
                dev_type=DevType(found["dev_type"]),
                parent=found["parent_addr"],
                devnames=tuple(found["names"]),
                sriov_totalvfs=8 * (found["dev_type"] == "type-PF"),
            )
            for found in host
        )
    )


BLANK = st.sampled_from(["", "", "", " ", "\t"])


def written(texts):
    """Texts in either case and with blanks around them."""
    cased = st.tuples(texts, st.booleans()).map(
        lambda pair: pair[0].upper() if pair[1] else pair[0]
    )
    return st.builds("{}{}{}".format, BLANK, cased, BLANK)


def field(*there: str):
    """A field of a glob: often one that the devices have, with or without its zeros."""
    some = st.sampled_from(there)
    return written(
        st.one_of(st.sampled_from(["", "*"]), some, some.map(lambda t: t.lstrip("0") or "0"))
    )


GLOBS = st.one_of(
    st.builds(
        "{}:{}:{}.{}".format,
        field("0000", "0001", "10000"),
        field("0a", "81"),
        field("00", "02", "10"),
        field("0", "1", "3"),
    ),
    st.builds("{}:{}.{}".format, field("0a", "81"), field("00", "02"), field("0", "2")),
    st.builds("{}:{}".format, field("0a", "81"), field("00", "02", "10")),
    st.builds(".{}".format, field("0", "1")),
).filter(str.strip)

EXPRESSIONS = st.fixed_dictionaries(
    {},
    optional={
        "domain": st.sampled_from(["0000", "0001", "10000", ".*", "0.", "", "[01]+$"]),
        "bus": st.sampled_from(["0a", "0A", "81", ".*", "(0a|81)", "8."]),
        "slot": st.sampled_from(["00", "02", "10", "0[0-9]", "[^0]"]),
        "function": st.sampled_from(["0", "1", "[0-2]", "."]),
    },
).filter(bool)


@st.composite
def entries(draw) -> dict:
    """An entry without a mistake."""
    ids = {
        "vendor_id": written(st.sampled_from(["*", "8086", "8086", "0a5c", "a5c"])),
        "product_id": written(st.sampled_from(["*", "0443", "154c", "443"])),
        "device_type": st.sampled_from([*map(str, DevType)]),
    }
    where = st.one_of(
        st.just({}),
        st.builds(dict, address=GLOBS),
        st.builds(dict, address=EXPRESSIONS),
        st.builds(dict, address=PLACES),
        st.builds(dict, address=PLACES.map(lambda at: dict(zip(KEYS, fields_of(at), strict=True)))),
        st.builds(dict, devname=st.sampled_from(NAMES)),
    )
    chosen = draw(st.sets(st.sampled_from(["", "", *ids])))
    return {key: draw(ids[key]) for key in sorted(chosen & set(ids))} | draw(where)


def selected(content, host: list[dict]) -> list[str] | None:
    """The addresses that our entry selects; None where it is an error."""
    usable, problems = parse_whitelist(values(content))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    assert bool(usable) is not bool(errors)
    if errors:
        return None
    found = as_snapshot(host)
    selects = selector(found)
    return [str(one.address) for one in found.devices if selects(usable[0], one)]


def expected(content: dict, host: list[dict]) -> list[str]:
    found = [str(one.address) for one in as_snapshot(host).devices]
    return [
        at for at in found for one in host if one["address"] == at and listed(content, one, host)
    ]


@given(hosts(), st.lists(entries(), min_size=4, max_size=4))
@tried(120)
def test_an_entry_selects_what_nova_selects(host, contents):
    for content in contents:
        assert selected(content, host) == expected(content, host)


@given(hosts(), st.lists(entries(), min_size=1, max_size=4))
@tried(100)
def test_a_device_belongs_to_the_first_entry_that_nova_would_take(host, contents):
    whitelist, _ = parse_whitelist(values(*contents))
    found = match_devices(as_snapshot(host), whitelist, [])
    for match in found.matches:
        (one,) = (one for one in host if one["address"] == str(match.device.address))
        first = next(n for n, content in enumerate(contents, 1) if listed(content, one, host))
        assert match.entry.source.entry == first


ODD = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "x",
            "**",
            "0x",
            "-1",
            "+1",
            "1_0",
            "٨٠٨٦",
            "0\n",
            "0x8086",
            "0X443",
            "00000",
            "zz",
            "g",
            "8",
            "20",
            "100",
        ]
    ),
    st.text(max_size=6),
)


@st.composite
def mistaken(draw) -> dict:
    """An entry of which a part is anything."""
    content = draw(entries())
    match draw(st.sampled_from(["value", "part", "key"])):
        case "value":
            key = draw(st.sampled_from(["vendor_id", "product_id", "address", "devname"]))
            content[key] = draw(ODD | st.none() | st.integers() | st.booleans() | st.lists(ODD))
        case "part":
            parts = draw(st.lists(ODD | field("0a", "00"), min_size=1, max_size=5))
            separators = [draw(st.sampled_from([":", ".", ":", ",", ""])) for _ in parts]
            content["address"] = "".join(p + s for p, s in zip(parts, separators, strict=True))
        case "key":
            content[draw(st.text(max_size=8))] = draw(ODD)
    return content


@given(hosts(), mistaken())
@tried(250)
def test_an_entry_with_a_mistake_is_an_error_or_selects_what_nova_selects(host, content):
    found = selected(content, host)
    assert found is None or found == expected(content, host)


@pytest.mark.parametrize(
    "content",
    [
        {"vendorid": "8086"},
        {"address": "0000:0a:00x0"},
        {"address": "0000:0a:00:0"},
        {"address": "0:0000:0a:00.0"},
        {"address": "0000:0a:00.8"},
        {"address": "0000:0a:00.0.0"},
        {"address": {}},
        {"address": {"buss": ".*"}},
        {"address": []},
        {"address": "0a:00", "devname": "eth0"},
        {"vendor_id": ""},
    ],
    ids=json.dumps,
)
def test_an_entry_with_a_mistake_selects_nothing(content):
    assert selected(content, []) is None


# whatever stands in the files

OPTIONS = {
    ("pci", "device_spec"): "list",
    ("pci", "passthrough_whitelist"): "list",
    ("DEFAULT", "pci_passthrough_whitelist"): "list",
    ("default", "pci_passthrough_whitelist"): "list",
    ("PCI", "device_spec"): "list",
    ("pci", "alias"): "alias",
    ("DEFAULT", "pci_alias"): "alias",
}
ALIASES = st.fixed_dictionaries(
    {"name": ODD | st.sampled_from("ab")},
    optional={"vendor_id": ODD | VENDORS, "product_id": ODD | PRODUCTS, "traits": ODD},
)
JSON = st.one_of(entries(), mistaken(), ALIASES, st.lists(entries() | mistaken(), max_size=3))
WORDS = """{ } [ ] {} [] " ' : , \\ # ; = $ $$ ${ $x $pci.alias ${pci} [pci] null true 1e999 NaN
    "vendor_id" "address" """.split()
BREAKS = ["\n", "\r\n", "\n ", "\n\t", "\x0c", "\x85", "\u2028", "\0"]
TOKENS = st.sampled_from(WORDS + BREAKS)
TEXTS = st.one_of(
    JSON.map(json.dumps),
    JSON.map(lambda content: json.dumps(content, indent=1, ensure_ascii=False)),
    st.lists(TOKENS | st.text(max_size=4), max_size=8).map("".join),
    st.text(max_size=30),
)
FOLDED = TEXTS.map(lambda text: re.sub(r"[\r\n]+\s*", "\n  ", text).replace("$", "$$"))
NAMED = st.sampled_from([*OPTIONS])
LINES = st.one_of(
    st.lists(st.tuples(NAMED, FOLDED), max_size=5), st.lists(st.tuples(NAMED, TEXTS), max_size=2)
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("conf")


def write(path, lines) -> ConfigPath:
    text = "".join(f"[{section}]\n{name} = {value}\n" for (section, name), value in lines)
    path.write_bytes(text.encode())
    return ConfigPath(str(path))


def read(paths):
    """What the files hold; None where they are no configuration files at all."""
    try:
        return read_settings(paths)
    except ConfigError:
        return None


@given(LINES, LINES)
@tried(200)
@pytest.mark.filterwarnings("ignore::FutureWarning")  # of re, about odd regular expressions
def test_no_text_in_a_file_crashes_or_makes_an_entry_with_an_error_count(folder, first, second):
    paths = [write(folder / "nova.conf", first), write(folder / "zun.conf", second)]
    found = read(paths)
    if found is None:
        return
    broken = {p.source for p in found.problems if p.severity is Severity.ERROR}
    usable = [entry.source for entry in found.whitelist]
    assert broken.isdisjoint(usable)
    assert len(set(usable)) == len(usable)
    if broken:
        with pytest.raises(ConfigError):
            load(paths)


@given(st.lists(st.tuples(NAMED, mistaken() | entries()), max_size=5), hosts())
@tried(100)
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_the_files_select_no_more_than_their_entries_one_by_one(folder, lines, host):
    texts = [(option, json.dumps(content).replace("$", "$$")) for option, content in lines]
    found = read_settings([write(folder / "one.conf", texts)])
    wanted = [selected(content, host) for option, content in lines if OPTIONS[option] == "list"]
    assert len(found.whitelist) == len([chosen for chosen in wanted if chosen is not None])
    offered = {
        str(m.device.address) for m in match_devices(as_snapshot(host), found.whitelist, []).matches
    }
    assert offered <= {at for chosen in wanted for at in chosen or ()}
