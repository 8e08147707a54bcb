import pytest

from resolver.wire import codes
from resolver.wire.names import name_from_text
from resolver.wire.query import Edns, Query, reply_limit
from tests.support.questions import peer, question


def test_the_name_is_kept_as_asked_and_in_lower_case() -> None:
    query = question("WEB.Shop.")
    assert (query.asked, query.name) == (b"\3WEB\4Shop\0", b"\3web\4shop\0")


def test_length_bytes_are_no_letters() -> None:
    name = b"\x3f" + b"A" * 63 + b"\0"
    assert Query(1, 0, name, 1, 1, None, peer(), b"").name == b"\x3f" + b"a" * 63 + b"\0"


def test_the_opcode_is_read_out_of_the_flags() -> None:
    assert question(flags=codes.UPDATE << 11 | codes.RD).opcode == codes.UPDATE


@pytest.mark.parametrize(("edns", "do"), [(None, False), (Edns(512), False), (Edns(512, do=True), True)])
def test_dnssec_is_wanted_only_with_the_do_bit(edns: Edns | None, do: bool) -> None:
    assert question(edns=edns).do is do


@pytest.mark.parametrize(
    ("protocol", "edns", "limit"),
    [
        ("udp", None, 512),
        ("udp", Edns(0), 512),
        ("udp", Edns(511), 512),
        ("udp", Edns(513), 513),
        ("udp", Edns(65_535), 65_535),
        ("tcp", None, 65_535),
        ("tcp", Edns(512), 65_535),
    ],
)
def test_a_reply_may_be_as_long_as_transport_and_edns_say(protocol: str, edns: Edns | None, limit: int) -> None:
    assert reply_limit(protocol, edns) == limit


def test_a_question_to_itself_is_the_same_askers_one_deeper() -> None:
    query = question("web.shop.", "A", edns=Edns(1232, do=True), flags=codes.RD | codes.CD)
    inner = query.asking(name_from_text("Other.example."), codes.AAAA)
    assert (inner.asked, inner.qtype) == (b"\5Other\7example\0", codes.AAAA)
    assert (inner.id, inner.flags, inner.edns, inner.client, inner.router) == (
        query.id,
        query.flags,
        query.edns,
        query.client,
        query.router,
    )
    assert (query.lookups, inner.lookups, inner.asking(b"\0", 1).lookups) == (0, 1, 2)


def test_a_question_to_itself_has_a_packet_and_class_of_its_own() -> None:
    query = question("web.shop.", "A", edns=Edns(1232, options=b"\0\x03\0\0"))
    query.qclass = codes.ANY
    inner = query.asking(name_from_text("Other.example."), codes.AAAA)
    same = question("Other.example.", "AAAA", edns=Edns(1232, options=b"\0\x03\0\0"))
    assert (inner.packet, inner.qclass) == (same.packet, codes.IN)


def test_an_opt_shows_what_it_says() -> None:
    assert repr(Edns(1232, 0, True, b"")) == "Edns(size=1232, version=0, do=True, options=b'')"
