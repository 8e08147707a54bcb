"""Label selectors as Kubernetes writes them: ``app=web,tier in (a,b),!old`` (apimachinery pkg/labels)."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

_KEY: Final = r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_VALUE: Final = r"(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?"
_REQUIREMENT: Final = re.compile(
    rf"""\s*(?:
        !\s*(?P<absent>{_KEY})
      | (?P<key>{_KEY})\s*(?:
            (?P<relation>==|=|!=)\s*(?P<value>{_VALUE})
          | (?P<order>[<>])\s*(?P<number>-?\d+)
          | \s(?P<set>in|notin)\s*\(\s*(?P<values>{_VALUE}(?:\s*,\s*{_VALUE})*)\s*\)
        )?
    )\s*(?:,|\Z)""",
    re.VERBOSE,
)


class BadSelector(ValueError):
    """Text that is no selector; the message names the part that cannot be read."""


class Requirement(NamedTuple):
    """One condition: `operator` is ``in``, ``notin``, ``!=``, ``exists``, ``!``, ``>`` or ``<``."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        if self.operator == "in":
            return value in self.values
        if self.operator in ("notin", "!="):
            return value not in self.values
        if self.operator in ("exists", "!"):
            return (value is not None) == (self.operator == "exists")
        if value is None or not re.fullmatch(r"-?\d+", value):
            return False
        bound = int(next(iter(self.values)))
        return int(value) > bound if self.operator == ">" else int(value) < bound


def parse_selector(text: str) -> tuple[Requirement, ...]:
    """The conditions, all of which must hold; none for an empty text. Raises BadSelector."""
    found, at = [], 0
    while text[at:].strip():
        part = _REQUIREMENT.match(text, at)
        if part is None:
            raise BadSelector(
                f"cannot read {text[at:].strip()!r}: write key, !key, key=value, key!=value or key in (a,b)"
            )
        found.append(_requirement(part))
        at = part.end()
    if text.rstrip().endswith(","):
        raise BadSelector(f"cannot read {text.strip()!r}: something must follow the last comma")
    return tuple(found)


def _requirement(part: "re.Match[str]") -> Requirement:
    if part["absent"]:
        return Requirement(part["absent"], "!")
    key = part["key"]
    if part["relation"]:
        return Requirement(key, "!=" if part["relation"] == "!=" else "in", frozenset((part["value"],)))
    if part["order"]:
        return Requirement(key, part["order"], frozenset((part["number"],)))
    if part["set"]:
        return Requirement(key, part["set"], frozenset(value.strip() for value in part["values"].split(",")))
    return Requirement(key, "exists")
