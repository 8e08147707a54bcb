"""How controllers write: through the same door as everyone, with objects that are in the API's shape already."""

from typing import Final

from resolver.controlplane.cluster_api import AT_ONCE, ClusterApi
from resolver.controlplane.decoding import Decoded
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import Resource
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.write_request import DeleteOptions, WriteOptions

MANAGER: Final = "kube-controller-manager"


class ClusterWriter:
    """All methods raise StatusError where the API refuses. `manager` is the owner of the fields it writes."""

    def __init__(self, api: ClusterApi, manager: str = MANAGER) -> None:
        self._api = api
        self._options = WriteOptions(manager=manager)
        self._status_options = WriteOptions(manager=manager, subresource="status")

    @property
    def store(self) -> ObjectStore:
        return self._api.store

    def create(self, resource: Resource, value: JsonObject) -> StoredObject:
        """A new object; `value` needs no kind and apiVersion and belongs to the store from now."""
        value = _headed(resource, value)
        namespace = value["metadata"].get("namespace", "")
        return self._api.create_decoded(resource, namespace, Decoded(value, []), self._options).stored

    def update(self, before: StoredObject, value: JsonObject) -> StoredObject:
        """The new state of what was read as `before`; nothing is written where it says the same."""
        return self._change(before, value, self._options)

    def update_status(self, before: StoredObject, value: JsonObject) -> StoredObject:
        """The same for status alone."""
        return self._change(before, value, self._status_options)

    def delete(self, item: StoredObject, options: DeleteOptions = AT_ONCE) -> None:
        self._api.delete(item.resource, item.namespace, item.name, options)

    def _change(self, before: StoredObject, value: JsonObject, options: WriteOptions) -> StoredObject:
        decoded = Decoded(_headed(before.resource, value), [])
        return self._api.patch(before.resource, before.namespace, before.name, lambda _: decoded, options).stored


def _headed(resource: Resource, value: JsonObject) -> JsonObject:
    return {"kind": resource.kind, "apiVersion": resource.api_version, **value}
