"""Which piece of the Pod ranges each node has."""

from itertools import islice

import pytest

from resolver.controlplane.service_ranges import BadRange
from resolver.controlplane.workloads.pod_ranges import NodeMasks, pod_ranges


@pytest.mark.parametrize(
    ("cidrs", "first"),
    [
        (["10.244.0.0/16"], [("10.244.0.0/24",), ("10.244.1.0/24",)]),
        (
            ["10.244.0.0/16", "fc00::/48"],
            [("10.244.0.0/24", "fc00::/64"), ("10.244.1.0/24", "fc00:0:0:1::/64")],
        ),
        (
            ["fd00:10:244::/56", "10.244.0.0/16"],
            [("fd00:10:244::/64", "10.244.0.0/24"), ("fd00:10:244:1::/64", "10.244.1.0/24")],
        ),
        (["10.244.0.0/24"], [("10.244.0.0/26",), ("10.244.0.64/26",)]),
        (["fd00::/64"], [("fd00::/66",), ("fd00::4000:0:0:0/66",)]),
        (["fd00::/32"], [("fd00::/48",), ("fd00:0:1::/48",)]),
        (["10.244.3.7/16"], [("10.244.0.0/24",)]),
    ],
)
def test_nodes_get_pieces_in_order(cidrs: list[str], first: list[tuple[str, ...]]) -> None:
    assert list(islice(pod_ranges(cidrs).pieces(), len(first))) == first


def test_pieces_that_overlap_the_services_are_skipped() -> None:
    seed = pod_ranges(["10.244.0.0/16", "2001:db8:42:0::/56"], ["10.96.0.0/16", "2001:db8:42:1::/112"])
    assert [each[1] for each in islice(seed.pieces(), 2)] == ["2001:db8:42::/64", "2001:db8:42:2::/64"]


def test_a_range_has_an_end() -> None:
    assert len(list(pod_ranges(["10.244.0.0/16", "fd00::/60"]).pieces())) == 16


@pytest.mark.parametrize(
    ("cidrs", "words"),
    [
        (["10.244.0.0"], "10.244.0.0 is too small: write one of at least 32 addresses"),
        (["nonsense"], "'nonsense' is no CIDR; write for example 10.244.0.0/16,fd00:10:244::/56"),
        (["10.244.0.0/16", "10.245.0.0/16"], "one of each family: not 10.244.0.0/16,10.245.0.0/16"),
        ([], "not nothing"),
    ],
)
def test_bad_ranges_say_what_to_write(cidrs: list[str], words: str) -> None:
    with pytest.raises(BadRange, match="--cluster-cidr") as refused:
        pod_ranges(cidrs)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("cidrs", "masks", "first"),
    [
        (["10.244.0.0/16"], NodeMasks(either=26), ("10.244.0.0/26",)),
        (["10.244.0.0/16"], NodeMasks(ipv4=20), ("10.244.0.0/20",)),
        (["10.244.0.0/16", "fd00:10:244::/56"], NodeMasks(ipv6=72), ("10.244.0.0/24", "fd00:10:244::/72")),
        (["fd00::/64"], NodeMasks(ipv6=80), ("fd00::/80",)),
    ],
)
def test_the_pieces_have_the_size_that_is_said(cidrs: list[str], masks: NodeMasks, first: tuple[str, ...]) -> None:
    assert next(pod_ranges(cidrs, (), masks).pieces()) == first


@pytest.mark.parametrize(
    ("cidrs", "masks", "words"),
    [
        (["10.244.0.0/16", "fd00::/56"], NodeMasks(either=24), "is not allowed with dual-stack clusters"),
        (["10.244.0.0/16"], NodeMasks(24, 24), "-ipv6 is not allowed if --node-cidr-mask-size is set"),
        (["10.244.0.0/16"], NodeMasks(ipv6=64), "-ipv6 is not allowed for a single-stack IPv4 cluster"),
        (["fd00::/56"], NodeMasks(ipv4=24), "-ipv4 is not allowed for a single-stack IPv6 cluster"),
        (["10.244.0.0/16"], NodeMasks(either=15), "/15 is no piece of 10.244.0.0/16: write 16 to 30"),
        (["fd00::/56"], NodeMasks(ipv6=73), "/73 is no piece of fd00::/56: write 56 to 72"),
    ],
)
def test_sizes_no_controller_manager_starts_with_are_refused(cidrs: list[str], masks: NodeMasks, words: str) -> None:
    with pytest.raises(BadRange, match="--node-cidr-mask-size") as refused:
        pod_ranges(cidrs, (), masks)
    assert words in str(refused.value)
