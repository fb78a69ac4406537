"""What anybody can read of our providers in Placement."""

from pci_placement.errors import PlacementError

from .cloud import uuid


def _read(real, key: str, what: str) -> dict:
    return real.send("GET", f"/resource_providers/{uuid(key)}{what}")


def is_there(real, key: str) -> bool:
    """Whether Placement has the provider of a key."""
    try:
        return bool(_read(real, key, ""))
    except PlacementError as error:
        assert error.status == 404  # noqa: PT017 - every other error is one of the test
        return False


def on_offer(real, key: str) -> dict[str, tuple[int, int]]:
    """Total and reserved of each class of a provider."""
    found = _read(real, key, "/inventories")["inventories"]
    return {name: (fields["total"], fields["reserved"]) for name, fields in found.items()}


def traits(real, key: str) -> set[str]:
    """The traits of a provider."""
    return set(_read(real, key, "/traits")["traits"])


def used(real, key: str) -> dict[str, int]:
    """How much of each class is in use."""
    return {name: n for name, n in _read(real, key, "/usages")["usages"].items() if n}


def names_of(real, what: str) -> set[str]:
    """The custom names that Placement knows: what is `traits` or `resource_classes`."""
    found = real.send("GET", f"/{what}")[what]
    names = {each if isinstance(each, str) else each["name"] for each in found}
    return {name for name in names if name.startswith("CUSTOM_")}
