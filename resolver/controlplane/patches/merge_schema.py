"""The shape of a kind as server-side apply sees it: what is owned whole, and what tells the items of a list apart.

From `api_types`, as kube-openapi derives it from the API's markers for structured-merge-diff.
"""

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any, Final

import msgspec

from resolver.controlplane.api_types import KIND_TYPES, ApiField, api_types

SCALAR: Final = "scalar"
OBJECT: Final = "object"
LIST: Final = "list"

_SCALARS: Final = {"string": "string", "bytes": "string", "bool": "boolean", "int32": "numeric", "int64": "numeric"}
_encode: Final = msgspec.json.Encoder().encode
_NO_FIELDS: Final[Mapping[str, "Node"]] = {}


class NoKey(Exception):
    """An item of a list that nothing tells apart from the others; the message is structured-merge-diff's."""


class Node:
    """A type in one place. `kind` is SCALAR, OBJECT (a struct or a map) or LIST.

    `leaf`: owned whole, a scalar or something atomic. `keys`: of a list of objects; without them a list is a set.
    `scalar`: what a scalar must be: string, numeric, boolean or untyped.
    """

    def __init__(self, type: str, field: ApiField | None = None, extra: Sequence[str] = ()) -> None:
        self._type = type = type.removeprefix("*")
        self._extra = extra
        self.kind = LIST if type.startswith("[]") else OBJECT if _is_object(type) else SCALAR
        self.keys = field.list_keys if field else ()
        self.scalar = _SCALARS.get(type.partition(" ")[0], "untyped") if self.kind == SCALAR else ""
        self.leaf = self.kind == SCALAR or _is_atomic(type, field)

    @cached_property
    def fields(self) -> Mapping[str, "Node"]:
        """The fields of a struct; none of a map or a list."""
        if self._type not in api_types():
            return _NO_FIELDS
        found = {each: Node("string") for each in self._extra}
        return found | {each.name: Node(each.type, each) for each in api_types()[self._type].fields}

    @cached_property
    def element(self) -> "Node | None":
        """What a list or a map holds; None for a struct, and for maps of anything."""
        return Node(self._type[2:]) if self._type.startswith(("[]", "{}")) else None

    @cached_property
    def _defaults(self) -> Mapping[str, Any]:
        item = self._type[2:].removeprefix("*")
        fields = api_types()[item].fields if item in api_types() else ()
        return {each.name: _default(each) for each in fields if each.name in self.keys and _default(each) is not None}

    def declares(self, key: str) -> bool:
        """Whether an object may have such a member."""
        return key in self.fields or self.element is not None or self._type == "fields"

    def inside(self, key: str) -> "Node":
        """The node of a member, or of the items of a list; what no one declared is a scalar."""
        return self.fields.get(key) or self.element or _ANYTHING

    def item_key(self, item: Any) -> str:
        """The path element of an item of a list: ``k:{"port":80}`` or ``v:"text"``. Raises NoKey."""
        if not self.keys:
            if isinstance(item, dict | list) or item is None:
                raise NoKey(_NOT_IN_A_SET[type(item)])
            return f"v:{_json(item)}"
        if not isinstance(item, dict):
            problem = "null element" if item is None else "non-map elements"
            raise NoKey(f"associative list with keys may not have {'a ' if item is None else ''}{problem}")
        found = {key: item[key] if key in item else self._defaults.get(key, _ABSENT) for key in self.keys}
        present = {key: found[key] for key in sorted(found) if found[key] is not _ABSENT}
        if not present:
            quoted = " ".join(f'"{each}"' for each in self.keys)
            words = f"associative list with keys has an element that omits all key fields [{quoted}]"
            raise NoKey(f"{words} (and doesn't have default values for any key fields)")
        return f"k:{_json(present)}"


@cache
def kind_schema(api_version: str, kind: str) -> Node:
    """The node of a whole object."""
    return Node(KIND_TYPES[api_version, kind], extra=("apiVersion", "kind"))


def _is_object(type: str) -> bool:
    return type.startswith("{}") or type in api_types() or type == "fields"


def _is_atomic(type: str, field: ApiField | None) -> bool:
    if type == "fields":
        return True
    if type.startswith("[]"):
        return field is None or field.list not in ("map", "set")
    if type.startswith("{}"):
        return field is not None and field.map == "atomic"
    return api_types()[type].atomic or (field is not None and field.struct == "atomic")


def _default(field: ApiField) -> Any:
    """What the schema says is meant by a field that is left out: also for what Go writes where nothing is given."""
    if field.default is not None or field.omit or field.optional:
        return field.default
    return _ZEROS.get(field.type.partition(" ")[0])


def _json(value: Any) -> str:
    text = _encode(value).decode()
    if "<" in text or ">" in text or "&" in text:
        text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return text


_ZEROS: Final = {"string": "", "int32": 0, "int64": 0, "bool": False}
_ABSENT: Final = object()
_ANYTHING: Final = Node("string")
_NOT_IN_A_SET: Final = {
    dict: "associative list without keys has an element that's a map type",
    list: "not supported: associative list with lists as elements",
    type(None): "associative list without keys has an element that's an explicit null",
}
