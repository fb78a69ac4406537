"""What makes a document of the Container Device Interface valid, as a JSON schema.

The facts are those of version 1.1.0: SPEC.md ("CDI JSON Specification"), schema/schema.json and
schema/defs.json, and pkg/parser (how names are spelled) of cncf-tags/container-device-interface,
which is under the Apache License 2.0. Where the specification is stricter than its schema (an edit
of nothing, no device) or than we need to be (a path that is not absolute) so is this one.
"""

from typing import Any

import jsonschema

NAME = "^[A-Za-z0-9]([A-Za-z0-9_.:-]*[A-Za-z0-9])?$"
KIND = "^[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?/[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?$"
TEXT = {"type": "string", "minLength": 1}
NODE = {
    "type": "object",
    "properties": {
        "path": {**TEXT, "pattern": "^/"},
        "hostPath": {**TEXT, "pattern": "^/"},
        "type": {"enum": ["b", "c", "u", "p"]},
        "major": {"type": "integer"},
        "minor": {"type": "integer"},
        "fileMode": {"type": "integer"},
        "permissions": {**TEXT, "pattern": "^[rwm]+$"},
        "uid": {"type": "integer", "minimum": 0},
        "gid": {"type": "integer", "minimum": 0},
    },
    "required": ["path"],
    "additionalProperties": False,
}
EDITS = {
    "type": "object",
    "properties": {"deviceNodes": {"type": "array", "items": NODE, "minItems": 1}},
    "minProperties": 1,
    "additionalProperties": False,
}
DEVICE = {
    "type": "object",
    "properties": {"name": {**TEXT, "pattern": NAME}, "containerEdits": EDITS},
    "required": ["name", "containerEdits"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {
        "cdiVersion": {**TEXT, "pattern": r"^\d+\.\d+\.\d+$"},
        "kind": {**TEXT, "pattern": KIND},
        "devices": {"type": "array", "items": DEVICE, "minItems": 1},
    },
    "required": ["cdiVersion", "kind", "devices"],
    "additionalProperties": False,
}


def valid(document: Any) -> Any:
    """A document that a runtime would take, with each device once."""
    jsonschema.validate(document, SCHEMA)
    names = [device["name"] for device in document["devices"]]
    assert len(names) == len({*names})
    return document
