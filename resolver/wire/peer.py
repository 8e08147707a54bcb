"""Who asked: what a transport tells the core about the other end of a query."""

from dataclasses import dataclass
from typing import Literal, Protocol

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

    def keep(self) -> "KeptPeer":
        return self
