"""What becomes of dependents whose owner is deleted (kube-controller-manager's garbage collector).

Only owners that were deleted here count: an object that names an owner nobody has seen is left alone, since manifests
taken from another cluster are full of such references.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from resolver import limits
from resolver.controlplane.controllers.cluster_index import ClusterIndex, is_going, owner_uids
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.metadata_rules import FOREGROUND as FOREGROUND_FINALIZER
from resolver.controlplane.metadata_rules import ORPHAN as ORPHAN_FINALIZER
from resolver.controlplane.object_store import DELETED, Change
from resolver.controlplane.resources import RESOURCES, Resource, resource_of_kind
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.write_request import BACKGROUND, FOREGROUND, ORPHAN, DeleteOptions

_POLICIES: Final = {ORPHAN_FINALIZER: ORPHAN, FOREGROUND_FINALIZER: FOREGROUND}


class Owner(NamedTuple):
    """An object that is gone, or is going and waits for what becomes of its dependents."""

    resource: Resource
    key: str
    uid: str


class Garbage:
    """Keys are owners."""

    name = "garbage"
    kinds = frozenset(RESOURCES)
    sees_own = True

    def __init__(self, index: ClusterIndex, writer: ClusterWriter) -> None:
        self._index = index
        self._writer = writer
        self._store = writer.store

    def keys(self, change: Change, touched: Iterable[str]) -> Iterator[Owner]:
        now = change.now
        if change.type == DELETED or _finalizer(now):
            yield Owner(now.resource, now.key, now.object["metadata"]["uid"])
        for each in (change.before, now):
            if each is not None and owner_uids(each):
                yield from self._waiting_owners(each)

    def reconcile(self, key: Owner) -> bool:
        owner = self._find(key)
        dependents = self._index.dependents(key.resource, key.key, key.uid)
        if owner is None:
            return self._collect(dependents, key.uid)
        finalizer = _finalizer(owner)
        if finalizer == ORPHAN_FINALIZER:
            if self._release(dependents, key.uid):
                return True
        elif finalizer == FOREGROUND_FINALIZER:
            if self._collect(dependents, key.uid):
                return True
            if any(_blocks(each, key.uid) for each in dependents):
                return False
        else:
            return False
        value = owner.copy()
        value["metadata"]["finalizers"] = [each for each in value["metadata"]["finalizers"] if each != finalizer]
        self._writer.update(owner, value)
        return False

    def _collect(self, dependents: Iterable[StoredObject], uid: str) -> bool:
        """Deletes those that have no other owner left and frees the others; True where there may be more to do."""
        fresh = [each for each in dependents if not is_going(each)]
        for each in islice(fresh, limits.DELETED_AT_ONCE):
            if self._has_other_owner(each, uid):
                self._free(each, uid)
            else:
                finalizers = each.object["metadata"].get("finalizers", ())
                policy = next((_POLICIES[name] for name in finalizers if name in _POLICIES), BACKGROUND)
                self._writer.delete(each, DeleteOptions(propagation=policy))
        return len(fresh) > 0

    def _release(self, dependents: Iterable[StoredObject], uid: str) -> bool:
        """Lets dependents live without this owner; True where there may be more to do."""
        found = list(islice(dependents, limits.DELETED_AT_ONCE))
        for each in found:
            self._free(each, uid)
        return len(found) > 0

    def _free(self, item: StoredObject, uid: str) -> None:
        value = item.copy()
        owners = value["metadata"]["ownerReferences"]
        value["metadata"]["ownerReferences"] = [each for each in owners if each["uid"] != uid]
        self._writer.update(item, value)

    def _has_other_owner(self, item: StoredObject, uid: str) -> bool:
        """Another owner is there and stays."""
        for reference in item.object["metadata"]["ownerReferences"]:
            found = None if reference["uid"] == uid else self._named(item, reference)
            if found is None or found.object["metadata"]["uid"] != reference["uid"]:
                continue
            if _finalizer(found) != FOREGROUND_FINALIZER:
                return True
        return False

    def _waiting_owners(self, item: StoredObject) -> Iterator[Owner]:
        """The owners of an object that wait until it is gone."""
        for reference in item.object["metadata"]["ownerReferences"]:
            owner = self._named(item, reference)
            if owner is not None and _finalizer(owner) and owner.object["metadata"]["uid"] == reference["uid"]:
                yield Owner(owner.resource, owner.key, reference["uid"])

    def _named(self, item: StoredObject, reference: JsonObject) -> StoredObject | None:
        """What has the owner's name now; it may be somebody else, with another uid."""
        resource = resource_of_kind(reference["apiVersion"], reference["kind"])
        if resource is None:
            return None
        return self._store.get(resource, item.namespace if resource.namespaced else "", reference["name"])

    def _find(self, owner: Owner) -> StoredObject | None:
        """The owner as it is now; one of its name with another uid is somebody else."""
        namespace, _, name = owner.key.rpartition("/")
        found = self._store.get(owner.resource, namespace, name)
        return found if found is not None and found.object["metadata"]["uid"] == owner.uid else None


def _finalizer(item: StoredObject) -> str:
    """What its deletion waits for, if it waits for dependents."""
    if not is_going(item):
        return ""
    finalizers = item.object["metadata"].get("finalizers", ())
    return next((each for each in finalizers if each in _POLICIES), "")


def _blocks(item: StoredObject, uid: str) -> bool:
    """It keeps the owner from going before it."""
    owners = item.object["metadata"]["ownerReferences"]
    return any(each["uid"] == uid and each.get("blockOwnerDeletion") for each in owners)
