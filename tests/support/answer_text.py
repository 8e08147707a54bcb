"""Replies as plain values that can be compared: sections as sorted lines, what changes from run to run left out."""

import re
from typing import Any

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

_SERIAL = re.compile(r"(SOA \S+ \S+) \d+")
_TTL = re.compile(r"^(\S+) \d+")
SECTIONS = ("answer", "authority", "additional")


def described(message: dns.message.Message) -> dict[str, Any]:
    """rcode, flags, question, sections and EDNS of a reply."""
    return {
        "rcode": dns.rcode.to_text(message.rcode()),
        "aa": bool(message.flags & dns.flags.AA),
        "ra": bool(message.flags & dns.flags.RA),
        "rd": bool(message.flags & dns.flags.RD),
        "question": [str(question.name) for question in message.question],
        **{section: _lines(getattr(message, section)) for section in SECTIONS},
        "edns": message.edns,
        "payload": message.payload if message.edns >= 0 else None,
    }


def _lines(rrsets: Any) -> list[str]:
    return sorted(
        f"{rrset.name} {rrset.ttl} {dns.rdatatype.to_text(rrset.rdtype)} {rdata}" for rrset in rrsets for rdata in rrset
    )


def comparable(reply: dict[str, Any], *, cached: bool) -> dict[str, Any]:
    """Without SOA serials; with a cache in front, without what it keeps of an earlier question."""
    reply = dict(reply)
    name = "." + reply["q"].lower().split()[0]
    foreign = not name.endswith(".cluster.local.") or any(" CNAME " in line for line in reply.get("answer") or [])
    for section in SECTIONS:
        lines = [_SERIAL.sub(r"\1 SERIAL", line) for line in reply.get(section) or []]
        if cached and foreign:
            lines = sorted(_TTL.sub(r"\1 TTL", line).lower() for line in lines)
        reply[section] = lines
    return reply


async def ask(question: str, address: str, port: int, *, edns: int = -1, tcp: bool = False) -> dict[str, Any]:
    """Asks ``NAME TYPE`` over UDP, again over TCP where TC is set; an exception is a reply of its own kind."""
    name, rtype = question.split()
    query = dns.message.make_query(name, rtype, use_edns=0 if edns > 0 else -1, payload=max(edns, 0))
    try:
        send = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
        message = await send(query, address, timeout=5, port=port)
        truncated = bool(message.flags & dns.flags.TC)
        if truncated:
            message = await dns.asyncquery.tcp(query, address, timeout=5, port=port)
    except dns.exception.DNSException as error:
        return {"q": question, "error": f"{type(error).__name__}: {error}"}
    return {"q": question, **described(message), "tc": truncated}


def differences(expected: dict[str, Any], found: dict[str, Any], *, cached: bool) -> dict[str, Any]:
    """What is not equal: member to (expected, found)."""
    left, right = comparable(expected, cached=cached), comparable(found, cached=cached)
    return {
        member: (left.get(member), right.get(member))
        for member in sorted(left.keys() | right.keys())
        if left.get(member) != right.get(member)
    }
