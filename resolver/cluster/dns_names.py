"""What a name below a zone asks for (the Kubernetes DNS schema as CoreDNS parses it: plugin/kubernetes/parse.go)."""

from enum import IntEnum
from typing import Final, NamedTuple

from resolver.cluster.addresses import canonical_address, packed_address
from resolver.wire.names import labels_of

SVC: Final = b"\x03svc"
POD: Final = b"\x03pod"
IN_ADDR_ARPA: Final = b"\x07in-addr\x04arpa\x00"
IP6_ARPA: Final = b"\x03ip6\x04arpa\x00"
DNS_VERSION: Final = b"\x0bdns-version"
NS_DNS: Final = b"\x02ns\x03dns"
HOSTMASTER: Final = b"\x0ahostmaster"

_ZONAL_ANCHOR: Final = b"_zone"
_PIN: Final = b"pin"
_PREFER: Final = b"prefer"


class Part(IntEnum):
    """Which part of the schema a name is in."""

    EMPTY = 0  # the apex, svc and pod: they exist and hold nothing
    NAMESPACE = 1  # <namespace>.svc
    POD_NAMESPACE = 2  # <namespace>.pod
    SERVICE = 3
    POD = 4


class Request(NamedTuple):
    """A parsed name, lower case. `namespace` and `key` (service and namespace) are wire labels, the others bare text.

    `pod` is the leftmost label that matters of a pod name. `topology` is the zone of a zonal name.
    """

    part: Part
    namespace: bytes = b""
    key: bytes = b""
    endpoint: bytes = b""
    port: bytes = b""
    protocol: bytes = b""
    cluster: bytes = b""
    topology: bytes = b""
    prefer: bool = False
    pod: bytes = b""


_EMPTY: Final = Request(Part.EMPTY)


def parse(name: bytes, zone_size: int, *, multicluster: bool = False, zonal: bool = False) -> Request | None:
    """The request of a lower-case wire name whose last `zone_size` bytes are the zone; None: no such name can exist."""
    rest = name[: len(name) - zone_size]
    starts = []
    at, end = 0, len(rest)
    while at < end:
        starts.append(at)
        at += rest[at] + 1
    count = len(starts)
    if count == 0:
        return _EMPTY
    last = rest[starts[-1] :]
    if last == SVC:
        pod = False
    elif last == POD:
        pod = True
    else:
        return None
    if count == 1:
        return _EMPTY
    namespace = rest[starts[-2] : starts[-1]]
    if count == 2:
        return Request(Part.POD_NAMESPACE if pod else Part.NAMESPACE, namespace)
    key = rest[starts[-3] : starts[-1]]
    if pod:
        # labels further left are parsed and then ignored, unless there are too many of them
        return Request(Part.POD, namespace, pod=key[1 : 1 + key[0]]) if count <= 5 else None
    if count == 3:
        return Request(Part.SERVICE, namespace, key)
    labels = [rest[start + 1 : start + 1 + rest[start]] for start in starts[:-3]]
    if count == 4:
        return Request(Part.SERVICE, namespace, key, endpoint=labels[0])
    if count == 5:
        left, right = labels
        if multicluster and not left.startswith(b"_") and not right.startswith(b"_"):
            return Request(Part.SERVICE, namespace, key, endpoint=left, cluster=right)
        return Request(Part.SERVICE, namespace, key, port=left.removeprefix(b"_"), protocol=right.removeprefix(b"_"))
    if not zonal or multicluster or labels[-1] != _ZONAL_ANCHOR or labels[-2] not in (_PIN, _PREFER):
        return None
    return Request(Part.SERVICE, namespace, key, topology=b".".join(labels[:-2]), prefer=labels[-2] == _PREFER)


def is_reverse(name: bytes) -> bool:
    """Below in-addr.arpa or ip6.arpa; the two themselves are not (CoreDNS dnsutil.IsReverse)."""
    return _ends_below(name, IN_ADDR_ARPA) or _ends_below(name, IP6_ARPA)


def _ends_below(name: bytes, zone: bytes) -> bool:
    return name.endswith(zone) and len(name) > len(zone)


def reverse_address(name: bytes) -> str:
    """The address a complete reverse name stands for, in canonical text; empty for any other name.

    32 nibbles make an IPv6 address, and up to three labels in front of them are overlooked (CoreDNS
    dnsutil.ExtractAddressFromReverse).
    """
    if _ends_below(name, IN_ADDR_ARPA):
        labels = labels_of(name)[-3::-1]
        if len(labels) != 4 or not all(label.isdigit() for label in labels):
            return ""
        packed = packed_address(b".".join(labels).decode())
    elif _ends_below(name, IP6_ARPA):
        labels = labels_of(name)[-3::-1]
        if not 32 <= len(labels) < 36 or any(len(label) != 1 for label in labels[:32]):
            return ""
        digits = b"".join(labels[:32])
        try:
            packed = bytes.fromhex(digits.decode("ascii"))
        except ValueError:
            return ""
        return canonical_address(packed_address(canonical_address(packed)) or packed)
    else:
        return ""
    return canonical_address(packed) if packed is not None else ""


def pod_address(label: bytes) -> str:
    """The address that a pod name spells: three dashes and no double one make IPv4, anything else IPv6."""
    if b"." in label:
        return ""
    text = label.decode("latin-1")
    if text.count("-") == 3 and "--" not in text:
        return text.replace("-", ".")
    return text.replace("-", ":")


def endpoint_label(address: str, hostname: bytes, target: bytes) -> bytes:
    """The name of an endpoint: its hostname, its Pod's name (`endpoint_pod_names`), or its dashed address.

    The dashed form is of the text as the slice spells it; a trailing dash gets a 0 (`2001:db8::` is `2001-db8--0`).
    """
    if hostname:
        return hostname
    if target:
        return target
    if "." in address:
        return address.replace(".", "-").encode()
    dashed = address.replace(":", "-")
    return (dashed + "0" if dashed.endswith("-") else dashed).encode()
