import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.cluster.addresses import canonical_address, is_loopback, packed_address

ADDRESSES = [
    ("10.0.0.1", "0a000001"),
    ("255.255.255.255", "ffffffff"),
    ("2001:db8::1", "20010db8000000000000000000000001"),
    ("2001:DB8:0:0::1", "20010db8000000000000000000000001"),
    ("::", "00" * 16),
    ("::1.2.3.4", "00" * 12 + "01020304"),
    ("::ffff:1.2.3.4", "01020304"),
    ("::FFFF:102:304", "01020304"),
    ("64:ff9b::1.2.3.4", "0064ff9b000000000000000001020304"),
]


@pytest.mark.parametrize(("text", "packed"), ADDRESSES)
def test_an_address_is_4_or_16_bytes(text: str, packed: str) -> None:
    assert packed_address(text) == bytes.fromhex(packed)


@pytest.mark.parametrize(
    "text",
    ["", "None", "10.0.0", "10.0.0.256", "01.2.3.4", "1.2.3.4 ", " ::1", "fe80::1%eth0", ":::", "1:2:3", "::1::",
     "0x1.2.3.4", "1.2.3.4\0", "\ud800", "::ffff:1.2.3", "12345::", "example.org"],
)  # fmt: skip
def test_text_that_is_no_address_has_no_bytes(text: str) -> None:
    assert packed_address(text) is None


@given(st.ip_addresses(v=4))
def test_ipv4_text_is_canonical(address: ipaddress.IPv4Address) -> None:
    assert canonical_address(address.packed) == str(address)
    assert packed_address(str(address)) == address.packed


@given(st.ip_addresses(v=6))
def test_ipv6_text_is_canonical(address: ipaddress.IPv6Address) -> None:
    text = canonical_address(address.packed)
    assert ipaddress.ip_address(text) == address
    assert packed_address(text) == (address.ipv4_mapped.packed if address.ipv4_mapped else address.packed)


@pytest.mark.parametrize(
    ("packed", "text"),
    [
        ("00" * 12 + "01020304", "::102:304"),
        ("00" * 10 + "ffff01020304", "::ffff:102:304"),
        ("00" * 10 + "ffff00000001", "::ffff:0:1"),
        ("20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"),
        ("20010db8000000000001000000000001", "2001:db8::1:0:0:1"),
        ("00" * 16, "::"),
    ],
)
def test_no_ipv6_text_ends_in_a_dotted_quad(packed: str, text: str) -> None:
    assert canonical_address(bytes.fromhex(packed)) == text


@pytest.mark.parametrize(
    ("host", "is_it"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("fe80::1%lo", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_only_loopback_is_loopback(host: str, is_it: bool) -> None:
    assert is_loopback(host) is is_it
