"""A question as a packet, and whether a packet that came is the reply to it."""

from struct import Struct
from typing import Final, NamedTuple

from resolver import limits
from resolver.wire import codes
from resolver.wire.edns import opt_record, option
from resolver.wire.message import Message, Question, parse_message
from resolver.wire.rdata import Malformed

_HEADER: Final = Struct("!HHHHHH")
_COOKIE: Final = 10


class AskedEdns(NamedTuple):
    """The OPT of a question: the largest reply in bytes, DO, the client's cookie (empty: none), further options."""

    size: int = limits.BUFSIZE_DEFAULT
    do: bool = False
    cookie: bytes = b""
    options: bytes = b""


class Asked(NamedTuple):
    """A question on its way."""

    id: int
    question: Question
    packet: bytes


class Unrelated(ValueError):
    """A packet that is no reply to the question; the message says why."""


def ask(id: int, question: Question, *, flags: int = codes.RD, edns: AskedEdns | None = None) -> Asked:
    """The question as a packet. `flags` are those of the header; names are in wire form."""
    name, qtype, qclass = question
    parts = [_HEADER.pack(id, flags, 1, 0, 0, edns is not None), name, qtype.to_bytes(2), qclass.to_bytes(2)]
    if edns is not None:
        cookie = option(_COOKIE, edns.cookie) if edns.cookie else b""
        parts.append(opt_record(edns.size, edns.do, cookie + edns.options))
    return Asked(id, question, b"".join(parts))


def read_reply(asked: Asked, packet: bytes) -> Message:
    """The reply. Raises Unrelated where it is none to this question, Malformed where it cannot be read.

    A reply without any question is one, as servers send it for what they could not read; letter case does not count.
    """
    if len(packet) < limits.HEADER_SIZE:
        raise Unrelated(f"{len(packet)} bytes, which is no message")
    id_, flags, *_ = _HEADER.unpack_from(packet)
    if id_ != asked.id:
        raise Unrelated(f"ID mismatch: expected ID {asked.id}, got {id_}")
    if not flags & codes.QR:
        raise Unrelated("a query, not a reply")
    message = parse_message(packet)
    if message.questions and not _is_same(message.questions, asked.question):
        raise Unrelated("another question than was asked")
    return message


def _is_same(found: tuple[Question, ...], asked: Question) -> bool:
    question = found[0]
    return (
        len(found) == 1
        and question.name.lower() == asked.name.lower()
        and (question.qtype, question.qclass) == (asked.qtype, asked.qclass)
    )


__all__ = ["Asked", "AskedEdns", "Malformed", "Message", "Question", "Unrelated", "ask", "read_reply"]
