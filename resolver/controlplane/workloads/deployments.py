"""Deployments: a ReplicaSet for each template, and rollouts from one to the next."""

from collections.abc import Iterable, Sequence
from typing import Final

from resolver.controlplane.controllers.cluster_index import is_going
from resolver.controlplane.controllers.ownership import controller_of, controller_reference
from resolver.controlplane.resources import DEPLOYMENTS, REPLICA_SETS
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.workloads.conditions import condition, with_condition, without_condition
from resolver.controlplane.workloads.pod_templates import template_hash
from resolver.controlplane.workloads.rollouts import Bounds, Size, bounds, grown, shrunk
from resolver.controlplane.workloads.workload import Workload

HASH_LABEL: Final = "pod-template-hash"
REVISION: Final = "deployment.kubernetes.io/revision"
DESIRED: Final = "deployment.kubernetes.io/desired-replicas"
MOST: Final = "deployment.kubernetes.io/max-replicas"
_OWN_ANNOTATIONS: Final = (
    REVISION,
    DESIRED,
    MOST,
    "deployment.kubernetes.io/revision-history",
    "kubectl.kubernetes.io/last-applied-configuration",
    "deprecated.deployment.rollback.to",
)
_DONE: Final = "NewReplicaSetAvailable"
_FAILURE: Final = "ReplicaFailure"


