"""Odd packets and the replies they get: the one table for the door, for UDP and for TCP.

Rows are about a server whose only block is `cluster.local`, with the objects of CLUSTER. `coredns` is what CoreDNS
1.15.0 says where we depart from it, on purpose (docs/departures.md); None where it says the same.
"""

from struct import pack
from typing import NamedTuple

from resolver.wire import codes
from resolver.wire.names import name_from_text
from tests.support import cluster_objects as api
from tests.support.packet_parts import (
    ADDRESS,
    ANSWER,
    BADVERS,
    BARE_FORMERR,
    BARE_NOTIMP,
    BARE_SERVFAIL,
    FORMERR,
    MANY,
    MISSING,
    NAME,
    NODATA,
    NXDOMAIN,
    POINTER,
    REFUSED,
    SILENCE,
    ZONE,
    Expect,
    asked,
    head,
    labels,
    long_name,
    opt,
    option,
    padded,
    query,
    record,
    sig0,
    soa,
    subnet,
    tsig,
    with_opt,
    with_records,
)  # fmt: skip

CLUSTER = [
    api.namespace("testns"),
    api.service("svc1", "10.96.0.17", "fd00:10:96::17", space="testns"),
    api.service("many", space="testns"),
    api.endpoint_slice("many-a", "many", *(f"10.244.1.{number}" for number in range(120)), space="testns"),
]


class Packet(NamedTuple):
    """One row: bytes, the reply to them, and why."""

    id: str
    data: bytes
    reply: Expect
    why: str
    coredns: Expect | None = None


def _edns(reply: Expect, size: int = 1232, *, do: bool = False) -> Expect:
    return reply._replace(opt=size, do=do)


_ANSWER_EDNS = _edns(ANSWER)
_QR, _NOTIFY, _UPDATE = 0x8000, 0x2000, 0x2800
_LOW = 0x03BF  # TC, RD, RA, AD, CD and all of RCODE

HEADERS = [
    Packet("empty", b"", SILENCE, "no header"),
    Packet("one-byte", b"\x12", SILENCE, "no header"),
    Packet("two-bytes", b"\x12\x34", SILENCE, "no header"),
    Packet("eleven-bytes", head()[:11], SILENCE, "one byte short of a header"),
    Packet("response", query(flags=_QR | codes.RD), SILENCE, "a response is never answered"),
    Packet("response-header", head(_QR, 0), SILENCE, "a response is never answered"),
    Packet("all-ones", b"\xff" * 512, SILENCE, "has QR set"),
    Packet("header-only", head(questions=0), BARE_FORMERR, "nothing is asked"),
    Packet("question-missing", head(), BARE_FORMERR, "departure 1", BARE_SERVFAIL),
    Packet("opcode-iquery", query(flags=0x0800), BARE_NOTIMP, "opcode 1"),
    Packet("opcode-status", query(flags=0x1000), BARE_NOTIMP, "opcode 2"),
    Packet("opcode-3", query(flags=0x1800), BARE_NOTIMP, "opcode 3"),
    Packet("opcode-15", query(flags=0x7800), BARE_NOTIMP, "opcode 15"),
    Packet("opcode-15-edns", head(0x7800, additionals=1) + asked() + opt(), BARE_NOTIMP, "the OPT is not looked at"),
    Packet("opcode-dso", head(0x3000, 0), BARE_NOTIMP, "RFC 8490, without a question"),
    Packet("notify-apex", query(ZONE, codes.SOA, flags=_NOTIFY), BARE_NOTIMP, "departure 9", ANSWER),
    Packet("notify-service", query(flags=_NOTIFY), BARE_NOTIMP, "departure 9", ANSWER),
    Packet("update", query(ZONE, codes.SOA, flags=_UPDATE), BARE_NOTIMP, "no dynupdate plugin"),
    Packet("flag-tc", query(flags=codes.TC), ANSWER, "of a query's flags only RD and CD are copied"),
    Packet("flag-aa", query(flags=codes.AA), ANSWER, "of a query's flags only RD and CD are copied"),
    Packet("flag-ra", query(flags=codes.RA), ANSWER, "of a query's flags only RD and CD are copied"),
    Packet("flag-z", query(flags=codes.Z), ANSWER, "of a query's flags only RD and CD are copied"),
    Packet("flags-ad-cd", query(flags=codes.AD | codes.CD), ANSWER, "of a query's flags only RD and CD are copied"),
    Packet("rcode-set", query(flags=codes.RD | 5), ANSWER, "a query's rcode means nothing"),
    Packet("all-low-flags", query(flags=0x07FF), ANSWER, "AA to RCODE all set"),
    Packet("notimp-flags", query(flags=0x1000 | _LOW | codes.AA | codes.Z), BARE_NOTIMP, "AA and Z are not kept"),
    Packet("formerr-flags", head(_LOW | codes.AA | codes.Z, 2) + asked(), BARE_FORMERR, "AA and Z are not kept"),
]

