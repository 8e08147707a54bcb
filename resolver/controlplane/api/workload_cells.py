"""The cells of what makes Pods: workloads and Jobs (kubernetes pkg/printers/internalversion)."""

from datetime import datetime
from typing import Any

from resolver.controlplane.api.ages import human_duration
from resolver.controlplane.api.cell_texts import NONE, Cells, born, name, shown_labels, shown_selector
from resolver.controlplane.timestamps import parsed_time

JsonObject = dict[str, Any]


def deployment_cells(value: JsonObject, now: datetime) -> Cells:
    spec, status = value.get("spec") or {}, value.get("status") or {}
    ready = f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}"
    counts = (status.get(each, 0) for each in ("updatedReplicas", "availableReplicas"))
    return [name(value), ready, *counts, born(value, now), *_containers(spec), shown_selector(spec.get("selector"))]


def replica_set_cells(value: JsonObject, now: datetime) -> Cells:
    spec, status = value.get("spec") or {}, value.get("status") or {}
    counts = (spec.get("replicas", 0), status.get("replicas", 0), status.get("readyReplicas", 0))
    selector = shown_selector(spec.get("selector")) or NONE
    return [name(value), *counts, born(value, now), *_containers(spec), selector]


def stateful_set_cells(value: JsonObject, now: datetime) -> Cells:
    spec, status = value.get("spec") or {}, value.get("status") or {}
    ready = f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}"
    return [name(value), ready, born(value, now), *_containers(spec)]


def daemon_set_cells(value: JsonObject, now: datetime) -> Cells:
    spec, status = value.get("spec") or {}, value.get("status") or {}
    counted = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    nodes = shown_labels(((spec.get("template") or {}).get("spec") or {}).get("nodeSelector"))
    counts = (status.get(each, 0) for each in counted)
    selector = shown_selector(spec.get("selector")) or NONE
    return [name(value), *counts, nodes, born(value, now), *_containers(spec), selector]


def job_cells(value: JsonObject, now: datetime) -> Cells:
    spec, status = value.get("spec") or {}, value.get("status") or {}
    done = status.get("succeeded", 0)
    if spec.get("completions") is not None:
        completions = f"{done}/{spec['completions']}"
    else:
        parallel = spec.get("parallelism", 0)
        completions = f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"
    selector = shown_selector(spec.get("selector")) or NONE
    took = _job_duration(status, now)
    return [name(value), _job_state(value, status), completions, took, born(value, now), *_containers(spec), selector]


def _containers(spec: JsonObject) -> tuple[str, str]:
    containers = ((spec.get("template") or {}).get("spec") or {}).get("containers") or ()
    names, images = (",".join(each.get(key, "") for each in containers) for key in ("name", "image"))
    return names, images


def _job_state(value: JsonObject, status: JsonObject) -> str:
    true = {each.get("type") for each in status.get("conditions") or () if each.get("status") == "True"}
    if "Complete" in true or "Failed" in true:
        return "Complete" if "Complete" in true else "Failed"
    if "deletionTimestamp" in (value.get("metadata") or {}):
        return "Terminating"
    return next((each for each in ("Suspended", "FailureTarget", "SuccessCriteriaMet") if each in true), "Running")


def _job_duration(status: JsonObject, now: datetime) -> str:
    if not status.get("startTime"):
        return ""
    end = parsed_time(status["completionTime"]) if status.get("completionTime") else now
    return human_duration((end - parsed_time(status["startTime"])).total_seconds())
