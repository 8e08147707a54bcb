"""The query parameter ``labelSelector``, refused in the API's words (apimachinery pkg/labels)."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from resolver.cluster.selectors import Requirement
from resolver.controlplane.field_errors import invalid
from resolver.controlplane.names import label_key_problems, label_value_problems
from resolver.controlplane.status_error import StatusError

Matches = Callable[[Mapping[str, str]], bool]

_SYMBOLS: Final = ("==", "!=", "=", "!", "(", ")", ",", ">", "<")
_TOKEN: Final = re.compile(r"[ \t\r\n]*(?:(==|!=|[=!(),<>])|([^=!(),<> \t\r\n\0]+)|(\0.*)?)", re.DOTALL)
_WORD: Final = "word"
_END: Final = "end"
_COMPARISONS: Final = {"=": "in", "==": "in", "!=": "notin", ">": ">", "<": "<"}
_OPERATORS: Final = "in, notin, =, ==, !=, gt, lt"
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")


class BadSelector(Exception):
    """Why a selector cannot be read."""


def parse_label_selector(text: str) -> tuple[Requirement, ...]:
    """The requirements, all of which must hold. Raises StatusError 400."""
    try:
        return tuple(_Parser(text).requirements())
    except BadSelector as error:
        raise StatusError.bad_request(str(error)) from None


def label_matcher(text: str) -> Matches | None:
    """Whether labels satisfy the selector; None where all do. Raises StatusError 400."""
    requirements = parse_label_selector(text)
    if not requirements:
        return None
    return lambda labels: all(each.matches(labels) for each in requirements)


class _Parser:
    """Goes through the tokens: pairs of what it is (a symbol, `_WORD` or `_END`) and its text."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def requirements(self) -> Iterator[Requirement]:
        while True:
            kind, text = self._peek()
            if kind == _END:
                return
            if kind not in (_WORD, "!"):
                raise BadSelector(f"found '{text}', expected: !, identifier, or 'end of string'")
            try:
                yield self._requirement()
            except BadSelector as error:
                raise BadSelector(f"unable to parse requirement: {error}") from None
            kind, text = self._next()
            if kind == _END:
                return
            if kind != ",":
                raise BadSelector(f"found '{text}', expected: ',' or 'end of string'")
            kind, text = self._peek()
            if kind not in (_WORD, "!"):
                raise BadSelector(f"found '{text}', expected: identifier after ','")

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at]

    def _next(self) -> tuple[str, str]:
        found = self._tokens[self._at]
        if self._at < len(self._tokens) - 1:
            self._at += 1
        return found

    def _requirement(self) -> Requirement:
        kind, key = self._next()
        absent = kind == "!"
        if absent:
            kind, key = self._next()
        if kind != _WORD:
            raise BadSelector(f"found '{key}', expected: identifier")
        if problems := label_key_problems(key):
            raise BadSelector(str(invalid("<nil>", key, "; ".join(problems))))
        if absent:
            return Requirement(key, "!")
        if self._peek()[0] in (_END, ","):
            return Requirement(key, "exists")
        kind, text = self._next()
        if text in ("in", "notin"):
            return self._checked(key, text, self._values())
        if kind not in _COMPARISONS:
            raise BadSelector(f"found '{text}', expected: {_OPERATORS}")
        return self._checked(key, _COMPARISONS[kind], {self._value()})

    def _values(self) -> set[str]:
        kind, text = self._next()
        if kind != "(":
            raise BadSelector(f"found '{text}' expected: '('")
        values: set[str] = set()
        kind, text = self._peek()
        if kind == ")":
            self._next()
            return {""}
        if kind not in (_WORD, ","):
            raise BadSelector(f"found '{text}', expected: ',', ')' or identifier")
        while True:
            kind, text = self._next()
            if kind == _WORD:
                values.add(text)
                kind, text = self._peek()
                if kind == ")":
                    break
                if kind != ",":
                    raise BadSelector(f"found '{text}', expected: ',' or ')'")
            elif kind == ",":
                if not values or self._peek()[0] in (",", ")"):
                    values.add("")
                if self._peek()[0] == ")":
                    break
            else:
                raise BadSelector(f"found '{text}', expected: ',', or identifier")
        self._next()
        return values

    def _value(self) -> str:
        if self._peek()[0] in (_END, ","):
            return ""
        kind, text = self._next()
        if kind != _WORD:
            raise BadSelector(f"found '{text}', expected: identifier")
        return text

    @staticmethod
    def _checked(key: str, operator: str, values: set[str]) -> Requirement:
        errors = []
        for index, value in enumerate(sorted(values)):
            if operator in ("<", ">") and not _INTEGER.fullmatch(value):
                words = "for 'Gt', 'Lt' operators, the value must be an integer"
                errors.append(str(invalid(f"values[{index}]", value, words)))
        for index, value in enumerate(sorted(values)):
            if problems := label_value_problems(value):
                errors.append(str(invalid(f"values[{index}][{key}]", value, "; ".join(problems))))
        if errors:
            raise BadSelector(errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]")
        return Requirement(key, operator, frozenset(values))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.end() == at or found[3]:
            break
        at = found.end()
        if found[1]:
            yield found[1], found[1]
        elif found[2]:
            yield _WORD, found[2]
    yield _END, ""
