from struct import pack

import dns.message
from hypothesis import given
from hypothesis import strategies as st

from resolver import limits
from resolver.wire import codes
from resolver.wire.names import name_from_labels, name_from_text
from resolver.wire.reply import Record, Writer, header, uncompressed_size, write
from tests.support.doors import records as lines
from tests.support.questions import record

ASKED = name_from_text("web.shop.svc.cluster.local")
A = record("web.shop.svc.cluster.local. 5 A 10.0.0.1")
SRV = record("_http._tcp.web.shop.svc.cluster.local. 5 SRV 0 50 80 a.web.shop.svc.cluster.local.")
SOA = record("cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 7 7200 1800 86400 5")


def message(
    asked: bytes, answer: list[Record], authority: list[Record], additional: list[Record], limit: int = 65_535
) -> bytes:
    written = write(asked, (answer, authority, additional), limit)
    return header(7, codes.QR, *written.counts) + asked + pack("!HH", 1, 1) + b"".join(written.pieces)


def test_an_owner_that_is_the_question_is_a_pointer_to_it() -> None:
    assert Writer(ASKED).record(A) == b"\xc0\x0c" + pack("!HHIH", codes.A, 1, 5, 4) + bytes((10, 0, 0, 1))


def test_an_owner_that_ends_as_the_question_does_points_to_its_end() -> None:
    piece = Writer(ASKED).record(record("shop.svc.cluster.local. 5 A 10.0.0.1"))
    assert piece[:2] == pack("!H", 0xC000 | 12 + 4)


def test_letter_case_counts_in_compression() -> None:
    piece = Writer(ASKED).record(record("SHOP.svc.cluster.local. 5 A 10.0.0.1"))
    assert piece[:7] == b"\4SHOP" + pack("!H", 0xC000 | 12 + 4 + 5)


def test_the_root_is_never_a_pointer() -> None:
    assert Writer(b"\0").record(record(". 5 NS web.shop."))[:1] == b"\0"


def test_names_in_data_are_compressed_against_each_other() -> None:
    piece = Writer(ASKED).record(SOA)
    zone = pack("!H", 0xC000 | 12 + len(ASKED) - len("cluster.local") - 2)
    assert piece[:2] == zone
    assert piece[12:] == b"\2ns\3dns" + zone + b"\x0ahostmaster" + zone + pack("!IIIII", 7, 7200, 1800, 86_400, 5)


def test_the_target_of_srv_is_not_compressed_but_others_point_to_it() -> None:
    writer = Writer(ASKED)
    piece = writer.record(SRV)
    assert piece.endswith(name_from_text("a.web.shop.svc.cluster.local"))
    target = 12 + len(ASKED) + 4 + len(piece) - len("a.web.shop.svc.cluster.local") - 2
    assert writer.record(record("a.web.shop.svc.cluster.local. 5 A 10.0.0.1"))[:2] == pack("!H", 0xC000 | target)


def test_what_stands_before_the_written_end_of_a_question_is_not_pointed_to() -> None:
    zone = name_from_text("cluster.local")
    for asked in ("dns.cluster.local", "abc.cluster.local"):
        name = name_from_text(asked)
        piece = Writer(zone, len(name) - len(zone)).record(SOA)
        whole = header(7, codes.QR, 0, 1, 0) + name + pack("!HH", 1, 1) + piece
        assert lines(dns.message.from_wire(whole).authority) == [
            "cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 7 7200 1800 86400 5"
        ]


def test_names_beyond_the_reach_of_a_pointer_are_written_out() -> None:
    texts = [record(f"t{number}.example. 5 TXT {'x' * 200}") for number in range(100)]
    late = [record("late.example.net. 5 A 10.0.0.1"), record("late.example.net. 5 A 10.0.0.2")]
    whole = message(ASKED, texts + late, [], [])
    assert len(whole) > 0x4000
    assert whole.count(b"\4late\7example\3net\0") == 2
    dns.message.from_wire(whole)


def test_all_records_fit_where_the_limit_is_their_size() -> None:
    records = [A, A._replace(rdata=bytes(4))]
    size = 12 + len(ASKED) + 4 + 2 * 16
    assert write(ASKED, (records, [], []), size).counts == (2, 0, 0)
    assert not write(ASKED, (records, [], []), size).truncated


def test_the_first_record_that_does_not_fit_ends_the_message() -> None:
    large = record("web.shop.svc.cluster.local. 5 TXT " + "x" * 100)
    written = write(ASKED, ([A], [large], [A]), 12 + len(ASKED) + 4 + 2 * 16)
    assert (written.counts, written.truncated, len(written.pieces)) == ((1, 0, 0), True, 1)


def test_sections_are_filled_in_order() -> None:
    written = write(ASKED, ([A], [SOA], [A, A]), 12 + len(ASKED) + 4 + 16 + 59)
    assert (written.counts, written.truncated) == ((1, 1, 0), True)


NAMES = st.lists(st.sampled_from([b"web", b"Web", b"shop", b"a", b"x" * 63]), min_size=1, max_size=3).map(
    name_from_labels
)
RECORDS = st.lists(
    st.one_of(
        st.builds(lambda owner: Record(owner, codes.A, 1, 5, bytes(4)), NAMES),
        st.builds(lambda owner, target: Record(owner, codes.SRV, 1, 5, bytes(6) + target), NAMES, NAMES),
        st.builds(lambda owner, target: Record(owner, codes.CNAME, 1, 5, target), NAMES, NAMES),
        st.builds(lambda owner, target: Record(owner, codes.MX, 1, 5, bytes(2) + target), NAMES, NAMES),
        st.builds(lambda owner, a, b: Record(owner, codes.SOA, 1, 5, a + b + bytes(20)), NAMES, NAMES, NAMES),
    ),
    max_size=6,
)


@given(NAMES, RECORDS, RECORDS, RECORDS)
def test_what_was_written_is_what_dnspython_reads(
    asked: bytes, answer: list[Record], authority: list[Record], additional: list[Record]
) -> None:
    whole = message(asked, answer, authority, additional)
    plain = header(7, codes.QR, len(answer), len(authority), len(additional)) + asked + pack("!HH", 1, 1)
    for item in (*answer, *authority, *additional):
        plain += item.owner + pack("!HHIH", item.rtype, item.rclass, item.ttl, len(item.rdata)) + item.rdata
    assert dns.message.from_wire(whole).to_text() == dns.message.from_wire(plain).to_text()
    assert len(plain) == uncompressed_size(asked, (answer, authority, additional))


@given(NAMES, RECORDS, st.integers(min_value=0, max_value=600))
def test_a_cut_message_is_the_beginning_of_the_whole_one(asked: bytes, answer: list[Record], limit: int) -> None:
    whole = write(asked, (answer, [], []), limits.MESSAGE_SIZE)
    cut = write(asked, (answer, [], []), limit)
    assert cut.pieces == whole.pieces[: len(cut.pieces)]
    assert cut.truncated == (len(cut.pieces) < len(whole.pieces))
    size = 12 + len(asked) + 4 + sum(len(piece) for piece in cut.pieces)
    assert size <= limit or not cut.pieces
