from typing import Any

import pytest

from tests.support.embedded_cluster import ask, new_embedded_cluster

V4, V6 = "10.1.0.0/24", "fd44::/64"


@pytest.mark.parametrize(
    ("cidrs", "accepted"),
    [
        ([V4], True),
        ([V4, V6], True),
        ([V6, V4], True),
        ([V4, "10.1.1.0/24"], False),
        ([V6, V6], False),
        ([V4, V6, "fd45::/64"], False),
        (["x"], False),
    ],
)
def test_c23_a_node_has_one_pod_range_of_a_family(cidrs: list[str], accepted: bool) -> None:
    node = {"metadata": {"name": "n1"}, "spec": {"podCIDRs": cidrs}}
    assert (ask(new_embedded_cluster(), "POST", "/api/v1/nodes", node)[0] == 201) == accepted


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"podCIDR": V4}, (V4, [V4])),
        ({"podCIDRs": [V6, V4]}, (V6, [V6, V4])),
        ({"podCIDR": V4, "podCIDRs": [V4, V6]}, (V4, [V4, V6])),
        ({"podCIDR": V4, "podCIDRs": [V6]}, (V4, [V4])),
    ],
)
def test_c23_the_single_range_is_the_first_of_the_plural(spec: dict[str, Any], expected: tuple[str, list[str]]) -> None:
    body = ask(new_embedded_cluster(), "POST", "/api/v1/nodes", {"metadata": {"name": "n1"}, "spec": spec})[1]
    assert (body["spec"]["podCIDR"], body["spec"]["podCIDRs"]) == expected


def test_a_new_node_is_not_used_until_it_is_ready() -> None:
    body = ask(new_embedded_cluster(), "POST", "/api/v1/nodes", {"metadata": {"name": "n1"}})[1]
    assert body["spec"]["taints"] == [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]
