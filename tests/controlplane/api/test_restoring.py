from typing import Any

import pytest

from resolver.controlplane.api.restoring import restore_problem


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({}, ""),
        ({"spec": None}, ""),
        ({"spec": {"ports": [{"port": 80, "targetPort": "web"}], "selector": {"a": "b"}}}, ""),
        ({"spec": "x"}, "cannot restore struct from: string"),
        ({"spec": []}, "cannot restore struct from: slice"),
        ({"spec": {"ports": "x"}}, "cannot restore slice from string"),
        ({"spec": {"ports": [1]}}, "cannot restore struct from: int64"),
        ({"spec": {"selector": "x"}}, "cannot restore map from string"),
        ({"spec": {"selector": {"a": 1}}}, "cannot convert int64 to string"),
        ({"spec": {"selector": {"a": {}}}}, "unrecognized type: string"),
        ({"spec": {"ports": [{"port": "x"}]}}, "unrecognized type: int32"),
        ({"spec": {"publishNotReadyAddresses": 1}}, "unrecognized type: bool"),
        ({"spec": {"ports": [{"nodePort": 1.5}]}}, "cannot convert float64 to int32"),
        ({"spec": {"type": 1}}, "cannot convert int64 to v1.ServiceType"),
        ({"spec": {"ipFamilies": [1]}}, "cannot convert int64 to v1.IPFamily"),
        ({"spec": {"type": 1.5}}, "unrecognized type: string"),
        ({"metadata": {"labels": {"a": True}}}, "unrecognized type: string"),
        (
            {"spec": {"ports": [{"targetPort": []}]}},
            "json: cannot unmarshal array into Go value of type int32",
        ),
        (
            {"metadata": {"creationTimestamp": 5}},
            "json: cannot unmarshal number into Go value of type string",
        ),
        ({"metadata": {"creationTimestamp": "x"}}, 'parsing time "x" as "2006-01-02T15:04:05Z07:00"'),
    ],
)
def test_the_first_wrong_type_is_told(value: dict[str, Any], problem: str) -> None:
    found = restore_problem("core.Service", value)
    assert found.startswith(problem) if problem else not found


def test_a_quantity_that_is_none_is_told() -> None:
    value = {"spec": {"containers": [{"resources": {"limits": {"cpu": "lots"}}}]}}
    assert restore_problem("core.Pod", value).startswith("quantities must match the regular expression")
