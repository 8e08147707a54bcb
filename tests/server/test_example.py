"""Which Service is suggested as a question."""

import pytest

from resolver import limits
from resolver.cluster.decoding import Decoder
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import KINDS, NAMESPACES, SERVICES
from resolver.cluster.reading import Detail
from resolver.server.example import KUBERNETES, Example, example
from tests.support import cluster_objects as objects
from tests.support.cluster_objects import Object

SPACES = [objects.namespace(name) for name in ("default", "kube-system", "shop")]
SYSTEM = [
    objects.service("kubernetes", "10.96.0.1"),
    objects.service("kube-dns", "10.96.0.10", "fd00::a", space="kube-system"),
]


def inventory(*items: Object) -> Inventory:
    found = Inventory(KINDS.values(), lambda: 0.0)
    decoder = Decoder(pytest.fail, Detail())
    for kind in (NAMESPACES, SERVICES):
        decoded = [decoder.manifest(kind, item) for item in items if item["kind"] == kind.name]
        found.replace(kind, [item for item in decoded if item is not None])
    return found


SUGGESTED = [
    ([], KUBERNETES),
    (SPACES, KUBERNETES),
    ([*SPACES, *SYSTEM], Example("kube-dns.kube-system", "AAAA")),
    ([*SPACES, SYSTEM[0]], Example("kubernetes.default", "A")),
    ([*SPACES, objects.service("kubernetes", "fd00::1")], Example("kubernetes.default", "AAAA")),
    ([*SPACES, *SYSTEM, objects.service("web", "10.96.0.2", space="shop")], Example("web.shop", "A")),
    (
        [
            *SPACES,
            *SYSTEM,
            objects.service("four", "10.96.0.2", space="shop"),
            objects.service("six", "fd00::2", space="shop"),
            objects.service("seven", "fd00::3", space="shop"),
        ],
        Example("six.shop", "AAAA"),
    ),
    ([*SPACES, objects.service("headless", space="shop")], KUBERNETES),
    ([*SPACES, objects.external_name("away", "example.org", space="shop")], KUBERNETES),
    ([objects.service("web", "10.96.0.2", space="hidden")], KUBERNETES),
]


@pytest.mark.parametrize(("items", "suggested"), SUGGESTED)
def test_the_users_own_is_better_and_ipv6_is(items: list[Object], suggested: Example) -> None:
    assert example([inventory(*items)]) == suggested


def test_all_clusters_are_looked_at() -> None:
    there = inventory(*SPACES, objects.service("web", "10.96.0.2", space="shop"))
    assert example([inventory(*SPACES, *SYSTEM), there]) == Example("web.shop", "A")
    assert example([]) == KUBERNETES


def test_no_more_are_looked_at_than_it_is_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EXAMPLES", 1)
    services = [objects.service(name, ip, space="shop") for name, ip in (("four", "10.96.0.2"), ("six", "fd00::2"))]
    assert example([inventory(*SPACES, *services)]) == Example("four.shop", "A")
