"""Names, addresses and ports as text, for the slow model of a cluster."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from tests.support.cluster_objects import Object


def is_inside(name: str, zone: str) -> bool:
    return zone in (".", name) or name.endswith(f".{zone}")


def is_reverse(name: str) -> bool:
    return name.endswith((".in-addr.arpa.", ".ip6.arpa."))


def absolute(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def line(owner: str, ttl: int, text: str) -> str:
    address = address_of(text)
    assert address is not None, text
    return f"{owner} {ttl} {'A' if address.version == 4 else 'AAAA'} {address}"


def reversed_address(name: str) -> str:
    """The address of a whole reverse name, empty for others."""
    if name.endswith(".in-addr.arpa."):
        text = ".".join(reversed(name.removesuffix(".in-addr.arpa.").split(".")))
        return text if address_of(text) else ""
    nibbles = name.removesuffix(".ip6.arpa.").split(".")
    if not name.endswith(".ip6.arpa.") or len(nibbles) != 32:
        return ""
    digits = "".join(reversed(nibbles))
    groups = ":".join(digits[at : at + 4] for at in range(0, 32, 4))
    address = address_of(groups)
    return str(address) if address else ""


def ready(part: Object) -> list[Object]:
    return [entry for entry in part["endpoints"] if entry["conditions"].get("ready") is not False]


def matching_ports(ports: Any, port: str, protocol: str, *, placeholder: bool = True) -> list[int | None]:
    """The numbers of the ports that a name means; a Service or slice without ports has one without a number."""
    declared = ports or ([{}] if placeholder else [])
    return [
        entry.get("port")
        for entry in declared
        if port in ("", entry.get("name", "").lower()) and protocol in ("", entry.get("protocol", "").lower())
    ]
