"""JSON patch (RFC 6902) as kube-apiserver applies it: by json-patch v4, which is more lenient than the RFC in places.

`replace` of a missing key of an object adds it, indices may be negative, ``add`` at an index may be one past the end.
"""

import re
from copy import deepcopy
from typing import Any, Final

_KNOWN: Final = frozenset(("op", "path", "from", "value"))
_ABSENT: Final = object()
_INDEX: Final = re.compile(r"[+-]?[0-9]+")


class PatchFails(Exception):
    """An operation cannot be done, or its test does not hold. The real server says no more than that (422)."""


def apply_json_patch(document: Any, operations: list[dict[str, Any]]) -> Any:
    """The document after all operations. What is given is not changed. Raises PatchFails."""
    document = deepcopy(document)
    for operation in operations:
        document = _perform(document, operation)
    return document


def unknown_members(operations: list[Any]) -> list[str]:
    """The paths of what no operation knows, ``[0].foo``, for fieldValidation."""
    return [
        f"[{index}].{key}"
        for index, each in enumerate(operations)
        if isinstance(each, dict)
        for key in each
        if key not in _KNOWN
    ]


def _perform(document: Any, operation: dict[str, Any]) -> Any:
    kind, path = operation.get("op"), _pointer(operation, "path")
    value = operation.get("value", _ABSENT)
    if kind == "test":
        found = _get(document, path) if path else document
        if (None if value is _ABSENT else value) != found or isinstance(value, bool) != isinstance(found, bool):
            raise PatchFails
        return document
    if kind == "replace" and not path:
        if not isinstance(value, dict | list):
            raise PatchFails
        return value
    if kind == "remove":
        _remove(document, path)
    elif kind in ("add", "replace"):
        if kind == "replace":
            _get(document, path)
        _put(document, path, None if value is _ABSENT else deepcopy(value), insert=kind == "add")
    elif kind in ("move", "copy"):
        source = _pointer(operation, "from")
        found = _get(document, source)
        if kind == "move":
            _remove(document, source)
        _put(document, path, deepcopy(found), insert=True)
    else:
        raise PatchFails
    return document


def _pointer(operation: dict[str, Any], member: str) -> list[str]:
    """The reference tokens of a JSON pointer (RFC 6901), none for the whole document."""
    text = operation.get(member)
    if not isinstance(text, str):
        raise PatchFails
    return [each.replace("~1", "/").replace("~0", "~") for each in text.split("/")[1:]]


def _container(document: Any, path: list[str]) -> tuple[Any, str]:
    if not path:
        raise PatchFails
    for token in path[:-1]:
        document = _item(document, token)
    if not isinstance(document, dict | list):
        raise PatchFails
    return document, path[-1]


def _get(document: Any, path: list[str]) -> Any:
    container, key = _container(document, path)
    return container.get(key) if isinstance(container, dict) else _item(container, key)


def _item(container: Any, token: str) -> Any:
    if isinstance(container, dict) and token in container:
        return container[token]
    if isinstance(container, list):
        return container[_index(token, len(container))]
    raise PatchFails


def _index(token: str, size: int) -> int:
    """A place among `size`, counted from the end where it is negative."""
    if not _INDEX.fullmatch(token):
        raise PatchFails
    index = int(token)
    if not -size <= index < size:
        raise PatchFails
    return index % size


def _put(document: Any, path: list[str], value: Any, *, insert: bool) -> None:
    container, key = _container(document, path)
    if isinstance(container, dict):
        container[key] = value
    elif not insert:
        container[_index(key, len(container))] = value
    elif key == "-":
        container.append(value)
    else:
        container.insert(_index(key, len(container) + 1), value)


def _remove(document: Any, path: list[str]) -> None:
    container, key = _container(document, path)
    if isinstance(container, list):
        del container[_index(key, len(container))]
    elif key in container:
        del container[key]
    else:
        raise PatchFails
