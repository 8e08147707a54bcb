"""The rules that explanations name: what CoreDNS answers, and what Kubernetes does before it comes to DNS.

An id is a section's letter and a number; a letter alone is the table the section begins with. Those of Kubernetes have
``k8s.`` in front, since both count from A. docs/explain.md lists them all.
"""

from typing import Final, NamedTuple

COREDNS: Final = "CoreDNS"
KUBERNETES: Final = "Kubernetes"

_SECTIONS: Final = {
    "A": "Message shapes",
    "B": "Name parsing",
    "D": "Query types",
    "E": "SRV",
    "F": "Headless Services and endpoints",
    "G": "ExternalName and PTR",
    "H": "Serial and readiness",
    "I": "Pod names",
    "J": "NS, ns.dns, apex",
    "L": "kubernetes options",
    "M": "Other plugins",
    "N": "Server level",
    "k8s.N": "What the DNS server sees",
    "k8s.S": "EndpointSlices",
    "k8s.U": "Updates of Services",
}


class Rule(NamedTuple):
    """`id` as it is cited, ``F3`` or ``S8``; `document` is whose rule it is; `text` says it in a sentence."""

    id: str
    document: str
    section: str
    text: str

    def __str__(self) -> str:
        return f"{self.document} {self.id} ({self.section})"


_TEXTS: Final = {
    "A": "A name that exists without records of the type is NOERROR and a SOA (NODATA); one that does not is NXDOMAIN.",
    "A2": "A denial carries the SOA of the zone, whose TTL is that of the records, 300 at most.",
    "B": "Below a zone there are svc and pod, namespaces in them, and then Services with their ports and endpoints.",
    "B2": "A namespace is shown if its object exists and the options namespaces and namespace_labels do not hide it.",
    "B6": "A port and a protocol in the name choose among the ports; a name without them means all ports.",
    "D": "Names of a cluster have A, AAAA, SRV, CNAME and PTR records; other types are checked for existence only.",
    "D5": "The SOA stands at the zone's own name; below it SOA is NODATA, also for names that do not exist.",
    "D7": "dns-version has a TXT; the TXT of a name without any record is a name error.",
    "E1": "There is an SRV for each port and target; all candidates of both families share the weight 100.",
    "E3": "A Service or slice without ports makes no SRV, but counts in the weight.",
    "F2": "An endpoint whose condition ready is false has no name and no address; true or unknown counts as ready.",
    "F3": "A headless Service has its ready endpoints' addresses; without any the name does not exist, and if they are"
    " all of the other family there is no data.",
    "F5": "An endpoint is called by its hostname, else by its address with dashes; ready ones of a name are answered.",
    "F7": "The name of an endpoint that is unknown, or not ready, does not exist.",
    "F9": "With noendpoints nothing is known of endpoints: headless names do not exist.",
    "F10": "With ignore empty_service a Service without ready endpoints does not exist.",
    "F11": "With zonal a headless Service has names of its endpoints in one zone.",
    "G1": "An ExternalName is a CNAME: followed inside the zone, and asked of the server itself outside of it.",
    "G2": "The CNAME of an ExternalName is given without a look at where it leads.",
    "G3": "An ExternalName that is an IP address does not exist.",
    "G4": "An ExternalName has nothing but its CNAME: no ports, no endpoints, no other types.",
    "G5": "An address belongs to the Service that has it as a clusterIP, else to the ready endpoints that have it.",
    "G9": "A reverse name that is not of full length has no PTR; a full one has no other type.",
    "H6": "Before the first lists are in, a name that is not known is SERVFAIL, never NXDOMAIN.",
    "H9": "With labels only Services, slices and Pods that match are seen; with namespace_labels only such namespaces.",
    "I": "With pods insecure the dashed address in a name is its answer; with pods disabled these names do not exist.",
    "I1": "With pods verified a Pod of the namespace must have the address in its status.podIPs.",
    "I3": "A Pod's name that spells no address does not exist.",
    "I5": "A namespace below pod exists where Pods have names.",
    "J3": "The zone's NS are the Services in front of this server, else ns.dns.",
    "J4": "Without an address of its own to name, the zone has no NS.",
    "J5": "ns.dns has the addresses of the name servers, and no other type.",
    "L2": "With fallthrough a name that does not exist is left to the next plugin.",
    "L4": "In a multicluster zone names come from ServiceImports and imported slices.",
    "M": "Plugins other than kubernetes answer from their own files and from other servers.",
    "N4": "The longest zone of the listener's blocks that holds the name answers; without one the reply is REFUSED.",
    "N6": "A question that every plugin passes on is SERVFAIL.",
    "N8": "A UDP reply has 512 bytes, or what EDNS asks for; what does not fit is left out, and TC says so.",
    "k8s.N1": "A Service has A records of its IPv4 addresses and AAAA of its IPv6 ones; a family it lacks is no data.",
    "k8s.S1": "A Service without a selector has the endpoints that are written for it, and no others.",
    "k8s.S2": "A Service has slices of each family in its ipFamilies, and of no other.",
    "k8s.S5": "A Pod that has ended, or has no address yet, is no endpoint.",
    "k8s.S7": "A Pod is an endpoint in the families it has an address of.",
    "k8s.S8": "An endpoint is ready if its Pod is and does not terminate, or if publishNotReadyAddresses is set.",
    "k8s.S11": "An endpoint has a hostname if its Pod has spec.hostname, and the Service's name as spec.subdomain.",
    "k8s.U5": "A Service becomes dual-stack by ipFamilyPolicy PreferDualStack or RequireDualStack.",
}


def _rule(key: str, text: str) -> Rule:
    id = key.removeprefix("k8s.")
    return Rule(id, COREDNS if id == key else KUBERNETES, _SECTIONS[key.rstrip("0123456789")], text)


RULES: Final = {key: _rule(key, text) for key, text in _TEXTS.items()}
"""By what code says: ``F3``, ``k8s.S8``."""
