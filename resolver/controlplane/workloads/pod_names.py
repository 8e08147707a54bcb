"""Names of Pods: the same for the same workload each time it is made, and never one that is in use."""

from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import PODS
from resolver.controlplane.stored_object import StoredObject
from resolver.controlplane.workloads.pod_templates import stable_suffix

_PREFIX_MOST = 58
"""Characters of a name before its five random ones (apimachinery)."""


class PodNames:
    """Counts the Pods of each workload, by its uid."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._made: dict[str, int] = {}

    def next(self, owner: StoredObject, prefix: str = "") -> str:
        """A name behind the owner's, or behind another prefix."""
        uid = owner.object["metadata"]["uid"]
        prefix = (prefix or f"{owner.name}-")[:_PREFIX_MOST]
        while True:
            number = self._made.get(uid, 0)
            self._made[uid] = number + 1
            name = prefix + stable_suffix(owner.namespace, prefix, number)
            if self._store.get(PODS, owner.namespace, name) is None:
                return name

    def forget(self, uid: str) -> None:
        self._made.pop(uid, None)
