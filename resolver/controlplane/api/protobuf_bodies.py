"""Objects in the API's protobuf encoding, as kubectl create sends them (apimachinery pkg/runtime/serializer/protobuf).

After the four bytes ``k8s\\0`` comes a runtime.Unknown: apiVersion and kind, then the object. Field numbers are in
`api_types`. Nothing is written in this encoding.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple

from resolver.controlplane.api_types import ApiField, api_types
from resolver.controlplane.go_values import go_value
from resolver.controlplane.timestamps import written_micro_time, written_time

MAGIC: Final = b"k8s\x00"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_SEVEN_BITS: Final = 0x7F
_LONGEST_VARINT: Final = 70  # bits that ten bytes hold


class BadProtobuf(Exception):
    """Bytes that are no object in this encoding."""


class Envelope(NamedTuple):
    """What is said of an object before it comes."""

    api_version: str
    kind: str
    raw: bytes


def read_envelope(body: bytes) -> Envelope:
    """Raises BadProtobuf."""
    if not body:
        raise BadProtobuf("empty data")
    if not body.startswith(MAGIC):
        raise BadProtobuf(
            f"provided data does not appear to be a protobuf message, expected prefix {go_value([*MAGIC])}"
        )
    if body == MAGIC:
        raise BadProtobuf("empty body")
    named: dict[int, bytes] = {}
    raw = b""
    for number, wire, value in _fields(body[len(MAGIC) :]):
        if wire == _BYTES and number == 1:
            named = {inner: text for inner, _, text in _fields(value) if isinstance(text, bytes)}
        elif wire == _BYTES and number == 2:
            raw = value
    return Envelope(_text(named.get(1, b"")), _text(named.get(2, b"")), raw)


def read_protobuf(envelope: Envelope, type: str) -> dict[str, Any]:
    """An object of that type as JSON would have it. Raises BadProtobuf."""
    return {"kind": envelope.kind, "apiVersion": envelope.api_version, **_struct(type, envelope.raw)}


def _struct(type: str, data: bytes) -> dict[str, Any]:
    result: dict[str, Any] = {}
    _read_into(result, _by_number(type, ()), (), type, data)
    return result


def _read_into(
    result: dict[str, Any], fields: dict[int, ApiField], within: tuple[int, ...], type: str, data: bytes
) -> None:
    for number, wire, value in _fields(data):
        field = fields.get(number)
        if field is None:
            embedded = _by_number(type, (*within, number))
            if embedded and isinstance(value, bytes):
                _read_into(result, embedded, (*within, number), type, value)
            continue
        inner = field.type.removeprefix("*")
        if inner.startswith("[]"):
            result.setdefault(field.name, []).extend(_items(inner[2:].removeprefix("*"), wire, value))
        elif inner.startswith("{}"):
            key, item = _entry(inner[2:].removeprefix("*"), value)
            result.setdefault(field.name, {})[key] = item
        else:
            found = _value(inner, value)
            if found is not None:
                result[field.name] = found


@cache
def _by_number(type: str, within: tuple[int, ...]) -> dict[int, ApiField]:
    """The fields of a struct by their numbers, or those of a struct embedded in it."""
    return {each.number: each for each in api_types()[type].fields if each.within == within}


def _items(type: str, wire: int, value: int | bytes) -> list[Any]:
    if wire == _BYTES and isinstance(value, bytes) and type.partition(" ")[0] in ("int32", "int64", "bool"):
        found, at = [], 0
        while at < len(value):
            number, at = _varint(value, at)
            found.append(_value(type, number))
        return found
    return [_value(type, value)]


def _entry(type: str, value: int | bytes) -> tuple[str, Any]:
    key, item = "", None
    for number, _, inner in _fields(value if isinstance(value, bytes) else b""):
        if number == 1 and isinstance(inner, bytes):
            key = _text(inner)
        elif number == 2:
            item = _items(type[2:], _BYTES, inner) if type.startswith("[]") else _value(type, inner)
    if item is None:
        item = _value(type, b"") if type.partition(" ")[0] in ("string", "bytes") else None
    return key, item


def _value(type: str, value: int | bytes) -> Any:
    if type in api_types():
        return _struct(type, _expect_bytes(value))
    return _READERS[type.partition(" ")[0]](value)


def _expect_bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise BadProtobuf("a number where bytes belong")
    return value


def _string(value: int | bytes) -> str:
    return _text(_expect_bytes(value))


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise BadProtobuf("text that is no UTF-8") from None


def _integer(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise BadProtobuf("bytes where a number belongs")
    return value - (1 << 64) if value >= 1 << 63 else value


def _boolean(value: int | bytes) -> bool:
    return bool(_integer(value))


def _base64(value: int | bytes) -> str:
    return b64encode(_expect_bytes(value)).decode()


def _moment(value: int | bytes) -> datetime | None:
    parts = {number: _integer(part) for number, _, part in _fields(_expect_bytes(value))}
    if not parts:
        return None
    try:
        return _EPOCH + timedelta(seconds=parts.get(1, 0), microseconds=parts.get(2, 0) // 1000)
    except OverflowError:
        raise BadProtobuf("a time out of range") from None


def _time(value: int | bytes) -> str | None:
    moment = _moment(value)
    return None if moment is None else written_time(moment)


def _micro_time(value: int | bytes) -> str | None:
    moment = _moment(value)
    return None if moment is None else written_micro_time(moment)


def _quantity(value: int | bytes) -> str:
    return next((_string(part) for number, _, part in _fields(_expect_bytes(value)) if number == 1), "0")


def _int_or_string(value: int | bytes) -> int | str:
    parts = {number: part for number, _, part in _fields(_expect_bytes(value))}
    if parts.get(1, 0):
        return _string(parts.get(3, b""))
    return _integer(parts.get(2, 0))


def _any_object(value: int | bytes) -> Any:
    raw = next((part for number, _, part in _fields(_expect_bytes(value)) if number == 1), b"{}")
    try:
        return json.loads(_expect_bytes(raw))
    except ValueError:
        raise BadProtobuf("fields that are no JSON") from None


_READERS: Final[dict[str, Callable[[int | bytes], Any]]] = {
    "string": _string,
    "bool": _boolean,
    "int32": _integer,
    "int64": _integer,
    "bytes": _base64,
    "time": _time,
    "microtime": _micro_time,
    "quantity": _quantity,
    "int-or-string": _int_or_string,
    "fields": _any_object,
}


def _fields(data: bytes) -> Iterator[tuple[int, int, Any]]:
    """Number, wire type and value of each field: an integer, or the bytes of what has a length."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, wire, value
            continue
        size, at = _varint(data, at) if wire == _BYTES else ({_FIXED64: 8, _FIXED32: 4}.get(wire, -1), at)
        if size < 0 or at + size > len(data):
            raise BadProtobuf("unexpected EOF")
        part = data[at : at + size]
        at += size
        yield number, wire, part if wire == _BYTES else int.from_bytes(part, "little")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        if at >= len(data) or shift >= _LONGEST_VARINT:
            raise BadProtobuf("unexpected EOF")
        byte = data[at]
        at += 1
        result |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if byte <= _SEVEN_BITS:
            return result & (1 << 64) - 1, at