_LOOP = head() + b"\x01a\xc0\x10\x01b\xc0\x0c"  # two pointers that lead to each other
_FORWARD = head() + b"\xc0\x12" + pack("!HH", 1, 1) + NAME

QUESTIONS = [
    Packet("qdcount-0", head(questions=0) + asked(), BARE_FORMERR, "one question, said to be none"),
    Packet("two-equal-questions", head(questions=2) + asked() * 2, BARE_FORMERR, "one question only"),
    Packet("two-questions", head(questions=2) + asked() + asked(MISSING), BARE_FORMERR, "one question only"),
    Packet("no-question-but-opt", head(codes.RD, 0, 0, 0, 1) + opt(), BARE_FORMERR, "one question"),
    Packet(
        "no-question-but-cookie", head(codes.RD, 0, 0, 0, 1) + opt(option(10, bytes(8))), BARE_FORMERR, "RFC 7873 §5.4"
    ),
    Packet("second-question-missing", head(questions=2) + asked(), BARE_FORMERR, "one question only"),
    Packet("qdcount-65535", head(questions=0xFFFF) + asked(), BARE_FORMERR, "one question only"),
    Packet("cut-in-label", head() + NAME[:3], BARE_FORMERR, "the name is cut"),
    Packet("no-root-label", head() + NAME[:-1], BARE_FORMERR, "the name does not end"),
    Packet("class-of-one-byte", head() + asked()[:-1], BARE_FORMERR, "the class is cut"),
    Packet("label-0x40", head() + b"\x40" + b"a" * 64 + asked(ZONE), BARE_FORMERR, "a reserved label type"),
    Packet("label-0x41", head() + b"\x41" + b"a" * 65 + asked(ZONE), BARE_FORMERR, "RFC 2673, gone"),
    Packet("label-0x80", head() + b"\x80" + b"a" * 128 + asked(ZONE), BARE_FORMERR, "a reserved label type"),
    Packet("pointer-to-itself", head() + asked(POINTER), BARE_FORMERR, "loops"),
    Packet("pointer-past-end", head() + asked(b"\xc1\xff"), BARE_FORMERR, "leads nowhere"),
    Packet("pointer-to-id", head() + asked(b"\xc0\x00"), BARE_FORMERR, "leads into the header"),
    Packet("pointers-to-each-other", _LOOP + pack("!HH", 1, 1), BARE_FORMERR, "loop"),
    Packet("pointer-of-one-byte", head() + b"\xc0", BARE_FORMERR, "the pointer is cut"),
    Packet("pointer-into-own-name", head() + asked(b"\x04svc1\xc0\x0c"), BARE_FORMERR, "loops"),
    Packet("name-too-long", head() + asked(long_name(270)), BARE_FORMERR, "more than 255 bytes"),
    Packet("name-of-256", head() + asked(long_name(256)), BARE_FORMERR, "more than 255 bytes"),
    Packet("labels-130", head() + asked(labels(*[1] * 130)), BARE_FORMERR, "more than 255 bytes"),
    Packet("all-zeros", bytes(512), BARE_FORMERR, "no question"),
    Packet("no-type-and-class", head() + NAME, BARE_FORMERR, "departure 1", REFUSED),
    Packet("no-class", head() + NAME + b"\0\1", BARE_FORMERR, "departure 1", REFUSED),
    Packet("forward-pointer", _FORWARD, BARE_FORMERR, "departure 2", Expect(codes.NOERROR, answers=1)),
    Packet("pointer-to-zero-in-header", head() + asked(b"\xc0\x06"), BARE_FORMERR, "departure 2", REFUSED),
    Packet("name-of-255", query(long_name(255)), NXDOMAIN, "the longest name"),
    Packet("labels-122", query(labels(*[1] * 120)), NXDOMAIN, "as many labels as fit in front of our zone"),
    Packet("labels-127", query(labels(*[1] * 127, rest=b"\0")), REFUSED, "as many as fit, but not in our zone"),
    Packet("label-with-nul", query(b"\x03a\0b" + ZONE), NXDOMAIN, "any byte may be in a label"),
    Packet("label-with-dot", query(b"\x03a.b" + ZONE), NXDOMAIN, "any byte may be in a label"),
    Packet("label-with-backslash", query(b"\x03a\\b" + ZONE), NXDOMAIN, "any byte may be in a label"),
    Packet("label-with-0xff", query(b"\x03a\xffb" + ZONE), NXDOMAIN, "any byte may be in a label"),
    Packet("label-with-space", query(b"\x03a b" + ZONE), NXDOMAIN, "any byte may be in a label"),
    Packet("root", query(b"\0"), REFUSED, "not in our zone"),
    Packet("class-ch", query(qclass=3), REFUSED, "another class"),
    Packet("mixed-case", query(NAME.swapcase()), ANSWER, "letter case is echoed"),
    Packet("label-that-ends-alike", query(b"\x0dcluster\x05local\0"), REFUSED, "the zone's bytes within a label"),
]

