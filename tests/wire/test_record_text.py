"""Records as text, held against dnspython's reading of the same text."""

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.wire import codes
from resolver.wire.names import name_from_text
from resolver.wire.record_text import rdata_text, record_text
from resolver.wire.reply import Record

TEXTS = [
    ("A", "10.0.0.1"),
    ("AAAA", "fd00::1"),
    ("CNAME", "web.example."),
    ("NS", "."),
    ("PTR", "web.shop.svc.cluster.local."),
    ("SOA", "ns.dns.cluster.local. hostmaster.cluster.local. 1700000000 7200 1800 86400 5"),
    ("SRV", "0 50 80 10-0-0-1.web.shop.svc.cluster.local."),
    ("MX", "10 mail.example."),
    ("TXT", '"dns-version=1.1.0"'),
    ("TXT", '"a \\"quoted\\" one" "" "\\000\\255\\\\"'),
    ("HINFO", '"RFC8482" ""'),
    ("NAPTR", '100 10 "S" "SIP+D2U" "" _sip._udp.example.'),
]


@pytest.mark.parametrize(("kind", "text"), TEXTS)
def test_data_reads_as_it_is_written(kind: str, text: str) -> None:
    wire = dns.rdata.from_text("IN", kind, text, relativize=False).to_wire()
    assert wire is not None
    assert rdata_text(int(dns.rdatatype.from_text(kind)), wire) == text


def test_a_record_is_one_line() -> None:
    record = Record(name_from_text("Web.shop.svc.cluster.local."), codes.AAAA, codes.IN, 5, b"\xfd" + bytes(14) + b"\1")
    assert record_text(record) == "Web.shop.svc.cluster.local. 5 IN AAAA fd00::1"


@pytest.mark.parametrize(
    ("rtype", "rdata", "text"),
    [
        (65280, b"\x0a\x0b", "\\# 2 0a0b"),
        (65280, b"", "\\# 0"),
        (codes.A, b"\1\2\3", "\\# 3 010203"),
        (codes.A, b"", "\\# 0"),
        (codes.SRV, b"\0\1\0\2", "\\# 4 00010002"),
        (codes.CNAME, b"\3web", "\\# 4 03776562"),
        (codes.CNAME, b"\0\0", "\\# 2 0000"),
        (codes.CNAME, b"\xc0\0", "\\# 2 c000"),
        (codes.TXT, b"\5a", "\\# 2 0561"),
        (35, b"\0\1\0\1\x09", "\\# 5 0001000109"),
    ],
)
def test_data_without_a_form_of_its_own_is_written_as_bytes(rtype: int, rdata: bytes, text: str) -> None:
    assert rdata_text(rtype, rdata) == text


@given(
    rtype=st.one_of(st.sampled_from([1, 2, 5, 6, 12, 15, 16, 28, 33, 35]), st.integers(0, 0xFFFF)),
    rdata=st.binary(max_size=40),
)
def test_any_bytes_become_a_line(rtype: int, rdata: bytes) -> None:
    text = rdata_text(rtype, rdata)
    assert "\n" not in text
    assert text.isascii()
