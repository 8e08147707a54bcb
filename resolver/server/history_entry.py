"""One question of the history: how it is kept, and how it is read again.

A question is kept as bytes: a head, who asked (`Peer.sockaddr`), the query as far as its question can go, and the reply
as far as `limits.HISTORY_REPLY` goes. It is taken apart when somebody looks at it, and nothing it holds is trusted: a
query may be malformed, a reply may be one that a fault has spoiled.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from socket import AF_INET, AF_INET6, inet_ntop
from struct import Struct
from typing import Final, NamedTuple

from resolver import limits
from resolver.wire import codes
from resolver.wire.names import name_to_text
from resolver.wire.peer import Family, Network
from resolver.wire.rdata import Malformed, read_name, read_rdata
from resolver.wire.record_text import record_text
from resolver.wire.reply import Record

HEAD: Final = Struct("<dHHBI")
"""Seconds since 1970 when it was asked, bytes of the query that follow, channel, messages of the reply, their bytes."""

_SOCKADDR: Final = {4: 6, 6: 22}  # bytes of Peer.sockaddr
_QUERY: Final = Struct("!HHHHHH")
_QUESTION: Final = Struct("!HH")
_RECORD: Final = Struct("!HHIH")
_FLAGS: Final = (
    (codes.QR, "qr"), (codes.AA, "aa"), (codes.TC, "tc"), (codes.RD, "rd"),
    (codes.RA, "ra"), (codes.Z, "z"), (codes.AD, "ad"), (codes.CD, "cd"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what was said to it.

    `at`: seconds since 1970. `name` as it was asked, without its last dot; it and `type` are empty where the packet was
    no question. `rcode` is None and `messages` 0 where no reply was sent; a zone transfer has several messages, and the
    first is described. `flags`, such as ``("qr", "aa")``, are those of the reply, `answers` the lines of its answer
    section, `size` its bytes.
    """

    at: float
    client: str
    client_port: int
    server_port: int
    protocol: Network
    id: int
    name: str
    type: str
    rcode: str | None
    flags: tuple[str, ...]
    answers: tuple[str, ...]
    size: int
    messages: int


@dataclass(frozen=True, slots=True)
class Channel:
    """The socket that questions come in by."""

    protocol: Network
    family: Family
    port: int


class Entry(NamedTuple):
    """A kept question, its parts told apart but not read."""

    at: float
    channel: Channel
    messages: int
    size: int
    sockaddr: bytes
    query: bytes
    reply: bytes

    @property
    def address(self) -> bytes:
        """The asker's, 4 or 16 bytes."""
        return self.sockaddr[-4 if self.channel.family == 4 else -16 :]

    def question(self) -> tuple[bytes, int] | None:
        """The name in wire form as it was asked, and the type; None where the packet holds no such thing."""
        return question_of(self.query)

    def rcode(self) -> int | None:
        """Of the reply; None where there was none."""
        return _read_reply(self.reply).rcode if self.messages else None

    def asked(self) -> Asked:
        """All of it in words."""
        question, reply = self.question(), _read_reply(self.reply)
        family = AF_INET if self.channel.family == 4 else AF_INET6
        return Asked(
            at=self.at,
            client=inet_ntop(family, self.address),
            client_port=int.from_bytes(self.sockaddr[:2], "big"),
            server_port=self.channel.port,
            protocol=self.channel.protocol,
            id=int.from_bytes(self.query[:2], "big"),
            name="" if question is None else shown_name(question[0]),
            type="" if question is None else codes.type_text(question[1]),
            rcode=codes.rcode_text(reply.rcode) if self.messages else None,
            flags=tuple(text for bit, text in _FLAGS if reply.flags & bit),
            answers=tuple(record_text(record) for record in reply.answers),
            size=self.size,
            messages=self.messages,
        )


def entries_of(kept: bytes, channels: Sequence[Channel]) -> Iterator[Entry]:
    """Takes apart what was kept one after the other."""
    at, end = 0, len(kept)
    while at < end:
        seconds, asked, number, messages, size = HEAD.unpack_from(kept, at)
        channel = channels[number]
        sockaddr = at + HEAD.size
        query = sockaddr + _SOCKADDR[channel.family]
        reply = query + asked
        at = reply + min(size, limits.HISTORY_REPLY)
        yield Entry(seconds, channel, messages, size, kept[sockaddr:query], kept[query:reply], kept[reply:at])


def shown_name(name: bytes) -> str:
    """A wire name without its last dot; the root keeps it."""
    text = name_to_text(name)
    return text if text == "." else text[:-1]


def question_of(query: bytes) -> tuple[bytes, int] | None:
    """Name and type of a query; None unless it has one question, whole and without compression (RFC 1035 §4.1.2)."""
    if len(query) < limits.HEADER_SIZE or query[4:6] != b"\0\1":
        return None
    try:
        name, at = read_name(query, limits.HEADER_SIZE)
    except Malformed:
        return None
    return (name, query[at] << 8 | query[at + 1]) if at + 4 <= len(query) else None


class _Reply(NamedTuple):
    flags: int
    rcode: int
    answers: list[Record]


def _read_reply(reply: bytes) -> _Reply:
    """The first message in these bytes, which may be cut short or be no message: what can be read of it."""
    if len(reply) < limits.HEADER_SIZE:
        return _Reply(0, 0, [])
    _, flags, questions, *counts = _QUERY.unpack_from(reply)
    answers: list[Record] = []
    rcode, at = flags & codes.RCODE, limits.HEADER_SIZE
    try:
        for _ in range(questions):
            _, at = read_name(reply, at)
            at += _QUESTION.size
        for section, count in enumerate(counts):
            for _ in range(count):
                record, at = _read_record(reply, at)
                if record.rtype == codes.OPT:
                    rcode |= record.ttl >> 24 << 4
                elif section == 0:
                    answers.append(record)
    except Malformed:
        return _Reply(flags, rcode, answers)
    return _Reply(flags, rcode, answers)


def _read_record(message: bytes, at: int) -> tuple[Record, int]:
    """The record at this place and where it ends. Raises Malformed."""
    owner, at = read_name(message, at)
    if at + _RECORD.size > len(message):
        raise Malformed("a record is cut short")
    rtype, rclass, ttl, length = _RECORD.unpack_from(message, at)
    at += _RECORD.size
    if at + length > len(message):
        raise Malformed("record data is cut short")
    return Record(owner, rtype, rclass, ttl, read_rdata(message, rtype, at, at + length)), at + length
