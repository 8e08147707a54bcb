"""The names behind a change: what is listed for each kind of Service, and how a difference is shown."""

import pytest

from resolver.cluster.decoding import Decoder, Problem
from resolver.cluster.dns_records import Records, View
from resolver.cluster.inventory import ADDRESS, SERVICE, Inventory
from resolver.cluster.objects import ENDPOINT_SLICES, NAMESPACES, SERVICES
from resolver.controlplane.manifests import read_manifest
from resolver.server.name_changes import NameLine, changes, name_lines

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n"
WEB = """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  clusterIP: 10.96.0.12
  clusterIPs: [10.96.0.12, "fd00::c"]
  ports: [{name: http, port: 80, protocol: TCP}, {port: 90}]
---
"""
HEADLESS = """
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec:
  clusterIP: None
  ports: [{name: sql, port: 5432, protocol: TCP}]
---
"""
SLICE = """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
addressType: IPv4
endpoints:
- {addresses: [10.244.0.1], hostname: db-0}
- {addresses: [10.244.0.2]}
- {addresses: [10.244.0.3], conditions: {ready: false}}
ports: [{name: sql, port: 5432, protocol: TCP}]
---
"""
ALIAS = """
apiVersion: v1
kind: Service
metadata: {name: pay, namespace: shop}
spec: {type: ExternalName, externalName: pay.example.com}
---
"""


def _inventory(text: str) -> Inventory:
    decoder = Decoder(_never)
    kinds = [NAMESPACES, SERVICES, ENDPOINT_SLICES]
    inventory = Inventory(kinds, lambda: 0.0)
    documents = read_manifest(text.encode(), "a.yaml").documents
    for kind in kinds:
        found = [decoder.manifest(kind, each.value) for each in documents if each.kind == kind.name]
        inventory.replace(kind, [each for each in found if each is not None])
    return inventory


def _never(problem: Problem) -> None:
    raise AssertionError(problem)


LISTED = [
    (
        NAMESPACE + WEB,
        [
            "web.shop.svc.cluster.local A 10.96.0.12",
            "web.shop.svc.cluster.local AAAA fd00::c",
            "_http._tcp.web.shop.svc.cluster.local SRV 0 50 80 web.shop.svc.cluster.local",
            "12.0.96.10.in-addr.arpa PTR web.shop.svc.cluster.local",
            "c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa PTR web.shop.svc.cluster.local",
        ],
    ),
    (
        NAMESPACE + HEADLESS + SLICE,
        [
            "db.shop.svc.cluster.local A 10.244.0.1",
            "db.shop.svc.cluster.local A 10.244.0.2",
            "10-244-0-2.db.shop.svc.cluster.local A 10.244.0.2",
            "db-0.db.shop.svc.cluster.local A 10.244.0.1",
            "_sql._tcp.db.shop.svc.cluster.local SRV 0 50 5432 10-244-0-2.db.shop.svc.cluster.local",
            "_sql._tcp.db.shop.svc.cluster.local SRV 0 50 5432 db-0.db.shop.svc.cluster.local",
            "1.0.244.10.in-addr.arpa PTR db-0.db.shop.svc.cluster.local",
            "2.0.244.10.in-addr.arpa PTR 10-244-0-2.db.shop.svc.cluster.local",
        ],
    ),
    (NAMESPACE + ALIAS, ["pay.shop.svc.cluster.local CNAME pay.example.com"]),
    (NAMESPACE + HEADLESS, []),
    (
        NAMESPACE + SLICE,
        [
            "1.0.244.10.in-addr.arpa PTR db-0.db.shop.svc.cluster.local",
            "2.0.244.10.in-addr.arpa PTR 10-244-0-2.db.shop.svc.cluster.local",
        ],
    ),
    (ALIAS, []),
]


@pytest.mark.parametrize(("text", "lines"), LISTED)
def test_names_are_listed_as_they_are_answered(text: str, lines: list[str]) -> None:
    inventory = _inventory(text)
    keys = [(SERVICE, key) for key in inventory.services]
    keys += [(ADDRESS, ip) for ip in (*inventory.cluster_ips, *inventory.endpoint_ips)]  # type: ignore[misc]
    found = name_lines(Records(inventory, View()), keys, "cluster.local")
    assert [str(line) for line in sorted(found)] == lines


def test_addresses_that_are_not_written_canonically_have_no_reverse_name() -> None:
    records = Records(_inventory(NAMESPACE + WEB.replace("fd00::c", "FD00::0c")), View())
    assert name_lines(records, [(ADDRESS, "FD00::0c"), (ADDRESS, "nonsense")], "cluster.local") == set()


def _line(name: str, value: str, rank: int = 0) -> NameLine:
    return NameLine(rank, name, "A", value)


def test_what_went_is_shown_before_what_came_services_first() -> None:
    before = {_line("b", "1"), _line("c", "1"), _line("a", "1", 3)}
    after = {_line("b", "2"), _line("c", "1"), _line("a", "2", 3), _line("a", "0")}
    assert changes(before, after) == ["+ a A 0", "- b A 1", "+ b A 2", "- a A 1", "+ a A 2"]


def test_many_lines_are_counted_instead() -> None:
    lines = changes(set(), {_line(f"n{number:03}", "1") for number in range(100)})
    assert (len(lines), lines[0], lines[-1]) == (41, "+ n000 A 1", "... and 60 more")
