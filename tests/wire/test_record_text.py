"""Records, their data and names as dig prints them."""

import dns.rdata
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.wire import codes
from resolver.wire.names import name_from_labels, name_from_text
from resolver.wire.record_text import name_text, rdata_text, record_text, type_text
from resolver.wire.reply import Record
from tests.support.record_texts import TEXTS


@pytest.mark.parametrize(("rtype", "text", "printed"), TEXTS)
def test_data_is_printed_as_dig_prints_it(rtype: str, text: str, printed: str) -> None:
    wire = dns.rdata.from_text("IN", rtype, text, relativize=False).to_wire()
    assert wire is not None
    assert rdata_text(int(dns.rdatatype.from_text(rtype)), wire) == (printed or text)


@pytest.mark.parametrize(
    ("rtype", "rdata", "printed"),
    [
        (65280, b"\x0a\x0b", "\\# 2 0A0B"),
        (65280, b"", "\\# 0"),
        (1, b"", "\\# 0"),
        (1, b"\1\2\3", "\\# 3 010203"),
        (1, b"\1\2\3\4\5", "\\# 5 0102030405"),
        (5, b"\3web", "\\# 4 03776562"),
        (5, b"\xc0\0", "\\# 2 C000"),
        (16, b"\5a", "\\# 2 0561"),
        (257, b"\0\2\xff\xfeab", "\\# 6 0002FFFE6162"),
        (47, b"\0\0\5a", "\\# 4 00000561"),
        (64, b"\0\1\0\0\3\0\1\x50", "\\# 8 0001000003000150"),
    ],
)
def test_data_that_breaks_its_layout_is_printed_as_bytes(rtype: int, rdata: bytes, printed: str) -> None:
    assert rdata_text(rtype, rdata) == printed


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ([], "."),
        ([b"web", b"shop"], "web.shop."),
        ([b"a b", b"c.d", b'e$f@g;h(i)j"k\\l'], 'a\\032b.c\\.d.e\\$f\\@g\\;h\\(i\\)j\\"k\\\\l.'),
        ([b"it's", b"\xff\x00"], "it's.\\255\\000."),
    ],
)
def test_names_are_escaped_as_dig_does(labels: list[bytes], text: str) -> None:
    assert name_text(name_from_labels(labels)) == text


def test_types_without_a_mnemonic_are_numbers() -> None:
    assert [type_text(number) for number in (0, 1, 65, 65280, 65535)] == [
        "TYPE0",
        "A",
        "HTTPS",
        "TYPE65280",
        "TYPE65535",
    ]


@given(rtype=st.one_of(st.integers(0, 300), st.integers(0, 0xFFFF)), rdata=st.binary(max_size=60))
def test_any_bytes_become_a_line(rtype: int, rdata: bytes) -> None:
    text = rdata_text(rtype, rdata)
    assert text.isascii()
    assert "\n" not in text


def test_a_record_is_one_line() -> None:
    record = Record(name_from_text("Web.shop.svc.cluster.local."), codes.AAAA, codes.IN, 5, b"\xfd" + bytes(14) + b"\1")
    assert record_text(record) == "Web.shop.svc.cluster.local. 5 IN AAAA fd00::1"
