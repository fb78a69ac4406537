"""A plan in a file: `plan --out` keeps it, and `sync --plan` carries it out if it still is one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cliff.columns import FormattableColumn

from pci_placement.errors import PlanMovedOn, RequestError
from pci_placement.passes.values import PlannedPass

from . import plan_rows

FORMAT, VERSION = "pci-placement plan", 1
NOT_A_PLAN = "{} holds no plan that `plan --out` of this version wrote"
NO_PROVIDERS = "{} does not hold what `provider list -f json` of this version prints"
CANNOT_READ = "cannot read {}: {}"
CANNOT_WRITE = "cannot write {}: {}"
MOVED_ON = (
    "this host or Placement moved on since {} was written: what would be done now is something "
    "else, and that was not done: review it anew with plan --out"
)
IDENTITY = "action provider uuid detail before after".split()
"""What makes two plans the same; who uses what, and why, may change without it."""

Kept = list[dict[str, Any]]


def keep(planned: PlannedPass, file: str) -> None:
    """Write a plan into a file. Raises RequestError where that is impossible."""
    content = {"format": FORMAT, "version": VERSION, "actions": kept(planned)}
    try:
        with open(file, "w", encoding="utf-8") as out:
            json.dump(content, out, indent=1)
    except OSError as error:
        raise RequestError(CANNOT_WRITE.format(file, error.strerror)) from error


def kept(planned: PlannedPass) -> Kept:
    """The actions of a plan, in order, as JSON has them."""
    rows = plan_rows.plan_rows(planned.plan, planned.observed)
    return [{key: _plain(row[key]) for key in IDENTITY} for row in rows]


def _plain(value: Any) -> Any:
    return value.machine_readable() if isinstance(value, FormattableColumn) else value


def approval(file: str) -> Callable[[PlannedPass], None]:
    """Give what refuses every plan but the one in a file. Raises RequestError."""
    reviewed = _read(file)

    def approve(planned: PlannedPass) -> None:
        # JSON makes texts of all keys, and lists of all tuples
        if json.loads(json.dumps(kept(planned))) != reviewed:
            raise PlanMovedOn(MOVED_ON.format(file))

    return approve


def _read(file: str) -> Kept:
    content = _json_of(file, NOT_A_PLAN)
    is_ours = isinstance(content, dict) and content.get("format") == FORMAT
    if not is_ours or content.get("version") != VERSION or "actions" not in content:
        raise RequestError(NOT_A_PLAN.format(file))
    actions: Kept = content["actions"]
    return actions


def read_rows(file: str) -> Kept:
    """The rows of `provider list -f json` in a file. Raises RequestError."""
    content = _json_of(file, NO_PROVIDERS)
    needed = {"uuid", "name", "parent", "inventories", "traits", "generation", "consumers", "root"}
    is_list = isinstance(content, list)
    if not is_list or not all(isinstance(row, dict) and needed <= row.keys() for row in content):
        raise RequestError(NO_PROVIDERS.format(file))
    rows: Kept = content
    return rows


def _json_of(file: str, otherwise: str) -> Any:
    try:
        with open(file, encoding="utf-8") as opened:
            return json.load(opened)
    except OSError as error:
        raise RequestError(CANNOT_READ.format(file, error.strerror)) from error
    except ValueError as error:
        raise RequestError(otherwise.format(file)) from error
