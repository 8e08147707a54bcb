"""Names along a search path, and the two libraries by name."""

import pytest

from resolver.client.resolv_conf import ResolvConf
from resolver.client.search import WALKS, candidates, walk_of
from tests.support.walks import found, played


@pytest.mark.parametrize(
    ("name", "ndots", "expected"),
    [
        ("web", 5, ["web.a.b", "web.b", "web"]),
        ("web.", 5, ["web."]),
        ("web.shop", 2, ["web.shop.a.b", "web.shop.b", "web.shop"]),
        ("web.shop", 1, ["web.shop", "web.shop.a.b", "web.shop.b"]),
        ("web", 0, ["web", "web.a.b", "web.b"]),
    ],
)
def test_a_name_with_enough_dots_comes_first_else_last(name: str, ndots: int, expected: list[str]) -> None:
    assert candidates(name, ["a.b", ".", "b"], ndots) == expected


@pytest.mark.parametrize("libc", WALKS)
def test_both_libraries_find_a_service_of_the_own_namespace(libc: str) -> None:
    conf = ResolvConf(("10.96.0.10",), ("shop.svc.cluster.local",), ("ndots:5",))
    zone = {"web.shop.svc.cluster.local": (found("10.96.0.20"), found("fd00::14"))}
    _, verdict = played(walk_of(libc, "web", conf), zone)
    assert sorted(verdict.addresses) == ["10.96.0.20", "fd00::14"]
