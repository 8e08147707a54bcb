"""The canonical layout of subsets."""

from typing import Any

import pytest

from resolver import limits
from resolver.controlplane.controllers.endpoint_subsets import repacked, truncated

HTTP = {"name": "http", "port": 80, "protocol": "TCP"}
DNS = {"name": "dns", "port": 53, "protocol": "UDP"}


def subset(*ips: str, waiting: tuple[str, ...] = (), ports: Any = (HTTP,)) -> dict[str, Any]:
    found = {
        "addresses": [{"ip": each} for each in ips],
        "notReadyAddresses": [{"ip": each} for each in waiting],
        "ports": list(ports),
    }
    return {key: each for key, each in found.items() if each}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([subset("10.0.0.2", "10.0.0.1")], [subset("10.0.0.1", "10.0.0.2")]),
        ([subset("10.0.0.1"), subset("10.0.0.2")], [subset("10.0.0.1", "10.0.0.2")]),
        ([subset("10.0.0.1"), subset("10.0.0.1", ports=[DNS])], [subset("10.0.0.1", ports=[DNS, HTTP])]),
        ([subset("10.0.0.1"), subset(waiting=("10.0.0.1",))], [subset(waiting=("10.0.0.1",))]),
        ([subset("10.0.0.1", ports=())], [subset("10.0.0.1", ports=())]),
        ([subset("10.0.0.1", "10.0.0.1")], [subset("10.0.0.1")]),
        (
            [subset("10.0.0.1", "10.0.0.2"), subset("10.0.0.1", ports=[DNS])],
            [subset("10.0.0.1", ports=[DNS]), subset("10.0.0.1", "10.0.0.2")],
        ),
        ([], []),
    ],
)
def test_subsets_are_repacked(given: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    assert repacked(given) == expected


def test_one_address_of_two_pods_is_two() -> None:
    one, two = ({"ip": "10.0.0.1", "targetRef": {"uid": uid}} for uid in ("b", "a"))
    (found,) = repacked([{"addresses": [one, two], "ports": [HTTP]}])
    assert found["addresses"] == [two, one]


def test_ports_with_an_application_protocol_stay_apart_where_asked() -> None:
    port = {**HTTP, "appProtocol": "h2c"}
    given = [subset("10.0.0.1", ports=[port]), subset("10.0.0.2", ports=[port])]
    assert (len(repacked(given)), len(repacked(given, apart=True))) == (1, 2)


def many(ready: int, waiting: int, base: int = 0) -> dict[str, Any]:
    def ips(first: int, count: int) -> list[str]:
        return [f"10.{base}.{number // 250}.{number % 250}" for number in range(first, first + count)]

    return subset(*ips(0, ready), waiting=tuple(ips(ready, waiting)))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(1000, 0)], None),
        ([(600, 500)], [(600, 400)]),
        ([(1200, 50)], [(1000, 0)]),
        ([(1500, 0), (500, 0)], [(750, 0), (250, 0)]),
        ([(999, 0), (0, 999)], [(999, 0), (0, 1)]),
        ([(0, 700), (0, 700), (0, 700)], [(0, 334), (0, 334), (0, 332)]),
    ],
)
def test_what_is_too_much_is_cut_in_proportion(
    sizes: list[tuple[int, int]], expected: list[tuple[int, int]] | None
) -> None:
    found = truncated([many(*each, base=number) for number, each in enumerate(sizes)])
    assert (found is None) == (expected is None)
    shown = [(len(each.get("addresses", ())), len(each.get("notReadyAddresses", ()))) for each in found or ()]
    assert shown == (expected or [])
    assert sum(map(sum, shown)) in (0, limits.ENDPOINTS_CAPACITY)
