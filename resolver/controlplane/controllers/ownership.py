"""Who controls an object, and how a controller comes by what it controls."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from resolver.cluster.selectors import Requirement
from resolver.controlplane.controllers.cluster_index import ClusterIndex, is_going
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.pod_facts import PodFacts
from resolver.controlplane.object_store import Change
from resolver.controlplane.resources import PODS
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import JsonObject, StoredObject

_OPERATORS: Final = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}


class Controller(NamedTuple):
    """The owner that controls an object; all empty where none does."""

    kind: str = ""
    name: str = ""
    uid: str = ""


class _Reference(msgspec.Struct):
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class _Metadata(msgspec.Struct):
    owners: list[_Reference] = msgspec.field(default_factory=list, name="ownerReferences")


class _Owned(msgspec.Struct):
    metadata: _Metadata


_decode: Final = msgspec.json.Decoder(_Owned).decode


def controller_of(item: StoredObject) -> Controller:
    """Read from the bytes, without building the rest."""
    if b'"ownerReferences"' in item.body:
        for each in _decode(item.body).metadata.owners:
            if each.controller:
                return Controller(each.kind, each.name, each.uid)
    return Controller()


def controllers_in(change: Change, kind: str) -> Iterator[str]:
    """The keys of the controllers of this kind that an object has, or had before the change."""
    for each in (change.before, change.now):
        if each is not None:
            owner = controller_of(each)
            if owner.kind == kind:
                yield f"{each.namespace}/{owner.name}"


def controller_reference(api_version: str, kind: str, owner: JsonObject) -> JsonObject:
    """An ownerReference to the controlling object with this metadata."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": owner["name"],
        "uid": owner["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


class Selector:
    """A meta/v1 LabelSelector. An empty one selects nothing here: workloads may not have one."""

    def __init__(self, selector: JsonObject) -> None:
        self.labels: dict[str, str] = selector.get("matchLabels", {})
        self._requirements = [
            Requirement(each["key"], _OPERATORS[each["operator"]], frozenset(each.get("values", ())))
            for each in selector.get("matchExpressions", ())
        ]

    def matches(self, labels: Mapping[str, str]) -> bool:
        if not self.labels and not self._requirements:
            return False
        return self.labels.items() <= labels.items() and all(each.matches(labels) for each in self._requirements)


def claimed_pods(index: ClusterIndex, writer: ClusterWriter, owner: StoredObject, selector: Selector) -> list[PodFacts]:
    """The Pods the owner controls, by key. Orphans that match are adopted, its own that do not are set free."""
    uid = owner.object["metadata"]["uid"]
    matching = [each for each in index.pods_selected(owner.namespace, selector.labels) if selector.matches(each.labels)]
    if is_going(owner):
        return [each for each in matching if each.controller == uid]
    own = {each.key: each for each in matching if each.controller in (uid, "")}
    for pod in own.values():
        if not pod.controller and not pod.terminating:
            _adopt(writer, owner, pod.key)
    for resource, key in index.dependent_keys(uid):
        if resource is PODS and key not in own:
            _release(writer, uid, key)
    return [each for each in own.values() if each.controller or not each.terminating]


def _adopt(writer: ClusterWriter, owner: StoredObject, key: str) -> None:
    item = _pod(writer, key)
    value = item.copy()
    reference = controller_reference(owner.resource.api_version, owner.resource.kind, owner.object["metadata"])
    value["metadata"]["ownerReferences"] = [*value["metadata"].get("ownerReferences", ()), reference]
    writer.update(item, value)


def _release(writer: ClusterWriter, uid: str, key: str) -> None:
    item = _pod(writer, key)
    value = item.copy()
    owners = value["metadata"]["ownerReferences"]
    value["metadata"]["ownerReferences"] = [each for each in owners if each["uid"] != uid]
    writer.update(item, value)


def _pod(writer: ClusterWriter, key: str) -> StoredObject:
    namespace, _, name = key.partition("/")
    found = writer.store.get(PODS, namespace, name)
    if found is None:
        raise StatusError.not_found(PODS, name)
    return found
