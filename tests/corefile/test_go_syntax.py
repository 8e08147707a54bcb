"""Values as Go's standard library reads them; every row was checked against Go 1.26."""

import ipaddress
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.corefile import go_syntax

READ: list[tuple[Callable[[str], object], str, object]] = [
    (go_syntax.duration, "0", 0.0),
    (go_syntax.duration, "-0", 0.0),
    (go_syntax.duration, "0s", 0.0),
    (go_syntax.duration, "5s", 5.0),
    (go_syntax.duration, "300ms", 0.3),
    (go_syntax.duration, "1.5h", 5400.0),
    (go_syntax.duration, "2h45m", 9900.0),
    (go_syntax.duration, "-1.5s", -1.5),
    (go_syntax.duration, "+5m", 300.0),
    (go_syntax.duration, ".5s", 0.5),
    (go_syntax.duration, "1.s", 1.0),
    (go_syntax.duration, "1us1\u00b5s1\u03bcs1ns", 3.001e-06),
    (go_syntax.duration, "0.9ns", 0.0),
    (go_syntax.duration, "3.33333333333333333333h", 12000.0),
    (go_syntax.duration, "9223372036854775807ns", 9223372036.854776),
    (go_syntax.duration, "-9223372036854775808ns", -9223372036.854776),
    (go_syntax.duration, "00000000000000000000001s", 1.0),
    (go_syntax.integer, "30", 30),
    (go_syntax.integer, "-030", -30),
    (go_syntax.integer, "+5", 5),
    (go_syntax.integer, "-9223372036854775808", -(2**63)),
    (go_syntax.decimal, "1.5", 1.5),
    (go_syntax.decimal, "-.5e1", -5.0),
    (go_syntax.decimal, "5.", 5.0),
    (go_syntax.decimal, "Inf", float("inf")),
    (go_syntax.boolean, "T", True),
    (go_syntax.boolean, "false", False),
    (go_syntax.split_host_port, "127.0.0.1:53", ("127.0.0.1", "53")),
    (go_syntax.split_host_port, "[::1]:53", ("::1", "53")),
    (go_syntax.split_host_port, "[fe80::1%eth0]:53", ("fe80::1%eth0", "53")),
    (go_syntax.split_host_port, ":8080", ("", "8080")),
    (go_syntax.split_host_port, "localhost:", ("localhost", "")),
    (go_syntax.split_host_port, "[]:1", ("", "1")),
    (go_syntax.port_number, "", 0),
    (go_syntax.port_number, "0", 0),
    (go_syntax.port_number, "00065535", 65535),
    (go_syntax.quote, 'a"\\\n\t\x01\x7f\u0085é\U000e0001', r'"a\"\\\n\t\x01\x7f\u0085é\U000e0001"'),
    (go_syntax.is_ip, "10.0.0.1", True),
    (go_syntax.is_ip, "::1", True),
    (go_syntax.is_ip, "fe80::1%eth0", True),
    (go_syntax.is_ip, "fe80::1%a%b", False),
    (go_syntax.is_ip, "[::1]", False),
    (go_syntax.is_ip, "010.0.0.1", False),
    (go_syntax.is_ip, "example.org", False),
]
REFUSED: list[tuple[Callable[[str], object], str, str]] = [
    (go_syntax.duration, "", 'time: invalid duration ""'),
    (go_syntax.duration, "x", 'time: invalid duration "x"'),
    (go_syntax.duration, "-", 'time: invalid duration "-"'),
    (go_syntax.duration, ".s", 'time: invalid duration ".s"'),
    (go_syntax.duration, "s", 'time: invalid duration "s"'),
    (go_syntax.duration, "--5s", 'time: invalid duration "--5s"'),
    (go_syntax.duration, "5", 'time: missing unit in duration "5"'),
    (go_syntax.duration, "00", 'time: missing unit in duration "00"'),
    (go_syntax.duration, "1h5", 'time: missing unit in duration "1h5"'),
    (go_syntax.duration, "5 s", 'time: unknown unit " s" in duration "5 s"'),
    (go_syntax.duration, "5d", 'time: unknown unit "d" in duration "5d"'),
    (go_syntax.duration, '5é"\n', r'time: unknown unit "\xc3\xa9\"\x0a" in duration "5\xc3\xa9\"\x0a"'),
    (go_syntax.duration, "9223372036854775808ns", 'time: invalid duration "9223372036854775808ns"'),
    (go_syntax.duration, "3000000h", 'time: invalid duration "3000000h"'),
    (go_syntax.duration, "99999999999999999999x", 'time: invalid duration "99999999999999999999x"'),
    (go_syntax.integer, "", 'strconv.Atoi: parsing "": invalid syntax'),
    (go_syntax.integer, "1_0", 'strconv.Atoi: parsing "1_0": invalid syntax'),
    (go_syntax.integer, " 1", 'strconv.Atoi: parsing " 1": invalid syntax'),
    (go_syntax.integer, "٣", 'strconv.Atoi: parsing "٣": invalid syntax'),
    (go_syntax.integer, 'a"', r'strconv.Atoi: parsing "a\"": invalid syntax'),
    (go_syntax.integer, "9223372036854775808", 'strconv.Atoi: parsing "9223372036854775808": value out of range'),
    (go_syntax.integer, "9" * 25, f'strconv.Atoi: parsing "{"9" * 25}": value out of range'),
    (go_syntax.decimal, "1,5", 'strconv.ParseFloat: parsing "1,5": invalid syntax'),
    (go_syntax.decimal, "e5", 'strconv.ParseFloat: parsing "e5": invalid syntax'),
    (go_syntax.decimal, "1e999", 'strconv.ParseFloat: parsing "1e999": value out of range'),
    (go_syntax.boolean, "yes", 'strconv.ParseBool: parsing "yes": invalid syntax'),
    (go_syntax.split_host_port, "", "missing port in address"),
    (go_syntax.split_host_port, "8080", "address 8080: missing port in address"),
    (go_syntax.split_host_port, "::1", "address ::1: too many colons in address"),
    (go_syntax.split_host_port, "[::1]", "address [::1]: missing port in address"),
    (go_syntax.split_host_port, "[::1]a:5", "address [::1]a:5: missing port in address"),
    (go_syntax.split_host_port, "[::1]:5:6", "address [::1]:5:6: too many colons in address"),
    (go_syntax.split_host_port, "[::1:53", "address [::1:53: missing ']' in address"),
    (go_syntax.split_host_port, "a[:53", "address a[:53: unexpected '[' in address"),
    (go_syntax.split_host_port, "a]:53", "address a]:53: unexpected ']' in address"),
    (go_syntax.split_host_port, "[a]:5]", "address [a]:5]: unexpected ']' in address"),
    (go_syntax.port_number, "65536", "address 65536: invalid port"),
    (go_syntax.port_number, "-1", "address -1: invalid port"),
    (go_syntax.port_number, "http", "address http: invalid port"),
    (go_syntax.port_number, "٣", "address ٣: invalid port"),
    (go_syntax.port_number, "9" * 5000, f"address {'9' * 5000}: invalid port"),
]


