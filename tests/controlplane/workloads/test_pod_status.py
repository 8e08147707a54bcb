"""The status of a simulated Pod."""

import pytest

from resolver.controlplane.workloads.pod_status import running_status, steered_status, unscheduled_status
from resolver.controlplane.workloads.steering import Steering

POD = {"metadata": {"uid": "u"}, "spec": {"containers": [{"name": "main", "image": "x"}]}, "status": {"qosClass": "B"}}
KUBELETS = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]


@pytest.mark.parametrize(
    ("steering", "statuses", "state"),
    [
        (Steering(), ["True"] * 5, "running"),
        (Steering(ready=False), ["True", "True", "False", "False", "True"], "running"),
        (Steering(phase="Succeeded"), ["False", "True", "False", "False", "True"], "terminated"),
        (Steering(phase="Failed"), ["False", "True", "False", "False", "True"], "terminated"),
    ],
)
def test_all_conditions_of_a_kubelet_are_there(steering: Steering, statuses: list[str], state: str) -> None:
    status = running_status(POD, ("192.0.2.1",), ("10.0.0.1",), steering, "t1")
    assert [each["type"] for each in status["conditions"]] == KUBELETS
    assert [each["status"] for each in status["conditions"]] == statuses
    assert list(status["containerStatuses"][0]["state"]) == [state]
    assert (status["qosClass"], status["hostIP"], status["podIP"]) == ("B", "192.0.2.1", "10.0.0.1")


def test_steering_changes_the_time_of_what_changes_only() -> None:
    status = running_status(POD, (), ("10.0.0.1",), Steering(), "t1")
    found = steered_status(status, False, "t2")
    assert [each["lastTransitionTime"] for each in found["conditions"]] == ["t1", "t1", "t2", "t2", "t1"]
    assert found["containerStatuses"][0]["ready"] is False
    assert steered_status(found, True, "t3")["conditions"][2]["status"] == "True"


def test_a_pod_without_a_place_says_since_when() -> None:
    first = unscheduled_status({"phase": "Pending"}, "no room", "t1")
    second = unscheduled_status(first, "still no room", "t2")
    (told,) = second["conditions"]
    assert (told["message"], told["lastTransitionTime"], second["phase"]) == ("still no room", "t1", "Pending")
