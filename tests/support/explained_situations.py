"""Situations that are explained, each with the rule and the reason that must be named."""

from typing import Any

from tests.support import cluster_objects as api
from tests.support.cluster_objects import Object

SHOP = (api.namespace("shop"), api.namespace("lab"))


def ready_pod(name: str, *ips: str, **spec: str) -> Object:
    found = api.pod(name, *ips, space="shop")
    return {**found, "spec": spec, "metadata": {**found["metadata"], "labels": {"app": "db"}}}


def selecting(name: str = "db", **more: Any) -> Object:
    return api.service(name, space="shop", selector={"app": "db"}, ipFamilies=["IPv4"], **more)


SITUATIONS: dict[str, tuple[list[Object], str, str, str, tuple[str, str, str, str]]] = {
    # objects beside SHOP, name, type, options of kubernetes: outcome, rule, reason left out, a word of the text
    "cluster address": ([api.service("web", "10.0.0.1", space="shop")], "web.shop", "A", "",
                        ("answer", "N1", "", "spec.clusterIPs[0]")),
    "other family": ([api.service("web", "10.0.0.1", space="shop")], "web.shop", "AAAA", "",
                     ("NODATA", "N1", "other-family", "PreferDualStack")),
    "not ready": ([api.service("db", space="shop"),
                   api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", ready=False), space="shop")],
                  "db.shop", "A", "", ("NXDOMAIN", "F3", "not-ready", "is not ready")),
    "not ready by name": ([api.service("db", space="shop"), api.endpoint_slice(
                              "db-1", "db", api.endpoint("10.1.0.1", ready=False, hostname="db-0"), "10.1.0.2",
                              space="shop")],
                          "db-0.db.shop", "A", "", ("NXDOMAIN", "F7", "not-ready", "hostname db-0")),
    "terminating": ([api.service("db", space="shop"), {
                        **api.endpoint_slice("db-1", "db", space="shop"), "endpoints": [
                            {"addresses": ["10.1.0.1"],
                             "conditions": {"ready": False, "serving": True, "terminating": True}}]}],
                    "db.shop", "A", "", ("NXDOMAIN", "F3", "terminating", "terminates")),
    "no hostname": ([selecting(), ready_pod("db-0", "10.1.0.1"),
                     api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", pod="db-0"), space="shop")],
                    "db-0.db.shop", "A", "", ("NXDOMAIN", "F7", "no-hostname", "10-1-0-1")),
    "other subdomain": ([selecting(), ready_pod("db-0", "10.1.0.1", hostname="db-0", subdomain="dbs"),
                         api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", pod="db-0"), space="shop")],
                        "db-0.db.shop", "A", "", ("NXDOMAIN", "F7", "other-subdomain", "is dbs, not db")),
    "Pod of one family": ([selecting() | {"spec": {**selecting()["spec"], "ipFamilies": ["IPv4", "IPv6"]}},
                           ready_pod("db-0", "10.1.0.1"),
                           api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", pod="db-0"), space="shop")],
                          "db.shop", "AAAA", "", ("NODATA", "N1", "other-family", "it has no IPv6 address")),
    "Service of one family": ([selecting(), ready_pod("db-0", "10.1.0.1", "fd00::1"),
                               api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", pod="db-0"), space="shop")],
                              "db.shop", "AAAA", "", ("NODATA", "N1", "other-family", "no slices of IPv6")),
    "Pod without address": ([selecting(), ready_pod("db-0")], "db.shop", "A", "",
                            ("NXDOMAIN", "F3", "no-address", "it has no address yet")),
    "Pod no slice has": ([selecting(), ready_pod("db-0", "10.1.0.1", "fd00::1", nodeName="gone")], "db.shop", "A", "",
                         ("NXDOMAIN", "F3", "no-slice", "has its IPv4 address: the controller has yet to add it, "
                          "whose Node gone must be there")),
    "Pod that has ended": ([selecting(), {**ready_pod("db-0", "10.1.0.1"), "status": {"phase": "Succeeded"}}],
                           "db.shop", "A", "", ("NXDOMAIN", "F3", "ended", "it has succeeded")),
    "namespace not exposed": ([api.service("web", "10.0.0.1", space="shop")], "web.shop", "A", "namespaces lab",
                              ("NXDOMAIN", "B2", "", "the namespaces option leaves this namespace out")),
    "namespace missing": ([api.service("web", "10.0.0.1", space="lost")], "web.lost.svc.cluster.local", "A", "",
                          ("NXDOMAIN", "B2", "", "there is no such namespace")),
    "namespace without label": ([api.service("web", "10.0.0.1", space="shop")], "web.shop.svc.cluster.local", "A",
                                "namespace_labels dns=on",
                                ("NXDOMAIN", "B2", "label-missing", "dns: no such label")),
    "Service without label": ([api.service("web", "10.0.0.1", space="shop")], "web.shop", "A", "labels dns=on",
                              ("NXDOMAIN", "B", "label-missing", "`labels dns=on`")),
    "slice without label": ([{**api.service("db", space="shop"),
                              "metadata": {"name": "db", "namespace": "shop", "labels": {"dns": "on"}}},
                             api.endpoint_slice("db-1", "db", "10.1.0.1", space="shop")],
                            "db.shop", "A", "labels dns=on",
                            ("NXDOMAIN", "F3", "label-missing", "EndpointSlice shop/db-1")),
    "port without such a name": ([api.service("web", "10.0.0.1", space="shop")], "_htp._tcp.web.shop", "SRV", "",
                                 ("NXDOMAIN", "B6", "", "its ports are _http._tcp")),
    "port of no endpoint": ([api.service("db", space="shop"),
                             api.endpoint_slice("db-1", "db", "10.1.0.1", space="shop")],
                            "_http._udp.db.shop", "SRV", "", ("NXDOMAIN", "B6", "no-such-port", "_http._tcp")),
    "no port": ([api.service("db", space="shop", ports=()),
                 api.endpoint_slice("db-1", "db", "10.1.0.1", space="shop", ports=())],
                "db.shop", "SRV", "", ("NODATA", "E3", "no-port", "an SRV record needs one")),
    "another type": ([api.service("web", "10.0.0.1", space="shop")], "web.shop", "MX", "",
                     ("NODATA", "D", "", "MX is no type")),
    "TXT": ([], "shop.svc.cluster.local", "TXT", "", ("NXDOMAIN", "D7", "", "name error")),
    "SOA below": ([], "nothing.shop", "SOA", "", ("NODATA", "D5", "", "stands at the zone's own name")),
    "typing mistake": ([api.service("web", "10.0.0.1", space="shop")], "wbe.shop", "A", "",
                       ("NXDOMAIN", "B", "", "did you mean web.shop.svc.cluster.local?")),
    "other namespace": ([api.service("web", "10.0.0.1", space="lab")], "web.shop", "A", "",
                        ("NXDOMAIN", "B", "", "in another namespace: web.lab.svc.cluster.local")),
    "namespace mistyped": ([api.service("web", "10.0.0.1", space="shop")], "web.shpo.svc.cluster.local", "A", "",
                           ("NXDOMAIN", "B2", "", "there is a namespace shop")),
    "search path": ([api.service("web", "10.0.0.1", space="shop")],
                    "web.shop.svc.cluster.local.svc.cluster.local", "A", "",
                    ("NXDOMAIN", "B", "", "a search path has been put behind web.shop.svc.cluster.local")),
    "zone left off": ([api.service("web", "10.0.0.1", space="shop")], "web.shop.", "A", "",
                      ("REFUSED", "N4", "", "did you mean web.shop.svc.cluster.local?")),
    "too many labels": ([api.service("web", "10.0.0.1", space="shop")], "a.b.c.web.shop", "A", "",
                        ("NXDOMAIN", "B", "", "names of this form do not exist")),
    "ExternalName": ([api.external_name("out", "web.shop.svc.cluster.local", space="shop"),
                      api.service("web", "10.0.0.1", space="shop")], "out.shop", "A", "",
                     ("answer", "N1", "", "Service shop/out spec.externalName")),
    "ExternalName to nothing": ([api.external_name("out", "no.shop.svc.cluster.local", space="shop")], "out.shop", "A",
                                "", ("NODATA", "G1", "", "no address of this family")),
    "ExternalName out": ([api.external_name("out", "example.org", space="shop")], "out.shop", "A", "",
                         ("answer", "G1", "", "the server asks itself")),
    "ExternalName that is an address": ([api.external_name("out", "10.9.9.9", space="shop")], "out.shop", "A", "",
                                        ("NXDOMAIN", "G3", "", "externalName is an address")),
    "ExternalName has no port": ([api.external_name("out", "example.org", space="shop")], "_http._tcp.out.shop", "SRV",
                                 "", ("NXDOMAIN", "G4", "", "no ports")),
    "address": ([api.service("web", "fd00::1", space="shop")], "fd00::1", "PTR", "",
                ("answer", "G5", "", "Service shop/web spec.clusterIPs[0]")),
    "reverse name of another type": ([], "9.9.9.10.in-addr.arpa", "A", "",
                                     ("NXDOMAIN", "G9", "", "has PTR records and no others")),
    "reverse name too short": ([], "9.9.10.in-addr.arpa", "PTR", "",
                               ("NXDOMAIN", "G9", "", "not the reverse name of a whole address")),
    "address of nobody": ([], "10.9.9.9", "PTR", "", ("NXDOMAIN", "G5", "", "no ready endpoint has the address")),
    "address of a hidden namespace": ([api.service("web", "10.0.0.1", space="shop")], "10.0.0.1", "PTR",
                                      "namespaces lab", ("NXDOMAIN", "G5", "namespace-hidden", "leaves this")),
    "address that is not ready": (
        [api.service("db", space="shop"), api.endpoint_slice(
            "db-1", "db", api.endpoint("10.1.0.1", ready=False), space="shop")],
        "10.1.0.1", "PTR", "", ("NXDOMAIN", "G5", "not-ready", "10.1.0.1: the endpoint is not ready")),
    "Pod names off": ([], "10-1-0-1.shop.pod", "A", "", ("NXDOMAIN", "I", "", "the pods option")),
    "Pod names insecure": ([], "10-1-0-1.shop.pod", "A", "pods insecure", ("answer", "I", "", "says the address")),
    "Pod name without address": ([], "web.shop.pod", "A", "pods insecure", ("NXDOMAIN", "I3", "", "no address")),
    "Pod names verified": ([ready_pod("db-0", "10.1.0.1")], "10-1-0-1.shop.pod", "A", "pods verified",
                           ("answer", "I1", "", "Pod shop/db-0 status.podIPs[0]")),
    "no Pod": ([], "10-1-0-1.shop.pod", "A", "pods verified", ("NXDOMAIN", "I1", "", "no Pod of this namespace")),
    "noendpoints": ([api.service("db", space="shop"), api.endpoint_slice("db-1", "db", "10.1.0.1", space="shop")],
                    "db.shop", "A", "noendpoints", ("NXDOMAIN", "F9", "", "nothing is known of endpoints")),
    "empty Service": ([api.service("web", "10.0.0.1", space="shop"), api.endpoint_slice(
                          "web-1", "web", api.endpoint("10.1.0.1", ready=False), space="shop")],
                      "web.shop", "A", "ignore empty_service", ("NXDOMAIN", "F10", "not-ready", "no ready endpoint")),
    "other zone": ([api.service("db", space="shop"), api.endpoint_slice(
                       "db-1", "db", api.endpoint("10.1.0.1", zone="a"), space="shop")],
                   "b.pin._zone.db.shop", "A", "zonal", ("NODATA", "F11", "other-zone", "it is in another zone")),
    "falls through": ([], "web.shop", "A", "fallthrough", ("SERVFAIL", "N6", "", "no plugin comes after it")),
    "broken address": ([api.service("db", space="shop"),
                        api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", "here"), space="shop")],
                       "db.shop", "A", "", ("answer", "F3", "broken", "is no IP address: 'here'")),
    "single label": ([api.namespace("default"), api.service("web", "10.0.0.1")], "web", "A", "",
                     ("answer", "N1", "", "is taken for a Service of the namespace default")),
}  # fmt: skip
