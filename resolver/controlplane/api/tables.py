"""Tables, as kubectl get asks for them (meta.k8s.io Table; kubernetes pkg/printers)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from resolver.controlplane.api.table_cells import CELLS

JsonObject = dict[str, Any]

_NAME: Final = "Name must be unique within a namespace."
_WIDE: Final = 1
_ABOUT: Final = {
    "Age": "How long ago the object was created.",
    "Containers": "The names of the containers.",
    "Images": "The images of the containers.",
    "Selector": "The labels that Pods must have.",
}
_COLUMNS: Final[Mapping[str, str]] = {
    "Service": "Name,Type,Cluster-IP,External-IP,Port(s),Age,Selector*",
    "Endpoints": "Name,Endpoints,Age",
    "EndpointSlice": "Name,AddressType,Ports,Endpoints,Age",
    "Namespace": "Name,Status,Age",
    "Node": "Name,Status,Roles,Age,Version,Internal-IP*,External-IP*,OS-Image*,Kernel-Version*,Container-Runtime*",
    "Pod": "Name,Ready,Status,Restarts,Age,IP*,Node*,Nominated Node*,Readiness Gates*",
    "ConfigMap": "Name,Data,Age",
    "Secret": "Name,Type,Data,Age",
    "ServiceAccount": "Name,Age",
    "Event": "Last Seen,Type,Reason,Object,Subobject*,Source*,Message,First Seen*,Count*,Name*",
    "Deployment": "Name,Ready,Up-to-date,Available,Age,Containers*,Images*,Selector*",
    "ReplicaSet": "Name,Desired#,Current#,Ready#,Age,Containers*,Images*,Selector*",
    "StatefulSet": "Name,Ready,Age,Containers*,Images*",
    "DaemonSet": (
        "Name,Desired#,Current#,Ready#,Up-to-date#,Available#,Node Selector,Age,Containers*,Images*,Selector*"
    ),
    "Job": "Name,Status,Completions,Duration,Age,Containers*,Images*,Selector*",
    "Ingress": "Name,Class,Hosts,Address,Ports,Age",
    "ServiceCIDR": "Name,CIDRs,Age",
    "IPAddress": "Name,ParentRef",
    "Lease": "Name,Holder,Age",
    "Scale": "Name,Desired#,Available#,Age",
}
"""Of each kind: a star marks columns that only ``-o wide`` shows, a hash integers."""

_FINISHED: Final = {
    "Succeeded": "The pod has completed successfully.",
    "Failed": "The pod failed.",
}


def columns(kind: str) -> list[JsonObject]:
    """The columnDefinitions of a kind."""
    return [_column(kind, each) for each in _COLUMNS[kind].split(",")]


def row(value: JsonObject, shown: Any, now: datetime) -> JsonObject:
    """One row; `shown` is what goes beside the cells: partial metadata, the whole object, or null."""
    result: JsonObject = {"cells": CELLS[value["kind"]](value, now)}
    phase = (value.get("status") or {}).get("phase") if value["kind"] == "Pod" else None
    if phase in _FINISHED:
        condition = {"type": "Completed", "status": "True", "reason": phase, "message": _FINISHED[phase]}
        result["conditions"] = [condition]
    return result | {"object": shown}


def table(metadata: JsonObject, definitions: list[JsonObject] | None, rows: Iterable[JsonObject], version: str) -> Any:
    """`definitions` is null for all but the first table of a watch."""
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": metadata,
        "columnDefinitions": definitions,
        "rows": list(rows),
    }


def _column(kind: str, written: str) -> JsonObject:
    title = written.rstrip("*#")
    is_name = title == "Name" and kind != "Scale"
    return {
        "name": title,
        "type": "integer" if written.endswith("#") else "string",
        "format": "name" if is_name else "",
        "description": _NAME if title == "Name" else _ABOUT.get(title, f"{title} of the {kind}."),
        "priority": _WIDE if written.endswith("*") else 0,
    }
