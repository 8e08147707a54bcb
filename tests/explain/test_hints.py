"""Hints: what may have been meant by a name that has no answer."""

import pytest

from resolver.cluster.dns_names import parse
from resolver.explain.asking import type_of
from resolver.explain.hints import hints, plugin_of
from resolver.explain.notes import Notes
from resolver.wire.names import name_from_text
from tests.support import cluster_objects as api
from tests.support.doors import World

OBJECTS = (
    api.namespace("shop"),
    api.namespace("lab"),
    api.service("web", "10.0.0.1", space="shop"),
    api.service("cart", space="lab"),
    api.endpoint_slice("cart-1", "cart", api.endpoint("10.1.0.1", hostname="cart-0"), "10.1.0.2", space="lab"),
    api.external_name("out", "example.org", space="lab"),
)
ZONE = name_from_text("cluster.local.")

HINTS = [
    # name, type, outcome: what is said
    ("web.shop.svc.cluster.local.", "A", "answer", []),
    ("web.shop.svc.cluster.local.lan.test.", "A", "NXDOMAIN",
     ["a search path has been put behind web.shop.svc.cluster.local (ndots is more than its dots): "
      "write the name with a dot at its end"]),
    ("web.shop.", "A", "REFUSED", ["the name is not below cluster.local: did you mean web.shop.svc.cluster.local?"]),
    ("web.shop.svc.", "A", "REFUSED",
     ["the name is not below cluster.local: did you mean web.shop.svc.cluster.local?"]),
    ("example.org.", "A", "REFUSED", []),
    ("x" * 63 + "." + "y" * 63 + "." + "z" * 63 + "." + "w" * 52 + ".", "A", "REFUSED", []),  # no room for a zone
    ("web.shop.svc.cluster.local.", "AAAA", "NODATA",
     ["ask for A; or let the Service have both families: ipFamilyPolicy PreferDualStack, "
      "where cluster and Pods have both"]),
    ("web.shop.svc.cluster.local.", "MX", "NODATA", []),
    ("out.lab.svc.cluster.local.", "A", "NODATA", []),
    ("_htp._tcp.web.shop.svc.cluster.local.", "SRV", "NXDOMAIN", ["its ports are _http._tcp"]),
    ("cart-1.cart.lab.svc.cluster.local.", "A", "NXDOMAIN", ["ready endpoints of it are called cart-0"]),
    ("nobody.cart.lab.svc.cluster.local.", "A", "NXDOMAIN", ["ready endpoints of it are called cart-0, 10-1-0-2"]),
    ("web.lab.svc.cluster.local.", "A", "NXDOMAIN",
     ["there is a Service of this name in another namespace: web.shop.svc.cluster.local"]),
    ("wbe.shop.svc.cluster.local.", "A", "NXDOMAIN", ["did you mean web.shop.svc.cluster.local?"]),
    ("zzz.shop.svc.cluster.local.", "A", "NXDOMAIN", []),
    ("zzz.shpo.svc.cluster.local.", "A", "NXDOMAIN", ["there is a namespace shop"]),
    ("shpo.svc.cluster.local.", "A", "NXDOMAIN", ["there is a namespace shop"]),
    ("10-1-0-1.shpo.pod.cluster.local.", "A", "NXDOMAIN", ["there is a namespace shop"]),
    ("shop.svc.cluster.local.", "A", "NODATA", []),
]  # fmt: skip


def said(name: str, qtype: str, outcome: str, *, multicluster: bool = False) -> list[str]:
    """The hints for a name that has been looked up in the world of OBJECTS."""
    plugin, wire, notes = World(OBJECTS).plugin, name_from_text(name), Notes()
    zone = plugin_of(wire, [plugin])
    request = parse(wire, len(ZONE)) if zone is not None else None
    if request is not None:
        notes.looked_up(request, multicluster=multicluster)
    return list(hints(wire, type_of(qtype), outcome, notes, zone, [plugin]))


@pytest.mark.parametrize(("name", "qtype", "outcome", "expected"), HINTS)
def test_every_miss_has_the_hints_that_fit_it(name: str, qtype: str, outcome: str, expected: list[str]) -> None:
    assert said(name, qtype, outcome) == expected


def test_imported_services_are_not_looked_for_among_those_of_this_cluster() -> None:
    assert said("wbe.shop.svc.cluster.local.", "A", "NXDOMAIN", multicluster=True) == []


def test_the_plugin_of_a_name_is_the_first_whose_zone_it_is_in() -> None:
    here, other = World(OBJECTS).plugin, World(OBJECTS, zones=("b.test.",)).plugin
    for text, found in (("web.b.test.", other), ("a.cluster.local.", here), ("a.test.", None)):
        assert plugin_of(name_from_text(text), [here, other]) is found
