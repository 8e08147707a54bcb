"""The status a kubelet would write for a Pod, without anything having run."""

from collections.abc import Sequence
from typing import Any, Final

from resolver.controlplane.stored_object import JsonObject
from resolver.controlplane.workloads.steering import Steering

_NOT_READY: Final = ("ContainersNotReady", "not ready, as annotation dualdns.dev/ready says")
_DONE: Final = ("PodCompleted", "")


def running_status(
    pod: JsonObject, host: Sequence[str], ips: Sequence[str], steering: Steering, now: str
) -> JsonObject:
    """Of a Pod on a node with the addresses `host`. Keeps what the status says already, qosClass for example."""
    spec = pod["spec"]
    finished = steering.phase in ("Succeeded", "Failed")
    ready = steering.ready and not finished
    status: JsonObject = {**pod.get("status", {}), "phase": steering.phase, "startTime": now}
    status["conditions"] = pod_conditions(ready, finished, now)
    if host:
        status |= {"hostIP": host[0], "hostIPs": [{"ip": each} for each in host]}
    if ips:
        status |= {"podIP": ips[0], "podIPs": [{"ip": each} for each in ips]}
    containers = [
        _container_status(pod, each, _state(steering.phase, now), ready) for each in spec.get("containers") or ()
    ]
    first = []
    for each in spec.get("initContainers", ()):
        sidecar = each.get("restartPolicy") == "Always"
        state = _state(steering.phase if sidecar else "Succeeded", now)
        first.append(_container_status(pod, each, state, ready or not sidecar))
    status["containerStatuses"] = containers
    if first:
        status["initContainerStatuses"] = first
    return status


def pod_conditions(ready: bool, finished: bool, now: str) -> list[JsonObject]:
    """All that a kubelet keeps, in its order."""
    why = ("", "") if ready else _DONE if finished else _NOT_READY
    return [
        _condition("PodReadyToStartContainers", not finished, now),
        _condition("Initialized", True, now, *(_DONE if finished else ("", ""))),
        _condition("Ready", ready, now, *why),
        _condition("ContainersReady", ready, now, *why),
        _condition("PodScheduled", True, now),
    ]


def steered_status(status: JsonObject, ready: bool, now: str) -> JsonObject:
    """The same Pod, ready or not; conditions that do not change keep their time."""
    why = ("", "") if ready else _NOT_READY
    conditions = []
    for each in status.get("conditions", ()):
        changes = each["type"] in ("Ready", "ContainersReady") and each["status"] != str(ready)
        conditions.append(_condition(each["type"], ready, now, *why) if changes else each)
    containers = [{**each, "ready": ready} for each in status.get("containerStatuses", ())]
    return {**status, "conditions": conditions, "containerStatuses": containers}


def unscheduled_status(status: JsonObject, message: str, now: str) -> JsonObject:
    """Of a Pod that has no place yet."""
    old = [each for each in status.get("conditions", ()) if (each["type"], each["status"]) == ("PodScheduled", "False")]
    since = old[0]["lastTransitionTime"] if old else now
    return {**status, "conditions": [_condition("PodScheduled", False, since, "Unschedulable", message)]}


def _condition(type: str, holds: bool, since: str, reason: str = "", message: str = "") -> JsonObject:
    condition: dict[str, Any] = {"type": type, "status": str(holds), "lastTransitionTime": since}
    if reason:
        condition["reason"] = reason
    if message:
        condition["message"] = message
    return condition


def _state(phase: str, now: str) -> JsonObject:
    if phase == "Running":
        return {"running": {"startedAt": now}}
    if phase == "Pending":
        return {"waiting": {"reason": "ContainerCreating"}}
    reason, code = ("Completed", 0) if phase == "Succeeded" else ("Error", 1)
    return {"terminated": {"exitCode": code, "reason": reason, "startedAt": now, "finishedAt": now}}


def _container_status(pod: JsonObject, container: JsonObject, state: JsonObject, ready: bool) -> JsonObject:
    status = {
        "name": container["name"],
        "state": state,
        "lastState": {},
        "ready": ready,
        "restartCount": 0,
        "image": container.get("image", ""),
        "imageID": "",
    }
    if "waiting" in state:
        return {**status, "ready": False, "started": False}
    return {
        **status,
        "containerID": f"simulated://{pod['metadata']['uid']}/{container['name']}",
        "started": "running" in state,
    }
