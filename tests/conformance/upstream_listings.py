"""What CoreDNS 1.15.0's own tests expect of letters, reverse names, name servers and transfers.

Source: handler_case_test.go, reverse_test.go, ns_test.go, kubernetes_test.go and xfr_test.go of plugin/kubernetes in
coredns v1.15.0 (Apache-2.0).
"""

from ipaddress import ip_address

from tests.support import cluster_objects as api

TCP = ("http:80/tcp",)

# handler_case_test.go: (question, type, rcode or answer, authority, additional)
LETTERS = [
    (
        "not-a-service.testns.svc.ClUsTeR.lOcAl.",
        "A",
        [],
        ["ClUsTeR.lOcAl. 5 SOA ns.dns.ClUsTeR.lOcAl. hostmaster.ClUsTeR.lOcAl. # 7200 1800 86400 5"],
        [],
    ),
    ("SvC1.TeStNs.SvC.cLuStEr.LoCaL.", "A", ["SvC1.TeStNs.SvC.cLuStEr.LoCaL. 5 A 10.0.0.1"], [], []),
    (
        "_HtTp._TcP.sVc1.TeStNs.SvC.cLuStEr.LoCaL.",
        "SRV",
        ["_HtTp._TcP.sVc1.TeStNs.SvC.cLuStEr.LoCaL. 5 SRV 0 100 80 svc1.testns.svc.cLuStEr.LoCaL."],
        [],
        ["svc1.testns.svc.cLuStEr.LoCaL. 5 A 10.0.0.1"],
    ),
    (
        "Cluster.local.",
        "SOA",
        ["Cluster.local. 5 SOA ns.dns.Cluster.local. hostmaster.Cluster.local. # 7200 1800 86400 5"],
        [],
        [],
    ),
]

REVERSE_ZONES = [
    "cluster.local.",
    "0.10.in-addr.arpa.",
    "168.192.in-addr.arpa.",
    "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.c.b.a.4.3.2.1.ip6.arpa.",
    "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.0.0.7.7.0.0.0.0.d.f.ip6.arpa.",
]
REVERSE = [
    api.namespace("testns"),
    api.service("svc1", "192.168.1.100", space="testns", ports=TCP),
    api.endpoint_slice(
        "svc1-slice1",
        "svc1",
        api.endpoint("10.0.0.100", hostname="ep1a"),
        api.endpoint("10.0.0.99", hostname="double-ep"),
        space="testns",
        ports=TCP,
    ),
    api.endpoint_slice(
        "svc1-slice2",
        "svc1",
        api.endpoint("1234:abcd::1", hostname="ep1b"),
        api.endpoint("fd00:77:30::a", hostname="ip6svc1ex"),
        api.endpoint("fd00:77:30::2:9ba6", hostname="ip6svc1in"),
        space="testns",
        ports=TCP,
    ),
    api.endpoint_slice("svc1-ccccc", "svc1", api.endpoint("10.0.0.100", hostname="ep1a"), space="testns", ports=TCP),
    api.endpoint_slice("svc2-slice1", "svc2", api.endpoint("10.0.0.99", hostname="double-ep"), space="testns"),
]
_SVC1 = "svc1.testns.svc.cluster.local."


def _backwards(address: str) -> str:
    return f"{ip_address(address).reverse_pointer}."


REVERSE_ROWS: list[tuple[str, str, str, list[str]]] = [  # question, type, outcome, data or else the SOA's owner
    (_backwards("10.0.0.100"), "PTR", "NOERROR", [f"ep1a.{_SVC1}"]),
    (_backwards("192.168.1.100"), "PTR", "NOERROR", [_SVC1]),
    (_backwards("1234:abcd::1"), "PTR", "NOERROR", [f"ep1b.{_SVC1}"]),
    (_backwards("fd00:77:30::a"), "PTR", "NOERROR", [f"ip6svc1ex.{_SVC1}"]),
    (_backwards("fd00:77:30::2:9ba6"), "PTR", "NOERROR", [f"ip6svc1in.{_SVC1}"]),
    (_backwards("10.0.0.101"), "PTR", "NXDOMAIN", ["0.10.in-addr.arpa."]),
    ("example.org.cluster.local.", "PTR", "NXDOMAIN", ["cluster.local."]),
    ("svc1.testns.svc.cluster.local.", "PTR", "NODATA", ["cluster.local."]),
    ("svc1.testns.svc.0.10.in-addr.arpa.", "A", "NXDOMAIN", ["0.10.in-addr.arpa."]),
    ("100.0.0.10.cluster.local.", "PTR", "NXDOMAIN", ["cluster.local."]),
    (_backwards("10.0.0.99"), "PTR", "NOERROR", [f"double-ep.{_SVC1}", "double-ep.svc2.testns.svc.cluster.local."]),
]

