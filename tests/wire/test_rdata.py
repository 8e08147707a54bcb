from struct import pack

import dns.rdata
import pytest

from resolver import limits
from resolver.wire import codes
from resolver.wire.names import name_from_text
from resolver.wire.rdata import Malformed, read_name, read_rdata

HEAD = bytes(limits.HEADER_SIZE)
WEB = b"\3web\4shop\0"


def pointer(place: int) -> bytes:
    return pack("!H", 0xC000 | place)


def test_a_name_ends_behind_its_root() -> None:
    assert read_name(HEAD + WEB + b"rest", 12) == (WEB, 12 + len(WEB))


def test_a_compressed_name_ends_behind_its_first_pointer() -> None:
    message = HEAD + WEB + b"\1a" + pointer(16) + b"rest"
    assert read_name(message, 22) == (b"\1a\4shop\0", 26)


def test_pointers_may_lead_to_pointers() -> None:
    message = HEAD + WEB + pointer(12) + pointer(22) + b"\1a" + pointer(24)
    assert read_name(message, 26) == (b"\1a" + WEB, 30)


BROKEN_NAMES = [
    ("nothing", b""),
    ("cut", b"\3we"),
    ("without an end", b"\3web"),
    ("pointer cut", b"\xc0"),
    ("to itself", pointer(12)),
    ("into itself", b"\1a" + pointer(12)),
    ("to its own end", b"\1a" + pointer(14)),
    ("forwards", pointer(14) + WEB),
    ("into the header", pointer(11)),
    ("past the end", pointer(200)),
    ("label type 01", b"\x41" + bytes(70)),
    ("label type 10", b"\x80" + bytes(200)),
    ("256 bytes", (b"\x3f" + b"a" * 63) * 3 + b"\x3e" + b"a" * 62 + b"\0"),
]


@pytest.mark.parametrize("data", [row[1] for row in BROKEN_NAMES], ids=[row[0] for row in BROKEN_NAMES])
def test_a_broken_name_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        read_name(HEAD + data, 12)


def test_a_name_of_255_bytes_is_the_longest() -> None:
    name = (b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"a" * 61 + b"\0"
    assert read_name(HEAD + name, 12) == (name, 267)


def test_a_name_that_grows_too_long_through_pointers_is_malformed() -> None:
    part = b"\x3f" + b"a" * 63
    message = HEAD + part * 2 + b"\0" + part * 2 + pointer(12)
    with pytest.raises(Malformed):
        read_name(message, 12 + 129)


@pytest.mark.parametrize(("pointers", "sound"), [(limits.NAME_POINTERS, True), (limits.NAME_POINTERS + 1, False)])
def test_a_chain_of_pointers_is_followed_so_far(pointers: int, sound: bool) -> None:
    message = HEAD + b"\0" + pointer(12) + b"".join(pointer(13 + 2 * number) for number in range(pointers - 1))
    if sound:
        assert read_name(message, len(message) - 2) == (b"\0", len(message))
    else:
        with pytest.raises(Malformed):
            read_name(message, len(message) - 2)


SOUND_DATA = [
    ("A", "10.0.0.1"),
    ("AAAA", "2001:db8::1"),
    ("NS", "ns.shop."),
    ("CNAME", "web.shop."),
    ("PTR", "web.shop."),
    ("SOA", "ns.shop. admin.shop. 1 2 3 4 5"),
    ("MX", "10 mail.shop."),
    ("SRV", "0 50 80 web.shop."),
    ("TXT", '"one" "two"'),
    ("NAPTR", '1 2 "u" "sip" "" web.shop.'),
    ("RP", "a.shop. b.shop."),
    ("AFSDB", "1 a.shop."),
    ("PX", "1 a.shop. b.shop."),
    ("KX", "1 a.shop."),
    ("DNAME", "a.shop."),
    ("CAA", '0 issue "ca.example"'),
]


@pytest.mark.parametrize(("kind", "text"), SOUND_DATA)
def test_record_data_without_compression_stays_as_it_is(kind: str, text: str) -> None:
    rdata = dns.rdata.from_text("IN", kind, text).to_wire()
    assert rdata is not None
    number = codes.type_number(kind)
    assert number is not None
    assert read_rdata(HEAD + rdata, number, 12, 12 + len(rdata)) == rdata


@pytest.mark.parametrize("kind", [row[0] for row in SOUND_DATA if row[0] not in {"TXT", "CAA"}])
def test_record_data_that_is_too_short_or_long_is_malformed(kind: str) -> None:
    text = dict(SOUND_DATA)[kind]
    rdata = dns.rdata.from_text("IN", kind, text).to_wire()
    number = codes.type_number(kind)
    assert rdata is not None
    assert number is not None
    for message, end in ((rdata[:-1], -1), (rdata + b"\0", 1)):
        with pytest.raises(Malformed):
            read_rdata(HEAD + message, number, 12, 12 + len(rdata) + end)


def test_names_in_record_data_are_uncompressed() -> None:
    message = HEAD + WEB + b"\0\x0a\4mail" + pointer(16)
    assert read_rdata(message, codes.MX, 22, 31) == b"\0\x0a" + name_from_text("mail.shop")


@pytest.mark.parametrize("rtype", [codes.A, codes.CNAME, codes.SOA, codes.TXT, 65_280])
def test_empty_record_data_is_sound(rtype: int) -> None:
    assert read_rdata(HEAD, rtype, 12, 12) == b""


def test_data_of_unknown_types_is_not_looked_into() -> None:
    assert read_rdata(HEAD + b"\xc0\xff", 65_280, 12, 14) == b"\xc0\xff"


@pytest.mark.parametrize("rdata", [b"\5abc", b"\3abc\1"])
def test_a_text_that_runs_past_its_record_is_malformed(rdata: bytes) -> None:
    with pytest.raises(Malformed):
        read_rdata(HEAD + rdata + b"more", codes.TXT, 12, 12 + len(rdata))
