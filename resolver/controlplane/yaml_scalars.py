"""What a YAML scalar stands for, as kubectl and kube-apiserver read it (go-yaml v2, then JSON).

That is YAML 1.1 without its oddest parts: ``y``, ``no`` and ``On`` are booleans, ``0777`` and ``0o777`` are octal,
``1_000`` is a number; but ``1:20`` and ``2001-12-14`` are text.
"""

import re
from base64 import b64decode
from collections.abc import Callable
from typing import Any, Final

from resolver import limits

Scalar = str | int | float | bool | None

_WORDS: Final[dict[str, bool | None]] = (
    dict.fromkeys(("", "~", "null", "Null", "NULL"), None)
    | dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True)
    | dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False)
)
_NO_JSON: Final = frozenset(
    sign + word for word in (".inf", ".Inf", ".INF") for sign in ("", "+", "-")
) | {".nan", ".NaN", ".NAN"}  # fmt: skip
_INTEGER: Final = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_BASES: Final = (16, 2, 8, 10)
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INTEGERS: Final = range(-(1 << 63), 1 << 64)
_EXACT: Final = 1 << 53  # whole numbers a float holds exactly
_PREFIX: Final = "tag:yaml.org,2002:"


class BadScalar(ValueError):
    """A scalar that does not fit its tag, or that JSON cannot say."""


def plain(text: str) -> Scalar:
    """The value of a scalar without quotes and tag. Raises BadScalar."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "0123456789+-.":
        return _number(text)
    return text


def tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with a tag; a tag that means nothing to Kubernetes makes it text. Raises BadScalar."""
    read = _TAGS.get(tag.removeprefix(_PREFIX)) if tag.startswith(_PREFIX) else None
    return text if read is None else read(text)


def _number(text: str) -> Scalar:
    if text in _NO_JSON:
        raise BadScalar(f"{text} is no number that JSON has")
    if len(text) > limits.MANIFEST_NUMBER:
        return text
    digits = text.replace("_", "")
    match = _INTEGER.fullmatch(digits)
    if match:
        place = next(number for number, found in enumerate(match.groups()[1:]) if found)
        value = int(match.group(place + 2), _BASES[place])
        value = -value if match[1] == "-" else value
        if value in _INTEGERS:
            return value
    if not _FLOAT.fullmatch(digits):
        return text
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        return text
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _of_type(kind: type | tuple[type, ...], name: str) -> Callable[[str], Scalar]:
    def read(text: str) -> Scalar:
        value = plain(text)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise BadScalar(f"{text[: limits.MANIFEST_VALUE]!r} is no {name}")
        return value

    return read


def _binary(text: str) -> str:
    try:
        return b64decode("".join(text.split()), validate=True).decode()
    except ValueError:
        raise BadScalar("!!binary takes base64 of UTF-8 text") from None


_TAGS: Final[dict[str, Callable[[str], Any]]] = {
    "int": _of_type(int, "integer"),
    "float": _of_type((int, float), "number"),
    "bool": _of_type(bool, "boolean"),
    "null": _of_type(type(None), "null"),
    "binary": _binary,
}