# ns_test.go: the services in front of a server at 10.244.0.20, in their order, and the name servers that makes
NAME_SERVERS = [
    api.namespace("kube-system"),
    api.service("dns-service", "10.0.0.111", space="kube-system"),
    api.service("hdls-dns-service", space="kube-system"),
    api.service("dns6-service", "10::111", space="kube-system"),
    *(
        api.endpoint_slice(f"{name}-slice1", name, "10.244.0.20", space="kube-system")
        for name in ("dns-service", "hdls-dns-service", "dns6-service")
    ),
]
NAME_SERVER_ADDRESSES = [
    "dns-service.kube-system.svc.inter.webs.test. 5 A 10.0.0.111",
    "10-244-0-20.hdls-dns-service.kube-system.svc.inter.webs.test. 5 A 10.244.0.20",
    "dns6-service.kube-system.svc.inter.webs.test. 5 AAAA 10::111",
]

# kubernetes_test.go TestServicesAuthority: own addresses, type, addresses of ns.dns
AUTHORITY: list[tuple[list[str], str, list[str]]] = [
    (["1.2.3.4"], "A", ["1.2.3.4"]),
    (["1.2.3.4"], "AAAA", []),
    (["1:2::3:4"], "A", []),
    (["1:2::3:4"], "AAAA", ["1:2::3:4"]),
]


def _headless_listing(name: str, address: str, kind: str, endpoint: str) -> list[str]:
    return [
        f"{name} {kind} {address}",
        f"{endpoint}.{name} {kind} {address}",
        f"_http._tcp.{name} SRV 0 16 80 {endpoint}.{name}",
    ]


def _cluster_listing(name: str, port: int, label: str, *addresses: str) -> list[str]:
    return [
        *(f"{name} {address}" for address in addresses),
        f"{name} SRV 0 100 {port} {name}",
        f"{label}.{name} SRV 0 100 {port} {name}",
    ]


_HEADLESS = "hdls1.testns.svc"
LISTED = [  # xfr_test.go expectedZone, behind SOA, NS and the name server's address, in its order; names in the zone
    *_headless_listing(_HEADLESS, "172.0.0.2", "A", "172-0-0-2"),
    *_headless_listing(_HEADLESS, "172.0.0.3", "A", "172-0-0-3"),
    *_headless_listing(_HEADLESS, "172.0.0.4", "A", "dup-name"),
    *_headless_listing(_HEADLESS, "172.0.0.5", "A", "dup-name"),
    *_headless_listing(_HEADLESS, "5678:abcd::1", "AAAA", "5678-abcd--1"),
    *_headless_listing(_HEADLESS, "5678:abcd::2", "AAAA", "5678-abcd--2"),
    "hdlsprtls.testns.svc A 172.0.0.20",
    "172-0-0-20.hdlsprtls.testns.svc A 172.0.0.20",
    *_cluster_listing("kubedns.kube-system.svc", 53, "_dns._udp", "A 10.0.0.10"),
    *_cluster_listing("svc-dual-stack.testns.svc", 80, "_http._tcp", "A 10.0.0.3", "AAAA 10::3"),
    *_cluster_listing("svc1.testns.svc", 80, "_http._tcp", "A 10.0.0.1"),
    *_cluster_listing("svc6.testns.svc", 80, "_http._tcp", "AAAA 1234:abcd::1"),
    *_cluster_listing("svcempty.testns.svc", 80, "_http._tcp", "A 10.0.0.1"),
]
LISTED_ALIASES = [
    "external.testns.svc CNAME !ext.interwebs.test.",
    "external-to-service.testns.svc CNAME !svc1.testns.svc.cluster.local.",
]
