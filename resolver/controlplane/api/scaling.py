"""The subresource ``scale``: how many Pods a workload wants, in a form alike for all (autoscaling/v1 Scale)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from resolver.controlplane.api.cell_texts import shown_selector
from resolver.controlplane.cluster_api import Produce
from resolver.controlplane.decoding import Decoded, canonical
from resolver.controlplane.field_errors import invalid
from resolver.controlplane.object_changes import check_name, check_uid, settle_namespace
from resolver.controlplane.patches.managed_fields import FieldRecorder, live_managers, write_managers
from resolver.controlplane.resources import Resource
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject
from resolver.controlplane.write_request import WriteOptions

JsonObject = dict[str, Any]

SCALES: Final = Resource("autoscaling", "v1", "scales", "Scale", "scale", True)
_SHARED: Final = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def scale_of(value: JsonObject) -> JsonObject:
    """The Scale of a workload."""
    metadata = {key: value["metadata"][key] for key in _SHARED if key in value["metadata"]}
    spec, status = value.get("spec") or {}, value.get("status") or {}
    replicas = spec.get("replicas", 0)
    return canonical(
        SCALES,
        {
            "metadata": metadata,
            "spec": {"replicas": replicas},
            "status": {"replicas": status.get("replicas", 0), "selector": shown_selector(spec.get("selector"))},
        },
    )


class ScaleWrite:
    """One write of a Scale. `stored`: the workload; the result of `produce` is its new state, ready to be stored."""

    def __init__(self, stored: StoredObject, options: WriteOptions, record: FieldRecorder) -> None:
        self._stored = stored
        self._options = replace(options, subresource="scale")
        self._record = record

    def produce(self, make: Callable[[JsonObject], Decoded]) -> Produce:
        """`make` gets the Scale as it is and gives it as it is to be."""

        def produced(old: JsonObject | None) -> Decoded:
            workload = old if old is not None else self._stored.copy()
            scale = make(scale_of(workload))
            return Decoded(self._scaled(workload, scale.value), scale.warnings)

        return produced

    def _scaled(self, workload: JsonObject, scale: JsonObject) -> JsonObject:
        resource, stored = self._stored.resource, self._stored
        settle_namespace(SCALES, stored.namespace, scale)
        check_name(scale, stored.name)
        check_uid(resource, scale, stored, stored.key)
        replicas = (scale.get("spec") or {}).get("replicas", 0)
        if replicas < 0:
            error = invalid("spec.replicas", replicas, "must be greater than or equal to 0")
            raise StatusError.invalid(SCALES, stored.name, [error])
        given = scale["metadata"].get("resourceVersion")
        if given and given != str(stored.version):
            raise StatusError.conflict(resource, stored.name)
        changed = {**workload, "spec": {**workload["spec"], "replicas": replicas}}
        managers = live_managers({"metadata": {}}, workload, "scale")
        if managers:
            managers = self._record.updated(resource, changed, workload, managers, self._options)
            changed["metadata"] = {**workload["metadata"], "managedFields": write_managers(managers)}
        return changed
