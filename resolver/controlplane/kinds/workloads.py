"""Deployments, ReplicaSets, StatefulSets and DaemonSets as kube-apiserver takes them (pkg/registry/apps)."""

from collections.abc import Mapping
from typing import Any, Final

from resolver.controlplane.field_errors import FieldError, TypedText, forbidden, invalid, not_supported, required
from resolver.controlplane.kinds.label_selectors import selector_errors, selects
from resolver.controlplane.kinds.pod_defaults import ALWAYS, default_pod_spec
from resolver.controlplane.kinds.pod_rules import template_errors
from resolver.controlplane.kinds.pod_warnings import pod_name_warnings, pod_spec_warnings
from resolver.controlplane.metadata_rules import IMMUTABLE
from resolver.controlplane.names import label_problems
from resolver.controlplane.resources import DAEMON_SETS, DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, Resource
from resolver.controlplane.strategy import Strategy
from resolver.controlplane.write_request import BACKGROUND

JsonObject = dict[str, Any]

ROLLING: Final = "RollingUpdate"
_NEGATIVE: Final = "must be greater than or equal to 0"
_TEMPLATE_GENERATION: Final = "deprecated.daemonset.template.generation"
_EMPTY: Final = {
    "Deployment": "deployment",
    "ReplicaSet": "deployment",
    "StatefulSet": "statefulset",
    "DaemonSet": "daemonset",
}


class WorkloadStrategy(Strategy):
    """What the four have in common: a template, a selector that fits it and never changes, replicas."""

    has_generation = True
    default_propagation = BACKGROUND

    def __init__(self, resource: Resource) -> None:
        super().__init__(resource)

    def default(self, value: JsonObject) -> None:
        default_pod_spec(value["spec"]["template"]["spec"])
        if self.resource.has_scale:
            value["spec"].setdefault("replicas", 1)

    def validate(self, value: JsonObject) -> list[FieldError]:
        spec = value["spec"]
        errors = [
            invalid(f"spec.{name}", spec[name], _NEGATIVE)
            for name in ("replicas", "minReadySeconds", "revisionHistoryLimit")
            if spec.get(name, 0) < 0
        ]
        selector = spec.get("selector")
        problems = selector_errors(selector, "spec.selector") if selector is not None else []
        errors += problems + self._selector_errors(spec, readable=not problems)
        if not problems or self.resource is DAEMON_SETS:
            errors += template_errors(spec["template"], "spec.template")
        policy = spec["template"]["spec"]["restartPolicy"]
        if policy != ALWAYS:
            errors.append(not_supported("spec.template.spec.restartPolicy", TypedText(policy), (ALWAYS,)))
        if "activeDeadlineSeconds" in spec["template"]["spec"]:
            kind = "ReplicaSet" if self.resource is DEPLOYMENTS else self.resource.kind
            words = f"activeDeadlineSeconds in {kind} is not Supported"
            errors.append(forbidden("spec.template.spec.activeDeadlineSeconds", words))
        return errors

    def _selector_errors(self, spec: JsonObject, *, readable: bool) -> list[FieldError]:
        """What is wrong with the selector as a whole. `readable`: nothing is wrong with its parts."""
        selector = spec.get("selector")
        labels: Mapping[str, str] | None = spec["template"]["metadata"].get("labels")
        errors = [required("spec.selector")] if selector is None else []
        if selector is not None and not selector.get("matchLabels") and not selector.get("matchExpressions"):
            words = f"empty selector is invalid for {_EMPTY[self.resource.kind]}"
            errors.append(invalid("spec.selector", selector, words))
        if not readable:
            return errors + self._unreadable_errors(selector)
        if selector is None or not selects(selector, labels or {}):
            words = "`selector` does not match template `labels`"
            errors.append(invalid("spec.template.metadata.labels", labels, words))
        return errors

    def _unreadable_errors(self, selector: JsonObject | None) -> list[FieldError]:
        if self.resource is DAEMON_SETS:
            return []
        words = "" if self.resource is STATEFUL_SETS else "invalid label selector"
        return [invalid("spec.selector", selector, words)]

    def warnings(self, value: JsonObject, old: JsonObject | None) -> list[str]:
        if old is None:
            named = self.resource in (DEPLOYMENTS, REPLICA_SETS)
            warnings = pod_name_warnings(value["metadata"]["name"], "Pod names and hostnames") if named else []
        elif self._is_unchanged(value, old):
            return []
        else:
            warnings = []
        return warnings + pod_spec_warnings(value["spec"]["template"]["spec"], "spec.template.spec")

    def _is_unchanged(self, value: JsonObject, old: JsonObject) -> bool:
        """An update that does not look at the template again."""
        unchanged: bool = value["metadata"].get("generation") == old["metadata"].get("generation")
        return unchanged

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        errors = self.validate(value)
        if value["spec"].get("selector") != old["spec"].get("selector"):
            errors.append(invalid("spec.selector", value["spec"].get("selector"), IMMUTABLE))
        return errors


