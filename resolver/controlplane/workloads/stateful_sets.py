"""StatefulSets: Pods with fixed names, made, changed and taken away one after the other."""

from collections.abc import Callable, Sequence
from typing import Final

from resolver.controlplane.controllers.cluster_index import ClusterIndex, is_going
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.ownership import Selector, claimed_pods
from resolver.controlplane.controllers.pod_facts import PodFacts
from resolver.controlplane.resources import PODS, STATEFUL_SETS
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.workloads.pod_templates import pod_from, template_hash
from resolver.controlplane.workloads.replica_sets import replica_counts
from resolver.controlplane.workloads.workload import Workload

REVISION_LABEL: Final = "controller-revision-hash"
NAME_LABEL: Final = "statefulset.kubernetes.io/pod-name"
INDEX_LABEL: Final = "apps.kubernetes.io/pod-index"


class Revisions:
    """The template a StatefulSet has now, and the one it had before an update that is not finished."""

    def __init__(self, owner: StoredObject, remembered: dict[str, JsonObject]) -> None:
        self.update = f"{owner.name}-{template_hash(owner.object['spec']['template'])}"
        self.current: str = owner.object.get("status", {}).get("currentRevision") or self.update
        remembered[self.update] = owner.object["spec"]["template"]
        for each in [each for each in remembered if each not in (self.update, self.current)]:
            del remembered[each]
        if self.current not in remembered:
            remembered[self.current] = owner.object["spec"]["template"]
        self._templates = remembered

    def template(self, revision: str) -> JsonObject:
        return self._templates[revision]


class StatefulSets(Workload):
    name = "stateful sets"
    resource = STATEFUL_SETS

    def __init__(self, index: ClusterIndex, writer: ClusterWriter, clock: Callable[[], str]) -> None:
        super().__init__(index, writer, clock)
        self._templates: dict[str, dict[str, JsonObject]] = {}

    def forget(self, uid: str) -> None:
        self._templates.pop(uid, None)

    def bring_about(self, found: StoredObject) -> bool:
        spec = found.object["spec"]
        revisions = Revisions(found, self._templates.setdefault(found.object["metadata"]["uid"], {}))
        pods = claimed_pods(self._index, self._writer, found, Selector(spec["selector"]))
        if not is_going(found):
            self._step(found, pods, revisions)
        self._tell(found, pods, revisions)
        return False

    def _step(self, owner: StoredObject, pods: Sequence[PodFacts], revisions: Revisions) -> None:
        """Makes what is missing, in order; when all is there takes away what is too much, then updates."""
        spec = owner.object["spec"]
        ordered = spec.get("podManagementPolicy", "OrderedReady") == "OrderedReady"
        start = spec.get("ordinals", {}).get("start", 0)
        wanted = range(start, start + spec.get("replicas", 1))
        there = {ordinal: pod for pod in pods if (ordinal := _ordinal(owner, pod)) is not None}
        for ordinal in wanted:
            pod = there.get(ordinal)
            if pod is None:
                self._create(owner, ordinal, revisions)
            elif pod.finished and not pod.terminating:
                self._delete(pod)
            if ordered and (pod is None or not _is_healthy(pod)):
                return
        for ordinal in sorted((each for each in there if each not in wanted), reverse=True):
            if not there[ordinal].terminating:
                self._delete(there[ordinal])
            if ordered:
                return
        strategy = spec.get("updateStrategy", {})
        if strategy.get("type") == "OnDelete":
            return
        partition = strategy.get("rollingUpdate", {}).get("partition", 0)
        for ordinal in reversed(wanted):
            pod = there.get(ordinal)
            if ordinal < start + partition or pod is None:
                return
            if pod.labels.get(REVISION_LABEL) != revisions.update and not pod.terminating:
                self._delete(pod)
                return
            if not _is_healthy(pod):
                return

    def _create(self, owner: StoredObject, ordinal: int, revisions: Revisions) -> None:
        spec = owner.object["spec"]
        partition = spec.get("updateStrategy", {}).get("rollingUpdate", {}).get("partition", 0)
        below = ordinal < spec.get("ordinals", {}).get("start", 0) + partition
        revision = revisions.current if below else revisions.update
        name = f"{owner.name}-{ordinal}"
        pod = pod_from(revisions.template(revision), owner, name)
        pod["metadata"]["labels"] |= {INDEX_LABEL: str(ordinal), REVISION_LABEL: revision, NAME_LABEL: name}
        pod["spec"] |= {"hostname": name, "subdomain": spec.get("serviceName", "")}
        claims = [each["metadata"]["name"] for each in spec.get("volumeClaimTemplates", ())]
        own = [{"name": each, "persistentVolumeClaim": {"claimName": f"{each}-{name}"}} for each in claims]
        others = [each for each in pod["spec"].get("volumes", ()) if each["name"] not in claims]
        pod["spec"]["volumes"] = own + others
        self._writer.create(PODS, pod)

    def _delete(self, pod: PodFacts) -> None:
        found = self._store.get(PODS, pod.namespace, pod.name)
        if found is not None:
            self._writer.delete(found)

    def _tell(self, found: StoredObject, pods: Sequence[PodFacts], revisions: Revisions) -> None:
        active = [each for each in pods if not each.terminating]
        ready = sum(each.ready for each in active)
        current = sum(each.labels.get(REVISION_LABEL) == revisions.current for each in active)
        updated = sum(each.labels.get(REVISION_LABEL) == revisions.update for each in active)
        told = revisions.current
        if updated == ready == len(pods):
            told, current = revisions.update, updated
        value = found.copy()
        value["status"] = replica_counts(found.object, len(active), ready) | {
            "currentReplicas": current,
            "updatedReplicas": updated,
            "currentRevision": told,
            "updateRevision": revisions.update,
            "collisionCount": 0,
        }
        self._writer.update(found, value, "status")


def _ordinal(owner: StoredObject, pod: PodFacts) -> int | None:
    prefix, _, number = pod.name.rpartition("-")
    return int(number) if prefix == owner.name and number.isdecimal() else None


def _is_healthy(pod: PodFacts) -> bool:
    return pod.phase == "Running" and pod.ready and not pod.terminating