_A, _TXT, _ANY_CLASS = codes.A, codes.TXT, 255

TYPES = [
    Packet("type-0", query(qtype=0), NODATA, "no such type"),
    Packet("type-opt", query(qtype=codes.OPT), NODATA, "a type that is no data"),
    Packet("type-tsig", query(qtype=codes.TSIG), NODATA, "a type that is no data"),
    Packet("type-tkey", query(qtype=249), NODATA, "a type that is no data"),
    Packet("type-128", query(qtype=128), NODATA, "no such type"),
    Packet("type-any", query(qtype=codes.ANY), NODATA, "ANY is not special"),
    Packet("type-maila", query(qtype=254), NODATA, "gone"),
    Packet("type-mailb", query(qtype=253), NODATA, "gone"),
    Packet("type-private", query(qtype=0xFF00), NODATA, "no such type"),
    Packet("type-65535", query(qtype=0xFFFF), NODATA, "no such type"),
    Packet("axfr-of-a-name", query(qtype=codes.AXFR), REFUSED, "no transfer plugin"),
    Packet("axfr-of-the-apex", query(ZONE, codes.AXFR), REFUSED, "no transfer plugin"),
    Packet("ixfr", query(ZONE, codes.IXFR), REFUSED, "no transfer plugin"),
    Packet("ixfr-with-soa", head(authorities=1) + asked(ZONE, codes.IXFR) + soa(), REFUSED, "no transfer plugin"),
    Packet("class-0", query(qclass=0), REFUSED, "another class"),
    Packet("class-none", query(qclass=254), REFUSED, "another class"),
    Packet("class-hs", query(qclass=4), REFUSED, "another class"),
    Packet("class-0x8001", query(qclass=0x8001), REFUSED, "mDNS's unicast bit"),
    Packet("class-2", query(qclass=2), REFUSED, "another class"),
    Packet("class-any", query(qclass=_ANY_CLASS), REFUSED, "another class"),
    Packet("version-bind", query(name_from_text("version.bind"), _TXT, 3), REFUSED, "no chaos plugin"),
    Packet("apex-a", query(ZONE), NODATA, "the apex has no address"),
    Packet("missing", query(MISSING), NXDOMAIN, "a name that is not there"),
    Packet("get-http", b"GET / HTTP/1.1\r\nHost: dns\r\n\r\n", BARE_NOTIMP, "opcode 10 in these letters"),
]

_CNAME_LOOP = record(codes.CNAME, pack("!H", 0xC000 | len(query()) + 12))
_CUT_TTL = POINTER + pack("!HH", 1, 1) + b"\0\0"
_CHAIN = b"".join(pack("!H", 0xC000 | len(query()) + 13 + 2 * number) for number in range(200))

