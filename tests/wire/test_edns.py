from struct import pack

import dns.edns
import dns.message
import pytest

from resolver.wire.edns import check_options, opt_record, option, read_opt
from resolver.wire.rdata import Malformed

SOUND = [
    ("none", b""),
    ("nsid", option(3, b"")),
    ("cookie of an odd size", option(10, b"1234567")),
    ("empty expire", option(9, b"")),
    ("expire", option(9, bytes(4))),
    ("longer expire", option(9, bytes(6))),
    ("empty keepalive", option(11, b"")),
    ("keepalive", option(11, bytes(2))),
    ("error code", option(15, b"\0\7")),
    ("error code and text", option(15, b"\0\7why")),
    ("zone version", option(19, b"\2\0")),
    ("update lease", option(2, bytes(4))),
    ("update lease and key lease", option(2, bytes(8))),
    ("long-lived query", option(1, bytes(18))),
    ("reporting agent", option(18, b"\5agent\0")),
    ("subnet of no family", option(8, bytes(4))),
    ("subnet", option(8, b"\0\1\x18\0\xc0\0\2")),
    ("subnet of version 6", option(8, b"\0\2\x80\x80" + bytes(16))),
    ("subnet without address", option(8, b"\0\1\x20\0")),
    ("unknown", option(65_001, b"\xff")),
    ("several", option(3, b"a") + option(10, bytes(8))),
]

BROKEN = [
    ("header cut", b"\0\3\0"),
    ("longer than it is", pack("!HH", 3, 4) + b"abc"),
    ("second longer than it is", option(3, b"") + pack("!HH", 3, 1)),
    ("expire of one byte", option(9, b"\0")),
    ("keepalive of one byte", option(11, b"\0")),
    ("keepalive of three bytes", option(11, bytes(3))),
    ("error code of one byte", option(15, b"\0")),
    ("empty zone version", option(19, b"")),
    ("update lease of five bytes", option(2, bytes(5))),
    ("long-lived query of 17 bytes", option(1, bytes(17))),
    ("reporting agent cut", option(18, b"\5age")),
    ("subnet of three bytes", option(8, bytes(3))),
    ("subnet of no family with bits", option(8, b"\0\0\1\0")),
    ("subnet of family 3", option(8, b"\0\3\0\0")),
    ("subnet of 33 bits", option(8, b"\0\1\x21\0")),
    ("subnet with a scope of 129 bits", option(8, b"\0\2\0\x81")),
]


@pytest.mark.parametrize("options", [row[1] for row in SOUND], ids=[row[0] for row in SOUND])
def test_options_that_coredns_takes_are_taken(options: bytes) -> None:
    check_options(options)


@pytest.mark.parametrize("options", [row[1] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_options_that_coredns_refuses_are_refused(options: bytes) -> None:
    with pytest.raises(Malformed):
        check_options(options)


@pytest.mark.parametrize(
    ("ttl", "version", "do"),
    [(0, 0, False), (0x8000, 0, True), (0x7FFF, 0, False), (0x10000, 1, False), (0xFFFF8000, 255, True)],
)
def test_version_and_do_are_read_out_of_the_ttl(ttl: int, version: int, do: bool) -> None:
    edns = read_opt(1232, ttl, b"")
    assert (edns.size, edns.version, edns.do) == (1232, version, do)


def test_options_are_kept_as_they_came() -> None:
    assert read_opt(512, 0, option(3, b"me")).options == option(3, b"me")


def test_an_opt_with_a_broken_option_is_refused() -> None:
    with pytest.raises(Malformed):
        read_opt(512, 0, b"\0")


def test_the_opt_of_a_reply_is_read_by_dnspython() -> None:
    record = opt_record(1232, True, option(dns.edns.OptionType.NSID, b"me"), extended_rcode=1)
    message = dns.message.from_wire(bytes(11) + b"\1" + record)
    assert (message.edns, message.payload, message.ednsflags & 0xFFFF) == (0, 1232, 0x8000)
    assert message.rcode() == 16
    assert [item.to_text() for item in message.options] == ["NSID me"]
