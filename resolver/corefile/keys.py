"""Keys of server blocks and zone lists of plugins: `[scheme://]zone[:port]`, with CIDR notation for reverse zones.

Read as CoreDNS 1.15.0 does (plugin/normalize.go, core/dnsserver/register.go and address.go).
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from resolver import limits
from resolver.corefile import go_syntax
from resolver.corefile.tokens import BadConfig, Token

DEFAULT_PORTS: Final = {"tls": 853, "dns": 53, "quic": 853, "grpc": 443, "https3": 443, "https": 443}  # by scheme

_NAME = re.compile(rb"(?:(?>\\[0-9]{3}|\\.|[^.\\]){1,%d}\.)+" % limits.LABEL_SIZE, re.DOTALL)
_PREFERRED = re.compile(r"(?:[a-z](?:[a-z0-9-]*[a-z0-9])?\.)+", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Key:
    """One zone on one port: scheme (`dns`, `tls`, ...), lower-case absolute zone in presentation form, port."""

    scheme: str
    zone: str
    port: int

    @property
    def text(self) -> str:
        """As CoreDNS lists it when it starts: `cluster.local.:53`, `tls://example.org.:853`."""
        return f"{'' if self.scheme == 'dns' else f'{self.scheme}://'}{self.zone}:{self.port}"


@dataclass(frozen=True, slots=True)
class Serving:
    """A key with the addresses it is bound to; one empty address is all addresses.

    `filtered` is a block whose `view` lets in some queries only: it may share its zone and port with others.
    """

    key: Key
    addresses: tuple[str, ...] = ("",)
    filtered: bool = False


def parse_keys(keys: Token | Iterable[Token], default_port: int = DEFAULT_PORTS["dns"]) -> list[Key]:
    """The keys of a server block, each CIDR notation as one key per reverse zone, in order.

    `default_port` is for keys without scheme and port; the other schemes have their own.
    """
    return [key for token in ([keys] if isinstance(keys, Token) else keys) for key in _parse_key(token, default_port)]


def _parse_key(token: Token, default_port: int) -> list[Key]:
    scheme, text = _split_scheme(token.text)
    if scheme not in DEFAULT_PORTS:
        raise BadConfig.at(token, f"scheme {scheme}:// cannot be served, use one of {', '.join(sorted(DEFAULT_PORTS))}")
    try:
        zones, port = _split_zones(text)
        for zone in zones:
            _split_zones(_absolute(zone))
    except ValueError as error:
        raise BadConfig.at(token, str(error)) from None
    if port is None:
        port = default_port if scheme == "dns" else DEFAULT_PORTS[scheme]
    if not 0 <= port <= limits.PORT:
        raise BadConfig.at(token, f"address {port}: invalid port")
    return [Key(scheme, _normal(zone), port) for zone in zones]


def expand_zone(text: str) -> list[str]:
    """The zones of one argument of a plugin: scheme and port taken off, CIDR notation expanded; none if it is bad."""
    try:
        zones, _ = _split_zones(_split_scheme(text)[1])
    except ValueError:
        return []
    return [_normal(zone) for zone in zones]


def plugin_zones(arguments: Iterable[Token], block_zones: Sequence[str]) -> list[str]:
    """The zones a plugin is for: those of its arguments, or of its block (`Key.zone`) if it has no argument.

    Bad arguments are dropped without a word, so zones may be none at all.
    """
    tokens = tuple(arguments)
    return [zone for token in tokens for zone in expand_zone(token.text)] if tokens else list(block_zones)


def fallthrough_zones(arguments: Iterable[Token]) -> list[str]:
    """The zones of a `fallthrough` option: all names if it has no argument."""
    return plugin_zones(arguments, ["."])


def has_preferred_syntax(zone: str) -> bool:
    """Whether a zone needs no warning at the start: letters, digits and hyphens (RFC 1035 §2.3.1), root, or reverse."""
    return zone == "." or is_reverse(zone) or bool(_PREFERRED.fullmatch(zone))


def is_reverse(zone: str) -> bool:
    """Whether CoreDNS takes a zone for a reverse zone: all below `in-addr.arpa.` and `ip6.arpa.`, but not these two."""
    return zone.endswith((".in-addr.arpa.", ".ip6.arpa."))


def check_overlaps(servings: Iterable[Serving]) -> None:
    """Refuse a zone that is served twice on one port and address, or on all addresses and on one of them.

    `servings` are those of all blocks in order. Raises BadConfig without a place: two are to blame.
    """
    taken: set[tuple[Key, str]] = set()
    latest_on: dict[Key, str] = {}
    for serving in servings:
        key = serving.key
        for address in serving.addresses:
            if (key, address) in taken:
                if serving.filtered:
                    continue
                raise BadConfig(f"cannot serve {_described(key, address)} - it is already defined")
            other = latest_on.get(key) if address == "" else "" if (key, "") in taken else None
            if other is not None:
                raise BadConfig(
                    f"cannot serve {_described(key, address)} - zone overlap listener capacity with "
                    f"{_described(key, other)}"
                )
            if not serving.filtered:
                taken.add((key, address))
                latest_on[key] = address


def _described(key: Key, address: str) -> str:
    return f"{key.scheme}://{key.zone}:{key.port}" + (f" on {address}" if address else "")


# -- one text ---------------------------------------------------------------------------------------------------------


def _split_scheme(text: str) -> tuple[str, str]:
    scheme, separator, rest = text.partition("://")
    return (scheme, rest) if separator and (scheme in DEFAULT_PORTS or scheme == "unix") else ("dns", text)


def _split_zones(text: str) -> tuple[list[str], int | None]:
    """Zones as written, or those that a CIDR notation covers, and the port. Raises ValueError with CoreDNS's text."""
    if not text or text.endswith(":"):
        raise ValueError(f"expecting data after last colon: {go_syntax.quote(text)}")
    name, colon, last = text.rpartition(":")
    try:
        port = go_syntax.integer(last) if colon else None
    except ValueError:
        port = None
    zone = text if port is None else name
    size = len(zone.encode(errors="replace"))
    if size > limits.ZONE_TEXT:
        raise ValueError(f"specified zone is too long: {size} > {limits.ZONE_TEXT}")
    if not _is_name(zone):
        raise ValueError(f"zone is not a valid domain name: {zone}")
    network = _network(zone)
    if network is None:
        return [zone], port
    if zone.startswith(":") or (zone.startswith("0") and ":" in zone):
        raise ValueError(f"invalid CIDR {zone}")
    return _reverse_zones(network), port


