"""Manifests as values that know where they were written, and the one error that speaks of such a place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class ManifestProblem(NamedTuple):
    """What is wrong in a manifest. `line` is 1-based and 0 where the whole file is meant; `field` is a path such as
    ``spec.ports[0].port`` and empty for the whole document; `subject` is ``Service shop/web`` where that is known."""

    file: str
    line: int
    field: str
    message: str
    subject: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.subject, self.field, self.message) if part)


class BrokenManifest(ValueError):
    """A file that cannot be read as YAML or JSON; `line` as in ManifestProblem."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


class Place:
    """Where a value stands: the line of its key, or its own; and the places of what is in it, by key or by number.

    A part that is nothing but a line is kept as that number: there are as many as values, and most are never looked at.
    `written` is a bare YAML scalar's text where it was read as something else: ``no``, ``1.10``, ``0777``.
    """

    __slots__ = ("line", "parts", "written")

    def __init__(self, line: int, parts: "Parts | None" = None, written: str = "") -> None:
        self.line = line
        self.parts = parts
        self.written = written

    def part(self, key: str | int) -> "Place":
        """The place of what is under a key or a number; this one if there is none."""
        found = (self.parts or {}).get(key, self)
        return found if isinstance(found, Place) else Place(found)

    def find(self, field: str) -> "Place":
        """The place of a field path, ``metadata.labels[a.b/c]`` or ``spec.ports[0]``; of what is around it if it is
        not there."""
        place = self
        while field and place.parts:
            key, field = _split(field, place.parts)
            if key not in place.parts:
                break
            place = place.part(key)
        return place


Parts = Mapping[str | int, Place | int]


def line_of(place: Place | int) -> int:
    """The line of a place that may be nothing but one."""
    return place if isinstance(place, int) else place.line


def _split(field: str, parts: Parts) -> tuple[str | int, str]:
    """The first step of a path, and the rest. Keys may hold dots: the longest key that is there is meant."""
    if field.startswith("["):
        key, _, rest = field[1:].partition("]")
        return int(key) if key.isascii() and key.isdigit() and key not in parts else key, rest.removeprefix(".")
    step = min((at for at in (field.find("."), field.find("[")) if at >= 0), default=len(field))
    step = max((len(key) for key in parts if isinstance(key, str) and key and _begins(field, key)), default=step)
    return field[:step], field[step:].removeprefix(".")


def _begins(field: str, key: str) -> bool:
    return field.startswith(key) and field[len(key) : len(key) + 1] in ("", ".", "[")


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a file: plain values as its YAML or JSON says them, kind and apiVersion being texts."""

    value: dict[str, Any]
    file: str
    place: Place

    @property
    def line(self) -> int:
        """The line it begins on."""
        return self.place.line

    @property
    def api_version(self) -> str:
        found: str = self.value["apiVersion"]
        return found

    @property
    def kind(self) -> str:
        found: str = self.value["kind"]
        return found

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Its metadata; empty where there is none or it is no mapping."""
        found = self.value.get("metadata")
        return found if isinstance(found, dict) else {}

    @property
    def subject(self) -> str:
        """What problems call it: ``Service shop/web``."""
        namespace, name = self.metadata.get("namespace"), self.metadata.get("name")
        where = f"{namespace}/{name}" if isinstance(namespace, str) and namespace else str(name or "(no name)")
        return f"{self.kind} {where}"

    def locate(self, field: str) -> tuple[str, int]:
        """(file, line) of a field, or of the nearest thing around it that is there."""
        return self.file, self.place.find(field).line

    def problem(self, field: str, message: str) -> ManifestProblem:
        return ManifestProblem(*self.locate(field), field, message, self.subject)
