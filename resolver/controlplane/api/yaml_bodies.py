"""YAML of a request, as sigs.k8s.io/yaml turns it into JSON; the errors are go-yaml's."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from resolver import limits
from resolver.controlplane.go_text import go_quote
from resolver.controlplane.go_values import go_syntax, go_value
from resolver.controlplane.yaml_scalars import BadScalar, plain, tagged

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNFINISHED: Final = object()


class BadYaml(Exception):
    """Text that is no YAML, or that JSON cannot say."""


class YamlBody(NamedTuple):
    """The first document, and the keys it has twice: ``line 3: key "a" already set in map``."""

    value: Any
    duplicates: list[str]


def read_yaml(body: bytes) -> YamlBody:
    """Raises BadYaml."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BadYaml("yaml: invalid leading UTF-8 octet") from None
    builder = _Builder(text)
    try:
        return YamlBody(builder.first(), builder.duplicates)
    except yaml.MarkedYAMLError as error:
        raise BadYaml(_words(error)) from None
    except yaml.YAMLError:
        raise BadYaml("yaml: control characters are not allowed") from None


def _words(error: yaml.MarkedYAMLError) -> str:
    mark = error.context_mark if error.context_mark and error.context_mark.line else error.problem_mark
    line = mark.line if mark else 0
    if isinstance(error, yaml.scanner.ScannerError) and line:
        line += 1
    return f"yaml: line {line}: {error.problem}" if line else f"yaml: {error.problem}"


class _Builder:
    """Recursion is bounded by `limits.MANIFEST_DEPTH`."""

    def __init__(self, text: str) -> None:
        self.duplicates: list[str] = []
        self._events: Iterator[Event] = yaml.parse(text, Loader=_LOADER)
        self._anchors: dict[str, Any] = {}
        self._nodes = 0

    def first(self) -> Any:
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                return self._node(next(self._events), 0)
        return None

    def _node(self, event: Event, depth: int) -> Any:
        if depth > limits.MANIFEST_DEPTH:
            raise BadYaml("yaml: exceeded max depth")
        if isinstance(event, AliasEvent):
            return self._alias(event)
        if isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent) and event.anchor:
            self._anchors[event.anchor] = _UNFINISHED
        value: Any
        if isinstance(event, ScalarEvent):
            value = self._scalar(event)
        elif isinstance(event, SequenceStartEvent):
            value = []
            while not isinstance(inner := next(self._events), SequenceEndEvent):
                value.append(self._node(inner, depth + 1))
        elif isinstance(event, MappingStartEvent):
            value = self._mapping(depth)
        else:
            raise BadYaml("yaml: unexpected end of the document")
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _mapping(self, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            line = event.start_mark.line + 1 if event.start_mark else 0
            is_merge = isinstance(event, ScalarEvent) and event.value == "<<" and event.implicit[0]
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if is_merge:
                for each in reversed(value if isinstance(value, list) else [value]):
                    if not isinstance(each, dict):
                        raise BadYaml("yaml: map merge requires map or sequence of maps as the value")
                    merged |= each
                continue
            name = _key(key, value)
            if name in values:
                self.duplicates.append(f"line {line}: key {go_quote(name)} already set in map")
            values[name] = value
        return merged | values

    def _alias(self, event: AliasEvent) -> Any:
        if event.anchor not in self._anchors:
            raise BadYaml(f"yaml: unknown anchor '{event.anchor}' referenced")
        if self._anchors[event.anchor] is _UNFINISHED:
            raise BadYaml(f"yaml: anchor '{event.anchor}' value contains itself")
        return self._copied(self._anchors[event.anchor])

    def _copied(self, value: Any) -> Any:
        self._nodes += 1
        if self._nodes > limits.MANIFEST_ALIASED:
            raise BadYaml("yaml: document contains excessive aliasing")
        if isinstance(value, dict):
            return {key: self._copied(each) for key, each in value.items()}
        return [self._copied(each) for each in value] if isinstance(value, list) else value

    @staticmethod
    def _scalar(event: ScalarEvent) -> Any:
        try:
            if event.tag and event.tag != "!":
                return tagged(event.tag, event.value)
            return plain(event.value) if event.implicit[0] else event.value
        except BadScalar:
            raise BadYaml(_no_json(event)) from None


def _no_json(event: ScalarEvent) -> str:
    """Why a scalar has no value: its tag does not fit, or JSON has no such number."""
    if event.tag and event.tag != "!":
        return f"yaml: cannot decode !!str `{event.value}` as a {event.tag.replace('tag:yaml.org,2002:', '!!')}"
    number = event.value.lower()
    shown = "NaN" if "nan" in number else "-Inf" if number.startswith("-") else "+Inf"
    return f"json: unsupported value: {shown}"


def _key(key: Any, value: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, str | int | float):
        return str(key)
    if key is None:
        raise BadYaml(f"unsupported map key of type: %!s(<nil>), key: <nil>, value: {go_value(value)}")
    raise BadYaml(f"yaml: invalid map key: {go_syntax(key)}")
