"""What is wrong with a value, in the words of one who has to put it right."""

from typing import Any

_EXPECTED = {
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected at least {ge}",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected at most {le}",
    "finite_number": "expected a finite number",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "string_type": "expected text",
    "list_type": "expected a list",
    "dict_type": "expected an object",
    "model_type": "expected an object",
    "too_long": "expected at most {max_length} of them",
    "too_short": "expected at least {min_length} of them",
    "string_too_long": "expected at most {max_length} characters",
    "literal_error": "expected {expected}",
}
"""What was expected, by pydantic's name of the error; other messages are its own."""


def told(error: Any) -> str:
    """Say of one error of pydantic's which field, what was expected and what came."""
    field = ".".join(str(part)[:80] for part in error["loc"])
    if error["type"] == "missing":
        return f"{field}: is missing"
    known = _EXPECTED.get(error["type"])
    text = error["msg"].removeprefix("Value error, ")
    expected = known.format(**error.get("ctx", {})) if known else text
    return f"{field}: {expected}; got {_shortened(error['input'])}"


def _shortened(value: Any) -> str:
    """Write a value as Python does, the start of a long one."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    text = repr(value[:_LONGEST] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


_LONGEST = 120
"""Characters of a wrong value that a message repeats."""
