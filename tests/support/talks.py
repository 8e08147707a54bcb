"""Talks over one TCP connection: what the client writes, what it is answered, and how the connection ends."""

from enum import Enum
from typing import NamedTuple

from resolver.wire import codes
from tests.support.packet_parts import (
    ANSWER,
    BARE_FORMERR,
    NXDOMAIN,
    REFUSED,
    ZONE,
    Expect,
    asked,
    head,
    labels,
    query,
    with_opt,
)


class End(Enum):
    """How the server ends a talk whose client does not."""

    AT_ONCE = "closed as soon as the replies are sent"
    FIRST_READ = "closed when the first query is too long in coming"
    IDLE = "closed when the next query is too long in coming"


class Talk(NamedTuple):
    """`writes` are what the client sends, one write each; `finished`: then it closes its own side.

    `coredns` is how CoreDNS 1.15.0 ends it where we depart from that.
    """

    id: str
    writes: tuple[bytes, ...]
    replies: tuple[Expect, ...]
    end: End
    why: str
    finished: bool = False
    coredns: End | None = None


def frame(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


_GOOD = frame(query())
_BROKEN = frame(head(questions=2) + asked())
_RESPONSE = frame(query(flags=0x8000))
_LONGEST = bytes(65_535)
_EDNS_ANSWER = ANSWER._replace(opt=512)
_TLS_HELLO = bytes.fromhex("16030100a5010000a10303") + bytes(80)

TALKS = [
    Talk("one-query", (_GOOD,), (ANSWER,), End.IDLE, "then 10 seconds for the next"),
    Talk("nothing", (), (), End.FIRST_READ, "3 seconds for the first query"),
    Talk("one-byte", (b"\0",), (), End.FIRST_READ, "3 seconds for a begun query"),
    Talk("frame-of-0", (b"\0\0",), (), End.AT_ONCE, "departure 10: no header", coredns=End.IDLE),
    Talk("frame-of-5", (frame(b"hello"),), (), End.AT_ONCE, "departure 10: no header", coredns=End.IDLE),
    Talk("frame-of-12", (frame(head(questions=0)),), (BARE_FORMERR,), End.IDLE, "a header, and no question"),
    Talk("cut-frame", (b"\0\x64" + bytes(47),), (), End.AT_ONCE, "the client gives up", finished=True),
    Talk("cut-length", (b"\0",), (), End.AT_ONCE, "the client gives up", finished=True),
    Talk("half-closed", (_GOOD,), (ANSWER,), End.AT_ONCE, "the reply is still sent", finished=True),
    Talk("three-at-once", (_GOOD * 3,), (ANSWER,) * 3, End.IDLE, "pipelined, answered in order"),
    Talk("hundred-at-once", (_GOOD * 100,), (ANSWER,) * 100, End.IDLE, "pipelined, answered in order"),
    Talk("response-between", (_GOOD + _RESPONSE + _GOOD,), (ANSWER, ANSWER), End.IDLE, "responses are passed over"),
    Talk("broken-between", (_GOOD + _BROKEN + _GOOD,), (ANSWER, BARE_FORMERR, ANSWER), End.IDLE, "and on it goes"),
    Talk("length-in-two-writes", (_GOOD[:1], _GOOD[1:]), (ANSWER,), End.IDLE, "a prefix split in two"),
    Talk("byte-by-byte", tuple(_GOOD[at : at + 1] for at in range(len(_GOOD))), (ANSWER,), End.IDLE, "slowly"),
    Talk("axfr", (frame(query(ZONE, codes.AXFR)),), (REFUSED,), End.IDLE, "no transfer plugin"),
    Talk("zeros", (frame(_LONGEST),), (BARE_FORMERR,), End.IDLE, "the longest frame there is"),
    Talk("tls-hello", (_TLS_HELLO,), (), End.FIRST_READ, "taken for the beginning of a frame of 5,635 bytes"),
    Talk("http", (b"GET / HTTP/1.1\r\nHost: dns\r\n\r\n",), (), End.FIRST_READ, "taken for a frame of 18,245 bytes"),
    Talk("edns", (frame(with_opt(size=512)),), (_EDNS_ANSWER,), End.IDLE, "the size is echoed and not obeyed"),
    Talk("endless-name", (frame(query(labels(*[1] * 30_000))),), (BARE_FORMERR,), End.IDLE, "30,000 labels"),
    Talk("missing", (frame(query(b"\1x" + ZONE)),), (NXDOMAIN,), End.IDLE, "a name that is not there"),
]
