import pytest

from resolver import limits
from resolver.plugins.hosts_file import HostTable, lookup_all, read_table
from resolver.wire.names import name_from_text
from tests.support.questions import record

ROOT = frozenset((name_from_text("."),))


def table(text: str, zones: frozenset[bytes] = ROOT, *, reverse: bool = True) -> HostTable:
    return read_table(text.encode(), "Hosts file", zones, pytest.fail, reverse=reverse)


def addresses(found: HostTable, name: str) -> list[str]:
    """All addresses of a name, IPv4 first, as text."""
    packed = [each for v6 in (False, True) for each in found.lookup(name_from_text(name), v6=v6)]
    known = {record(f". 0 {'AAAA' if ':' in text else 'A'} {text}").rdata: text for text in KNOWN}
    return [known[each] for each in packed]


KNOWN = ("10.0.0.1", "10.0.0.2", "2001:db8::1", "fe80::1")


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("10.0.0.1 a.org b.org", "b.org", ["10.0.0.1"]),
        ("\t10.0.0.1\t A.Org. \r\n2001:db8::1 a.org", "a.org", ["10.0.0.1", "2001:db8::1"]),
        ("10.0.0.1 a.org # b.org\n#10.0.0.2 a.org", "b.org", []),
        ("10.0.0.1 a.org#b", "a.org", ["10.0.0.1"]),
        ("10.0.0.1 a.org\n10.0.0.2 a.org", "a.org", ["10.0.0.1", "10.0.0.2"]),
        ("10.0.0.1 a.org a.org", "a.org", ["10.0.0.1", "10.0.0.1"]),
        ("fe80::1%eth0 a.org", "a.org", ["fe80::1"]),
        ("::ffff:10.0.0.1 a.org", "a.org", ["10.0.0.1"]),
        ("a.org 10.0.0.1\n010.0.0.1 a.org\n10.0.0 a.org", "a.org", []),
        ("10.0.0.1 " + "x" * 64 + " a.org", "a.org", ["10.0.0.1"]),
        ("10.0.0.1 *.org", "a.org", ["10.0.0.1"]),
        ("10.0.0.1 *.org", "b.a.org", []),
        ("10.0.0.1 *.org", "org", []),
        ("10.0.0.1 *.org\n10.0.0.2 a.org", "a.org", ["10.0.0.2"]),
        ("10.0.0.1 *.org\n2001:db8::1 a.org", "a.org", ["10.0.0.1", "2001:db8::1"]),
        ("10.0.0.1 *", "a", []),
        ("10.0.0.1 a.*.org", "a.b.org", []),
        ("", ".", []),
    ],
)
def test_names_have_the_addresses_of_their_lines(text: str, name: str, expected: list[str]) -> None:
    assert addresses(table(text), name) == expected


def test_names_outside_the_zones_are_left_out() -> None:
    found = table("10.0.0.1 a.org a.com workorg", frozenset((name_from_text("org"),)))
    assert [bool(addresses(found, name)) for name in ("a.org", "a.com", "workorg")] == [True, False, False]


def test_addresses_have_the_names_of_their_lines_but_for_wildcards() -> None:
    found = table("10.0.0.1 a.org *.org b.org\n2001:DB8:0:0::1 a.org")
    names = [name_from_text(name) for name in ("a.org", "b.org")]
    assert found.addresses == {"10.0.0.1": names, "2001:db8::1": names[:1]}
    assert table("10.0.0.1 a.org", reverse=False).addresses == {}


def test_entries_are_counted_both_ways() -> None:
    assert len(table("10.0.0.1 a.org *.org\n2001:db8::1 a.org")) == 5


def test_tables_are_looked_up_in_order() -> None:
    tables = (table("10.0.0.2 a.org"), table("10.0.0.1 *.org"))
    assert lookup_all(tables, name_from_text("a.org"), v6=False) == [b"\x0a\0\0\x02", b"\x0a\0\0\x01"]


def test_fields_that_are_too_long_are_reported_by_line() -> None:
    long, fits = "x" * (limits.HOSTS_FIELD + 1), "x" * limits.HOSTS_FIELD
    reports: list[str] = []
    text = f"10.0.0.1 {long} a.org {fits}\n{long} b.org\n{fits} b.org\nbad {long}\n10.0.0.1 c.org"
    found = read_table(text.encode(), 'Hosts file "/etc/hosts"', ROOT, reports.append)
    assert reports == [
        'Hosts file "/etc/hosts", line 1: name longer than 1024 bytes, dropping the name',
        'Hosts file "/etc/hosts", line 2: address longer than 1024 bytes, dropping the line',
    ]
    assert [bool(addresses(found, name)) for name in ("a.org", "b.org", "c.org")] == [True, False, True]


def test_lines_may_have_any_length() -> None:
    found = table("10.0.0.1 " + " ".join(f"h{number}.org" for number in range(20_000)))
    assert addresses(found, "h19999.org") == ["10.0.0.1"]


def test_bytes_that_are_no_text_do_no_harm() -> None:
    found = read_table(b"\xff\xfe\x00 a.org\n10.0.0.1 \xff.org \x00 b.org", "", ROOT, pytest.fail)
    assert addresses(found, "b.org") == ["10.0.0.1"]