class Deployments(Workload):
    name = "deployments"
    resource = DEPLOYMENTS
    below = REPLICA_SETS

    def bring_about(self, found: StoredObject) -> bool:
        sets = self._sets(found)
        code = template_hash(found.object["spec"]["template"])
        new = next((each for each in sets if each.labels.get(HASH_LABEL) == code), None)
        old = [each for each in sets if each is not new]
        if not is_going(found):
            new = self._roll(found, new, old, code)
        self._tell(found, new, old)
        return False

    def _sets(self, owner: StoredObject) -> list[StoredObject]:
        """Its ReplicaSets, oldest first."""
        uid = owner.object["metadata"]["uid"]
        found = [each for each in self._index.dependents(DEPLOYMENTS, owner.key, uid) if each.resource is REPLICA_SETS]
        mine = [each for each in found if controller_of(each).uid == uid]
        return sorted(mine, key=lambda each: (_revision(each), each.object["metadata"]["creationTimestamp"], each.key))

    def _roll(
        self, owner: StoredObject, new: StoredObject | None, old: Sequence[StoredObject], code: str
    ) -> StoredObject | None:
        """Takes the next step; the result is the ReplicaSet of the current template."""
        spec = owner.object["spec"]
        desired = spec.get("replicas", 1)
        if spec.get("paused"):
            active = [each for each in (*old, *([new] if new else ())) if _replicas(each)]
            if len(active) == 1:
                self._scale(active[0], desired)
            return new
        strategy = spec.get("strategy", {})
        if strategy.get("type") == "Recreate":
            for each in old:
                self._scale(each, 0)
            if any(_replicas(each) or each.object.get("status", {}).get("replicas") for each in old):
                return new
            new = self._ensure(owner, new, old, code, desired, Bounds(0, 0))
            return self._scale(new, desired)
        rolling = strategy.get("rollingUpdate", {})
        limits = bounds(rolling.get("maxSurge", "25%"), rolling.get("maxUnavailable", "25%"), desired)
        sizes = [_size(each) for each in old]
        first = grown(Size(0, 0), sizes, desired, limits.surge)
        new = self._ensure(owner, new, old, code, first, limits)
        wanted = grown(_size(new), sizes, desired, limits.surge)
        if wanted != _replicas(new):
            return self._scale(new, wanted)
        for each, size in zip(old, shrunk(_size(new), sizes, desired, limits.unavailable), strict=True):
            self._scale(each, size)
        self._clean_up(old, spec.get("revisionHistoryLimit", 10))
        return new

    def _ensure(
        self,
        owner: StoredObject,
        new: StoredObject | None,
        old: Sequence[StoredObject],
        code: str,
        replicas: int,
        limits: Bounds,
    ) -> StoredObject:
        """The ReplicaSet of the current template with the highest revision, made where there is none."""
        revision = max((_revision(each) for each in old), default=0) + 1
        desired = owner.object["spec"].get("replicas", 1)
        copied = owner.object["metadata"].get("annotations", {})
        annotations = {key: value for key, value in copied.items() if key not in _OWN_ANNOTATIONS}
        annotations |= {DESIRED: str(desired), MOST: str(desired + limits.surge)}
        if new is not None:
            value = new.copy()
            kept = value["metadata"].get("annotations", {})
            value["metadata"]["annotations"] = {**kept, **annotations, REVISION: str(max(revision, _revision(new)))}
            return self._writer.update(new, value)
        name = f"{owner.name}-{code}"
        orphan = self._store.get(REPLICA_SETS, owner.namespace, name)
        reference = controller_reference("apps/v1", "Deployment", owner.object["metadata"])
        if orphan is not None:
            value = orphan.copy()
            value["metadata"]["ownerReferences"] = [*value["metadata"].get("ownerReferences", ()), reference]
            return self._writer.update(orphan, value)
        metadata = {
            "name": name,
            "namespace": owner.namespace,
            "annotations": {**annotations, REVISION: str(revision)},
            "ownerReferences": [reference],
        }
        return self._writer.create(REPLICA_SETS, _replica_set(owner.copy()["spec"], metadata, code, replicas))

    def _scale(self, item: StoredObject, replicas: int) -> StoredObject:
        if _replicas(item) == replicas:
            return item
        value = item.copy()
        value["spec"]["replicas"] = replicas
        return self._writer.update(item, value)

    def _clean_up(self, old: Sequence[StoredObject], kept: int) -> None:
        """Deletes the oldest ReplicaSets that nothing is left of."""
        empty = [each for each in old if not _replicas(each) and not each.object.get("status", {}).get("replicas")]
        for each in empty[: max(len(empty) - kept, 0)]:
            self._writer.delete(each)

    def _tell(self, found: StoredObject, new: StoredObject | None, old: Sequence[StoredObject]) -> None:
        sets = [*old, *([new] if new else ())]
        if new is not None and found.object["metadata"].get("annotations", {}).get(REVISION) != str(_revision(new)):
            value = found.copy()
            value["metadata"].setdefault("annotations", {})[REVISION] = str(_revision(new))
            found = self._writer.update(found, value)
        value = found.copy()
        before = value.get("status", {})
        status = _counts(found.object, new, sets)
        status["conditions"] = self._conditions(found.object, before, status, new, sets)
        value["status"] = status
        self._writer.update(found, value, "status")

    def _conditions(
        self,
        owner: JsonObject,
        before: JsonObject,
        status: JsonObject,
        new: StoredObject | None,
        sets: Sequence[StoredObject],
    ) -> list[JsonObject]:
        now = self._clock()
        old: list[JsonObject] = before.get("conditions", [])
        desired = owner["spec"].get("replicas", 1)
        rolling = owner["spec"].get("strategy", {}).get("rollingUpdate")
        lacking = bounds(rolling.get("maxSurge"), rolling.get("maxUnavailable"), desired).unavailable if rolling else 0
        if status["availableReplicas"] >= desired - lacking:
            words = ("MinimumReplicasAvailable", "Deployment has minimum availability.")
            told = with_condition(old, "Available", True, *words, now, updated=True)
        else:
            words = ("MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
            told = with_condition(old, "Available", False, *words, now, updated=True)
        name = f'ReplicaSet "{new.name}"' if new is not None else f'Deployment "{owner["metadata"]["name"]}"'
        counts = [status[each] for each in ("updatedReplicas", "replicas", "availableReplicas")]
        was_done = condition(old, "Progressing").get("reason") == _DONE
        if counts == [desired] * 3:
            told = with_condition(
                told, "Progressing", True, _DONE, f"{name} has successfully progressed.", now, updated=True
            )
        elif not (was_done and status["replicas"] == status["updatedReplicas"]):
            words = ("ReplicaSetUpdated", f"{name} is progressing.")
            told = with_condition(told, "Progressing", True, *words, now, updated=True)
        failures = [condition(each.object.get("status", {}).get("conditions", ()), _FAILURE) for each in sets]
        failure = next(filter(None, failures), None)
        if failure is None:
            return without_condition(told, _FAILURE)
        return with_condition(told, _FAILURE, True, failure["reason"], failure["message"], now, updated=True)


def _replica_set(spec: JsonObject, metadata: JsonObject, code: str, replicas: int) -> JsonObject:
    """A new ReplicaSet of a Deployment's template; `spec` is used up."""
    template = spec["template"]
    labels = {**template.get("metadata", {}).get("labels", {}), HASH_LABEL: code}
    template = {**template, "metadata": {**template.get("metadata", {}), "labels": labels}}
    selector = spec["selector"]
    selector = {**selector, "matchLabels": {**selector.get("matchLabels", {}), HASH_LABEL: code}}
    made = {"replicas": replicas, "selector": selector, "template": template}
    if "minReadySeconds" in spec:
        made["minReadySeconds"] = spec["minReadySeconds"]
    return {"metadata": {**metadata, "labels": labels}, "spec": made}


def _counts(owner: JsonObject, new: StoredObject | None, sets: Iterable[StoredObject]) -> JsonObject:
    statuses = [each.object.get("status", {}) for each in sets]
    totals = {
        field: sum(each.get(field, 0) for each in statuses)
        for field in ("replicas", "readyReplicas", "availableReplicas")
    }
    return {
        "observedGeneration": owner["metadata"].get("generation", 0),
        **totals,
        "updatedReplicas": new.object.get("status", {}).get("replicas", 0) if new is not None else 0,
        "unavailableReplicas": max(sum(map(_replicas, sets)) - totals["availableReplicas"], 0),
    }


def _replicas(item: StoredObject) -> int:
    found: int = item.object["spec"].get("replicas", 1)
    return found


def _size(item: StoredObject) -> Size:
    return Size(_replicas(item), item.object.get("status", {}).get("availableReplicas", 0))


def _revision(item: StoredObject) -> int:
    text = item.object["metadata"].get("annotations", {}).get(REVISION, "0")
    return int(text) if text.isdecimal() else 0
