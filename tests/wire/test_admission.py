from struct import unpack

import pytest

from resolver import limits
from resolver.wire import codes
from resolver.wire.admission import admit, bare_header
from resolver.wire.query import Query
from tests.support.doors import asker
from tests.support.packet_parts import (
    ADDRESS,
    NAME,
    asked,
    head,
    labels,
    opt,
    option,
    query,
    record,
    tsig,
    with_opt,
    with_records,
)
from tests.support.packets import PACKETS, Packet

KEPT = codes.TC | codes.RD | codes.RA | codes.AD | codes.CD

REJECTED = [packet for packet in PACKETS if packet.reply.rcode in (None, codes.FORMERR, codes.NOTIMP)]
ADMITTED = [packet for packet in PACKETS if packet not in REJECTED]


def admitted(packet: bytes) -> Query:
    found = admit(packet, asker())
    assert isinstance(found, Query)
    return found


@pytest.mark.parametrize("row", REJECTED, ids=lambda row: row.id)
def test_what_is_no_question_is_rejected_at_the_door(row: Packet) -> None:
    found = admit(row.data, asker())
    if row.reply.rcode is None:
        assert found is None
        return
    assert isinstance(found, bytes)
    flags = unpack("!H", found[2:4])[0]
    opcode = 0 if row.reply.rcode == codes.FORMERR else unpack("!H", row.data[2:4])[0] & codes.OPCODE
    assert flags & ~KEPT == codes.QR | opcode | row.reply.rcode
    assert flags & KEPT == unpack("!H", row.data[2:4])[0] & KEPT
    assert found[:2] == row.data[:2]
    question = row.data[12 : 12 + len(NAME) + 4] if row.reply.question else b""
    assert found[4:] == bytes((0, len(question) and 1, 0, 0, 0, 0, 0, 0)) + question


@pytest.mark.parametrize("row", ADMITTED, ids=lambda row: row.id)
def test_what_is_a_question_is_let_in(row: Packet) -> None:
    found = admitted(row.data)
    assert found.packet == row.data
    assert (found.edns is None) is (row.reply.opt is None)


def test_a_question_is_taken_apart() -> None:
    found = admitted(query(NAME.upper(), codes.SRV, 3, codes.RD | codes.CD))
    assert (found.id, found.flags, found.asked, found.name) == (0x1234, codes.RD | codes.CD, NAME.upper(), NAME)
    assert (found.qtype, found.qclass, found.edns, found.limit) == (codes.SRV, 3, None, 512)


@pytest.mark.parametrize(
    "packet",
    [
        with_opt(option(3, b"me"), 1400, 0x8000),
        with_records(0, 0, 2, opt(option(3, b"me"), 1400, 0x8000), ADDRESS),
        with_records(0, 0, 2, ADDRESS, opt(option(3, b"me"), 1400, 0x8000)),
        with_records(1, 1, 2, ADDRESS, ADDRESS, opt(option(3, b"me"), 1400, 0x8000), tsig()),
    ],
)
def test_the_opt_is_found_wherever_it_may_be(packet: bytes) -> None:
    edns = admitted(packet).edns
    assert edns is not None
    assert (edns.size, edns.version, edns.do, edns.options) == (1400, 0, True, option(3, b"me"))


CUT = [
    ("opt cut after its type", head(additionals=1) + asked() + opt()[:3]),
    ("opt cut in its size", head(additionals=1) + asked() + opt()[:4]),
    ("opt without rdlength", head(additionals=1) + asked() + opt()[:9]),
    ("record cut after its owner", with_records(1, 0, 0, ADDRESS[:2])),
    ("record cut in its fields", with_records(1, 0, 0, ADDRESS[:9])),
    ("second record cut", with_records(1, 1, 0, ADDRESS, ADDRESS[:-1])),
    ("opt with a pointer to the root as owner", with_records(0, 0, 1, opt(owner=b"\xc0\x28"))),
    ("tsig with fields behind it", with_records(0, 0, 1, record(codes.TSIG, b"\0" + bytes(17), b"\0"))),
]


@pytest.mark.parametrize("packet", [row[1] for row in CUT], ids=[row[0] for row in CUT])
def test_records_that_are_cut_are_a_format_error_with_the_question(packet: bytes) -> None:
    found = admit(packet, asker())
    assert isinstance(found, bytes)
    assert (found[3] & 15, found[12:]) == (codes.FORMERR, asked())


def test_a_pointer_to_the_root_is_an_owner_name_for_other_records() -> None:
    root = 12 + len(NAME) - 1
    owner = bytes((0xC0, root))
    admitted(with_records(0, 0, 1, record(codes.A, bytes(4), owner)))


def test_a_refusal_may_be_a_lone_header() -> None:
    assert bare_header(7, codes.RD | codes.NOTIMP) == bytes.fromhex("0007 8104 0000 0000 0000 0000")


class Watched(bytes):
    """Bytes that count how often one of them is looked at."""

    looks = 0

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        Watched.looks += 1
        return super().__getitem__(place)


_FIRST = len(query()) + 11  # where the data of a first record with a root owner begins
_CHAIN = b"".join((0xC000 | (_FIRST + 2 * (n - 1) if n else 12)).to_bytes(2, "big") for n in range(8_000))
_LAST = (0xC000 | _FIRST + len(_CHAIN) - 2).to_bytes(2, "big")
HOSTILE = [
    ("one-byte labels", query(labels(*[1] * 32_000))),
    ("chain of pointers", with_records(0, 0, 2, record(65_280, _CHAIN, b"\0"), record(codes.A, b"", _LAST))),
    ("options without end", with_opt(option(3) * 16_000)),
    ("text without end", with_records(1, 0, 0, record(codes.TXT, b"\1a" * 30_000))),
]


@pytest.mark.parametrize("packet", [row[1] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_the_work_for_a_hostile_packet_grows_no_faster_than_its_size(packet: bytes) -> None:
    Watched.looks = 0
    admit(Watched(packet), asker())
    assert Watched.looks <= len(packet) + 4 * limits.NAME_SIZE
