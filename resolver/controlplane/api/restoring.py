"""What is wrong with the types in an object after a strategic merge (apimachinery pkg/runtime/converter.go)."""

from collections.abc import Callable
from typing import Any, Final

from resolver.controlplane.api_types import api_types
from resolver.controlplane.go_text import bad_base64
from resolver.controlplane.quantities import BadQuantity, canonical_quantity
from resolver.controlplane.shapes import Mismatch, Unknown, reader
from resolver.controlplane.timestamps import BadTime, parsed_micro_time, parsed_time

_KINDS: Final = {dict: "map", list: "slice", str: "string", bool: "bool", int: "int64", float: "float64"}
_JSON: Final = {dict: "object", list: "array", str: "string", bool: "bool", int: "number", float: "number"}
_CONVERTIBLE: Final = (("int64", "string"), ("float64", "int32"), ("float64", "int64"))
"""What Go itself could turn into the other: it is refused in other words."""


def restore_problem(type: str, value: Any) -> str:
    """The first problem in the order of the Go struct, empty where there is none."""
    type = type.removeprefix("*")
    if value is None:
        return ""
    found = _KINDS[value.__class__]
    if type in api_types():
        if not isinstance(value, dict):
            return f"cannot restore struct from: {found}"
        fields = api_types()[type].fields
        return next(filter(None, (restore_problem(each.type, value.get(each.name)) for each in fields)), "")
    if type.startswith("[]"):
        if not isinstance(value, list):
            return f"cannot restore slice from {found}"
        return next(filter(None, (restore_problem(type[2:], each) for each in value)), "")
    if type.startswith("{}"):
        if not isinstance(value, dict):
            return f"cannot restore map from {found}"
        return next(filter(None, (restore_problem(type[2:], each) for each in value.values())), "")
    plain, _, named = type.partition(" ")
    return _simple_problem(plain, named or plain, value, found)


def _simple_problem(type: str, named: str, value: Any, found: str) -> str:
    """`named`: what Go calls the type."""
    try:
        reader(type)(value, Unknown())
    except Mismatch:
        pass
    else:
        return ""
    if type in ("time", "microtime") and isinstance(value, str):
        return _bad_time(value, parsed_time if type == "time" else parsed_micro_time)
    if type == "bytes" and isinstance(value, str):
        return f"error decoding from json: {bad_base64(value)}"
    if type == "quantity" and isinstance(value, str):
        return _bad_quantity(value)
    if type in ("int-or-string", "time", "microtime", "quantity"):
        wanted = "int32" if type == "int-or-string" else "string"
        number = f" {value}" if wanted == "int32" and value.__class__ in (int, float) else ""
        return f"json: cannot unmarshal {_JSON[value.__class__]}{number} into Go value of type {wanted}"
    return f"cannot convert {found} to {named}" if (found, type) in _CONVERTIBLE else f"unrecognized type: {type}"


def _bad_time(text: str, parse: Callable[[str], object]) -> str:
    try:
        parse(text)
    except BadTime as error:
        return str(error)
    return ""


def _bad_quantity(text: str) -> str:
    try:
        canonical_quantity(text)
    except BadQuantity as error:
        return str(error)
    return ""
