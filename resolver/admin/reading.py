"""Requests into values, strictly: nothing unknown, nothing twice, nothing too large."""

from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

import msgspec

from resolver.admin.operation import Refused

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def read_parameters(kind: type[_Struct], query: Iterable[tuple[str, str]], path: Mapping[str, str]) -> _Struct:
    """Parameters of query and path as this type has them. Raises Refused 400."""
    pairs = [*query, *path.items()]
    known = kind.__struct_encode_fields__
    for name, times in Counter(name for name, _ in pairs).items():
        if name not in known:
            raise Refused(400, f"there is no parameter {name!r}{_told(name, known)}")
        if times > 1:
            raise Refused(400, f"{name} is given {times} times: give it once")
    try:
        return msgspec.convert(dict(pairs), kind, strict=False)
    except msgspec.ValidationError as error:
        raise Refused(400, f"parameters: {error}") from None


def read_body(kind: type[_Struct], body: bytes) -> _Struct:
    """A JSON document as this type has it. Raises Refused 400."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Refused(400, f"body: {error}; there are {', '.join(kind.__struct_encode_fields__)}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Refused(400, f"the body is no JSON: {error}") from None


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean limit?``, or nothing."""
    found = get_close_matches(word, list(known), n=1)
    return f"; did you mean {found[0]}?" if found else ""


def _told(name: str, known: tuple[str, ...]) -> str:
    return f": there are {', '.join(known)}{nearest(name, known)}" if known else ": this takes none"
