"""What is wrong with one field, in kube-apiserver's words (apimachinery pkg/util/validation/field)."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from resolver.controlplane.go_text import go_quote


class TypedText(str):
    """A string of a named Go type, or behind a pointer: messages show it as JSON, not as Go quotes strings."""

    __slots__ = ()


class FieldError(NamedTuple):
    """`field`: the path, ``spec.ports[0].port``. `reason`: as in a Status cause. `message`: all but the path."""

    field: str
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def required(field: str, detail: str = "") -> FieldError:
    return FieldError(field, "FieldValueRequired", _with("Required value", detail))


def forbidden(field: str, detail: str) -> FieldError:
    return FieldError(field, "FieldValueForbidden", _with("Forbidden", detail))


def invalid(field: str, value: Any, detail: str) -> FieldError:
    """`value` is a string, a number, a boolean, or JSON-like: the latter is shown as JSON."""
    return FieldError(field, "FieldValueInvalid", _with(f"Invalid value: {shown(value)}", detail))


def type_invalid(field: str, value: Any, detail: str) -> FieldError:
    return FieldError(field, "FieldValueTypeInvalid", _with(f"Invalid value: {shown(value)}", detail))


def duplicate(field: str, value: Any) -> FieldError:
    return FieldError(field, "FieldValueDuplicate", f"Duplicate value: {shown(value)}")


def not_found(field: str, value: Any) -> FieldError:
    return FieldError(field, "FieldValueNotFound", f"Not found: {shown(value)}")


def not_supported(field: str, value: Any, supported: Sequence[str]) -> FieldError:
    """`supported` in the order the API lists them."""
    detail = f"supported values: {', '.join(go_quote(each) for each in supported)}" if supported else ""
    return FieldError(field, "FieldValueNotSupported", _with(f"Unsupported value: {shown(value)}", detail))


def too_long(field: str, limit: int, unit: str = "byte") -> FieldError:
    plural = "" if limit == 1 else "s"
    return FieldError(field, "FieldValueTooLong", f"Too long: may not be more than {limit} {unit}{plural}")


def too_many(field: str, count: int, limit: int) -> FieldError:
    plural = "" if limit == 1 else "s"
    return FieldError(field, "FieldValueTooMany", f"Too many: {count}: must have at most {limit} item{plural}")


def internal(field: str, detail: str) -> FieldError:
    return FieldError(field, "InternalError", _with("Internal error", detail))


def shown(value: Any) -> str:
    """A value as messages show it: plain strings as Go quotes them, the rest as Go's JSON."""
    if type(value) is str:
        return go_quote(value)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for plain, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(plain, escaped)
    return text


def _with(text: str, detail: str) -> str:
    return f"{text}: {detail}" if detail else text
