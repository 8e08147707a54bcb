"""Reads JSON values into the shape of their Go struct, as kube-apiserver's decoding and storing leave them.

Known fields only, in Go's order, types checked, null as absent, zero values left out where Go leaves them out and
written where it writes them; empty lists and maps are absent (the real server's storage cannot tell them apart).
A field that is absent, empty or null reads the same: ``value.get("ports")`` is falsy.
"""

from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Callable
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

from resolver.controlplane.api_types import api_types
from resolver.controlplane.quantities import BadQuantity, canonical_quantity
from resolver.controlplane.timestamps import BadTime, parsed_micro_time, parsed_time, written_micro_time, written_time

JsonObject = dict[str, Any]


class Mismatch(Exception):
    """A value of a wrong type somewhere inside; `decoding` finds out where."""


class Unknown:
    """Counts the fields that were not understood; `decoding` finds out which."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


Reader = Callable[[Any, Unknown], Any]

_PLAIN: Final[dict[str, type]] = {"string": str, "bool": bool}
_place: Final = itemgetter(0)
_INT32: Final = range(-(1 << 31), 1 << 31)
_INT64: Final = range(-(1 << 63), 1 << 63)


def shaped(type: str, value: Any) -> Any:
    """The value in the shape of its type. Raises Mismatch. What is not known is left out."""
    return reader(type)(value, Unknown())


@cache
def reader(type: str) -> Reader:
    """The function that reads a value of that type (see `api_types`)."""
    if type.startswith("*"):
        return reader(type[1:])
    if type.startswith("[]"):
        return _list_reader(type[2:])
    if type.startswith("{}"):
        return _map_reader(type[2:])
    plain = type.partition(" ")[0]
    if plain in _SIMPLE:
        return _SIMPLE[plain]
    return _struct_reader(plain)


class _Part(NamedTuple):
    """How a field of a struct is read. `plain`: values of this Python type are taken as they are."""

    place: int
    plain: type | None
    read: Reader
    kept: bool  # even where it is zero


def _struct_reader(name: str) -> Reader:
    parts: dict[str, _Part] = {}
    written: list[tuple[int, str, Any]] = []  # always there: place, name, what Go writes where nothing is given

    def prepare() -> None:
        for place, field in enumerate(api_types()[name].fields):
            pointer = field.type.startswith("*")
            struct = field.type in api_types() or field.type in _STRUCTS
            omitted = field.omit == "zero" or (field.omit == "empty" and not struct)
            inner = field.type.removeprefix("*")
            plain = _PLAIN.get(inner.partition(" ")[0]) if not inner.startswith(("[]", "{}")) else None
            parts[field.name] = _Part(place, plain, reader(field.type), pointer or not omitted)
            if not omitted or (pointer and not field.omit):
                written.append((place, field.name, _zero(field.type)))

    def read(value: Any, unknown: Unknown) -> JsonObject:
        if type(value) is not dict:
            raise Mismatch
        if not parts:
            prepare()
        found = []
        last, sorted_ = -1, True
        for key, given in value.items():
            part = parts.get(key)
            if part is None:
                unknown.count += 1
                continue
            if given is None:
                continue
            place, plain, read_field, kept = part
            read_value = given if type(given) is plain else read_field(given, unknown)
            if read_value or kept:
                found.append((place, key, read_value))
                sorted_ = sorted_ and place > last
                last = place
        for place, key, zero in written:
            if value.get(key) is None:
                found.append((place, key, zero() if callable(zero) else zero))
                sorted_ = False
        if not sorted_:
            found.sort(key=_place)
        return {key: read_value for _, key, read_value in found}

    return read


def _zero(type: str) -> Callable[[], Any] | Any:
    """What Go writes for a field that is not given; for structs a function, since the result may be changed."""
    if type in api_types():
        return lambda: reader(type)({}, Unknown())
    if type.startswith(("[]", "{}", "*")):
        return None
    plain = type.partition(" ")[0]
    return {"string": "", "bool": False, "int-or-string": 0, "quantity": "0"}.get(plain, None if plain in _NULLS else 0)


def _list_reader(inner: str) -> Reader:
    read_item = reader(inner)
    zero = _zero(inner)

    def read(value: Any, unknown: Unknown) -> list[Any] | None:
        if type(value) is not list:
            raise Mismatch
        if not value:
            return None
        return [(zero() if callable(zero) else zero) if each is None else read_item(each, unknown) for each in value]

    return read


def _map_reader(inner: str) -> Reader:
    read_item = reader(inner)
    zero = "" if inner == "bytes" else _zero(inner)

    def read(value: Any, unknown: Unknown) -> JsonObject | None:
        if type(value) is not dict:
            raise Mismatch
        if not value:
            return None
        return {key: zero if value[key] is None else read_item(value[key], unknown) for key in sorted(value)}

    return read


def _string(value: Any, _: Unknown) -> str:
    if type(value) is not str:
        raise Mismatch
    return value


def _boolean(value: Any, _: Unknown) -> bool:
    if type(value) is not bool:
        raise Mismatch
    return value


def _int32(value: Any, _: Unknown) -> int:
    if type(value) is not int or value not in _INT32:
        raise Mismatch
    return value


def _int64(value: Any, _: Unknown) -> int:
    if type(value) is not int or value not in _INT64:
        raise Mismatch
    return value


def _int_or_string(value: Any, unknown: Unknown) -> int | str:
    return value if type(value) is str else _int32(value, unknown)


def _bytes(value: Any, _: Unknown) -> str:
    if type(value) is not str:
        raise Mismatch
    try:
        return b64encode(b64decode(value.replace("\r", "").replace("\n", ""), validate=True)).decode()
    except (BadBase64, ValueError) as error:
        raise Mismatch from error


def _time(value: Any, _: Unknown) -> str:
    if type(value) is not str:
        raise Mismatch
    return _canonical_time(value)


@lru_cache(1024)
def _canonical_time(text: str) -> str:
    try:
        return written_time(parsed_time(text))
    except BadTime as error:
        raise Mismatch from error


def _micro_time(value: Any, _: Unknown) -> str:
    if type(value) is not str:
        raise Mismatch
    try:
        return written_micro_time(parsed_micro_time(value))
    except BadTime as error:
        raise Mismatch from error


def _quantity(value: Any, _: Unknown) -> str:
    if type(value) not in (str, int, float):
        raise Mismatch
    try:
        return canonical_quantity(str(value))
    except BadQuantity as error:
        raise Mismatch from error


def _any_object(value: Any, _: Unknown) -> Any:
    return value


_SIMPLE: Final[dict[str, Reader]] = {
    "string": _string,
    "bool": _boolean,
    "int32": _int32,
    "int64": _int64,
    "bytes": _bytes,
    "time": _time,
    "microtime": _micro_time,
    "quantity": _quantity,
    "int-or-string": _int_or_string,
    "fields": _any_object,
}
_STRUCTS: Final = frozenset(("int-or-string", "quantity", "time", "microtime"))
"""Structs in Go though not in JSON: `omitempty` does not leave them out."""
_NULLS: Final = frozenset(("time", "microtime", "fields", "bytes"))
