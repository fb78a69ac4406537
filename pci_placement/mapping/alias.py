"""Aliases: from text to `PciAlias`, and which devices satisfy one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from pci_placement import names
from pci_placement.conf.json_objects import Fields, OptionValue, Reader, read_objects
from pci_placement.model import DevType, PciAlias, PciDevice, Problem, Trait

_NUMA_POLICIES = ("required", "preferred", "socket", "legacy")


def parse_aliases(
    values: Iterable[OptionValue],
) -> tuple[tuple[PciAlias, ...], tuple[Problem, ...]]:
    """Read all usable definitions, in order, and everything that is wrong with the text."""
    objects, problems = read_objects(values)
    read = [(_alias(fields), fields) for fields in objects]
    aliases = tuple(alias for alias, fields in read if fields.is_valid)
    problems += [problem for fields in objects for problem in fields.problems]
    return aliases, (*problems, *_contradictions(aliases), *_collisions(aliases))


def by_name(aliases: Iterable[PciAlias]) -> dict[str, list[PciAlias]]:
    """Group the definitions by alias name, in the order of first mention."""
    groups: dict[str, list[PciAlias]] = {}
    for alias in aliases:
        groups.setdefault(alias.name, []).append(alias)
    return groups


def of_kind(name: str, device: PciDevice) -> dict[str, str]:
    """An alias, as it is written, for all devices of the kind of one.

    One without a type never means a PF.
    """
    whole = {"device_type": DevType.PF.value} if device.dev_type is DevType.PF else {}
    return {"name": name, "vendor_id": device.vendor_id, "product_id": device.product_id, **whole}


def _contradictions(aliases: Iterable[PciAlias]) -> Iterator[Problem]:
    """Alternatives under one name must be able to serve one request."""
    for name, group in by_name(aliases).items():
        for what, values in _at_most_one(group):
            if len(values) > 1:
                yield Problem(
                    f"the alternatives of alias {name!r} mix {what}",
                    "give them different names",
                    group[-1].source,
                )


def _collisions(aliases: Sequence[PciAlias]) -> Iterator[Problem]:
    """Different names must not come out as the same resource class, or as one made of ids."""
    named = {a.resource_class: a.name for a in aliases if a.resource_class}
    for name, group in by_name(aliases).items():
        if any(alias.resource_class for alias in group):
            continue
        made = names.alias_resource_class(name)
        other = named.setdefault(made, name)
        if other != name:
            yield Problem(
                f"the alias names {other!r} and {name!r} both come out as {made}",
                "rename one of them",
                group[0].source,
            )


def _at_most_one(group: Iterable[PciAlias]) -> Iterator[tuple[str, Collection[object]]]:
    """Of what the alternatives of an alias may have one value only; unset agrees with any.

    An alternative without numa_policy has the policy legacy, as in nova.

    Source: nova/pci/request.py, get_alias_from_config.
    """
    yield "type-PF with other device types", {a.device_type is DevType.PF for a in group}
    yield "different numa_policy values", {a.numa_policy or "legacy" for a in group}
    yield "different resource_class values", {a.resource_class for a in group} - {None}
    yield "live_migratable true and false", {_is_live(a) for a in group} - {None}


def _is_live(alias: PciAlias) -> bool | None:
    return True if names.LIVE_MIGRATABLE in alias.traits else alias.live_migratable


def _alias(fields: Fields) -> PciAlias:
    fields.check_keys(KEYS)
    fields.take(_CHECKED)
    alias = PciAlias(source=fields.source, **fields.take(_FIELDS))
    _check_complete(fields, alias)
    return alias


def _check_complete(fields: Fields, alias: PciAlias) -> None:
    if "name" not in fields.content:
        fields.error("an alias needs a name", 'write "name": "QuickAssist"')
    if names.LIVE_MIGRATABLE in alias.traits and alias.live_migratable is False:
        fields.error(f"traits asks for {names.LIVE_MIGRATABLE}, and live_migratable is false")
    one_id = (alias.vendor_id is None) != (alias.product_id is None)
    if one_id and alias.resource_class and fields.is_valid:
        fields.warn("one id alone selects nothing beside resource_class", "give both, or none")
    incomplete = alias.vendor_id is None or alias.product_id is None
    if incomplete and alias.resource_class is None and fields.is_valid:
        fields.error("an alias needs vendor_id and product_id, or resource_class")


def _name(fields: Fields, key: str) -> str:
    return fields.convert(key, _nameable, "QuickAssist") or ""


def _nameable(text: str) -> str:
    if re.search("[:,@]", text):
        raise ValueError(f"{text!r} contains one of : , @, which separate aliases in a request")
    if "|" in text:
        raise ValueError(f"{text!r} contains |, which separates alternatives in a request")
    made = names.alias_resource_class(text)
    names.alias_trait(text)
    if made == names.SLOT or re.fullmatch(r"CUSTOM_PCI_[0-9A-F]{4}_[0-9A-F]{4}", made):
        raise ValueError(f"{text!r} would become {made}, a class that has another meaning")
    return text


def _optional(make: Callable[[str], object], example: str) -> Reader:
    # nova lets a class be empty, and takes a device by its ids then; an id of that kind it refuses,
    # which would help nobody here
    # Source: nova/compute/pci_placement_translator.py, get_resource_class.
    def read(fields: Fields, key: str) -> object:
        return None if fields.content.get(key) == "" else fields.convert(key, make, example)

    return read


def _id(example: str) -> Reader:
    stripped = _optional(_four_digits, example)

    def read(fields: Fields, key: str) -> object:
        value = fields.content.get(key)
        if isinstance(value, str) and value != value.strip():
            fields.error(f"{key} {value!r} has blanks around it", "leave them out, as nova demands")
            return None
        return stripped(fields, key)

    return read


def _four_digits(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{4}", text, re.ASCII | re.IGNORECASE):
        raise ValueError(f"{text!r} is not four hexadecimal digits")
    return text.lower()


def _traits(fields: Fields, key: str) -> frozenset[Trait]:
    return fields.names(key, names.trait)


def _numa_policy(fields: Fields, key: str) -> str | None:
    return fields.convert(key, _known_policy, "preferred")


def _known_policy(text: str) -> str:
    if text not in _NUMA_POLICIES:
        raise ValueError(f"{text!r} is not one of {', '.join(_NUMA_POLICIES)}")
    return text


def _capability_type(fields: Fields, key: str) -> None:
    if fields.content.get(key, "pci") != "pci":
        fields.error(f"{key} must be 'pci'", f"leave {key} out")


# Source: nova/pci/request.py, _ALIAS_SCHEMA.
_FIELDS: Mapping[str, Reader] = {
    "name": _name,
    "vendor_id": _id("8086"),
    "product_id": _id("0443"),
    "device_type": Fields.dev_type,
    "resource_class": _optional(names.resource_class, "CUSTOM_GPU"),
    "traits": _traits,
    "numa_policy": _numa_policy,
    "live_migratable": Fields.flag,
}
"""The keys that become fields of PciAlias, each by its own name."""

_CHECKED: Mapping[str, Reader] = {"capability_type": _capability_type}
"""The keys that nova knows and that can say one thing only."""

KEYS: Mapping[str, Reader] = {**_FIELDS, **_CHECKED}
"""All that an alias may say, and how it is read."""


Kind = tuple[str | None, str | None, DevType]
Named = Callable[[PciDevice], tuple[str, ...]]


def kind_of(device: PciDevice) -> Kind:
    """What an alias of ids names: vendor, product and the type of function."""
    return device.vendor_id, device.product_id, device.dev_type


def kinds_of(alias: PciAlias) -> list[Kind]:
    """The kinds of device that this definition names."""
    return [(alias.vendor_id, alias.product_id, dev_type) for dev_type in alias.device_types]


def alias_names(aliases: Iterable[PciAlias]) -> Named:
    """Give the function that says which aliases a device satisfies: their names, sorted."""
    names: dict[Kind, set[str]] = {}
    for alias in aliases:
        for kind in kinds_of(alias):
            names.setdefault(kind, set()).add(alias.name)
    known = {kind: tuple(sorted(of_it)) for kind, of_it in names.items()}
    return lambda device: known.get(kind_of(device), ())


def wants_vfs_of(pf: PciDevice, aliases: Iterable[PciAlias]) -> bool:
    """Whether an alias of type-VF waits for the VFs that this PF can have.

    An old kernel does not tell their id: then they may be any of the vendor.
    """
    return any(
        alias.device_type is DevType.VF
        and alias.product_id is not None
        and alias.vendor_id == pf.vendor_id
        and pf.sriov_vf_device in (None, alias.product_id)
        for alias in aliases
    )
