"""Annotations that steer the simulation."""

import pytest

from resolver.controlplane.workloads.steering import PHASE, POD_IPS, READY, BadSteering, Steering, steering


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({}, Steering()),
        ({"other": "x"}, Steering()),
        ({READY: "false"}, Steering(ready=False)),
        ({PHASE: "Failed"}, Steering(phase="Failed")),
        ({POD_IPS: "10.0.0.1"}, Steering(addresses=(("10.0.0.1",),))),
        ({POD_IPS: "FD00::1 , 10.0.0.1"}, Steering(addresses=(("fd00::1", "10.0.0.1"),))),
        ({POD_IPS: "10.0.0.1; 10.0.0.2 ;"}, Steering(addresses=(("10.0.0.1",), ("10.0.0.2",)))),
    ],
)
def test_annotations_are_read(annotations: dict[str, str], expected: Steering) -> None:
    assert steering(annotations) == expected


@pytest.mark.parametrize(
    ("annotations", "words"),
    [
        ({READY: "yes"}, 'write "true" or "false"'),
        ({PHASE: "Done"}, "write one of Pending, Running, Succeeded, Failed"),
        ({POD_IPS: "10.0.0.256"}, "'10.0.0.256' is no IP address; write for example"),
        ({POD_IPS: "10.0.0.1,10.0.0.2"}, "has two addresses of one family"),
    ],
)
def test_what_cannot_be_read_says_what_to_write(annotations: dict[str, str], words: str) -> None:
    with pytest.raises(BadSteering) as refused:
        steering(annotations)
    assert words in str(refused.value)
    assert next(iter(annotations)) in str(refused.value)
