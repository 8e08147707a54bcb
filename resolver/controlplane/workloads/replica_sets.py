"""ReplicaSets: as many Pods as they say."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from resolver import limits
from resolver.controlplane.controllers.cluster_index import is_going
from resolver.controlplane.controllers.ownership import Selector, claimed_pods
from resolver.controlplane.controllers.pod_facts import PodFacts
from resolver.controlplane.resources import PODS, REPLICA_SETS
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.workloads.conditions import condition, with_condition, without_condition
from resolver.controlplane.workloads.pod_templates import pod_from
from resolver.controlplane.workloads.workload import Workload

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_FAILURE = "ReplicaFailure"


class ReplicaSets(Workload):
    name = "replica sets"
    resource = REPLICA_SETS

    def bring_about(self, found: StoredObject) -> bool:
        spec = found.object["spec"]
        pods = claimed_pods(self._index, self._writer, found, Selector(spec["selector"]))
        active = [each for each in pods if each.active]
        missing = spec.get("replicas", 1) - len(active)
        failure = ""
        if not is_going(found):
            if missing > 0:
                failure = self._create(found, min(missing, limits.PODS_AT_ONCE))
            elif missing < 0:
                self._delete(active, min(-missing, limits.PODS_AT_ONCE))
        self._tell(found, active, failure)
        return abs(missing) > limits.PODS_AT_ONCE and not failure

    def _create(self, owner: StoredObject, count: int) -> str:
        """Makes so many Pods; why it could not, in the API's words."""
        template = owner.object["spec"]["template"]
        for _ in range(count):
            try:
                self._writer.create(PODS, pod_from(template, owner, self._names.next(owner)))
            except StatusError as error:
                return error.message
        return ""

    def _delete(self, pods: Sequence[PodFacts], count: int) -> None:
        """Those that are missed least: without a node, waiting, not ready, where many are, the youngest."""
        crowd = Counter(each.node for each in pods)

        def worth(pod: PodFacts) -> tuple[bool, bool, bool, int, int]:
            return bool(pod.node), pod.phase == "Running", pod.ready, self._cost(pod), -crowd[pod.node]

        by_age = sorted(pods, key=lambda each: (each.created, each.key), reverse=True)
        for pod in islice(sorted(by_age, key=worth), count):
            found = self._store.get(PODS, pod.namespace, pod.name)
            if found is not None:
                self._writer.delete(found)

    def _cost(self, pod: PodFacts) -> int:
        found = self._store.get(PODS, pod.namespace, pod.name)
        text = found.object["metadata"].get("annotations", {}).get(DELETION_COST, "0") if found is not None else "0"
        return int(text) if text.lstrip("-").isdecimal() else 0

    def _tell(self, found: StoredObject, active: Sequence[PodFacts], failure: str) -> None:
        labels = found.object["spec"]["template"].get("metadata", {}).get("labels", {})
        ready = sum(each.ready for each in active)
        value = found.copy()
        old = value.get("status", {}).get("conditions", [])
        if failure and condition(old, _FAILURE):
            conditions = old  # the words name another Pod each time: told anew, they would be a change without end
        elif failure:
            conditions = with_condition(old, _FAILURE, True, "FailedCreate", failure, self._clock())
        else:
            conditions = without_condition(old, _FAILURE)
        value["status"] = replica_counts(found.object, len(active), ready) | {
            "fullyLabeledReplicas": sum(labels.items() <= each.labels.items() for each in active),
            "conditions": conditions,
        }
        self._writer.update(found, value, "status")


def replica_counts(value: JsonObject, replicas: int, ready: int) -> JsonObject:
    """The part of the status that workloads share. A ready Pod is available at once: minReadySeconds is not waited."""
    return {
        "observedGeneration": value["metadata"].get("generation", 0),
        "replicas": replicas,
        "readyReplicas": ready,
        "availableReplicas": ready,
    }
