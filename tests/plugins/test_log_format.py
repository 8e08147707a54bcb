from typing import Any

import pytest

from resolver.answers.observation import Observation
from resolver.plugins.log_format import COMBINED, COMMON, Reported, compile_format
from resolver.wire import codes
from resolver.wire.names import name_from_text
from tests.support.questions import peer

SEEN = Observation(
    server="dns://:53",
    protocol="udp",
    family=1,
    qname=name_from_text("web.shop."),
    qtype=codes.A,
    qclass=codes.IN,
    query_flags=codes.RD,
    request_size=51,
    do=False,
    bufsize=1232,
    rcode=codes.NOERROR,
    flags=codes.QR | codes.AA,
    size=88,
    written=True,
    options_size=12,
)
REPORTED = Reported(58_752, peer("127.0.0.1", 53_328), 0.000882007)


def line(text: str, *, bare: bool = False, reported: Reported = REPORTED, **changes: Any) -> str:
    return compile_format(text, bare=bare)(SEEN._replace(**changes), reported)


def test_the_common_line_is_coredns_own() -> None:
    expected = '127.0.0.1:53328 - 58752 "A IN web.shop. udp 39 false 1232" NOERROR qr,aa,rd 88 0.000882007s'
    assert line(COMMON) == expected


def test_the_combined_line_ends_in_the_opcode() -> None:
    assert line(COMBINED, query_flags=4 << 11).endswith(' 0.000882007s "4"')


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [
        ("{type} {class}", {"qtype": 65_280, "qclass": 77}, "TYPE65280 CLASS77"),
        ("{class}", {"qclass": codes.ANY}, "CLASS255"),
        ("{class}", {"qclass": 254}, "NONE"),
        ("{name}", {"qname": b"\x03\x00\xffa\x00"}, r"\000\255a."),
        ("{size}", {"request_size": 40, "options_size": 0}, "40"),
        ("{>do} {>bufsize}", {"do": True, "bufsize": 65_535}, "true 65535"),
        ("{rcode}", {"rcode": codes.NXDOMAIN}, "NXDOMAIN"),
        ("{rcode}", {"rcode": 12}, "12"),
        ("{rcode} {>rflags} {rsize}", {"written": False, "size": 0}, "- - 0"),
        ("{>rflags}", {"flags": 0xFFFF, "query_flags": 0}, "qr,aa,tc,rd,ra,z,ad,cd"),
        ("{>rflags}", {"flags": codes.QR, "query_flags": codes.CD | codes.AD}, "qr,cd"),
        ("{/kubernetes/namespace}", {}, "-"),
        ("{foo} {Type} {", {}, "{foo} {Type} {"),
        ("{ {type} } {{type}}", {}, "{ A } {A}"),
        ("} {type}", {}, "} A"),
        ("", {}, ""),
    ],
)
def test_placeholders_are_replaced_and_all_else_stays(text: str, changes: dict[str, Any], expected: str) -> None:
    assert line(text, **changes) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.5, "0.5s"), (3e-06, "0.000003s"), (0.0, "0s"), (2.0, "2s"), (1.25e-05, "0.0000125s")],
)
def test_durations_have_no_exponent(seconds: float, expected: str) -> None:
    assert line("{duration}", reported=REPORTED._replace(seconds=seconds)) == expected


def test_addresses_of_version_six_are_in_brackets() -> None:
    reported = REPORTED._replace(client=peer("2001:db8::9", 7))
    assert line("{remote}:{port} {local}", reported=reported) == "[2001:db8::9]:7 [::1]"


def test_what_the_server_writes_itself_is_logged_before_the_options_are_taken_off() -> None:
    assert line("{size}", bare=True) == "51"


def test_what_changes_between_equal_questions_is_never_remembered() -> None:
    make = compile_format(COMMON)
    first = make(SEEN, REPORTED)
    second = make(SEEN, Reported(1, peer("10.0.0.9", 2), 1.0))
    assert (first.split()[0], second.split()[0]) == ("127.0.0.1:53328", "10.0.0.9:2")
    assert (second.split()[2], second.split()[-1]) == ("1", "1s")
