"""Which bodies Placement takes: its JSON schemas by hand, since jsonschema takes a millisecond."""

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from ..database import Stock
from .answer import Refused

MOST = 0x7FFFFFFF
_LARGEST_RATIO = 3.40282e38
_LONGEST_PROVIDER_NAME = 200
_LONGEST = 255

NAME = re.compile("^[A-Z0-9_]+$")
CUSTOM_NAME = re.compile("^CUSTOM_[A-Z0-9_]+$")
_UUID_KEY = re.compile("^[0-9a-fA-F-]{36}$")
_GROUP = re.compile("[a-zA-Z0-9_-]{1,64}")
_LEAST = {"total": 1, "reserved": 0, "min_unit": 1, "max_unit": 1, "step_size": 1}
_NOT_SENT = Stock(0, 0, 1, MOST, 1, 1.0)

Test = Callable[[Any], bool]


def accept(body: Any, required: Mapping[str, Test], optional: Mapping[str, Test]) -> Any:
    """The body, if it has what is required and nothing that is neither required nor optional."""
    if not isinstance(body, dict) or not required.keys() <= body.keys():
        raise Refused(400, f"JSON does not validate: {sorted(required)} are required")
    for key, value in body.items():
        test = required.get(key) or optional.get(key)
        if test is None or not test(value):
            raise Refused(400, f"JSON does not validate: {key}")
    return body


def is_integer(value: Any) -> bool:
    return type(value) is int or (type(value) is float and value.is_integer())


def is_generation_or_null(value: Any) -> bool:
    return value is None or is_integer(value)


def is_text(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= _LONGEST


def is_custom_name(value: str) -> bool:
    return len(value) <= _LONGEST and bool(CUSTOM_NAME.search(value))


def is_consumer_type(value: Any) -> bool:
    return is_text(value) and bool(NAME.search(value))


def is_provider_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_PROVIDER_NAME


def is_uuid(value: Any) -> bool:
    """Whether oslo.utils takes it for a uuid: the dashes may be missing."""
    return isinstance(value, str) and _is_uuid(value)


@lru_cache(maxsize=4096)
def _is_uuid(value: str) -> bool:
    bare = value.replace("urn:", "").replace("uuid:", "").strip("{}").replace("-", "").lower()
    try:
        return UUID(value).hex == bare
    except ValueError:
        return False


def is_dashed_uuid(value: str) -> bool:
    """Whether jsonschema takes it for a uuid, which it does in a query."""
    return _is_uuid(value) and all(value[position] == "-" for position in (8, 13, 18, 23))


def is_uuid_or_null(value: Any) -> bool:
    return value is None or is_uuid(value)


def is_list_of(test: Test) -> Test:
    return lambda value: isinstance(value, list) and all(map(test, value))


def is_set_of_uuids(value: Any) -> bool:
    return is_list_of(is_uuid)(value) and len(set(value)) == len(value)


def is_map(key: re.Pattern[str], test: Test, least: int = 0) -> Test:
    """Objects of which every key and value is one of these."""

    def is_such_a_map(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and len(value) >= least
            and all(key.search(name) and test(one) for name, one in value.items())
        )

    return is_such_a_map


def is_inventories(value: Any) -> bool:
    """Only names that can be classes have their values looked at; no other class is known later."""
    return isinstance(value, dict) and all(
        _is_inventory(one) for name, one in value.items() if NAME.search(name)
    )


def _is_inventory(value: Any) -> bool:
    return (
        isinstance(value, dict) and "total" in value and all(map(_is_field, value, value.values()))
    )


def _is_field(key: str, value: Any) -> bool:
    if key in _LEAST:
        return is_integer(value) and _LEAST[key] <= value <= MOST
    if key == "allocation_ratio":
        return type(value) in (int, float) and value <= _LARGEST_RATIO
    return key == "resource_provider_generation" and is_integer(value)


def stocks(inventories: Mapping[str, Any]) -> dict[str, Stock]:
    """Inventories with the defaults where nothing was sent."""
    return {name: _stock(fields) for name, fields in inventories.items()}


def _stock(fields: Mapping[str, Any]) -> Stock:
    sent = {key: value for key, value in fields.items() if key in Stock._fields}
    return _NOT_SENT._replace(**sent)


def resources_of(allocations: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """The amounts of each provider, for keeps."""
    return {uuid: dict(on["resources"]) for uuid, on in allocations.items()}


def _is_amount(value: Any) -> bool:
    return is_integer(value) and value >= 1


_is_resources = is_map(NAME, _is_amount, least=1)


def _is_allocation(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _is_resources(value.get("resources"))
        and _has_only(value, ("resources", "generation"))
    )


def _has_only(value: Mapping[str, Any], keys: Collection[str]) -> bool:
    return all(key in keys for key in value) and is_integer(value.get("generation", 0))


def _is_mappings(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(_is_mapped(uuids) for name, uuids in value.items() if _GROUP.search(name))
    )


def _is_mapped(value: Any) -> bool:
    return bool(value) and is_list_of(is_uuid)(value)


_CLAIM: Mapping[str, Test] = {
    "allocations": is_map(_UUID_KEY, _is_allocation),
    "project_id": is_text,
    "user_id": is_text,
    "consumer_generation": is_generation_or_null,
}
_CLAIM_WITH_TYPE = {**_CLAIM, "consumer_type": is_consumer_type}


def claim(body: Any, version: tuple[int, int]) -> Any:
    """What PUT /allocations/{consumer} takes."""
    required = _CLAIM_WITH_TYPE if version >= (1, 38) else _CLAIM
    return accept(body, required, {"mappings": _is_mappings} if version >= (1, 34) else {})


_INVENTORIES: Mapping[str, Test] = {
    "resource_provider_generation": is_integer,
    "inventories": is_inventories,
}


def inventories(body: Any) -> Any:
    """What PUT …/inventories takes."""
    return accept(body, _INVENTORIES, {})


_RESHAPE: Mapping[str, Test] = {
    "inventories": is_map(_UUID_KEY, lambda value: bool(inventories(value)), least=1),
    "allocations": is_map(_UUID_KEY, lambda value: isinstance(value, dict)),
}


def reshape(body: Any, version: tuple[int, int]) -> Any:
    """What POST /reshaper takes."""
    accept(body, _RESHAPE, {})
    for each in body["allocations"].values():
        claim(each, version)
    return body