@pytest.mark.parametrize(("read", "text", "value"), READ)
def test_a_value_is_read(read: Callable[[str], object], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(("read", "text", "message"), REFUSED)
def test_what_is_no_value_is_refused_in_gos_words(read: Callable[[str], object], text: str, message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 -- the whole message is compared
        read(text)
    assert str(refusal.value) == message


UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(sorted(UNITS))), min_size=1, max_size=4), st.booleans()
)
def test_durations_are_sums(parts: list[tuple[int, str]], negative: bool) -> None:
    text = "".join(f"{count}{unit}" for count, unit in parts)
    nanoseconds = sum(count * UNITS[unit] for count, unit in parts)
    assert go_syntax.duration(f"{'-' if negative else ''}{text}") == (-1 if negative else 1) * nanoseconds / 1e9


@given(st.integers(0, 10**6), st.integers(0, 10**9 - 1))
def test_fractions_are_exact_to_the_nanosecond(whole: int, fraction: int) -> None:
    assert abs(go_syntax.duration(f"{whole}.{fraction:09}s") - (whole + fraction / 1e9)) <= 1.1e-9


@given(st.text(alphabet=st.sampled_from("0123456789.+-hmsnuµ \n") | st.characters()))
def test_any_text_is_a_value_or_a_value_error(text: str) -> None:
    for read in (
        go_syntax.duration,
        go_syntax.integer,
        go_syntax.decimal,
        go_syntax.boolean,
        go_syntax.split_host_port,
    ):
        try:
            read(text)
        except ValueError as refusal:
            assert type(refusal) is ValueError  # noqa: PT017 -- either outcome is right


@given(st.ip_addresses(), st.integers(0, 65_535))
def test_addresses_with_ports_come_apart(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    assert go_syntax.split_host_port(f"{host}:{port}") == (str(address), str(port))
    assert go_syntax.is_ip(str(address))
