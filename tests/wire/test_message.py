from contextlib import suppress
from struct import pack
from typing import Any

import dns.edns
import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.wire import codes
from resolver.wire.message import Message, Opt, Question, parse_message
from resolver.wire.names import name_from_text
from resolver.wire.rdata import Malformed
from resolver.wire.reply import Record

WEB = b"\x03web\x04shop\x00"
HEAD = pack("!HHHHHH", 7, 0x8180, 1, 1, 0, 0)
ASKED = WEB + pack("!HH", codes.A, codes.IN)


def head(answer: int = 0, authority: int = 0, additional: int = 0, questions: int = 1) -> bytes:
    return pack("!HHHHHH", 7, 0x8180, questions, answer, authority, additional)


def record(rtype: int, rdata: bytes, owner: bytes = b"\xc0\x0c", ttl: int = 30) -> bytes:
    return owner + pack("!HHIH", rtype, codes.IN, ttl, len(rdata)) + rdata


def opt(options: bytes = b"", ttl: int = 0x8000, owner: bytes = b"\0") -> bytes:
    return owner + pack("!HHIH", codes.OPT, 1232, ttl, len(options)) + options


def test_header_question_and_records_are_taken_apart() -> None:
    message = parse_message(head(1) + ASKED + record(codes.A, b"\x0a\0\0\x01"))
    assert message == Message(
        7,
        0x8180,
        codes.NOERROR,
        (Question(WEB, codes.A, codes.IN),),
        [Record(WEB, codes.A, codes.IN, 30, b"\x0a\0\0\x01")],
        [],
        [],
        None,
    )


def test_names_keep_the_letter_case_they_came_in() -> None:
    asked = b"\x03WeB\x04shop\x00" + pack("!HH", codes.CNAME, codes.IN)
    message = parse_message(head(1) + asked + record(codes.CNAME, b"\x01X\xc0\x10"))
    assert message.questions[0].name == b"\x03WeB\x04shop\x00"
    assert message.answer[0].owner == b"\x03WeB\x04shop\x00"
    assert message.answer[0].rdata == b"\x01X\x04shop\x00"


def test_opt_is_split_off_and_its_upper_rcode_bits_belong_to_the_rcode() -> None:
    option = pack("!HH", 3, 2) + b"me"
    message = parse_message(head(0, 0, 2) + ASKED + opt(option, 0x01008000) + record(codes.A, b"\x0a\0\0\x01"))
    assert message.opt == Opt(1232, 0, 0x8000, option)
    assert message.rcode == codes.BADVERS
    assert [record.rtype for record in message.additional] == [codes.A]


# the records of a message that dnspython writes, compressed, in presentation form
WRITTEN = [
    ("web.shop.", "A", ["10.0.0.1", "10.0.0.2"]),
    ("web.shop.", "AAAA", ["2001:db8::1"]),
    ("web.shop.", "CNAME", ["other.web.shop."]),
    ("shop.", "SOA", ["ns.shop. admin.shop. 1 2 3 4 5"]),
    ("shop.", "NS", ["ns.shop."]),
    ("shop.", "MX", ["10 mail.web.shop."]),
    ("web.shop.", "SRV", ["0 50 80 a.web.shop."]),
    ("web.shop.", "TXT", ['"one" "two"']),
    ("shop.", "NAPTR", ['1 2 "u" "sip" "!x!y!" web.shop.']),
    ("1.0.0.10.in-addr.arpa.", "PTR", ["web.shop."]),
    ("shop.", "RP", ["a.shop. b.shop."]),
    ("shop.", "DNAME", ["web.shop."]),
    ("web.shop.", "HTTPS", ["1 . alpn=h2"]),
    ("web.shop.", "TYPE65400", [r"\# 3 010203"]),
    ("shop.", "DS", ["1 8 2 " + "ab" * 32]),
]


@pytest.mark.parametrize(("owner", "rtype", "texts"), WRITTEN, ids=[row[1] for row in WRITTEN])
def test_records_that_dnspython_writes_are_read_uncompressed(owner: str, rtype: str, texts: list[str]) -> None:
    query = dns.message.make_query("web.shop.", "A")
    written = dns.message.make_response(query)
    written.answer.append(dns.rrset.from_text("web.shop.", 30, "IN", "A", "10.0.0.9"))
    written.authority.append(dns.rrset.from_text_list(owner, 60, "IN", rtype, texts))
    message = parse_message(written.to_wire())
    found = [(found.owner, found.ttl, found.rdata) for found in message.authority]
    expected = [(name_from_text(owner), 60, rdata.to_wire()) for rdata in written.authority[0]]
    assert sorted(found) == sorted(expected)  # dnspython writes a record set in any order


