"""Jobs as kube-apiserver takes them (pkg/registry/batch/job)."""

from typing import Any, Final

from resolver.controlplane.field_errors import FieldError, TypedText, invalid, not_supported, required
from resolver.controlplane.kinds.label_selectors import selector_errors, selects
from resolver.controlplane.kinds.pod_defaults import ALWAYS, default_pod_spec
from resolver.controlplane.kinds.pod_rules import template_errors
from resolver.controlplane.kinds.pod_warnings import pod_name_warnings, pod_spec_warnings
from resolver.controlplane.metadata_rules import IMMUTABLE
from resolver.controlplane.resources import JOBS
from resolver.controlplane.strategy import Strategy
from resolver.controlplane.write_request import BACKGROUND

JsonObject = dict[str, Any]

UID_LABELS: Final = ("controller-uid", "batch.kubernetes.io/controller-uid")
NAME_LABELS: Final = ("job-name", "batch.kubernetes.io/job-name")
_FIXED: Final = (
    "completions",
    "selector",
    "template",
    "completionMode",
    "podFailurePolicy",
    "backoffLimitPerIndex",
    "managedBy",
    "successPolicy",
)
_RESTART: Final = ("OnFailure", "Never")


class JobStrategy(Strategy):
    """A Job gets a selector of its own, unless it brings one."""

    has_generation = True
    default_propagation = BACKGROUND

    def __init__(self) -> None:
        super().__init__(JOBS)

    def default(self, value: JsonObject) -> None:
        spec = value["spec"]
        default_pod_spec(spec["template"]["spec"])
        if "completions" not in spec and "parallelism" not in spec:
            spec["completions"] = 1
        spec.setdefault("parallelism", 1)
        spec.setdefault("backoffLimit", (1 << 31) - 1 if "backoffLimitPerIndex" in spec else 6)
        labels = spec["template"]["metadata"].get("labels")
        if labels and not value["metadata"].get("labels"):
            value["metadata"]["labels"] = dict(labels)
        spec.setdefault("completionMode", "NonIndexed")
        spec.setdefault("suspend", False)
        spec.setdefault("podReplacementPolicy", "Failed" if "podFailurePolicy" in spec else "TerminatingOrFailed")
        spec.setdefault("manualSelector", False)

    def prepare_create(self, value: JsonObject) -> None:
        super().prepare_create(value)
        template = value["spec"]["template"]["metadata"]
        shared = value["metadata"].get("labels", {}) == template.get("labels", {})
        if not value["spec"]["manualSelector"]:
            _select_own_pods(value)
        if shared:  # the API server keeps one map for both
            value["metadata"]["labels"] = dict(template.get("labels", {}))

    def validate(self, value: JsonObject) -> list[FieldError]:
        spec = value["spec"]
        errors = [
            invalid(f"spec.{name}", spec[name], "must be greater than or equal to 0")
            for name in (
                "parallelism",
                "completions",
                "activeDeadlineSeconds",
                "backoffLimit",
                "ttlSecondsAfterFinished",
            )
            if spec.get(name, 0) < 0
        ]
        errors += template_errors(spec["template"], "spec.template")
        policy = spec["template"]["spec"]["restartPolicy"]
        field = "spec.template.spec.restartPolicy"
        if policy == ALWAYS:
            errors.append(required(field, 'valid values: "OnFailure", "Never"'))
        elif policy not in _RESTART:
            errors.append(not_supported(field, TypedText(policy), _RESTART))
        return self._selector_errors(value) + errors

    def warnings(self, value: JsonObject, old: JsonObject | None) -> list[str]:
        named = pod_name_warnings(value["metadata"]["name"], "Pod names and hostnames") if old is None else []
        if old is not None and value["metadata"].get("generation") == old["metadata"].get("generation"):
            return []
        return named + pod_spec_warnings(value["spec"]["template"]["spec"], "spec.template.spec")

    def _selector_errors(self, value: JsonObject) -> list[FieldError]:
        spec = value["spec"]
        selector = spec.get("selector")
        labels = spec["template"]["metadata"].get("labels", {})
        if selector is None:
            return [required("spec.selector")]
        errors = [] if spec["manualSelector"] else _own_label_errors(value["metadata"], labels)
        errors += selector_errors(selector, "spec.selector")
        if not errors and not selects(selector, labels):
            words = "`selector` does not match template `labels`"
            errors.append(invalid("spec.template.metadata.labels", labels, words))
        return errors

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        """The template of a suspended Job may change here; the real one lets some of its fields change only."""
        fixed = [name for name in _FIXED if name != "template" or not old["spec"]["suspend"]]
        if value["spec"]["completionMode"] == "Indexed":
            fixed.remove("completions")
        errors = self.validate(value)
        for name in fixed:
            if value["spec"].get(name) != old["spec"].get(name):
                errors.append(invalid(f"spec.{name}", value["spec"].get(name), IMMUTABLE))
        return errors


def _select_own_pods(value: JsonObject) -> None:
    """Labels that only this Job's Pods have, and a selector for them."""
    metadata, template = value["metadata"], value["spec"]["template"]["metadata"]
    labels = {**dict.fromkeys(NAME_LABELS, metadata["name"]), **dict.fromkeys(UID_LABELS, metadata["uid"])}
    template["labels"] = dict(sorted({**labels, **template.get("labels", {})}.items()))
    selector = value["spec"].setdefault("selector", {})
    selector["matchLabels"] = {UID_LABELS[1]: metadata["uid"], **selector.get("matchLabels", {})}


def _own_label_errors(metadata: JsonObject, labels: JsonObject) -> list[FieldError]:
    """Labels that were asked to be made may not be given otherwise."""
    field = "spec.template.metadata.labels"
    wanted = [(UID_LABELS[0], "uid"), (NAME_LABELS[0], "name"), (UID_LABELS[1], "uid"), (NAME_LABELS[1], "name")]
    return [
        invalid(f"{field}[{label}]", labels, f"must be '{metadata[source]}'")
        for label, source in wanted
        if labels.get(label) != metadata[source]
    ]