RECORDS = [
    Packet("answer-of-one", with_records(1, 0, 0, ADDRESS), ANSWER, "one record is let in (RFC 1996 §3.7)"),
    Packet("authority-of-one", with_records(0, 1, 0, ADDRESS), ANSWER, "one record is let in (RFC 1995 §3)"),
    Packet("additional-of-one", with_records(0, 0, 1, ADDRESS), ANSWER, "records of a query mean nothing"),
    Packet("opt-then-a-record", with_records(0, 0, 2, opt(), ADDRESS), _ANSWER_EDNS, "the OPT need not be last"),
    Packet("sig0", with_records(0, 0, 1, sig0()), ANSWER, "signed by nobody we know"),
    Packet("answer-of-two", with_records(2, 0, 0, ADDRESS, ADDRESS), BARE_FORMERR, "two records are not"),
    Packet("authority-of-two", with_records(0, 2, 0, ADDRESS, ADDRESS), BARE_FORMERR, "two records are not"),
    Packet("additional-of-three", with_records(0, 0, 3, ADDRESS, ADDRESS, ADDRESS), BARE_FORMERR, "three are not"),
    Packet("answer-promised", with_records(1, 0, 0), FORMERR, "departure 3", ANSWER),
    Packet("additional-promised", with_records(0, 0, 1), FORMERR, "departure 3", ANSWER),
    Packet("answers-65535", with_records(0xFFFF, 0, 0), BARE_FORMERR, "refused by its header"),
    Packet("trailing-garbage", query() + b"\xde\xad\xbe\xef", ANSWER, "bytes behind the message are not read"),
    Packet("trailing-zero", query() + b"\0", ANSWER, "bytes behind the message are not read"),
    Packet("trailing-560", query() + bytes(560), ANSWER, "bytes behind the message are not read"),
    Packet("rdlength-past-end", with_records(0, 0, 1, record(_A, b"\x0a\0", length=40)), FORMERR, "cut"),
    Packet("address-of-three-bytes", with_records(1, 0, 0, record(_A, b"\x0a\0\0")), FORMERR, "no address"),
    Packet("cut-in-ttl", with_records(1, 0, 0, _CUT_TTL), FORMERR, "cut"),
    Packet("cname-loop", with_records(1, 0, 0, _CNAME_LOOP), FORMERR, "data that points to itself"),
    Packet("opt-rdlength-past-end", with_records(0, 0, 1, opt(b"\0\x0a", length=99)), FORMERR, "cut"),
    Packet("option-past-end", with_opt(option(10, bytes(8), length=20)), FORMERR, "longer than its record"),
    Packet("option-of-three-bytes", with_opt(b"\0\x0a\0"), FORMERR, "an option's header is cut"),
    Packet("tsig-cut", with_records(0, 0, 1, tsig(cut=5)), FORMERR, "its fields do not fit"),
    Packet("tsig", with_records(0, 0, 1, tsig()), ANSWER, "no tsig plugin: not looked at"),
    Packet("tsig-not-last", with_records(0, 0, 2, tsig(), ADDRESS), FORMERR, "departure 4", ANSWER),
    Packet("tsig-twice", with_records(0, 0, 2, tsig(), tsig()), FORMERR, "departure 4", ANSWER),
    Packet("tsig-in-answer", with_records(1, 0, 0, tsig()), FORMERR, "departure 4", ANSWER),
    Packet("opt-and-tsig", with_records(0, 0, 2, opt(), tsig()), _ANSWER_EDNS, "TSIG last, as it must be"),
    Packet("pointer-chain", with_records(0, 0, 1, record(_A, bytes(4), b"\0" + _CHAIN)), FORMERR, "200 pointers"),
    Packet("empty-data", with_records(0, 0, 1, record(_A, b"")), ANSWER, "as dynamic updates have it"),
]

_DO = 0x8000
_TWENTY_BYTES = bytes(range(20))