BROKEN: list[tuple[str, bytes]] = [
    ("eleven bytes", head()[:11]),
    ("a question without its class", head() + ASKED[:-2]),
    ("a question cut in a label", head() + ASKED[:3]),
    ("a record cut in its fixed part", head(1) + ASKED + record(codes.A, b"")[:8]),
    ("record data past the end", head(1) + ASKED + record(codes.A, b"\x0a\0\0\x01")[:-1]),
    ("an owner cut in a pointer", head(1) + ASKED + b"\xc0"),
    ("an owner that points at itself", head(1) + ASKED + record(codes.A, b"\x0a\0\0\x01", b"\xc0\x1a")),
    ("an owner that points forwards", head(1) + ASKED + record(codes.A, b"\x0a\0\0\x01", b"\xc0\x1c")),
    ("an owner that points into the header", head(1) + ASKED + record(codes.A, b"", b"\xc0\x04")),
    ("a label of type 01", head(1) + ASKED + record(codes.A, b"", b"\x41a\0")),
    ("three bytes of address", head(1) + ASKED + record(codes.A, b"\x0a\0\0")),
    ("five bytes of address", head(1) + ASKED + record(codes.A, b"\x0a\0\0\x01\x02")),
    ("a name that ends in the next record", head(2) + ASKED + record(codes.CNAME, b"\x03a") * 2),
    ("data longer than its name", head(1) + ASKED + record(codes.CNAME, b"\x01a\0\0")),
    ("a character string too long", head(1) + ASKED + record(codes.TXT, b"\x05abc")),
    ("an OPT in the answer", head(1) + ASKED + opt()),
    ("two OPTs", head(0, 0, 2) + ASKED + opt() + opt()),
    ("an OPT with an owner", head(0, 0, 1) + ASKED + opt(owner=b"\xc0\x0c")),
    ("an EDNS option past its record", head(0, 0, 1) + ASKED + opt(pack("!HH", 3, 9))),
    ("a name of 256 bytes", head() + b"\x3f" + b"a" * 63 + (b"\x3f" + b"b" * 63) * 3 + b"\0"),
]


@pytest.mark.parametrize("packet", [row[1] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_message_is_malformed(packet: bytes) -> None:
    with pytest.raises(Malformed):
        parse_message(packet)


def test_a_message_may_end_between_records_and_a_header_may_stand_alone() -> None:
    assert parse_message(head(3) + ASKED + record(codes.A, b"\x0a\0\0\x01")).answer[0].rdata == b"\x0a\0\0\x01"
    assert parse_message(head(1)).questions == ()


def test_bytes_behind_the_last_record_are_ignored() -> None:
    assert parse_message(head() + ASKED + b"garbage").questions == (Question(WEB, codes.A, codes.IN),)


def test_a_name_of_255_bytes_may_be_reached_through_a_pointer_but_not_grow_there() -> None:
    longest = (b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"b" * 61 + b"\0"
    asked = longest + pack("!HH", codes.A, codes.IN)
    assert parse_message(head(1) + asked + record(codes.A, b"\x0a\0\0\x01")).answer[0].owner == longest
    with pytest.raises(Malformed):
        parse_message(head(1) + asked + record(codes.A, b"\x0a\0\0\x01", b"\x01c\xc0\x0c"))


class Counted(bytes):
    """Bytes that count how often they are looked at, one by one or in slices."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:
        self.looks += 1
        return super().__getitem__(place)


def chain_of_pointers() -> bytes:
    """16 KiB of pointers, each to the one before, then records whose owner and data lead through all of them."""
    start = 12 + 11  # behind the header and the fixed part of the first record, whose data the chain is
    links = [pack("!H", 0xC000 | max(start, start + 2 * step - 1)) for step in range(8_000)]
    filler = record(65_400, b"\0" + b"".join(links), b"\0")
    pointer = pack("!H", 0xC000 | (12 + len(filler) - 2))
    records = record(codes.CNAME, pointer, pointer)
    return head(3_500, questions=0) + filler + records * 3_400


def labels_behind_pointers() -> bytes:
    """Records each of whose names begins at another of 120 labels, all of them one long name."""
    long_name = b"\x01a" * 120 + b"\0"
    filler = record(65_400, long_name, b"\0")
    records = b"".join(
        record(codes.CNAME, pack("!H", 0xC000 | 12 + 11 + 2 * (at % 120)), pack("!H", 0xC000 | 12 + 11))
        for at in range(4_600)
    )
    return head(4_601, questions=0) + filler + records


def one_name_again_and_again() -> bytes:
    return head(4_000) + ASKED + record(codes.A, b"\x0a\0\0\x01") * 4_000


@pytest.mark.parametrize("bomb", [chain_of_pointers, labels_behind_pointers, one_name_again_and_again])
def test_a_packet_of_64_kib_is_read_in_a_few_steps_a_byte(bomb: Any) -> None:
    packet = Counted(bomb())
    assert 50_000 < len(packet) <= 65_535
    assert len(parse_message(packet).answer) > 3_000
    assert packet.looks < 2 * len(packet)


@given(st.binary(max_size=200))
def test_any_bytes_parse_or_are_malformed(tail: bytes) -> None:
    for packet in (tail, head(2, 1, 2) + ASKED + tail, head(1, 0, 1) + ASKED + record(codes.SRV, tail)):
        with suppress(Malformed):
            parse_message(packet)
