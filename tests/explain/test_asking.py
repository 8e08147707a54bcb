"""From what somebody types to a question."""

from typing import Any

import pytest

from resolver.explain.asking import BadQuestion, near, type_of, whole_question
from resolver.plugins.kubernetes import Kubernetes
from resolver.wire.names import name_from_text, name_to_text
from tests.support import cluster_objects as api
from tests.support.doors import World

OBJECTS = (api.namespace("shop"), api.service("web", "10.0.0.1", space="shop"))

NAMES = [
    # given, other zones served: whole, whether it is said
    ("web.shop", (), "web.shop.svc.cluster.local.", True),
    ("web.shop.svc", (), "web.shop.svc.cluster.local.", True),
    ("1-2-3-4.shop.pod", (), "1-2-3-4.shop.pod.cluster.local.", True),
    ("web.shop.svc.cluster.local", (), "web.shop.svc.cluster.local.", False),
    ("Web.Shop.svc.Cluster.Local", (), "Web.Shop.svc.Cluster.Local.", False),
    ("web.shop.", (), "web.shop.", False),
    ("web", (), "web.default.svc.cluster.local.", True),
    ("_http._tcp.web.shop", (), "_http._tcp.web.shop.svc.cluster.local.", True),
    ("example.org", (".",), "example.org.", False),
    ("web.shop", (".",), "web.shop.svc.cluster.local.", True),
    ("web.lost", (), "web.lost.svc.cluster.local.", True),
    ("10.0.0.1", (), "1.0.0.10.in-addr.arpa.", True),
    (".", (), ".", False),
]


def plugins() -> list[Kubernetes]:
    return [World(OBJECTS).plugin]


@pytest.mark.parametrize(("given", "served", "whole", "said"), NAMES)
def test_short_names_are_completed(given: str, served: tuple[str, ...], whole: str, said: bool) -> None:
    asked = whole_question(given, "A", plugins(), [name_from_text(zone) for zone in served])
    assert name_to_text(asked.name) == whole
    assert bool(asked.note) == said
    assert not said or whole in asked.note


def test_an_address_is_asked_backwards() -> None:
    for text in ("fd00::1", "[fd00::1]"):
        asked = whole_question(text, "A", plugins(), [])
        assert name_to_text(asked.name).endswith(".ip6.arpa.")
        assert asked.qtype == 12


def test_the_namespace_of_a_single_label_may_be_said() -> None:
    assert name_to_text(whole_question("web", "A", plugins(), [], "shop").name) == "web.shop.svc.cluster.local."


@pytest.mark.parametrize(
    ("name", "qtype", "message"),
    [
        ("web.shop", "AAA", "no record type is called AAA; did you mean AAAA?"),
        ("web.shop", "srvv", "did you mean SRV?"),
        ("web.shop", "???", "Known are A, AAAA, SRV"),
        ("web..shop", "A", "0 bytes long"),
        ("x" * 64, "A", "64 bytes long"),
        (".".join(["x" * 60] * 4), "A", "with the zone behind it"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(name: str, qtype: str, message: str) -> None:
    with pytest.raises(BadQuestion) as refused:
        whole_question(name, qtype, plugins(), [])
    assert message in str(refused.value)


def test_types_go_by_name_and_by_number() -> None:
    found: list[Any] = [type_of(text) for text in ("aaaa", "A", "TYPE65280", "SVCB")]
    assert found == [28, 1, 65280, 64]


def test_near_names_are_few_and_the_nearest_comes_first() -> None:
    assert near("wbe", ["shop", "api", "web"]) == ["web"]
    assert near("zzz", ["web"]) == []
