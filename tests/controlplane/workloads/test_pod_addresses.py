"""Addresses of Pods, one number in each family."""

import pytest

from resolver.controlplane.workloads.pod_addresses import PodAddresses
from tests.support.controller_world import ControllerWorld


@pytest.mark.parametrize(
    ("cidrs", "expected"),
    [
        (["10.244.1.0/24", "fd00:0:0:1::/64"], [("10.244.1.2", "fd00:0:0:1::2"), ("10.244.1.3", "fd00:0:0:1::3")]),
        (["10.244.1.0/30"], [("10.244.1.2",), ("10.244.1.2",)]),
        (["fd00::/126"], [("fd00::2",), ("fd00::3",)]),
        (["10.244.1.0/31"], [(), ()]),
        ([], [(), ()]),
    ],
)
def test_numbers_go_up_and_begin_again(cidrs: list[str], expected: list[tuple[str, ...]]) -> None:
    addresses = PodAddresses(ControllerWorld().index)
    assert [addresses.pick("node-a", cidrs) for _ in expected] == expected


def test_a_number_of_which_any_address_is_taken_is_left_out() -> None:
    world = ControllerWorld()
    world.pod("a", "fd00::2")
    world.pod("b", "10.244.1.3")
    assert PodAddresses(world.index).pick("node-a", ["10.244.1.0/24", "fd00::/64"]) == ("10.244.1.4", "fd00::4")


def test_groups_are_taken_whole() -> None:
    world = ControllerWorld()
    world.pod("a", "10.0.0.1")
    addresses = PodAddresses(world.index)
    assert addresses.wanted([("10.0.0.1", "fd00::1"), ("10.0.0.2", "fd00::2")]) == ("10.0.0.2", "fd00::2")
    assert addresses.wanted([("10.0.0.1",)]) == ()
