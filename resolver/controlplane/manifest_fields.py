"""What a manifest's fields lack against the API's types, and what to write instead.

kube-apiserver's own words for the same are in `decoding`; these are for people who edit a file.
"""

import difflib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from resolver import limits
from resolver.controlplane.api_types import KIND_TYPES, api_types
from resolver.controlplane.manifest_places import Document, ManifestProblem, Place
from resolver.controlplane.shapes import Mismatch, Unknown, reader

_GONE: Final = {
    ("core.ServiceSpec", "ipFamily"): "was dropped in Kubernetes 1.20: write ipFamilies: [IPv4], [IPv6], or both "
    "with ipFamilyPolicy: PreferDualStack",
    ("core.ServiceSpec", "topologyKeys"): "was dropped in Kubernetes 1.22: leave it out, or write trafficDistribution",
    ("discovery.Endpoint", "topology"): "was dropped in discovery.k8s.io/v1: write nodeName and zone",
}
_LIKE: Final = 0.8
"""How near an unknown field must be to a known one to be taken for a slip of the pen."""
_GO_MAPS: Final = "{}"
_GO_LISTS: Final = "[]"


class _Fault(NamedTuple):
    field: str
    place: Place
    message: str
    harmless: bool = False


def field_problems(document: Document) -> tuple[list[ManifestProblem], list[ManifestProblem]]:
    """(problems, harmless ones) of a document; none for a kind that has no type here.

    Harmless are fields of an unknown name that is near to no known one: a newer API may have them.
    """
    found: tuple[list[ManifestProblem], list[ManifestProblem]] = ([], [])
    type = KIND_TYPES.get((document.api_version, document.kind))
    if type is None:
        return found
    body = {key: value for key, value in document.value.items() if key not in ("apiVersion", "kind")}
    if _fits(type)(body):
        return found
    for fault in _walk(type, body, document.place, ""):
        problem = ManifestProblem(document.file, fault.place.line, fault.field, fault.message, document.subject)
        found[fault.harmless].append(problem)
    return found


@cache
def _fits(type: str) -> Callable[[Any], bool]:
    """Whether there is nothing at all to say about a value: nearly always so, and then `_walk` is not needed."""
    type = type.removeprefix("*")
    if type.startswith(_GO_LISTS):
        item = _fits(type[2:])
        return lambda value: value is None or (isinstance(value, list) and all(map(item, value)))
    if type.startswith(_GO_MAPS):
        item = _fits(type[2:])
        return lambda value: value is None or (isinstance(value, dict) and all(map(item, value.values())))
    if type in api_types():
        return _fits_struct(type)
    if type == "string":
        return lambda value: value is None or isinstance(value, str)
    return lambda value: value is None or not _simple_fault(type, value, "")


def _fits_struct(type: str) -> Callable[[Any], bool]:
    fields: dict[str, Callable[[Any], bool]] = {}

    def fits(value: Any) -> bool:
        if not fields:  # not before: types hold themselves
            fields.update((field.name, _fits(field.type)) for field in api_types()[type].fields)
        if value is None:
            return True
        return isinstance(value, dict) and all(key in fields and fields[key](each) for key, each in value.items())

    return fits


def _walk(type: str, value: Any, place: Place, path: str) -> Iterator[_Fault]:
    type = type.removeprefix("*")
    if value is None:
        return
    if type.startswith(_GO_LISTS):
        yield from _walk_list(type[2:], value, place, path)
    elif type.startswith(_GO_MAPS):
        yield from _walk_map(type[2:], value, place, path)
    elif type in api_types():
        yield from _walk_struct(type, value, place, path)
    else:
        message = _simple_fault(type, value, place.written)
        if message:
            yield _Fault(path, place, message)


def _walk_list(inner: str, value: Any, place: Place, path: str) -> Iterator[_Fault]:
    if not isinstance(value, list):
        hint = f": write [{_shown(value, place.written)}]" if isinstance(value, str | int | float) else ""
        yield _Fault(path, place, f"must be a list, not {_called(value)}{hint}")
        return
    for number, each in enumerate(value):
        yield from _walk(inner, each, place.part(number), f"{path}[{number}]")


def _walk_map(inner: str, value: Any, place: Place, path: str) -> Iterator[_Fault]:
    if not isinstance(value, dict):
        yield _Fault(path, place, f"must be a mapping, not {_called(value)}: write key: value")
        return
    for key, each in value.items():
        yield from _walk(inner, each, place.part(key), f"{path}[{key}]")


def _walk_struct(type: str, value: Any, place: Place, path: str) -> Iterator[_Fault]:
    if not isinstance(value, dict):
        yield _Fault(path, place, f"must hold fields, not {_called(value)}")
        return
    fields = {field.name: field.type for field in api_types()[type].fields}
    for key, each in value.items():
        inner, where = f"{path}.{key}" if path else key, place.part(key)
        if key in fields:
            yield from _walk(fields[key], each, where, inner)
        else:
            yield _unknown(type, key, list(fields), _Fault(inner, where, ""))


def _unknown(type: str, key: str, known: list[str], fault: _Fault) -> _Fault:
    gone = _GONE.get((type, key))
    if gone:
        return fault._replace(message=gone)
    folded = {name.casefold(): name for name in known}
    plain = key.replace("_", "").replace("-", "").casefold()
    nearest = folded.get(plain) or next(iter(difflib.get_close_matches(key, known, n=1, cutoff=_LIKE)), "")
    if nearest:
        return fault._replace(message=f"there is no such field: write {nearest}")
    return fault._replace(message="there is no such field; it is left out", harmless=True)


def _simple_fault(type: str, value: Any, written: str) -> str:
    """What is wrong with a value that is no list, mapping or struct; empty where nothing is."""
    try:
        reader(type)(value, Unknown())
    except Mismatch:
        return _mismatch(type.partition(" ")[0], value, written)
    return ""


def _mismatch(type: str, value: Any, written: str) -> str:
    shown = _shown(value, written)
    if type == "string" and isinstance(value, bool | int | float):
        return f'must be text, and {shown} is {_called(value)} without quotes: write "{shown}"'
    if type in ("int32", "int64"):
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return f"must be a number, not text: write {value} without quotes"
        return f"must be a whole number, not {_called(value)} ({shown})"
    if type == "bool" and value in ("true", "false"):
        return f"must be a boolean, not text: write {value} without quotes"
    return f"must be {_EXPECTED.get(type, type)}, not {_called(value)} ({shown})"


_EXPECTED: Final = {
    "string": "text",
    "bool": "true or false",
    "bytes": "base64",
    "time": "a time such as 2026-01-31T12:00:00Z",
    "microtime": "a time such as 2026-01-31T12:00:00.000000Z",
    "quantity": "a quantity such as 100m or 64Mi",
    "int-or-string": "a number or text",
}


def _called(value: Any) -> str:
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "text"


def _shown(value: Any, written: str) -> str:
    """The value as its file has it, cut short."""
    if written:
        text = written
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = "..." if isinstance(value, dict | list) else str(value)
    return text if len(text) <= limits.MANIFEST_VALUE else f"{text[: limits.MANIFEST_VALUE]}..."
