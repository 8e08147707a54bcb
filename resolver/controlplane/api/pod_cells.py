"""The cells of a Pod in kubectl's table: its state is told from those of its containers."""

from datetime import datetime
from typing import Any, Final

from resolver.controlplane.api.ages import age

JsonObject = dict[str, Any]

NONE: Final = "<none>"
_ENDED: Final = ("Succeeded", "Failed")


def pod_cells(pod: JsonObject, now: datetime) -> list[Any]:
    """Name, ready containers, state, restarts, age; wide: address, node, nominated node, readiness gates."""
    metadata, spec, status = (pod.get(each) or {} for each in ("metadata", "spec", "status"))
    state = _State(spec, status)
    restarts = str(state.restarts)
    if state.restarts and state.last_restart:
        restarts += f" ({age(state.last_restart, now)} ago)"
    addresses = status.get("podIPs") or [{}]
    return [
        metadata.get("name", ""),
        f"{state.ready}/{state.containers}",
        _final_state(metadata, status, state.reason),
        restarts,
        age(metadata.get("creationTimestamp"), now),
        addresses[0].get("ip") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        _readiness_gates(spec, status),
    ]


def _final_state(metadata: JsonObject, status: JsonObject, reason: str) -> str:
    if "deletionTimestamp" not in metadata:
        return reason
    if status.get("reason") == "NodeLost":
        return "Unknown"
    return reason if status.get("phase") in _ENDED else "Terminating"


class _State:
    """What the containers of a Pod say together."""

    def __init__(self, spec: JsonObject, status: JsonObject) -> None:
        self.reason: str = status.get("reason") or status.get("phase", "")
        for each in status.get("conditions") or ():
            if each.get("type") == "PodScheduled" and each.get("reason") == "SchedulingGated":
                self.reason = "SchedulingGated"
        first = spec.get("initContainers") or ()
        self._sidecars = {each.get("name") for each in first if each.get("restartPolicy") == "Always"}
        self.containers = len(spec.get("containers") or ()) + len(self._sidecars)
        self.ready = self.restarts = 0
        self.last_restart = ""
        self._errors = ""
        if self._starts(status, len(first)) or _condition(status, "Initialized") == "True":
            self._count(status)

    def _starts(self, status: JsonObject, expected: int) -> bool:
        """Judges the init containers; whether all are done."""
        sidecars, latest = 0, ""
        for index, each in enumerate(status.get("initContainerStatuses") or ()):
            sidecar = each.get("name") in self._sidecars
            self._restarted(each)
            if sidecar:
                sidecars, latest = sidecars + each.get("restartCount", 0), self.last_restart
            ended = (each.get("state") or {}).get("terminated")
            if ended is not None and not ended.get("exitCode", 0):
                continue
            if sidecar and each.get("started"):
                self.ready += bool(each.get("ready"))
                continue
            self.reason = f"Init:{_init_reason(each, index, expected)}"
            return False
        self.restarts, self.last_restart = sidecars, latest
        return True

    def _count(self, status: JsonObject) -> None:
        running = False
        for each in reversed(status.get("containerStatuses") or ()):
            self._restarted(each)
            state = each.get("state") or {}
            waiting, ended = state.get("waiting"), state.get("terminated")
            if waiting and waiting.get("reason"):
                self.reason = waiting["reason"]
            elif ended is not None:
                self.reason = _end_reason(ended)
                self._errors = self.reason if ended.get("exitCode", 0) else self._errors
            elif each.get("ready") and state.get("running") is not None:
                running = True
                self.ready += 1
        if self.reason == "Completed":
            if running and _condition(status, "Ready") == "True":
                self.reason = "Running"
            else:
                self.reason = self._errors or ("NotReady" if running else "Completed")

    def _restarted(self, container: JsonObject) -> None:
        self.restarts += container.get("restartCount", 0)
        ended = (container.get("lastState") or {}).get("terminated") or {}
        self.last_restart = max(self.last_restart, ended.get("finishedAt") or "")


def _init_reason(container: JsonObject, index: int, expected: int) -> str:
    state = container.get("state") or {}
    if state.get("terminated") is not None:
        return _end_reason(state["terminated"])
    reason: str = (state.get("waiting") or {}).get("reason", "")
    return reason if reason and reason != "PodInitializing" else f"{index}/{expected}"


def _end_reason(ended: JsonObject) -> str:
    if ended.get("reason"):
        reason: str = ended["reason"]
        return reason
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"


def _condition(status: JsonObject, kind: str) -> str:
    return next((each.get("status", "") for each in status.get("conditions") or () if each.get("type") == kind), "")


def _readiness_gates(spec: JsonObject, status: JsonObject) -> str:
    gates = spec.get("readinessGates") or ()
    true = sum(_condition(status, each.get("conditionType", "")) == "True" for each in gates)
    return f"{true}/{len(gates)}" if gates else NONE