class DeploymentStrategy(WorkloadStrategy):
    def __init__(self) -> None:
        super().__init__(DEPLOYMENTS)

    def default(self, value: JsonObject) -> None:
        super().default(value)
        spec = value["spec"]
        strategy = spec["strategy"]
        if strategy.setdefault("type", ROLLING) == ROLLING:
            rolling = strategy.setdefault("rollingUpdate", {})
            rolling.setdefault("maxUnavailable", "25%")
            rolling.setdefault("maxSurge", "25%")
        spec.setdefault("revisionHistoryLimit", 10)
        spec.setdefault("progressDeadlineSeconds", 600)

    def prepare_update(self, value: JsonObject, old: JsonObject) -> None:
        super().prepare_update(value, old)
        if value["metadata"].get("annotations") != old["metadata"].get("annotations"):
            value["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1

    def validate(self, value: JsonObject) -> list[FieldError]:
        errors = super().validate(value)
        spec = value["spec"]
        strategy = spec["strategy"]
        if strategy["type"] not in ("Recreate", ROLLING):
            shown = {"Type": strategy["type"], "RollingUpdate": strategy.get("rollingUpdate")}
            errors.append(not_supported("spec.strategy", shown, ("Recreate", ROLLING)))
        elif strategy["type"] == "Recreate" and "rollingUpdate" in strategy:
            words = "may not be specified when strategy `type` is 'Recreate'"
            errors.append(forbidden("spec.strategy.rollingUpdate", words))
        deadline = spec["progressDeadlineSeconds"]
        if deadline <= spec.get("minReadySeconds", 0):
            errors.append(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"))
        return errors


class StatefulSetStrategy(WorkloadStrategy):
    def __init__(self) -> None:
        super().__init__(STATEFUL_SETS)

    def name_problems(self, name: str) -> list[str]:
        return label_problems(name)

    def default(self, value: JsonObject) -> None:
        super().default(value)
        spec = value["spec"]
        spec.setdefault("podManagementPolicy", "OrderedReady")
        strategy = spec["updateStrategy"]
        if "type" not in strategy:
            strategy["type"] = ROLLING
            strategy.setdefault("rollingUpdate", {})
        if strategy["type"] == ROLLING and "rollingUpdate" in strategy:
            strategy["rollingUpdate"].setdefault("partition", 0)
            strategy["rollingUpdate"].setdefault("maxUnavailable", 1)
        retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
        retention.setdefault("whenDeleted", "Retain")
        retention.setdefault("whenScaled", "Retain")
        spec.setdefault("revisionHistoryLimit", 10)
        for claim in spec.get("volumeClaimTemplates", ()):
            claim.update(kind="PersistentVolumeClaim", apiVersion="v1")
            claim["spec"].setdefault("volumeMode", "Filesystem")
            claim["status"].setdefault("phase", "Pending")

    def validate(self, value: JsonObject) -> list[FieldError]:
        errors = super().validate(value)
        spec = value["spec"]
        policy = spec["podManagementPolicy"]
        if policy not in ("OrderedReady", "Parallel"):
            words = "must be 'OrderedReady' or 'Parallel'"
            errors.append(invalid("spec.podManagementPolicy", TypedText(policy), words))
        if name := spec.get("serviceName"):
            errors += [invalid("spec.serviceName", name, each) for each in label_problems(name)]
        return errors

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        errors = super().validate_update(value, old)
        for name in ("volumeClaimTemplates", "serviceName", "podManagementPolicy"):
            if value["spec"].get(name) != old["spec"].get(name):
                errors.append(invalid(f"spec.{name}", value["spec"].get(name, ""), IMMUTABLE))
        return errors


class DaemonSetStrategy(WorkloadStrategy):
    def __init__(self) -> None:
        super().__init__(DAEMON_SETS)

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        errors = super().validate_update(value, old)
        return sorted(errors, key=lambda each: not each.message.endswith(IMMUTABLE))

    def _is_unchanged(self, value: JsonObject, old: JsonObject) -> bool:
        unchanged: bool = value["spec"]["template"] == old["spec"]["template"]
        return unchanged

    def default(self, value: JsonObject) -> None:
        super().default(value)
        strategy = value["spec"]["updateStrategy"]
        if strategy.setdefault("type", ROLLING) == ROLLING:
            rolling = strategy.setdefault("rollingUpdate", {})
            rolling.setdefault("maxUnavailable", 1)
            rolling.setdefault("maxSurge", 0)
        value["spec"].setdefault("revisionHistoryLimit", 10)

    def prepare_create(self, value: JsonObject) -> None:
        super().prepare_create(value)
        _note_template_generation(value, 1)

    def prepare_update(self, value: JsonObject, old: JsonObject) -> None:
        super().prepare_update(value, old)
        annotation = old["metadata"].get("annotations", {}).get(_TEMPLATE_GENERATION, "1")
        changed = value["spec"]["template"] != old["spec"]["template"]
        _note_template_generation(value, (int(annotation) if annotation.isdecimal() else 1) + changed)


class ReplicaSetStrategy(WorkloadStrategy):
    def __init__(self) -> None:
        super().__init__(REPLICA_SETS)

    def default(self, value: JsonObject) -> None:
        super().default(value)


def _note_template_generation(value: JsonObject, number: int) -> None:
    """A field that apps/v1 shows as an annotation."""
    annotations = value["metadata"].get("annotations", {})
    value["metadata"]["annotations"] = {**annotations, _TEMPLATE_GENERATION: str(number)}
