"""The cells of workloads and Jobs, past what the recorded tables show."""

from datetime import UTC, datetime
from typing import Any

import pytest

from resolver.controlplane.api.table_cells import CELLS
from resolver.controlplane.api.workload_cells import job_cells

NOW = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
BORN = "2026-01-01T00:00:00Z"
TEMPLATE = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "y"}]},
}
SELECTOR = {"matchLabels": {"app": "web"}}


def _cells(kind: str, **fields: Any) -> list[Any]:
    """The cells between name and age, which are one minute for all, and what stands behind the age."""
    cells = CELLS[kind]({"kind": kind, "metadata": {"name": "x", "creationTimestamp": BORN}, **fields}, NOW)
    assert cells.pop(cells.index("x")) == "x"
    cells.remove("60s")
    return cells


@pytest.mark.parametrize(
    ("kind", "fields", "cells"),
    [
        ("Deployment", {"spec": {"replicas": 3, "template": TEMPLATE}}, ["0/3", 0, 0, "a,b", "x,y", ""]),
        (
            "Deployment",
            {"spec": {"selector": SELECTOR}, "status": {"readyReplicas": 1, "updatedReplicas": 2}},
            ["1/0", 2, 0, "", "", "app=web"],
        ),
        ("ReplicaSet", {"spec": {"replicas": 3}, "status": {"replicas": 2}}, [3, 2, 0, "", "", "<none>"]),
        ("StatefulSet", {"spec": {"replicas": 3, "template": TEMPLATE}}, ["0/3", "a,b", "x,y"]),
        (
            "DaemonSet",
            {"spec": {"selector": SELECTOR}, "status": {"desiredNumberScheduled": 2, "numberReady": 1}},
            [2, 0, 1, 0, 0, "<none>", "", "", "app=web"],
        ),
    ],
)
def test_workloads(kind: str, fields: dict[str, Any], cells: list[Any]) -> None:
    assert _cells(kind, **fields) == cells


@pytest.mark.parametrize(
    ("spec", "status", "cells"),
    [
        ({}, {}, ["Running", "0/1", ""]),
        ({"completions": 3}, {"succeeded": 1}, ["Running", "1/3", ""]),
        ({"parallelism": 2}, {}, ["Running", "0/1 of 2", ""]),
        ({}, {"startTime": "2026-01-01T00:00:10Z"}, ["Running", "0/1", "50s"]),
        (
            {"completions": 1},
            {
                "startTime": "2026-01-01T00:00:10Z",
                "completionTime": "2026-01-01T00:00:15Z",
                "succeeded": 1,
                "conditions": [{"type": "Complete", "status": "True"}],
            },
            ["Complete", "1/1", "5s"],
        ),
        ({}, {"conditions": [{"type": "Failed", "status": "True"}]}, ["Failed", "0/1", ""]),
        ({}, {"conditions": [{"type": "Failed", "status": "False"}]}, ["Running", "0/1", ""]),
        ({}, {"conditions": [{"type": "Suspended", "status": "True"}]}, ["Suspended", "0/1", ""]),
    ],
)
def test_jobs(spec: dict[str, Any], status: dict[str, Any], cells: list[Any]) -> None:
    assert _cells("Job", spec=spec, status=status)[:3] == cells


def test_a_job_that_is_deleted_is_terminating() -> None:
    cells = job_cells({"metadata": {"name": "x", "deletionTimestamp": BORN}}, NOW)
    assert cells[1] == "Terminating"
