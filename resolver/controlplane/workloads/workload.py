"""What the controllers of all workloads have in common: whose changes concern them, and which object a key means."""

from collections.abc import Callable, Iterable

from resolver.controlplane.controllers.cluster_index import ClusterIndex
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.ownership import controllers_in
from resolver.controlplane.object_store import DELETED, Change
from resolver.controlplane.resources import PODS, Resource
from resolver.controlplane.stored_object import StoredObject
from resolver.controlplane.workloads.pod_names import PodNames


class Workload:
    """Keys are those of its `resource`; `below` is what it makes. `clock`: metav1.Time text."""

    name: str
    resource: Resource
    below: Resource = PODS
    sees_own = True

    def __init__(self, index: ClusterIndex, writer: ClusterWriter, clock: Callable[[], str]) -> None:
        self._index = index
        self._writer = writer
        self._store = writer.store
        self._clock = clock
        self._names = PodNames(writer.store)

    @property
    def kinds(self) -> frozenset[Resource]:
        return frozenset((self.resource, self.below))

    def keys(self, change: Change, touched: Iterable[str]) -> Iterable[str]:
        """Those of the object itself, or of what owns it."""
        if change.now.resource is self.below:
            return controllers_in(change, self.resource.kind)
        if change.type == DELETED:
            self.forget(change.now.object["metadata"]["uid"])
        return (change.now.key,)

    def forget(self, uid: str) -> None:
        """The object is gone."""
        self._names.forget(uid)

    def reconcile(self, key: str) -> bool:
        namespace, _, name = key.partition("/")
        found = self._store.get(self.resource, namespace, name)
        return found is not None and self.bring_about(found)

    def bring_about(self, found: StoredObject) -> bool:
        """Makes the cluster what the object asks for; True to be called again. Raises StatusError."""
        raise NotImplementedError
