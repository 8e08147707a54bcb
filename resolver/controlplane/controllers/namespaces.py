"""What happens to a namespace that is deleted: its content goes, Pods first, and then the namespace itself."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from resolver import limits
from resolver.controlplane.controllers.cluster_index import is_going
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.object_store import Change
from resolver.controlplane.resources import NAMESPACES, PODS, RESOURCES, Resource
from resolver.controlplane.stored_object import StoredObject

FINALIZER: Final = "kubernetes"

_NAMESPACED: Final = (PODS, *(each for each in RESOURCES if each.namespaced and each is not PODS))
_DONE: Final = {
    "NamespaceDeletionDiscoveryFailure": ("ResourcesDiscovered", "All resources successfully discovered"),
    "NamespaceDeletionGroupVersionParsingFailure": (
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    "NamespaceDeletionContentFailure": (
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    "NamespaceContentRemaining": ("ContentRemoved", "All content successfully removed"),
    "NamespaceFinalizersRemaining": ("ContentHasNoFinalizers", "All content-preserving finalizers finished"),
}
"""The conditions of a namespace that is going, in order, and what they say when all is well."""


class Namespaces:
    """Keys are names of namespaces. `clock`: metav1.Time text."""

    name = "namespaces"
    kinds = frozenset((NAMESPACES, *_NAMESPACED))
    sees_own = False

    def __init__(self, writer: ClusterWriter, clock: Callable[[], str]) -> None:
        self._writer = writer
        self._store = writer.store
        self._clock = clock
        self._going: set[str] = set()

    def keys(self, change: Change, touched: Iterable[str]) -> Iterable[str]:
        if change.now.resource is not NAMESPACES:
            return (change.now.namespace,) if change.now.namespace in self._going else ()
        if b'"deletionTimestamp"' in change.now.body:
            return (change.now.name,)
        return ()

    def reconcile(self, key: str) -> bool:
        namespace = self._store.get(NAMESPACES, "", key)
        if namespace is None or "deletionTimestamp" not in namespace.object["metadata"]:
            self._going.discard(key)
            return False
        self._going.add(key)
        if FINALIZER not in namespace.object["spec"].get("finalizers", ()):
            return False
        for resource in _NAMESPACED:
            if self._delete_some(resource, key):
                return True
            if resource is PODS and next(self._store.all(PODS, key), None) is not None:
                break
        left = [each for resource in _NAMESPACED for each in self._store.all(resource, key)]
        namespace = self._tell(namespace, left)
        if not left:
            value = namespace.copy()
            value["spec"]["finalizers"] = [each for each in value["spec"]["finalizers"] if each != FINALIZER]
            self._writer.update(namespace, value, "finalize")
        return False

    def _delete_some(self, resource: Resource, namespace: str) -> bool:
        """Deletes what is not being deleted yet; True where that was as much as may be done at once."""
        fresh = (each for each in self._store.all(resource, namespace) if not is_going(each))
        for number, each in enumerate(fresh, 1):
            self._writer.delete(each)
            if number == limits.DELETED_AT_ONCE:
                return True
        return False

    def _tell(self, namespace: StoredObject, left: Iterable[StoredObject]) -> StoredObject:
        """Writes status.conditions. Where Pods are left they say that all is well, as upstream."""
        problems = {} if any(each.resource is PODS for each in left) else _problems(left)
        old = {each["type"]: each for each in namespace.object["status"].get("conditions", ())}
        conditions = []
        for type, done in _DONE.items():
            status = "True" if type in problems else "False"
            reason, message = problems.get(type, done)
            before = old.get(type, {})
            since = before["lastTransitionTime"] if before.get("status") == status else self._clock()
            condition = {"type": type, "status": status, "lastTransitionTime": since}
            conditions.append({**condition, "reason": reason, "message": message})
        value = namespace.copy()
        value["status"]["conditions"] = conditions
        return self._writer.update(namespace, value, "status")


def _problems(left: Iterable[StoredObject]) -> Mapping[str, tuple[str, str]]:
    """The conditions that do not say that all is well: reason and message."""
    kinds = Counter(f"{each.resource.plural}.{each.resource.group}" for each in left)
    finalizers = Counter(name for each in left for name in each.object["metadata"].get("finalizers", ()))
    problems = {}
    if kinds:
        words = ", ".join(sorted(f"{name} has {count} resource instances" for name, count in kinds.items()))
        problems["NamespaceContentRemaining"] = ("SomeResourcesRemain", f"Some resources are remaining: {words}")
    if finalizers:
        words = ", ".join(sorted(f"{name} in {count} resource instances" for name, count in finalizers.items()))
        words = f"Some content in the namespace has finalizers remaining: {words}"
        problems["NamespaceFinalizersRemaining"] = ("SomeFinalizersRemain", words)
    return problems
