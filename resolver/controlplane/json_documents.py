"""JSON into plain values with their places: one value or several in a row, duplicate keys refused."""

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final

from resolver import limits
from resolver.controlplane.manifest_places import BrokenManifest, Place, line_of

_SPACE: Final = re.compile(r"[ \t\r\n]*")


def _integer(text: str) -> int:
    if len(text) > limits.MANIFEST_NUMBER:
        raise ValueError(f"a number of more than {limits.MANIFEST_NUMBER} digits")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number too large for JSON")
    return number


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no number that JSON has")


_DECODER: Final = JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=_no_constant)


def read_json(text: str) -> Iterator[tuple[Any, Place]]:
    """The documents of a JSON text. Raises BrokenManifest."""
    reader = _Reader(text)
    while reader.more():
        value, place = reader.value(0)
        yield value, place if isinstance(place, Place) else Place(place)


class _Reader:
    """Goes through the text once. Recursion is bounded by `limits.MANIFEST_DEPTH`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counted = 0
        self._line = 1

    def more(self) -> bool:
        """Whether anything but white space is left."""
        return self._next() != ""

    def value(self, depth: int, line: int = 0) -> tuple[Any, Place | int]:
        """The value that begins here; its place is said to be on `line`, or where it is."""
        first = self._next()
        line = line or self._here()
        if first in ("{", "["):
            if depth >= limits.MANIFEST_DEPTH:
                raise self._broken(f"is nested deeper than {limits.MANIFEST_DEPTH} levels")
            self._at += 1
            return self._object(line, depth + 1) if first == "{" else self._array(line, depth + 1)
        return self._simple(), line

    def _simple(self) -> Any:
        """A text, a number, true, false or null."""
        try:
            found, end = _DECODER.raw_decode(self._text, self._at)
        except JSONDecodeError as error:
            if error.msg == "Expecting value":
                raise self._broken(f"is no JSON: {self._shown(self._next())} where a value belongs") from None
            self._at = error.pos
            raise self._broken(f"is no JSON: {error.msg}") from None
        except ValueError as error:
            raise self._broken(f"is no JSON: {error}") from None
        if isinstance(found, str) and not found.isascii() and _has_half_character(found):
            raise self._broken("has half of a surrogate pair; write both halves, or the character itself")
        self._at = end
        return found

    def _object(self, line: int, depth: int) -> tuple[Any, Place]:
        values: dict[str, Any] = {}
        parts: dict[str | int, Place | int] = {}
        while self._separated("}", first=not values):
            if self._next() != '"':
                raise self._broken(f"is no JSON: {self._shown(self._next())} where a key in quotes belongs")
            key_line, key = self._here(), self._simple()
            if key in values:
                raise BrokenManifest(key_line, f"has the key {key!r} twice; the first is on line {line_of(parts[key])}")
            if self._next() != ":":
                raise self._broken(f"is no JSON: {self._shown(self._next())} where the colon after {key!r} belongs")
            self._at += 1
            values[key], parts[key] = self.value(depth, key_line)
        return values, Place(line, parts)

    def _array(self, line: int, depth: int) -> tuple[Any, Place]:
        values: list[Any] = []
        parts: dict[str | int, Place | int] = {}
        while self._separated("]", first=not values):
            value, parts[len(values)] = self.value(depth)
            values.append(value)
        return values, Place(line, parts)

    def _separated(self, end: str, *, first: bool) -> bool:
        """Steps over the comma before an item, or over the end: then there is no item."""
        found = self._next()
        if found and found == end:
            self._at += 1
            return False
        if not first:
            if found != ",":
                raise self._broken(f"is no JSON: {self._shown(found)} where a comma or {end} belongs")
            self._at += 1
        return True

    def _next(self) -> str:
        """The next character that is no white space; empty at the end."""
        text = self._text
        if text[self._at : self._at + 1] in " \t\r\n":
            match = _SPACE.match(text, self._at)
            self._at = match.end() if match else self._at
        return text[self._at : self._at + 1]

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _broken(self, message: str) -> BrokenManifest:
        return BrokenManifest(self._text.count("\n", 0, self._at) + 1, message)

    @staticmethod
    def _shown(found: str) -> str:
        return repr(found) if found else "the end of the file"


def _has_half_character(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
