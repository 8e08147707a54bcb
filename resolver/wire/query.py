"""A question as it goes through the chain."""

from struct import Struct
from typing import Any, Final

from resolver import limits
from resolver.wire import codes
from resolver.wire.peer import Peer

_TYPE_AND_CLASS: Final = Struct("!HH")


class Edns:
    """The OPT of a query (RFC 6891): the size the asker takes, its version, DO, and its options as they came."""

    __slots__ = ("do", "options", "size", "version")

    def __init__(self, size: int, version: int = 0, do: bool = False, options: bytes = b"") -> None:
        self.size = size
        self.version = version
        self.do = do
        self.options = options

    def __repr__(self) -> str:
        return f"Edns(size={self.size}, version={self.version}, do={self.do}, options={self.options!r})"


class Query:
    """One question of one asker.

    `asked` is the name as it came, `name` the same in lower case; both in wire form. `flags` are the header's two
    flag bytes. `packet` is the whole query as it came, `limit` the size in bytes of the longest reply it can take.
    `lookups` counts how deep in questions of the server to itself this one is; `router` is that of the listener the
    question came in by, which is where such questions go. `witness` hears how it is answered; None but for questions
    that are to be explained (resolver/answers/witness.py).
    """

    __slots__ = (
        "asked",
        "client",
        "edns",
        "flags",
        "id",
        "limit",
        "lookups",
        "name",
        "packet",
        "qclass",
        "qtype",
        "router",
        "witness",
    )

    def __init__(
        self,
        id: int,
        flags: int,
        asked: bytes,
        qtype: int,
        qclass: int,
        edns: Edns | None,
        client: Peer,
        packet: bytes,
    ) -> None:
        self.id = id
        self.flags = flags
        self.asked = asked
        self.name = asked.lower()
        self.qtype = qtype
        self.qclass = qclass
        self.edns = edns
        self.client = client
        self.packet = packet
        self.limit = reply_limit(client.protocol, edns)
        self.lookups = 0
        self.router: Any = None
        self.witness: Any = None

    @property
    def opcode(self) -> int:
        return (self.flags & codes.OPCODE) >> 11

    @property
    def do(self) -> bool:
        return self.edns is not None and self.edns.do

    def asking(self, asked: bytes, qtype: int) -> "Query":
        """The same asker's question with another name and type, in class IN, as the server asks itself."""
        packet, end = self.packet, limits.HEADER_SIZE + len(self.asked) + _TYPE_AND_CLASS.size
        question = asked + _TYPE_AND_CLASS.pack(qtype, codes.IN)
        packet = packet[: limits.HEADER_SIZE] + question + packet[end:]
        other = Query(self.id, self.flags, asked, qtype, codes.IN, self.edns, self.client, packet)
        other.lookups = self.lookups + 1
        other.router = self.router
        other.witness = self.witness
        return other


def reply_limit(protocol: str, edns: Edns | None) -> int:
    """Bytes a reply may have: all over TCP; over UDP 512 or what EDNS says, at least 512 (RFC 6891 §6.2.5)."""
    if protocol != "udp":
        return limits.MESSAGE_SIZE
    if edns is None or edns.size < limits.UDP_REPLY_SIZE:
        return limits.UDP_REPLY_SIZE
    return edns.size


PASSED_FLAGS: Final = codes.RD | codes.CD
"""Flags of a query that its reply repeats."""
