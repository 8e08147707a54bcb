"""One object at one version, as JSON bytes: the form in which it is kept, sent, and written to disk."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from resolver.controlplane.resources import Resource

JsonObject = dict[str, Any]


class _Metadata(msgspec.Struct):
    labels: dict[str, str] = {}


class _Labelled(msgspec.Struct):
    metadata: _Metadata


_decode_labels: Final = msgspec.json.Decoder(_Labelled).decode
_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode


class StoredObject(msgspec.Struct, eq=False, gc=False):
    """Never changes. `key` sorts as the real server does: ``<namespace>/<name>``, or the name where there is none.

    `body` is the JSON of the object as a GET answers it, kind and apiVersion first.
    A struct without garbage collection: looking through 100,000 of them would stop everything for half a second.
    """

    resource: Resource
    key: str
    version: int
    body: bytes
    _object: JsonObject | None = None

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    @property
    def namespace(self) -> str:
        """Empty for an object of the cluster."""
        return self.key.rpartition("/")[0]

    @property
    def item(self) -> bytes:
        """The JSON as it stands in a list: without kind and apiVersion."""
        return b"{" + self.body[len(self.resource.head) :]

    @property
    def object(self) -> JsonObject:
        """The object as plain dicts and lists, kind and apiVersion first. Shared: never change it, see `copy`."""
        return self._object if self._object is not None else _decode(self.body)

    @property
    def labels(self) -> Mapping[str, str]:
        """metadata.labels, found without building the rest."""
        if self._object is not None:
            found: Mapping[str, str] = self._object["metadata"].get("labels") or {}
            return found
        return _decode_labels(self.body).metadata.labels

    def copy(self) -> JsonObject:
        """A fresh object, free to be changed."""
        return _decode(self.body)  # type: ignore[no-any-return]  # the decoder was given no type; bodies are objects

    def forget(self) -> None:
        """Keeps the bytes only: objects nobody has asked for lately take a fifth of the memory."""
        self._object = None

    def __repr__(self) -> str:
        return f"<{self.resource.kind} {self.key} {self.version}>"


def stored(resource: Resource, value: JsonObject, version: int) -> StoredObject:
    """The object at that version. Writes metadata.resourceVersion into `value`, which belongs to the result now.

    `value` is in the API's order (`decoding.canonical`), kind and apiVersion first. Version 0: never stored.
    """
    metadata = value["metadata"]
    if version:
        metadata["resourceVersion"] = str(version)
    namespace = metadata.get("namespace", "")
    key = f"{namespace}/{metadata['name']}" if namespace else metadata["name"]
    return StoredObject(resource, key, version, _encode(value), value)
