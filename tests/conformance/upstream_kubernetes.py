"""What CoreDNS 1.15.0's own tests of its kubernetes plugin expect, as facts about clusters made of objects.

Source: plugin/kubernetes/*_test.go of coredns v1.15.0 (Apache-2.0). A row is a name, a type and what is expected:
``NXDOMAIN``, ``NODATA``, ``SERVFAIL``, or the answer's records as ``OWNER TYPE DATA``, ``@`` being the question.
Names are in the zone; TTLs are 5 everywhere.
"""

from typing import Any, NamedTuple

from resolver.cluster.dns_records import PodMode, View
from tests.support import cluster_objects as api

Rows = list[tuple[str, str, str | list[str]]]


class Table(NamedTuple):
    """One Go table: cluster, set-up of the plugin, rows. `glue` is the additional section of a question."""

    id: str
    objects: list[api.Object]
    options: dict[str, Any]
    rows: Rows
    glue: dict[tuple[str, str], list[str]]


TCP, UDP = ("http:80/tcp",), ("dns:53/udp",)
_HEADLESS = [
    "172.0.0.2",
    "172.0.0.3",
    api.endpoint("172.0.0.4", hostname="dup-name"),
    api.endpoint("172.0.0.5", hostname="dup-name"),
    "5678:abcd::1",
    "5678:abcd::2",
]
_NAMESPACES = [api.namespace(name) for name in ("kube-system", "testns", "unexposedns", "podns", "svcns")]

# handler_test.go: svcIndex and epsIndex
SERVE = [
    *_NAMESPACES,
    api.service("kubedns", "10.0.0.10", space="kube-system", ports=UDP),
    api.service("svc1", "10.0.0.1", space="testns", ports=TCP),
    api.service("svcempty", "10.0.0.1", space="testns", ports=TCP),
    api.service("svc6", "1234:abcd::1", space="testns", ports=TCP),
    api.service("hdls1", space="testns", ports=()),
    api.external_name("external", "ext.interwebs.test", space="testns", ports=TCP),
    api.external_name("external-to-service", "svc1.testns.svc.cluster.local.", space="testns", ports=TCP),
    api.service("hdlsprtls", space="testns", ports=()),
    api.service("svc1", "10.0.0.2", space="unexposedns", ports=TCP),
    api.service("svc-dual-stack", "10.0.0.3", "10::3", space="testns", ports=TCP),
    api.endpoint_slice("kubedns", "kubedns", "172.0.0.100", space="kube-system", ports=UDP),
    api.endpoint_slice("svc1-slice1", "svc1", api.endpoint("172.0.0.1", hostname="ep1a"), space="testns", ports=TCP),
    api.endpoint_slice("svcempty-slice1", "svcempty", space="testns", ports=TCP),
    api.endpoint_slice("hdls1-slice1", "hdls1", *_HEADLESS, space="testns", ports=TCP),
    api.endpoint_slice("hdlsprtls-slice1", "hdlsprtls", "172.0.0.20", space="testns", ports=()),
    api.pod("foo", "10.240.0.1", space="podns"),
]

# the same as imports: svcImportIndex and mcEpsIndex
IMPORTED = [
    *_NAMESPACES,
    api.service_import("kubedns", "10.0.0.10", space="kube-system", ports=UDP),
    api.service_import("svc1", "10.0.0.1", space="testns", ports=TCP),
    api.service_import("svcempty", "10.0.0.1", space="testns", ports=TCP),
    api.service_import("svc6", "1234:abcd::1", space="testns", ports=TCP),
    api.service_import("hdls1", space="testns", kind="Headless", ports=()),
    api.service_import("hdlsprtls", space="testns", kind="Headless", ports=()),
    api.service_import("svc1", "10.0.0.2", space="unexposedns", ports=TCP),
    api.service_import("svc-dual-stack", "10.0.0.3", "10::3", space="testns", ports=TCP),
    api.imported_slice("kubedns", "kubedns", "cluster1", "172.0.0.100", space="kube-system", ports=UDP),
    api.imported_slice(
        "svc1-slice1", "svc1", "cluster1", api.endpoint("172.0.0.1", hostname="ep1a"), space="testns", ports=TCP
    ),
    api.imported_slice("svcempty-slice1", "svcempty", "cluster1", space="testns", ports=TCP),
    api.imported_slice("hdls1-slice1", "hdls1", "cluster1", *_HEADLESS, space="testns", ports=TCP),
    api.imported_slice("hdlsprtls-slice1", "hdlsprtls", "cluster1", "172.0.0.20", space="testns", ports=()),
]

