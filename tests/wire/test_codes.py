import dns.rcode
import dns.rdatatype
import pytest

from resolver.wire import codes

TYPES = [
    (0, "None"),
    (1, "A"),
    (28, "AAAA"),
    (33, "SRV"),
    (41, "OPT"),
    (64, "SVCB"),
    (65, "HTTPS"),
    (250, "TSIG"),
    (251, "IXFR"),
    (252, "AXFR"),
    (253, "MAILB"),
    (254, "MAILA"),
    (255, "ANY"),
    (65280, "TYPE65280"),
]


@pytest.mark.parametrize(("number", "text"), TYPES)
def test_a_type_has_the_name_coredns_gives_it(number: int, text: str) -> None:
    assert codes.type_text(number) == text


@pytest.mark.parametrize(("number", "text"), [row for row in TYPES if row[0]])
def test_a_type_is_found_by_its_name_in_any_letters(number: int, text: str) -> None:
    assert codes.type_number(text.lower()) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("TYPE1", 1), ("type65535", 65535), ("TYPE65536", None), ("TYPE", None), ("TYPE-1", None), ("NOPE", None)],
)
def test_a_type_is_found_by_its_number(text: str, number: int | None) -> None:
    assert codes.type_number(text) == number


@pytest.mark.parametrize("name", ["A", "NS", "CNAME", "SOA", "PTR", "HINFO", "MX", "TXT", "AAAA", "SRV", "DNAME", "DS"])
def test_constants_are_the_numbers_of_iana(name: str) -> None:
    assert getattr(codes, name) == dns.rdatatype.from_text(name)


@pytest.mark.parametrize("name", ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "BADVERS"])
def test_rcodes_are_the_numbers_of_iana(name: str) -> None:
    assert getattr(codes, name) == dns.rcode.from_text(name)
    assert codes.rcode_text(getattr(codes, name)) == name


@pytest.mark.parametrize(
    ("number", "text"), [(1, "IN"), (3, "CH"), (4, "HS"), (254, "NONE"), (255, "ANY"), (9, "CLASS9")]
)
def test_a_class_has_its_name_or_its_number(number: int, text: str) -> None:
    assert codes.class_text(number) == text


def test_an_unknown_rcode_is_written_as_a_number() -> None:
    assert codes.rcode_text(12) == "RCODE12"


def test_flags_do_not_overlap() -> None:
    flags = [codes.QR, codes.AA, codes.TC, codes.RD, codes.RA, codes.Z, codes.AD, codes.CD, codes.RCODE, codes.OPCODE]
    assert sum(flags) == 0xFFFF


def test_each_type_with_a_name_is_found_by_it() -> None:
    assert {"A", "AAAA", "SRV", "HTTPS"} <= set(codes.type_names())
    assert all(codes.type_number(name) is not None for name in codes.type_names())
