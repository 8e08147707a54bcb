"""YAML into plain values with their places, from libyaml's events.

Not from its nodes: these are built by recursion in C, which ends the process on a file of many brackets; and they hide
duplicate keys. Aliases are copied out, so that no part of a document is in two places, and counted.
"""

from collections.abc import Iterator
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from resolver import limits
from resolver.controlplane.manifest_places import BrokenManifest, Place, line_of
from resolver.controlplane.yaml_scalars import BadScalar, Scalar, plain, tagged

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TEACHING: Final = (
    ("cannot start any token", "a tab cannot indent, and a text that begins with @ or ` needs quotes"),
    ("mapping values are not allowed", "a text with `: ` in it needs quotes, or the indentation is off"),
    ("did not find expected key", "the indentation is off, or a quote is missing"),
    ("found unexpected end of stream", "a quote is never closed"),
    ("did not find expected ',' or", "a bracket is never closed, or a comma is missing"),
    ("did not find expected node content", "a bracket is never closed"),
)


def read_yaml(text: str) -> Iterator[tuple[Any, Place]]:
    """The documents of a YAML text, null for empty ones. Raises BrokenManifest."""
    builder = _Builder(text)
    try:
        yield from builder.documents()
    except yaml.MarkedYAMLError as error:
        raise _of_parser(error, text) from None
    except yaml.reader.ReaderError as error:
        line = text.encode("utf-8", "surrogatepass")[: error.position].count(b"\n") + 1
        raise BrokenManifest(line, f"has a character that YAML does not allow: #x{error.character:04x}") from None


def _of_parser(error: yaml.MarkedYAMLError, text: str) -> BrokenManifest:
    mark = error.problem_mark or error.context_mark
    line = min(mark.line, max(0, len(text.splitlines()) - 1)) + 1 if mark else 0  # it may be behind the last line
    message = f"is no YAML: {error.problem}"
    hint = next((hint for words, hint in _TEACHING if words in (error.problem or "")), "")
    if error.context:
        message += f" {error.context}"
        if error.context_mark and error.context_mark.line + 1 < line:
            message += f" that begins on line {error.context_mark.line + 1}"
    if _is_template(text, line):
        hint = "this looks like a template: render it first (`helm template`)"
    return BrokenManifest(line, f"{message} ({hint})" if hint else message)


def _is_template(text: str, line: int) -> bool:
    lines = text.splitlines()
    return 0 < line <= len(lines) and "{{" in "".join(lines[max(0, line - 2) : line])


