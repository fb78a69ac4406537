"""Requests of schedulers, requests about names, and what nobody should send."""

from .chance import OWN_CLASSES, OWN_TRAITS, STANDARD_CLASSES, Ask, Chance
from .providers import required, resources

_SUFFIXES = [[""], ["1"], ["", "1"], ["1", "2"], ["_A", "2"], ["0"]]


def candidates(chance: Chance) -> Ask:
    """With groups that Placement adds up rightly: see `_check_supported` of the one in memory."""
    suffixes = chance.one_of(_SUFFIXES)
    policy = chance.one_of(["none", "none", "isolate", ""])
    free = chance.random.sample(STANDARD_CLASSES + OWN_CLASSES, 4)
    parts = []
    for suffix in suffixes:
        classes = [free.pop()] if policy != "none" and "" in suffixes else None
        parts += _group(chance, suffix, classes)
    parts += [f"group_policy={policy}"] if policy else []
    parts += [f"limit={chance.one_of([1, 2, 0])}"] if chance.one_in(15) else []
    return Ask("GET", f"/allocation_candidates?{'&'.join(parts)}", chance.version)


def _group(chance: Chance, suffix: str, classes: list[str] | None) -> list[str]:
    parts = [f"resources{suffix}={resources(chance, classes)}"]
    if chance.one_in(2):
        parts.append(f"in_tree{suffix}={chance.uuid()}")
    if chance.one_in(3):
        parts.append(required(chance, suffix))
    return parts[1:] if chance.one_in(30) else parts


def _name(chance: Chance) -> str:
    if chance.one_in(2):
        return f"/traits/{chance.one_of([*OWN_TRAITS, chance.trait()])}"
    return f"/resource_classes/{chance.one_of([*OWN_CLASSES, chance.resource_class()])}"


def ensure_name(chance: Chance) -> Ask:
    return Ask("PUT", _name(chance), chance.version)


def forget_name(chance: Chance) -> Ask:
    return Ask("DELETE", _name(chance), chance.version)


def names(chance: Chance) -> Ask:
    carried = chance.one_of(["true", "false", "TRUE", "x"])
    prefix = chance.one_of(["CUSTOM_", "custom_red", "CUS_", "%25", "HW_", ""])
    urls = [
        f"/traits?name=in:{chance.trait()},{chance.trait()}",
        f"/traits?name=startswith:{prefix}",
        f"/traits?associated={carried}",
        f"/traits?name=startswith:CUSTOM_&associated={carried}",
        f"/traits?name={chance.one_of(['x', 'x:y', 'in:', 'startswith:', ''])}",
        _name(chance),
        "/resource_classes",
        "/traits",
        "/traits?x=1",
    ]
    return Ask("GET", chance.one_of(urls), chance.version)


def odd(chance: Chance) -> Ask:
    asks = [
        ("GET", "/", "1.39"),
        ("GET", "/", "1.40"),
        ("POST", "/", "1.39"),
        ("GET", "/traits", "1.40"),
        ("GET", "/nothing", "1.39"),
        ("GET", "/traits/", "1.39"),
        ("GET", "/resource_providers/a/b/c", "1.39"),
        ("GET", f"/resource_providers/{chance.uuid()}/nothing", "1.39"),
        ("POST", f"/resource_providers/{chance.uuid()}", "1.39"),
        ("PUT", "/reshaper", "1.39"),
        ("POST", f"/resource_providers/{chance.uuid()}/usages", "1.39"),
        ("PUT", f"/resource_providers/{chance.uuid()}/inventories", "1.39"),
        ("PUT", f"/allocations/{chance.consumer()}", "1.39"),
        ("POST", "/reshaper", "1.39"),
        ("POST", "/resource_providers", "1.39"),
        ("GET", f"/traits/{chance.trait().replace('_', '%5F')}", "1.39"),
    ]
    method, url, version = chance.one_of(asks)
    bodies = [None, {}, [], "x"] if method != "GET" else [None]
    return Ask(method, url, version, chance.one_of(bodies))
