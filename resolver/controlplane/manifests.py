"""One manifest file into the objects it holds: YAML or JSON, several documents, Lists taken apart.

A file is read whole or not at all: after a syntax error nothing of it is used. What is wrong with one object is said
and the others are kept.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from resolver.controlplane.json_documents import read_json
from resolver.controlplane.manifest_kinds import api_version_of
from resolver.controlplane.manifest_places import BrokenManifest, Document, ManifestProblem, Place
from resolver.controlplane.yaml_documents import read_yaml

_LIST: Final = "List"
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class ManifestContents(NamedTuple):
    """What a file holds, in order, and what is wrong with it."""

    documents: list[Document]
    problems: list[ManifestProblem]


def read_manifest(data: bytes, file: str) -> ManifestContents:
    """Reads a file's bytes; `file` is what problems call it. A name that ends in ``.json`` must hold JSON."""
    contents = ManifestContents([], [])
    try:
        for value, place in _values(_text(data), json_only=file.endswith(".json")):
            _take(value, place, file, contents)
    except BrokenManifest as error:
        return ManifestContents([], [ManifestProblem(file, error.line, "", error.message)])
    return contents


def _text(data: bytes) -> str:
    if data.startswith(_BYTE_ORDER_MARKS):
        raise BrokenManifest(0, "is UTF-16; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BrokenManifest(line, f"is no UTF-8: byte 0x{data[error.start]:02x}; save it as UTF-8") from None


def _values(text: str, *, json_only: bool) -> list[tuple[Any, Place]]:
    """JSON where it is JSON (also without a name that says so), else YAML."""
    if json_only:
        return list(read_json(text))
    if text.lstrip().startswith("{"):
        try:
            return list(read_json(text))
        except BrokenManifest:
            return list(read_yaml(text))  # a flow mapping may begin like JSON
    return list(read_yaml(text))


def _take(value: Any, place: Place, file: str, contents: ManifestContents) -> None:
    """Adds a document's objects to the contents; nothing for a document without content."""
    if value is None:
        return
    if not isinstance(value, dict):
        message = f"is {_called(value)}; a manifest is a mapping that begins with apiVersion and kind"
        contents.problems.append(ManifestProblem(file, place.line, "", message))
        return
    for field in ("kind", "apiVersion"):
        found = value.get(field)
        if not isinstance(found, str) or not found:
            message = _missing(field, value) if not found else f"must be text, not {_called(found)}"
            contents.problems.append(ManifestProblem(file, place.find(field).line, field, message, _name(value)))
            return
    if value["kind"].endswith(_LIST) and "items" in value:
        for item, item_place in _items(value, place, file, contents):
            _take(item, item_place, file, contents)
    else:
        contents.documents.append(Document(value, file, place))


def _items(value: Any, place: Place, file: str, contents: ManifestContents) -> Iterator[tuple[Any, Place]]:
    """The objects of a List. Those of a ServiceList need not say what they are."""
    items = value["items"]
    where = place.find("items")
    if not isinstance(items, list | None):
        contents.problems.append(ManifestProblem(file, where.line, "items", f"must be a list, not {_called(items)}"))
        return
    kind = value["kind"].removesuffix(_LIST)
    for number, item in enumerate(items or ()):
        named = {"apiVersion": value["apiVersion"], "kind": kind} | item if kind and isinstance(item, dict) else item
        yield named, where.find(f"[{number}]")


def _missing(field: str, value: dict[str, Any]) -> str:
    version = api_version_of(value["kind"]) if field == "apiVersion" else ""
    return f"is missing: write apiVersion: {version}" if version else "is missing; every object has one"


def _name(value: dict[str, Any]) -> str:
    """What an object without kind or apiVersion can be called."""
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return " ".join(text for text in (value.get("kind"), name) if isinstance(text, str))


def _called(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    return "text" if isinstance(value, str) else f"{value!r}"
