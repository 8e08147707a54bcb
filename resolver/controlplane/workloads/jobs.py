"""Jobs: Pods that run until someone says that they are done (annotation dualdns.dev/phase, or their status)."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from resolver import limits
from resolver.controlplane.controllers.cluster_index import is_going
from resolver.controlplane.controllers.pod_facts import PodFacts
from resolver.controlplane.resources import JOBS, PODS
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.workloads.conditions import condition
from resolver.controlplane.workloads.pod_templates import pod_from
from resolver.controlplane.workloads.workload import Workload

INDEX: Final = "batch.kubernetes.io/job-completion-index"


class Jobs(Workload):
    name = "jobs"
    resource = JOBS

    def bring_about(self, found: StoredObject) -> bool:
        pods = self._pods(found)
        spec = found.object["spec"]
        succeeded = sum(each.phase == "Succeeded" for each in pods)
        failed = sum(each.phase == "Failed" for each in pods)
        active = [each for each in pods if each.active]
        over = self._verdict(spec, succeeded, failed)
        missing = 0
        if over or is_going(found) or spec.get("suspend"):
            for pod in active:
                self._delete(pod)
            active = []
        else:
            wanted = spec.get("parallelism", 1)
            if "completions" in spec:
                wanted = min(wanted, spec["completions"] - succeeded)
            elif succeeded:
                wanted = len(active)
            missing = wanted - len(active)
            self._create(found, pods, min(missing, limits.PODS_AT_ONCE))
            for pod in islice(active, max(-missing, 0)):
                self._delete(pod)
        self._tell(found, active, succeeded, failed, over)
        return missing > limits.PODS_AT_ONCE

    def _pods(self, owner: StoredObject) -> list[PodFacts]:
        uid = owner.object["metadata"]["uid"]
        keys = [key for resource, key in self._index.dependent_keys(uid) if resource is PODS]
        return [self._index.pods[each] for each in sorted(keys) if self._index.pods[each].controller == uid]

    def _verdict(self, spec: JsonObject, succeeded: int, failed: int) -> str:
        """Complete, Failed, or empty while it goes on."""
        if failed > spec.get("backoffLimit", 6):
            return "Failed"
        wanted = spec.get("completions", 1)
        return "Complete" if succeeded >= wanted else ""

    def _create(self, owner: StoredObject, pods: Sequence[PodFacts], count: int) -> None:
        spec, metadata = owner.object["spec"], owner.object["metadata"]
        labels = {
            "batch.kubernetes.io/controller-uid": metadata["uid"],
            "batch.kubernetes.io/job-name": owner.name,
            "controller-uid": metadata["uid"],
            "job-name": owner.name,
        }
        indexed = spec.get("completionMode") == "Indexed"
        taken = {each.labels.get(INDEX) for each in pods if each.phase != "Failed" and not each.terminating}
        free = (each for each in range(spec.get("completions", 0)) if str(each) not in taken)
        for _ in range(count):
            if not indexed:
                pod = pod_from(spec["template"], owner, self._names.next(owner))
            else:
                index = next(free)
                pod = pod_from(spec["template"], owner, self._names.next(owner, f"{owner.name}-{index}-"))
                pod["metadata"]["annotations"][INDEX] = str(index)
                pod["metadata"]["labels"][INDEX] = str(index)
                pod["spec"].setdefault("hostname", f"{owner.name}-{index}")
            pod["metadata"]["labels"] |= labels
            self._writer.create(PODS, pod)

    def _delete(self, pod: PodFacts) -> None:
        found = self._store.get(PODS, pod.namespace, pod.name)
        if found is not None:
            self._writer.delete(found)

    def _tell(self, found: StoredObject, active: Sequence[PodFacts], succeeded: int, failed: int, over: str) -> None:
        now = self._clock()
        value = found.copy()
        before = value.get("status", {})
        conditions: list[JsonObject] = before.get("conditions", [])
        status = {
            "startTime": before.get("startTime", now),
            "active": len(active),
            "ready": sum(each.ready for each in active),
            "terminating": 0,
            "succeeded": succeeded,
            "failed": failed,
            "uncountedTerminatedPods": {},
        }
        if over:
            status["completionTime"] = before.get("completionTime", now)
            if not condition(conditions, over):
                conditions = [*conditions, *_verdict_conditions(over, now)]
            if over == "Failed":
                del status["completionTime"]
        value["status"] = {**status, "conditions": conditions}
        self._writer.update(found, value, "status")


def _verdict_conditions(over: str, now: str) -> list[JsonObject]:
    if over == "Complete":
        types = ("SuccessCriteriaMet", "Complete")
        reason, message = "CompletionsReached", "Reached expected number of succeeded pods"
    else:
        types = ("FailureTarget", "Failed")
        reason, message = "BackoffLimitExceeded", "Job has reached the specified backoff limit"
    times = {"lastProbeTime": now, "lastTransitionTime": now}
    return [{"type": each, "status": "True", **times, "reason": reason, "message": message} for each in types]
