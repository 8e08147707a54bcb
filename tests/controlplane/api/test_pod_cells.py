from datetime import UTC, datetime
from typing import Any

import pytest

from resolver.controlplane.api.pod_cells import pod_cells

NOW = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
RUNNING = {"state": {"running": {}}, "ready": True}
READY = [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "True"}]
TWO = {"containers": [{"name": "a"}, {"name": "b"}]}


def _ended(code: int, **state: Any) -> dict[str, Any]:
    return {"state": {"terminated": {"exitCode": code, **state}}}


def _state(status: dict[str, Any], spec: dict[str, Any] | None = None, **metadata: Any) -> list[Any]:
    """Ready containers, state, restarts."""
    return pod_cells({"metadata": metadata, "spec": TWO if spec is None else spec, "status": status}, NOW)[1:4]


@pytest.mark.parametrize(
    ("status", "cells"),
    [
        ({"phase": "Pending"}, ["0/2", "Pending", "0"]),
        ({"phase": "Failed", "reason": "Evicted"}, ["0/2", "Evicted", "0"]),
        ({"phase": "Running", "containerStatuses": [RUNNING, RUNNING]}, ["2/2", "Running", "0"]),
        (
            {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]},
            ["0/2", "ImagePullBackOff", "0"],
        ),
        ({"phase": "Running", "containerStatuses": [RUNNING, _ended(1, reason="Error")]}, ["1/2", "Error", "0"]),
        ({"phase": "Running", "containerStatuses": [RUNNING, _ended(3)]}, ["1/2", "ExitCode:3", "0"]),
        ({"phase": "Running", "containerStatuses": [RUNNING, _ended(0, signal=9)]}, ["1/2", "Signal:9", "0"]),
        (
            {"phase": "Succeeded", "containerStatuses": [_ended(0, reason="Completed")]},
            ["0/2", "Completed", "0"],
        ),
        (
            {"phase": "Running", "conditions": READY, "containerStatuses": [_ended(0, reason="Completed"), RUNNING]},
            ["1/2", "Running", "0"],
        ),
        (
            {"phase": "Running", "containerStatuses": [_ended(0, reason="Completed"), RUNNING]},
            ["1/2", "NotReady", "0"],
        ),
        (
            {
                "phase": "Pending",
                "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}],
            },
            ["0/2", "SchedulingGated", "0"],
        ),
        (
            {
                "phase": "Running",
                "containerStatuses": [
                    {
                        **RUNNING,
                        "restartCount": 2,
                        "lastState": {"terminated": {"finishedAt": "2026-01-01T00:00:30Z"}},
                    },
                    {**RUNNING, "restartCount": 1},
                ],
            },
            ["2/2", "Running", "3 (30s ago)"],
        ),
    ],
)
def test_the_state_is_told_from_the_containers(status: dict[str, Any], cells: list[Any]) -> None:
    assert _state(status) == cells


SIDECAR = {"name": "s", "restartPolicy": "Always"}


@pytest.mark.parametrize(
    ("first", "statuses", "cells"),
    [
        ([{"name": "i"}], [{"state": {"waiting": {"reason": "PodInitializing"}}}], ["0/2", "Init:0/1", "0"]),
        ([{"name": "i"}], [{"state": {"waiting": {"reason": "ErrImagePull"}}}], ["0/2", "Init:ErrImagePull", "0"]),
        ([{"name": "i"}], [{**_ended(2), "restartCount": 4}], ["0/2", "Init:ExitCode:2", "4"]),
        ([{"name": "i"}, {"name": "j"}], [_ended(0), {"state": {"running": {}}}], ["0/2", "Init:1/2", "0"]),
        ([{"name": "i"}], [_ended(0)], ["2/2", "Running", "0"]),
        ([SIDECAR], [{"name": "s", "started": True, "ready": True, "restartCount": 1}], ["3/3", "Running", "1"]),
        ([SIDECAR], [{"name": "s", "started": False}], ["0/3", "Init:0/1", "0"]),
    ],
)
def test_containers_that_come_first_are_told_of(first: list[Any], statuses: list[Any], cells: list[Any]) -> None:
    status = {"phase": "Running", "initContainerStatuses": statuses, "containerStatuses": [RUNNING, RUNNING]}
    if cells[1].startswith("Init"):
        status["phase"] = "Pending"
    assert _state(status, {**TWO, "initContainers": first}) == cells


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ({"phase": "Running"}, "Terminating"),
        ({"phase": "Running", "reason": "NodeLost"}, "Unknown"),
        ({"phase": "Succeeded"}, "Succeeded"),
    ],
)
def test_a_pod_that_is_deleted_is_terminating(status: dict[str, Any], shown: str) -> None:
    assert _state(status, deletionTimestamp="2026-01-01T00:00:00Z")[1] == shown


def test_wide_cells() -> None:
    pod = {
        "metadata": {"name": "p", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"nodeName": "n", "readinessGates": [{"conditionType": "Initialized"}, {"conditionType": "x"}]},
        "status": {"podIPs": [{"ip": "10.0.0.1"}], "nominatedNodeName": "m", "conditions": READY},
    }
    cells = pod_cells(pod, NOW)
    assert (cells[0], cells[4:]) == ("p", ["60s", "10.0.0.1", "n", "m", "1/2"])
    assert pod_cells({}, NOW)[4:] == ["<unknown>", "<none>", "<none>", "<none>", "<none>"]
