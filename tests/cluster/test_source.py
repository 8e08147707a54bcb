import pytest

from resolver.cluster.objects import ENDPOINT_SLICES, NAMESPACES, PODS, SERVICE_IMPORTS, SERVICES, Kind
from resolver.cluster.source import ClusterRequest, Location

BASE = [NAMESPACES, SERVICES]


@pytest.mark.parametrize(
    ("request_", "kinds"),
    [
        (ClusterRequest(Location()), [*BASE, ENDPOINT_SLICES]),
        (ClusterRequest(Location(), endpoints=False), BASE),
        (ClusterRequest(Location(), pods=True), [*BASE, ENDPOINT_SLICES, PODS]),
        (ClusterRequest(Location(), endpoints=False, multicluster=True), [*BASE, ENDPOINT_SLICES, SERVICE_IMPORTS]),
    ],
)
def test_only_the_kinds_that_are_needed_are_watched(request_: ClusterRequest, kinds: list[Kind]) -> None:
    assert request_.kinds() == kinds


def test_two_requests_joined_are_all_that_either_needs() -> None:
    one = ClusterRequest(Location(), endpoints=False, pods=True, targets=True)
    two = ClusterRequest(Location(), endpoints=True, multicluster=True, zones=True)
    assert one.joined(two) == two.joined(one)
    assert one.joined(two) == ClusterRequest(Location(), True, True, True, True, True)


def test_equal_locations_are_one() -> None:
    assert len({Location(), Location(), Location(labels="a=b")}) == 2
