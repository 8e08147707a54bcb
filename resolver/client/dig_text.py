"""A reply as `dig` prints it, line for line (BIND 9.18; docs/query-tools.md says what differs)."""

from collections.abc import Iterator
from dataclasses import dataclass
from socket import AF_INET, AF_INET6, inet_ntop
from typing import Any, Final

from resolver import limits
from resolver.wire import codes
from resolver.wire.edns import CLIENT_SUBNET, DO, EXPIRE, EXTENDED_ERROR, KEEPALIVE
from resolver.wire.message import Message, Opt, Question
from resolver.wire.record_text import name_text, rdata_text, type_text
from resolver.wire.reply import Record

NSID, COOKIE, PADDING = 3, 10, 12
_TTL_COLUMN, _CLASS_COLUMN, _TYPE_COLUMN, _DATA_COLUMN = 24, 32, 40, 48
_TAB: Final = 8
_OPCODES: Final = ("QUERY", "IQUERY", "STATUS", "RESERVED3", "NOTIFY", "UPDATE")
_FLAGS: Final = (
    (codes.QR, "qr"), (codes.AA, "aa"), (codes.TC, "tc"), (codes.RD, "rd"), (codes.RA, "ra"), (codes.AD, "ad"),
    (codes.CD, "cd"),
)  # fmt: skip
_LOCAL: Final = b"\5local\0"
_MULTICAST: Final = (
    ";; WARNING: .local is reserved for Multicast DNS",
    ";; You are currently testing what happens when an mDNS query is leaked to DNS",
)
EXTENDED_ERRORS: Final = (
    "Other", "Unsupported DNSKEY Algorithm", "Unsupported DS Digest Type", "Stale Answer", "Forged Answer",
    "DNSSEC Indeterminate", "DNSSEC Bogus", "Signature Expired", "Signature Not Yet Valid", "DNSKEY Missing",
    "RRSIGs Missing", "No Zone Key Bit Set", "NSEC Missing", "Cached Error", "Not Ready", "Blocked", "Censored",
    "Filtered", "Prohibited", "Stale NXDOMAIN Answer", "Not Authoritative", "Not Supported",
    "No Reachable Authority", "Network Error", "Invalid Data",
)  # fmt: skip
"""RFC 8914 §5.2."""


@dataclass(frozen=True, slots=True)
class Received:
    """A reply and how it came. `server` is as it was asked for, `cookie` what was sent, `when` a date in words."""

    message: Message
    address: str
    port: int
    server: str
    protocol: str
    size: int
    seconds: float
    when: str
    cookie: bytes = b""


def short_lines(message: Message) -> list[str]:
    """The data of the answer's records, as ``dig +short``."""
    return [rdata_text(record.rtype, record.rdata) for record in message.answer]


def reply_lines(received: Received) -> Iterator[str]:
    """From ``;; Got answer:`` to the blank line behind the statistics."""
    message = received.message
    yield ";; Got answer:"
    yield from _header_lines(message)
    yield ""
    if message.opt is not None:
        yield from _opt_lines(message.opt, received.cookie)
    yield from _sections(message)
    yield f";; Query time: {int(received.seconds * 1000)} msec"
    yield f";; SERVER: {received.address}#{received.port}({received.server}) ({received.protocol.upper()})"
    yield f";; WHEN: {received.when}"
    yield f";; MSG SIZE  rcvd: {received.size}"
    yield ""


def rcode_text(rcode: int) -> str:
    """The name of a response code where dig has one."""
    if rcode <= codes.BADVERS:
        return codes.RCODES[rcode] if rcode not in range(11, 16) else f"RESERVED{rcode}"
    return "BADCOOKIE" if rcode == 23 else f"?{rcode}"


def flag_texts(flags: int) -> list[str]:
    return [text for flag, text in _FLAGS if flags & flag]


def _header_lines(message: Message) -> Iterator[str]:
    flags = message.flags
    if any(question.name.lower().endswith(_LOCAL) for question in message.questions):
        yield from _MULTICAST
    opcode = (flags & codes.OPCODE) >> 11
    opcode_text = _OPCODES[opcode] if opcode < len(_OPCODES) else f"RESERVED{opcode}"
    yield f";; ->>HEADER<<- opcode: {opcode_text}, status: {rcode_text(message.rcode)}, id: {message.id}"
    zero_bit = "; MBZ: 0x4" if flags & codes.Z else ""
    additional = len(message.additional) + (message.opt is not None)
    counts = (
        f"QUERY: {len(message.questions)}, ANSWER: {len(message.answer)}, "
        f"AUTHORITY: {len(message.authority)}, ADDITIONAL: {additional}"
    )
    yield f";; flags:{''.join(f' {text}' for text in flag_texts(flags))}{zero_bit}; {counts}"
    if flags & codes.RD and not flags & codes.RA:
        yield ";; WARNING: recursion requested but not available"


def _sections(message: Message) -> Iterator[str]:
    if message.questions:
        yield ";; QUESTION SECTION:"
        yield from map(_question_line, message.questions)
        yield ""
    for title, records in (
        ("ANSWER", message.answer),
        ("AUTHORITY", message.authority),
        ("ADDITIONAL", message.additional),
    ):
        if records:
            yield f";; {title} SECTION:"
            yield from map(record_line, records)
            yield ""


