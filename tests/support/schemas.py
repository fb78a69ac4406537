"""What jsonschema need not do again with every request of a Placement that tests start."""

from typing import Any

from jsonschema import Draft202012Validator


def look_once_at_constants() -> None:
    """Have jsonschema judge each schema once, not with every document that it holds against it.

    Placement's are constants, and that they are valid schemas is more than a third of what one of
    its answers costs. What it takes and refuses stays the same.
    """
    judge = Draft202012Validator.check_schema
    judged: dict[int, object] = {}

    def check_schema(schema: object, *arguments: Any, **options: Any) -> None:
        if judged.get(id(schema)) is not schema:
            judge(schema, *arguments, **options)
            judged[id(schema)] = schema

    Draft202012Validator.check_schema = staticmethod(check_schema)