_HEADLESS_4 = [f"@ A 172.0.0.{number}" for number in (2, 3, 4, 5)]
_COMMON: Rows = [
    ("svc1.testns.svc", "A", ["@ A 10.0.0.1"]),
    ("svcempty.testns.svc", "A", ["@ A 10.0.0.1"]),
    ("svc1.testns.svc", "SRV", ["@ SRV 0 100 80 svc1.testns.svc"]),
    ("svcempty.testns.svc", "SRV", ["@ SRV 0 100 80 svcempty.testns.svc"]),
    ("svc6.testns.svc", "SRV", ["@ SRV 0 100 80 svc6.testns.svc"]),
    ("_http._tcp.svc1.testns.svc", "SRV", ["@ SRV 0 100 80 svc1.testns.svc"]),
    ("_http._tcp.svcempty.testns.svc", "SRV", ["@ SRV 0 100 80 svcempty.testns.svc"]),
    ("hdls1.testns.svc", "A", _HEADLESS_4),
    ("hdlsprtls.testns.svc", "A", ["@ A 172.0.0.20"]),
    ("svc1.testns.svc", "AAAA", "NODATA"),
    ("svc0.testns.svc", "AAAA", "NXDOMAIN"),
    ("svc0.testns.svc", "A", "NXDOMAIN"),
    ("svc0.svc-nons.svc", "A", "NXDOMAIN"),
    ("svc1.testns.svc", "TXT", "NODATA"),
    ("svc0.svc-nons.svc", "TXT", "NXDOMAIN"),
    ("bogusendpoint.hdls1.testns.svc", "A", "NXDOMAIN"),
    ("bogusendpoint.svc0.testns.svc", "A", "NXDOMAIN"),
    ("svc6.testns.svc", "AAAA", ["@ AAAA 1234:abcd::1"]),
    ("_http._tcp.svc6.testns.svc", "SRV", ["@ SRV 0 100 80 svc6.testns.svc"]),
    ("hdls1.testns.svc", "AAAA", ["@ AAAA 5678:abcd::1", "@ AAAA 5678:abcd::2"]),
    ("svc", "A", "NODATA"),
    ("pod", "A", "NODATA"),
    ("testns.svc", "A", "NODATA"),
    ("svc", "NS", "NODATA"),
    ("testns.svc", "NS", "NODATA"),
    ("foo", "NS", "NXDOMAIN"),
    ("foo.svc", "NS", "NXDOMAIN"),
    ("svc-dual-stack.testns.svc", "A", ["@ A 10.0.0.3"]),
    ("svc-dual-stack.testns.svc", "AAAA", ["@ AAAA 10::3"]),
    ("svc-dual-stack.testns.svc", "SRV", ["@ SRV 0 50 80 svc-dual-stack.testns.svc"]),
    ("svc1.testns.svc", "SOA", "NODATA"),
    ("endpoint.external.testns.svc", "CNAME", "NXDOMAIN"),
    ("subdomain.subdomain.external.testns.svc", "CNAME", "NXDOMAIN"),
]
_COMMON_GLUE = {
    ("svc1.testns.svc", "SRV"): ["svc1.testns.svc A 10.0.0.1"],
    ("svcempty.testns.svc", "SRV"): ["svcempty.testns.svc A 10.0.0.1"],
    ("svc6.testns.svc", "SRV"): ["svc6.testns.svc AAAA 1234:abcd::1"],
    ("_http._tcp.svc1.testns.svc", "SRV"): ["svc1.testns.svc A 10.0.0.1"],
    ("_http._tcp.svcempty.testns.svc", "SRV"): ["svcempty.testns.svc A 10.0.0.1"],
    ("_http._tcp.svc6.testns.svc", "SRV"): ["svc6.testns.svc AAAA 1234:abcd::1"],
    ("svc-dual-stack.testns.svc", "SRV"): [
        "svc-dual-stack.testns.svc A 10.0.0.3",
        "svc-dual-stack.testns.svc AAAA 10::3",
    ],
}


