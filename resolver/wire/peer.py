"""Who asked: what a transport tells the core about the other end of a query."""

from dataclasses import dataclass
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_pton
from typing import Literal, Protocol

from resolver import limits

Network = Literal["udp", "tcp"]
Family = Literal[4, 6]


class Peer(Protocol):
    """The asker of one query.

    A transport may hand out one object again and again, so it is valid only during the call it was given to:
    whoever needs it later takes `keep()`. Reading an attribute may cost a decoding, so read only what is used.
    """

    @property
    def protocol(self) -> Network:
        """`tcp` stands for every transport but UDP."""

    @property
    def family(self) -> Family:
        """The IP version of both addresses."""

    @property
    def address(self) -> str:
        """The asker's address in plain text, without brackets or scope."""

    @property
    def port(self) -> int:
        """The asker's port."""

    @property
    def local_address(self) -> str:
        """The address that was asked, also on a socket bound to all addresses."""

    @property
    def local_port(self) -> int:
        """The port that was asked."""

    @property
    def sockaddr(self) -> bytes | memoryview:
        """The asker's port and address as a `sockaddr` holds them: 2 and 4 bytes, or 2, 4 of flow label and 16."""

    def keep(self) -> "KeptPeer":
        """A copy that stays valid after the call."""


@dataclass(frozen=True, slots=True)
class KeptPeer:
    """A peer as a value."""

    protocol: Network
    family: Family
    address: str
    port: int
    local_address: str
    local_port: int

    @property
    def sockaddr(self) -> bytes:
        return _sockaddr(self.family, self.address, self.port)

    def keep(self) -> "KeptPeer":
        return self


@lru_cache(limits.KEPT_SOCKADDRS)
def _sockaddr(family: Family, address: str, port: int) -> bytes:
    if family == 4:
        return port.to_bytes(2, "big") + inet_pton(AF_INET, address)
    return port.to_bytes(2, "big") + bytes(4) + inet_pton(AF_INET6, address)
