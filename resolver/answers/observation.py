"""What observers (metrics, the query log) are told of each reply, kept replies included."""

from typing import NamedTuple, Protocol

from resolver.wire.peer import Peer
from resolver.wire.query import Query


class Observation(NamedTuple):
    """One question and its reply. Equal questions give equal observations, so that they can be counted together.

    `server` is the listener as CoreDNS's metrics name it (``dns://:53``). `family` is 1 for IPv4 and 2 for IPv6; sizes
    in bytes; `size` is that of the reply if no name were compressed, and `flags` its header flags. `written` is False
    where nothing was sent. `qname` in wire form, lower case.
    `request_size` is that of the whole query, `options_size` the part of it that its EDNS options make.
    """

    server: str
    protocol: str
    family: int
    qname: bytes
    qtype: int
    qclass: int
    query_flags: int
    request_size: int
    do: bool
    bufsize: int
    rcode: int
    flags: int
    size: int
    written: bool
    options_size: int


class Counter(Protocol):
    """Counts replies. Kept replies are reported in bulk, when the counts are read."""

    def count(self, observation: Observation, times: int, seconds: float) -> None:
        """`seconds` is what all of these took together."""


class Listener(Protocol):
    """Hears of each reply as it is sent."""

    def hear(self, observation: Observation, query_id: int, client: Peer, seconds: float) -> None:
        """`client` is valid during the call only."""


def observe(query: Query, rcode: int, flags: int, size: int, *, written: bool) -> Observation:
    """The observation of this question and its reply."""
    client, edns = query.client, query.edns
    if client.protocol != "udp":
        bufsize = 0xFFFF
    else:
        bufsize = max(512, edns.size) if edns is not None else 512
    return Observation(
        query.router.server,
        client.protocol,
        1 if client.family == 4 else 2,
        query.name,
        query.qtype,
        query.qclass,
        query.flags,
        len(query.packet),
        edns is not None and edns.do,
        bufsize,
        rcode,
        flags,
        size,
        written,
        len(edns.options) if edns is not None else 0,
    )