def _endpoints(middle: str) -> tuple[Rows, dict[tuple[str, str], list[str]]]:
    """The endpoints of the headless service, whose names have the cluster in the middle in a multicluster zone."""
    base, portless = f"{middle}hdls1.testns.svc", f"{middle}hdlsprtls.testns.svc"
    names = ["172-0-0-2", "172-0-0-3", "5678-abcd--1", "5678-abcd--2", "dup-name"]
    srv = [f"@ SRV 0 16 80 {name}.{base}" for name in names]
    glue = [
        f"172-0-0-2.{base} A 172.0.0.2",
        f"172-0-0-3.{base} A 172.0.0.3",
        f"5678-abcd--1.{base} AAAA 5678:abcd::1",
        f"5678-abcd--2.{base} AAAA 5678:abcd::2",
        f"dup-name.{base} A 172.0.0.4",
        f"dup-name.{base} A 172.0.0.5",
    ]
    rows: Rows = [
        ("_http._tcp.hdls1.testns.svc", "SRV", srv),
        (f"5678-abcd--2.{base}", "AAAA", ["@ AAAA 5678:abcd::2"]),
        (f"5678-abcd--1.{base}", "AAAA", ["@ AAAA 5678:abcd::1"]),
        (f"172-0-0-20.{portless}", "A", ["@ A 172.0.0.20"]),
        (f"172-0-0-2.{base}", "A", ["@ A 172.0.0.2"]),
        (f"172-0-0-3.{base}", "A", ["@ A 172.0.0.3"]),
        (f"dup-name.{base}", "A", ["@ A 172.0.0.4", "@ A 172.0.0.5"]),
    ]
    return rows, {("_http._tcp.hdls1.testns.svc", "SRV"): glue}


_OWN, _OWN_GLUE = _endpoints("")
_FOREIGN, _FOREIGN_GLUE = _endpoints("cluster1.")
_ONE = View(namespaces=frozenset((b"\6testns",)))
_ZONE = "cluster.local."

_ZONED = [
    api.namespace("testns"),
    api.service("hdls", space="testns", ports=()),
    api.service("clstr", "10.0.0.10", space="testns", ports=TCP),
    api.endpoint_slice(
        "hdls-slice",
        "hdls",
        api.endpoint("172.0.0.1", zone="us-west-2a"),
        api.endpoint("172.0.0.2", zone="us-west-2b"),
        api.endpoint("172.0.0.3", zone="us-west-2b"),
        space="testns",
        ports=TCP,
    ),
]
_B, _C = "us-west-2b.pin._zone.hdls.testns.svc", "us-west-2c.prefer._zone.hdls.testns.svc"
_ZONAL_ROWS: Rows = [
    ("us-west-2a.pin._zone.hdls.testns.svc", "A", ["@ A 172.0.0.1"]),
    (_B, "A", ["@ A 172.0.0.2", "@ A 172.0.0.3"]),
    ("us-west-2c.pin._zone.hdls.testns.svc", "A", "NODATA"),
    ("us-west-2a.prefer._zone.hdls.testns.svc", "A", ["@ A 172.0.0.1"]),
    (_C, "A", ["@ A 172.0.0.1", "@ A 172.0.0.2", "@ A 172.0.0.3"]),
    ("us-west-2a.pin._zone.ghost.testns.svc", "A", "NXDOMAIN"),
    ("us-west-2a.florp._zone.hdls.testns.svc", "A", "NXDOMAIN"),
    ("us-west-2a.pin._zone.clstr.testns.svc", "A", "NXDOMAIN"),
    ("us-west-2c.pin._zone.hdls.testns.svc", "TXT", "NODATA"),
    (_C, "SRV", [f"@ SRV 0 33 80 172-0-0-{number}.hdls.testns.svc" for number in (1, 2, 3)]),
    (_C, "TXT", "NODATA"),
    (_B, "SRV", [f"@ SRV 0 50 80 172-0-0-{number}.hdls.testns.svc" for number in (2, 3)]),
]
_ZONAL_GLUE = {
    (_C, "SRV"): [f"172-0-0-{number}.hdls.testns.svc A 172.0.0.{number}" for number in (1, 2, 3)],
    (_B, "SRV"): [f"172-0-0-{number}.hdls.testns.svc A 172.0.0.{number}" for number in (2, 3)],
}