EDNS = [
    Packet("edns", with_opt(), _ANSWER_EDNS, "the asker's size is echoed"),
    Packet("edns-size-0", with_opt(size=0), _edns(ANSWER, 0), "echoed; counts as 512"),
    Packet("edns-size-511", with_opt(size=511), _edns(ANSWER, 511), "echoed; counts as 512"),
    Packet("edns-size-65535", with_opt(size=0xFFFF), _edns(ANSWER, 0xFFFF), "echoed"),
    Packet("unknown-option", with_opt(option(65_001, b"x")), _ANSWER_EDNS, "no option is echoed"),
    Packet("extended-rcode-set", with_opt(ttl=0xFF000000), _ANSWER_EDNS, "a query's rcode means nothing"),
    Packet("client-subnet", with_opt(subnet(1, 24, 0, b"\xc0\0\2")), _ANSWER_EDNS, "no option is echoed"),
    Packet("nsid", with_opt(option(3)), _ANSWER_EDNS, "no option is echoed"),
    Packet("nsid-with-data", with_opt(option(3, b"me")), _ANSWER_EDNS, "no option is echoed"),
    Packet("padding", with_opt(option(12, bytes(40))), _ANSWER_EDNS, "no option is echoed"),
    Packet("expire", with_opt(option(9, bytes(4))), _ANSWER_EDNS, "no option is echoed"),
    Packet("fifty-options", with_opt(option(3) * 50), _ANSWER_EDNS, "no option is echoed"),
    Packet("keepalive", with_opt(option(11)), _ANSWER_EDNS, "no option is echoed"),
    Packet("z-bits", with_opt(ttl=0x7FFF), _ANSWER_EDNS, "departure 5: Z bits are answered as zero"),
    Packet("z-bits-and-do", with_opt(ttl=0xFFFF), _edns(ANSWER, do=True), "departure 5: DO is echoed, Z is not"),
    Packet("do", with_opt(ttl=_DO), _edns(ANSWER, do=True), "DO is echoed"),
    Packet("version-1", with_opt(ttl=0x10000), BADVERS, "EDNS version 1"),
    Packet("version-255", with_opt(ttl=0xFF0000), BADVERS, "EDNS version 255"),
    Packet("version-1-missing", with_opt(ttl=0x10000, name=MISSING), BADVERS, "before the name is looked at"),
    Packet("version-1-outside", with_opt(ttl=0x10000, name=b"\3org\0"), BADVERS, "before the zone is looked for"),
    Packet("version-1-option", with_opt(option(65_001, b"x"), ttl=0x10000), BADVERS, "before options are"),
    Packet("two-opts", with_records(0, 0, 2, opt(), opt()), FORMERR, "departure 4", _ANSWER_EDNS),
    Packet("two-opts-of-versions", with_records(0, 0, 2, opt(), opt(ttl=0x10000)), FORMERR, "departure 4", BADVERS),
    Packet("opt-with-owner", with_records(0, 0, 1, opt(owner=POINTER)), FORMERR, "departure 4", _ANSWER_EDNS),
    Packet("opt-in-answer", with_records(1, 0, 0, opt()), FORMERR, "departure 4", ANSWER),
    Packet("opt-in-authority", with_records(0, 1, 0, opt()), FORMERR, "departure 4", ANSWER),
    Packet("cookie-8", with_opt(option(10, bytes(8))), _ANSWER_EDNS, "a cookie is not looked at"),
    Packet("cookie-24", with_opt(option(10, bytes(24))), _ANSWER_EDNS, "a cookie is not looked at"),
    Packet("cookie-7", with_opt(option(10, bytes(7))), _ANSWER_EDNS, "a cookie is not looked at"),
    Packet("cookie-41", with_opt(option(10, bytes(41))), _ANSWER_EDNS, "a cookie is not looked at"),
    Packet("subnet-with-scope", with_opt(subnet(1, 24, 16, b"\xc0\0\2")), _ANSWER_EDNS, "read leniently"),
    Packet("subnet-short", with_opt(subnet(1, 24, 0, b"\xc0")), _ANSWER_EDNS, "read leniently"),
    Packet("subnet-trailing-bits", with_opt(subnet(1, 20, 0, b"\xc0\0\xff")), _ANSWER_EDNS, "read leniently"),
    Packet("subnet-family-3", with_opt(subnet(3, 24, 0, b"\xc0\0\2")), FORMERR, "no such family"),
    Packet("subnet-33-bits", with_opt(subnet(1, 33, 0, bytes(5))), FORMERR, "more bits than there are"),
    Packet("subnet-of-three-bytes", with_opt(option(8, b"\0\1\x18")), FORMERR, "cut"),
    Packet("subnet-family-0", with_opt(subnet(0, 0, 0, b"")), _ANSWER_EDNS, "dig +subnet=0"),
    Packet("expire-of-three-bytes", with_opt(option(9, bytes(3))), FORMERR, "neither empty nor a number"),
    Packet("keepalive-of-one-byte", with_opt(option(11, b"\0")), FORMERR, "neither empty nor a number"),
    Packet("extended-error-of-one-byte", with_opt(option(15, b"\0")), FORMERR, "no code"),
    Packet("update-lease-of-five-bytes", with_opt(option(2, bytes(5))), FORMERR, "neither 4 nor 8"),
    Packet("reporting-cut", with_opt(option(18, b"\5age")), FORMERR, "a name that is cut"),
    Packet("padded-to-600", padded(600), _ANSWER_EDNS, "departure 7: over UDP CoreDNS reads 512 bytes", FORMERR),
    Packet("padded-to-4096", padded(4_096), _ANSWER_EDNS, "departure 7: over UDP CoreDNS reads 512 bytes", FORMERR),
    Packet("refused-edns", with_opt(name=b"\3org\0"), _edns(REFUSED), "the server's own replies have an OPT too"),
]

_CUT = Expect(codes.NOERROR, answers=None, truncated=True)

LONG_ANSWERS = [
    Packet("many", query(MANY), _CUT._replace(answers=29), "as many whole records as 512 bytes hold"),
    Packet("many-edns", with_opt(name=MANY), _edns(_CUT._replace(answers=73)), "as many as 1,232 bytes hold"),
    Packet("many-edns-4096", with_opt(size=4_096, name=MANY), _edns(ANSWER._replace(answers=120), 4_096), "all fit"),
]

PACKETS = [*HEADERS, *QUESTIONS, *TYPES, *RECORDS, *EDNS, *LONG_ANSWERS]