def _question_line(question: Question) -> str:
    line = _indented(name_text(question.name), _CLASS_COLUMN) + codes.class_text(question.qclass)
    return f";{_indented(line, _TYPE_COLUMN)}{type_text(question.qtype)}"  # dig does not count the semicolon


def record_line(record: Record) -> str:
    """A record in dig's columns."""
    line = _indented(name_text(record.owner), _TTL_COLUMN) + str(record.ttl)
    line = _indented(line, _CLASS_COLUMN) + codes.class_text(record.rclass)
    line = _indented(line, _TYPE_COLUMN) + type_text(record.rtype)
    return _indented(line, _DATA_COLUMN) + rdata_text(record.rtype, record.rdata)


def _indented(line: str, column: int) -> str:
    """With tabs up to a column, a multiple of eight; where the line is as long already with one blank, be it a tab."""
    at = _width(line)
    tabs = max(column, at + 1) // _TAB - at // _TAB
    return line + ("\t" * tabs or " ")


def _width(line: str) -> int:
    return len(line.expandtabs(_TAB))


def _opt_lines(opt: Opt, cookie: bytes) -> Iterator[str]:
    yield ";; OPT PSEUDOSECTION:"
    flags = " do" if opt.flags & DO else ""
    zero_bits = f"; MBZ: 0x{opt.flags & ~DO:04x}, udp: " if opt.flags & ~DO else "; udp: "
    yield f"; EDNS: version: {opt.version}, flags:{flags}{zero_bits}{opt.size}"
    for code, data in edns_options(opt.options):
        yield _option_line(code, data, cookie)


def edns_options(options: bytes) -> Iterator[tuple[int, bytes]]:
    """(code, data) of each option of a record that parse_message has found sound."""
    at = 0
    while at + 4 <= len(options):
        code, length = int.from_bytes(options[at : at + 2]), int.from_bytes(options[at + 2 : at + 4])
        yield code, options[at + 4 : at + 4 + length]
        at += 4 + length


def edns_json(opt: Opt) -> dict[str, Any]:
    """The OPT of a reply; options by number, an Extended DNS Error (RFC 8914) also in words."""
    members: dict[str, Any] = {"version": opt.version, "do": bool(opt.flags & DO), "size": opt.size}
    found = list(edns_options(opt.options))
    members["options"] = [{"code": code, "hex": data.hex()} for code, data in found]
    members["errors"] = [extended_error_text(data) for code, data in found if code == EXTENDED_ERROR]
    return members


def _option_line(code: int, data: bytes, cookie: bytes) -> str:
    if code == COOKIE:
        return f"; COOKIE: {data.hex()}{_cookie_verdict(data, cookie)}"
    if code == EXTENDED_ERROR:
        return "; EDE: " + extended_error_text(data)
    if code == CLIENT_SUBNET:
        return f"; CLIENT-SUBNET: {_subnet_text(data)}"
    if code == EXPIRE and len(data) == 4:
        seconds = int.from_bytes(data)
        return f"; EXPIRE: {seconds} ({_duration(seconds)})"
    if code == KEEPALIVE and len(data) == 2:
        tenths = int.from_bytes(data)
        return f"; TCP-KEEPALIVE: {tenths // 10}.{tenths % 10} secs"
    if code == PADDING:
        return f"; PAD: ({len(data)} bytes)" if data else "; PAD:"
    title = "NSID" if code == NSID else f"OPT={code}"
    return f"; {title}:{_with_letters(data)}"


def _with_letters(data: bytes) -> str:
    if not data:
        return ""
    letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)
    return f' {data.hex(" ")} ("{letters}")'


def _cookie_verdict(data: bytes, sent: bytes) -> str:
    if not sent:
        return ""
    if data == sent[: limits.CLIENT_COOKIE]:
        return " (echoed)"
    return " (good)" if data.startswith(sent[: limits.CLIENT_COOKIE]) else " (bad)"


def cookie_differs(message: Message, sent: bytes) -> bool:
    """The reply has a cookie that does not begin with the client's."""
    options = edns_options(message.opt.options) if message.opt else ()
    own = sent[: limits.CLIENT_COOKIE]
    return bool(sent) and any(code == COOKIE and not data.startswith(own) for code, data in options)


def extended_error_text(data: bytes) -> str:
    """``15 (Blocked): (text)``."""
    number = int.from_bytes(data[:2])
    name = f" ({EXTENDED_ERRORS[number]})" if number < len(EXTENDED_ERRORS) else ""
    text = data[2:].removesuffix(b"\0")
    extra = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in text)
    return f"{number}{name}: ({extra})" if text else f"{number}{name}"


def _subnet_text(data: bytes) -> str:
    family, source, scope = int.from_bytes(data[:2]), data[2], data[3]
    if family == 0:
        return f"0/{source}/{scope}"
    kind, size = (AF_INET, 4) if family == 1 else (AF_INET6, 16)
    address = data[4 : 4 + size].ljust(size, b"\0")
    return f"{inet_ntop(kind, address)}/{source}/{scope}"


def _duration(seconds: int) -> str:
    """``4 minutes 16 seconds``."""
    parts = []
    for unit, size in (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}{'s' * (count != 1)}")
    return " ".join(parts) or "0 seconds"