_PODS = "10-240-0-1.podns.pod"
_INSECURE: Rows = [
    (_PODS, "A", ["@ A 10.240.0.1"]),
    ("172-0-0-2.podns.pod", "A", ["@ A 172.0.0.2"]),
    *(("blah.podns.pod", qtype, "NXDOMAIN") for qtype in ("A", "AAAA", "HINFO")),
    ("blah.pod-nons.pod", "A", "NXDOMAIN"),
    ("podns.pod", "A", "NODATA"),
]
_VERIFIED: Rows = [
    (_PODS, "A", ["@ A 10.240.0.1"]),
    ("podns.pod", "A", "NODATA"),
    ("svcns.svc", "A", "NODATA"),
    ("pod-nons.pod", "A", "NXDOMAIN"),
    ("172-0-0-2.podns.pod", "A", "NXDOMAIN"),
]
_DISABLED: Rows = [(_PODS, "A", "NXDOMAIN"), ("172-0-0-2.podns.pod", "A", "NXDOMAIN")]
_IGNORED: Rows = [
    ("svcempty.testns.svc", "A", "NXDOMAIN"),
    ("external.testns.svc", "CNAME", ["@ CNAME !ext.interwebs.test."]),
]
_ALIASES: Rows = [
    ("external.testns.svc", "CNAME", ["@ CNAME !ext.interwebs.test."]),
    ("external-to-service.testns.svc", "A", ["@ CNAME svc1.testns.svc", "svc1.testns.svc A 10.0.0.1"]),
]
_NAMES: Rows = [("svc1.testns.svc", "A", ["@ A 10.0.0.1"]), ("svc1.nsnoexist.svc", "A", "NXDOMAIN")]
_APEX: Rows = [
    *(("", qtype, "NODATA") for qtype in ("HINFO", "A", "AAAA", "SRV")),
    ("", "NS", ["@ NS ns.dns"]),
]
_APEX_GLUE = {("", "NS"): ["ns.dns A 127.0.0.1"]}
_NOT_SYNCED: Rows = [("svc0.testns.svc", "A", "SERVFAIL")]

TABLES = [
    Table("serve", SERVE, {"view": _ONE}, [*_COMMON, *_OWN, *_ALIASES], {**_COMMON_GLUE, **_OWN_GLUE}),
    Table(
        "multicluster",
        IMPORTED,
        {"view": _ONE, "multicluster_zones": (b"\7cluster\5local\0",)},
        [*_COMMON, *_FOREIGN, ("5678-abcd--1.hdls1.testns.svc", "AAAA", "NXDOMAIN")],
        {**_COMMON_GLUE, **_FOREIGN_GLUE},
    ),
    Table("namespaces", SERVE, {}, _NAMES, {}),
    Table("not-synced", SERVE, {"view": _ONE, "synced": False}, _NOT_SYNCED, {}),
    Table("ignore-empty", SERVE, {"view": View(ignore_empty_service=True)}, _IGNORED, {}),
    Table("pods-disabled", SERVE, {}, _DISABLED, {}),
    Table("pods-insecure", SERVE, {"view": View(pods=PodMode.INSECURE)}, _INSECURE, {}),
    Table("pods-verified", SERVE, {"view": View(pods=PodMode.VERIFIED)}, _VERIFIED, {}),
    Table("apex", SERVE, {"local": ["127.0.0.1"]}, _APEX, _APEX_GLUE),
    Table("zonal", _ZONED, {"view": View(namespaces=_ONE.namespaces, zonal=True)}, _ZONAL_ROWS, _ZONAL_GLUE),
    Table("zonal-off", _ZONED, {"view": _ONE}, [("us-west-2a.pin._zone.hdls.testns.svc", "A", "NXDOMAIN")], {}),
]