def _is_name(text: str) -> bool:
    r"""Whether miekg/dns takes the text for a domain name, which it does with nearly all: no label is empty or long.

    An escape (`\.`, `\DDD`) counts as one octet.
    """
    return text == "." or bool(text and _NAME.fullmatch(_absolute(text).encode(errors="replace")))


def _absolute(text: str) -> str:
    """The text with a final dot, unless it has one that no backslash escapes."""
    stem = text.removesuffix(".")
    backslashes = len(stem) - len(stem.rstrip("\\"))
    return text if stem != text and backslashes % 2 == 0 else f"{text}."


def _normal(zone: str) -> str:
    absolute = _absolute(zone)
    return absolute.lower() if absolute.isascii() else "".join(letter.lower()[0] for letter in absolute)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The network that `ADDRESS/BITS` lies in; None for every other text."""
    address_text, slash, bits_text = text.partition("/")
    if not slash or "%" in address_text or not (bits_text.isascii() and bits_text.isdigit()) or len(bits_text) > 8:
        return None
    try:
        return ipaddress.ip_network((address_text, int(bits_text)), strict=False)
    except ValueError:
        return None


def _reverse_zones(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> list[str]:
    """The reverse zones that together are the network: the prefix is rounded up to whole octets, or nibbles in IPv6."""
    width = 8 if network.version == 4 else 4  # bits of one label
    labels = -(-network.prefixlen // width)
    skipped = network.max_prefixlen // width - labels
    return [
        part.network_address.reverse_pointer.split(".", skipped)[-1] + "."
        for part in network.subnets(new_prefix=labels * width)
    ]
