"""Pods as kube-apiserver takes them (pkg/registry/core/pod, and the admission plug-ins that are on by default)."""

from typing import Any, Final

from resolver.controlplane.field_errors import FieldError, forbidden
from resolver.controlplane.ip_text import address_warnings
from resolver.controlplane.kinds.pod_defaults import default_pod, default_tolerations, quality_of_service
from resolver.controlplane.kinds.pod_rules import pod_spec_errors, pod_status_errors, pod_update_errors
from resolver.controlplane.kinds.pod_warnings import pod_name_warnings, pod_spec_warnings
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import NODES, PODS
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.strategy import Strategy
from resolver.controlplane.write_request import DeleteOptions, Write

JsonObject = dict[str, Any]

_PRIORITIES: Final = {"": 0, "system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
_TOPOLOGY: Final = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")
_FINISHED: Final = ("Succeeded", "Failed")


class PodStrategy(Strategy):
    """`store`: where Nodes are found, whose topology labels a Pod on them gets."""

    has_generation = True
    judges_generate_name = True

    def __init__(self, store: ObjectStore) -> None:
        super().__init__(PODS)
        self._store = store

    def default(self, value: JsonObject) -> None:
        default_pod(value)

    def admit(self, value: JsonObject, old: JsonObject | None, write: Write) -> None:
        if old is not None:
            return
        spec = value["spec"]
        name = spec.get("priorityClassName", "")
        if name not in _PRIORITIES:
            shown = value["metadata"].get("name") or value["metadata"].get("generateName") or "Unknown"
            raise StatusError.forbidden(PODS, shown, f"no PriorityClass with name {name} was found")
        spec["priority"] = _PRIORITIES[name]
        spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
        default_tolerations(spec)
        node = self._store.get(NODES, "", spec.get("nodeName", ""))
        found = {key: node.labels[key] for key in _TOPOLOGY if key in node.labels} if node else {}
        if found:
            value["metadata"]["labels"] = {**value["metadata"].get("labels", {}), **found}

    def prepare_create(self, value: JsonObject) -> None:
        super().prepare_create(value)
        value["status"] = {"phase": "Pending", "qosClass": quality_of_service(value["spec"])}

    def validate(self, value: JsonObject) -> list[FieldError]:
        errors = pod_spec_errors(value["spec"])
        if "ephemeralContainers" in value["spec"]:
            errors.append(forbidden("spec.ephemeralContainers", "cannot be set on create"))
        return errors

    def warnings(self, value: JsonObject, old: JsonObject | None) -> list[str]:
        named = pod_name_warnings(value["metadata"]["name"], "the Pod's hostname") if old is None else []
        return named + pod_spec_warnings(value["spec"])

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        return pod_spec_errors(value["spec"]) + pod_update_errors(value, old)

    def prepare_subresource(self, subresource: str, value: JsonObject, old: JsonObject) -> None:
        super().prepare_subresource(subresource, value, old)
        value["metadata"].pop("deletionTimestamp", None)
        owners = old["metadata"].get("ownerReferences")
        value["metadata"].pop("ownerReferences", None)
        if owners:
            value["metadata"]["ownerReferences"] = owners
        if "qosClass" in old["status"]:
            value["status"].setdefault("qosClass", old["status"]["qosClass"])

    def validate_subresource(self, subresource: str, value: JsonObject, old: JsonObject) -> list[FieldError]:
        return pod_status_errors(value, old)

    def subresource_warnings(self, subresource: str, value: JsonObject) -> list[str]:
        return [
            warning
            for name in ("podIPs", "hostIPs")
            for index, each in enumerate(value["status"].get(name, ()))
            for warning in address_warnings(f"status.{name}[{index}].ip", each.get("ip", ""))
        ]

    def grace_period(self, value: JsonObject, options: DeleteOptions) -> int | None:
        """What the request says, else the Pod; none for one that runs nowhere."""
        period = options.grace_period
        if period is None:
            period = value["spec"].get("terminationGracePeriodSeconds", 0)
        if not value["spec"].get("nodeName") or value["status"].get("phase") in _FINISHED:
            return 0
        return period if period >= 0 else 1