class _Builder:
    """Recursion is bounded by `limits.MANIFEST_DEPTH`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._events: Iterator[Event] = yaml.parse(text, Loader=_LOADER)
        self._anchors: dict[str, tuple[Any, Place | int] | None] = {}
        self._aliased = 0

    def documents(self) -> Iterator[tuple[Any, Place]]:
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                self._anchors = {}
                first = next(self._events)
                value, place = self._node(first, _line(first), 0)
                yield value, place if isinstance(place, Place) else Place(place)

    def _node(self, event: Any, line: int, depth: int) -> tuple[Any, Place | int]:
        """The value that begins with this event; its place is said to be on `line`."""
        found: tuple[Any, Place | int]
        if isinstance(event, ScalarEvent):
            value = self._scalar(event)
            found = value, line if isinstance(value, str) else Place(line, None, event.value)
        elif isinstance(event, AliasEvent):
            return self._alias(event, line, depth)
        else:
            found = self._collection(event, line, depth)
        if event.anchor:
            self._anchors[event.anchor] = found
        return found

    def _collection(self, event: CollectionStartEvent, line: int, depth: int) -> tuple[Any, Place]:
        if depth >= limits.MANIFEST_DEPTH:
            raise BrokenManifest(line, f"is nested deeper than {limits.MANIFEST_DEPTH} levels")
        if event.anchor:
            self._anchors[event.anchor] = None
        build = self._mapping if isinstance(event, MappingStartEvent) else self._sequence
        return build(line, depth + 1)

    def _scalar(self, event: ScalarEvent) -> Scalar:
        try:
            if event.tag:
                return tagged(event.tag, event.value)
            text: str = event.value
            return plain(text) if event.implicit[0] else text
        except BadScalar as error:
            raise BrokenManifest(_line(event), str(error)) from None

    def _sequence(self, line: int, depth: int) -> tuple[Any, Place]:
        values: list[Any] = []
        parts: dict[str | int, Place | int] = {}
        while not isinstance(event := next(self._events), SequenceEndEvent):
            value, parts[len(values)] = self._node(event, _line(event), depth)
            values.append(value)
        return values, Place(line, parts)

    def _mapping(self, line: int, depth: int) -> tuple[Any, Place]:
        values: dict[str, Any] = {}
        parts: dict[str | int, Place | int] = {}
        merged: set[str] = set()
        while not isinstance(event := next(self._events), MappingEndEvent):
            key, key_line = self._key(event)
            value, place = self._node(next(self._events), key_line, depth)
            if key == "<<" and isinstance(event, ScalarEvent) and event.implicit[0]:
                merged |= _merge(value, place, values, parts)
                continue
            if key in values and key not in merged:
                raise BrokenManifest(key_line, f"has the key {key!r} twice; the first is on line {line_of(parts[key])}")
            merged.discard(key)
            values[key], parts[key] = value, place
        return values, Place(line, parts)

    def _key(self, event: Event) -> tuple[str, int]:
        """A key as JSON has it: text. kubectl turns numbers and booleans into text too."""
        line = _line(event)
        value: Any
        if isinstance(event, ScalarEvent):
            value = self._scalar(event)
        elif isinstance(event, AliasEvent):
            value, _ = self._alias(event, line, 0)
        else:
            hint = ", and {{ }} is a template's: render it first" if _is_template(self._text, line) else ""
            raise BrokenManifest(line, f"has a list or a mapping as a key; a key is text{hint}")
        if isinstance(value, bool):
            return "true" if value else "false", line
        if isinstance(value, str | int | float):
            return str(value), line
        raise BrokenManifest(line, "has null as a key; a key is text")

    def _alias(self, event: AliasEvent, line: int, depth: int) -> tuple[Any, Place | int]:
        if event.anchor not in self._anchors:
            raise BrokenManifest(line, f"has an alias *{event.anchor} without an anchor &{event.anchor} before it")
        found = self._anchors[event.anchor]
        if found is None:
            raise BrokenManifest(line, f"has the alias *{event.anchor} within what it stands for")
        value, place = found
        copy = self._copy(value, line, depth)
        return copy, line if isinstance(place, int) else Place(line, place.parts, place.written)

    def _copy(self, value: Any, line: int, depth: int) -> Any:
        self._aliased += 1
        if self._aliased > limits.MANIFEST_ALIASED:
            raise BrokenManifest(line, f"has aliases that stand for more than {limits.MANIFEST_ALIASED} values")
        if not isinstance(value, dict | list):
            return value
        if depth >= limits.MANIFEST_DEPTH:
            raise BrokenManifest(line, f"is nested deeper than {limits.MANIFEST_DEPTH} levels")
        if isinstance(value, dict):
            return {key: self._copy(each, line, depth + 1) for key, each in value.items()}
        return [self._copy(each, line, depth + 1) for each in value]


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _merge(value: Any, place: Place | int, values: dict[str, Any], parts: dict[str | int, Place | int]) -> set[str]:
    """Takes a ``<<`` in where it stands, as go-yaml does: it goes before what is above it; of several, the first."""
    several = value if isinstance(value, list) else [value]
    if isinstance(place, int) or not all(isinstance(each, dict) for each in several):
        raise BrokenManifest(line_of(place), "has << with something that is no mapping; write <<: *anchor")
    taken: set[str] = set()
    for number in reversed(range(len(several))):
        where = place.part(number) if isinstance(value, list) else place
        for key, found in several[number].items():
            values[key] = found
            parts[key] = (where.parts or {})[key]
            taken.add(key)
    return taken
