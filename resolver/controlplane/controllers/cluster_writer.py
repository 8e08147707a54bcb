"""How controllers write: through the same door as everyone, with objects that are in the API's shape already."""

from typing import Final

from resolver.controlplane.cluster_api import AT_ONCE, ClusterApi
from resolver.controlplane.decoding import Decoded, canonical
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import Resource
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.write_request import DeleteOptions, WriteOptions

MANAGER: Final = "kube-controller-manager"


class ClusterWriter:
    """All methods raise StatusError where the API refuses. `manager` is the owner of the fields it writes."""

    def __init__(self, api: ClusterApi, manager: str = MANAGER) -> None:
        self._api = api
        self._options = {each: WriteOptions(manager=manager, subresource=each) for each in ("", "status", "finalize")}

    @property
    def store(self) -> ObjectStore:
        return self._api.store

    def create(self, resource: Resource, value: JsonObject) -> StoredObject:
        """A new object; `value` needs no kind and apiVersion, nor anything else that Go would write as zero."""
        return self.create_shaped(resource, canonical(resource, value))

    def create_shaped(self, resource: Resource, value: JsonObject) -> StoredObject:
        """The same for a value that has all its shape asks for; it belongs to the store from now."""
        value = _headed(resource, value)
        namespace = value["metadata"].get("namespace", "")
        return self._api.create_decoded(resource, namespace, Decoded(value, []), self._options[""]).stored

    def update(self, before: StoredObject, value: JsonObject, subresource: str = "") -> StoredObject:
        """The new state of what was read as `before`; nothing is written where it says the same."""
        decoded = Decoded(_headed(before.resource, value), [])
        options = self._options[subresource]
        return self._api.patch(before.resource, before.namespace, before.name, lambda _: decoded, options).stored

    def overwrite(self, before: StoredObject, value: JsonObject) -> StoredObject:
        """Stores a new state that the API is not asked about: a binding and a status in one."""
        new = canonical(before.resource, value)
        return before if new == before.object else self.store.update(before.resource, new, before)

    def delete(self, item: StoredObject, options: DeleteOptions = AT_ONCE) -> None:
        self._api.delete(item.resource, item.namespace, item.name, options)


def _headed(resource: Resource, value: JsonObject) -> JsonObject:
    return {"kind": resource.kind, "apiVersion": resource.api_version, **value}
