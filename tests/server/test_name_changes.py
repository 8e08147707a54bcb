"""The names behind a change: what is listed for each kind of Service, and what a change touches."""

import pytest

from resolver.cluster.dns_records import Records, View
from resolver.cluster.inventory import ADDRESS, SERVICE, Inventory
from resolver.cluster.objects import ENDPOINT_SLICES, NAMESPACES, SERVICES, Kind
from resolver.cluster.source import ClusterRequest, Location
from resolver.controlplane.manifest_objects import ManifestReader
from resolver.controlplane.manifests import read_manifest
from resolver.server.name_changes import NameLine, changes, name_lines, touched_keys

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


def _objects(text: str) -> dict[Kind, list[object]]:
    found = ManifestReader(ClusterRequest(Location())).read(read_manifest(text.encode(), "a.yaml").documents)
    assert (found.problems, found.notices) == ([], [])
    kinds: dict[Kind, list[object]] = {NAMESPACES: [], SERVICES: [], ENDPOINT_SLICES: []}
    for placed in found.objects:
        kinds[placed.kind].append(placed.item)
    return kinds


def _inventory(text: str) -> Inventory:
    inventory = Inventory([NAMESPACES, SERVICES, ENDPOINT_SLICES], lambda: 0.0)
    for kind, objects in _objects(text).items():
        inventory.replace(kind, objects)  # type: ignore[arg-type]
    return inventory


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


WEB_KEY = (SERVICE, b"\x03web\x04shop")
DB_KEY = (SERVICE, b"\x02db\x04shop")
TOUCHED = [
    (NAMESPACE + WEB, NAMESPACE + WEB, set()),
    (NAMESPACE, NAMESPACE + WEB, {WEB_KEY, (ADDRESS, "10.96.0.12"), (ADDRESS, "fd00::c")}),
    (NAMESPACE + WEB, NAMESPACE, {WEB_KEY, (ADDRESS, "10.96.0.12"), (ADDRESS, "fd00::c")}),
    (
        NAMESPACE + WEB,
        NAMESPACE + WEB.replace("10.96.0.12", "10.96.0.13"),
        {WEB_KEY, (ADDRESS, "10.96.0.12"), (ADDRESS, "10.96.0.13"), (ADDRESS, "fd00::c")},
    ),
    (
        HEADLESS + SLICE,
        HEADLESS + SLICE.replace("10.244.0.2", "10.244.0.9"),
        {DB_KEY, (ADDRESS, "10.244.0.1"), (ADDRESS, "10.244.0.2"), (ADDRESS, "10.244.0.9")},
    ),
    (WEB + HEADLESS, NAMESPACE + WEB + HEADLESS, {WEB_KEY, DB_KEY}),
    (NAMESPACE + WEB + HEADLESS, WEB + HEADLESS, {WEB_KEY, DB_KEY}),
    (WEB, NAMESPACE.replace("shop", "other") + WEB, set()),
]


@pytest.mark.parametrize(("before", "after", "keys"), TOUCHED)
def test_a_change_touches_the_names_of_its_objects(before: str, after: str, keys: set[object]) -> None:
    inventory = _inventory(before)
    found: set[object] = set()
    for kind, objects in _objects(after).items():
        found |= touched_keys(inventory, kind, objects)  # type: ignore[arg-type]
    assert found == keys


def _line(name: str, value: str, rank: int = 0) -> NameLine:
    return NameLine(rank, name, "A", value)


def test_what_went_is_shown_before_what_came_services_first() -> None:
    before = {_line("b", "1"), _line("c", "1"), _line("a", "1", 3)}
    after = {_line("b", "2"), _line("c", "1"), _line("a", "2", 3), _line("a", "0")}
    assert changes(before, after) == ["+ a A 0", "- b A 1", "+ b A 2", "- a A 1", "+ a A 2"]


def test_many_lines_are_counted_instead() -> None:
    lines = changes(set(), {_line(f"n{number:03}", "1") for number in range(100)})
    assert (len(lines), lines[0], lines[-1]) == (41, "+ n000 A 1", "... and 60 more")
