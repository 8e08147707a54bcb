"""Texts of addresses and ranges, as a real kube-apiserver 1.37.2 judges them."""

import pytest

from resolver.controlplane import ip_text


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("10.0.0.1", "IPv4"),
        ("010.0.0.1", "IPv4"),
        ("::ffff:10.0.0.1", "IPv4"),
        ("::ffff:10.0.0.01", "IPv4"),
        ("fd00::1", "IPv6"),
        ("FD00:0::01", "IPv6"),
        ("0fd00::1", "IPv6"),
        ("10.0.0", ""),
        ("10.0.0.256", ""),
        ("10.0.0.1/32", ""),
        ("fd00::1%eth0", ""),
        (" 10.0.0.1", ""),
        ("", ""),
    ],
)
def test_an_address_is_read_leniently(text: str, family: str) -> None:
    assert ip_text.address_family(text) == family


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("10.1.2.3/24", "10.1.2.0/24"),
        ("10.1.2.3/024", "10.1.2.0/24"),
        ("FD00::5/112", "fd00::/112"),
        ("::ffff:10.1.2.3/120", "10.1.2.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("10.1.2.3", None),
        ("10.1.2.3/", None),
        ("10.1.2.3/33", None),
        ("10.1.2.3/-1", None),
        ("::ffff:10.1.2.3/90", None),
        ("x/24", None),
    ],
)
def test_a_range_is_read_leniently_and_shown_by_its_network(text: str, shown: str | None) -> None:
    prefix = ip_text.parsed_prefix(text)
    assert (str(prefix) if prefix else None) == shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10.0.0.1", None),
        ("FD00::1", None),
        ("x", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
        ("10.0.0.01", "must not have leading 0s"),
        ("::ffff:10.0.0.1", "must not be an IPv4-mapped IPv6 address"),
    ],
)
def test_new_addresses_are_held_to_strict_rules_and_known_ones_pass(text: str, words: str | None) -> None:
    errors = ip_text.address_errors("field", text)
    assert [each.message for each in errors] == ([f'Invalid value: "{text}": {words}'] if words else [])
    assert ip_text.address_errors("field", text, known=[text]) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10.0.0.0/24", None),
        ("FD00::/64", None),
        ("10.0.0.0", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
        ("10.0.00.0/24", "must not have leading 0s in IP or prefix length"),
        ("10.0.0.0/024", "must not have leading 0s in IP or prefix length"),
        ("::ffff:10.0.0.0/120", "must not have an IPv4-mapped IPv6 address"),
        ("10.0.0.1/24", "must not have bits set beyond the prefix length"),
    ],
)
def test_new_ranges_are_held_to_strict_rules_and_known_ones_pass(text: str, words: str | None) -> None:
    errors = ip_text.prefix_errors("field", text)
    assert [each.message for each in errors] == ([f'Invalid value: "{text}": {words}'] if words else [])
    assert ip_text.prefix_errors("field", text, known=[text]) == []


def test_newer_fields_want_the_canonical_form() -> None:
    assert [each.message for each in ip_text.canonical_address_errors("f", "FD00::1")] == [
        'Invalid value: "FD00::1": must be in canonical form ("fd00::1")'
    ]
    assert [each.message for each in ip_text.canonical_prefix_errors("f", "FD00::/64")] == [
        'Invalid value: "FD00::/64": must be in canonical form ("fd00::/64")'
    ]
    assert ip_text.canonical_address_errors("f", "fd00::1") == ip_text.canonical_prefix_errors("f", "fd00::/64") == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("10.0.0.1", 0),
        ("fd00::1", 0),
        ("0.0.0.0", 1),
        ("::", 1),
        ("127.1.1.1", 1),
        ("::1", 1),
        ("169.254.1.1", 1),
        ("fe80::1", 1),
        ("224.0.0.1", 1),
        ("ff02::1", 1),
        ("224.0.1.1", 0),
        ("x", 1),
    ],
)
def test_addresses_nothing_can_be_reached_at(text: str, count: int) -> None:
    assert len(ip_text.endpoint_address_errors("f", text)) == count


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("10.0.0.1", None),
        ("fd00::1", None),
        ("010.0.0.1", 'f: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"'),
        ("::ffff:10.0.0.1", 'f: non-standard IP address "::ffff:10.0.0.1" is invalid: use "10.0.0.1"'),
        ("FD00::1", 'f: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")'),
        ("x", None),
    ],
)
def test_odd_addresses_are_warned_about(text: str, warning: str | None) -> None:
    assert ip_text.address_warnings("f", text) == ([warning] if warning else [])


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("10.0.0.0/24", None),
        (
            "10.0.0.1/24",
            'f: CIDR value "10.0.0.1/24" is ambiguous in this context (should be "10.0.0.0/24" or "10.0.0.1/32"?)',
        ),
        ("10.0.00.0/24", 'f: non-standard CIDR value "10.0.00.0/24" is invalid: use "10.0.0.0/24"'),
        ("FD00::/64", 'f: IPv6 CIDR value "FD00::/64" should be in RFC 5952 canonical format ("fd00::/64")'),
    ],
)
def test_odd_ranges_are_warned_about(text: str, warning: str | None) -> None:
    assert ip_text.prefix_warnings("f", text) == ([warning] if warning else [])
