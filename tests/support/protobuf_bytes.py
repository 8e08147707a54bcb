"""Writes protobuf messages by hand: what clients of the API send."""

from collections.abc import Iterator


def message(*fields: tuple[int, int | bytes]) -> bytes:
    """Fields by number: numbers as varints, bytes with their length."""
    result = b""
    for number, value in fields:
        if isinstance(value, int):
            result += _varint(number << 3) + _varint(value)
        else:
            result += _varint(number << 3 | 2) + _varint(len(value)) + value
    return result


def text_map(number: int, values: dict[str, str]) -> Iterator[tuple[int, bytes]]:
    """The fields of a map of texts."""
    for key, value in values.items():
        yield number, message((1, key.encode()), (2, value.encode()))


def envelope(api_version: str, kind: str, raw: bytes) -> bytes:
    """An object as a body: the magic bytes and a runtime.Unknown."""
    head = message((1, api_version.encode()), (2, kind.encode()))
    return b"k8s\x00" + message((1, head), (2, raw), (3, b""), (4, b""))


def _varint(value: int) -> bytes:
    result = bytearray()
    while value > 0x7F:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*result, value])
