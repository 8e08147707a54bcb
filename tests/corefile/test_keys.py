"""Keys and zone lists; every row of a table was checked against CoreDNS 1.15.0."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.corefile.keys import (
    Key,
    Serving,
    check_overlaps,
    expand_zone,
    fallthrough_zones,
    has_preferred_syntax,
    is_reverse,
    parse_keys,
    plugin_zones,
)
from resolver.corefile.tokens import BadConfig, Token


def word(text: str) -> Token:
    return Token(text, "Corefile", 4)


KEYS = {
    ".": [".:53"],
    ".:1053": [".:1053"],
    "cluster.local": ["cluster.local.:53"],
    "Cluster.LOCAL.:1053": ["cluster.local.:1053"],
    "dns://x": ["x.:53"],
    "tls://x": ["tls://x.:853"],
    "tls://.": ["tls://.:853"],
    "quic://x": ["quic://x.:853"],
    "grpc://x": ["grpc://x.:443"],
    "https://x": ["https://x.:443"],
    "https3://x:8443": ["https3://x.:8443"],
    "DNS://x": ["dns://x.:53"],  # schemes are lower case: a zone that is called dns://x
    "ftp://x": ["ftp://x.:53"],
    "x:+53": ["x.:53"],
    "x:007": ["x.:7"],
    "x:0": ["x.:0"],
    "x:http": ["x:http.:53"],
    "x:99999999999999999999": ["x:99999999999999999999.:53"],
    "a,b": ["a,b.:53"],
    "a b": ["a b.:53"],
    "_x": ["_x.:53"],
    r"a\.b": [r"a\.b.:53"],
    r"a\.": [r"a\..:53"],
    r"a\\.": [r"a\\.:53"],
    "É": ["é.:53"],
    "İ.Σ": ["i.σ.:53"],
    "x" * 63: ["x" * 63 + ".:53"],
    r"\065" * 63: [r"\065" * 63 + ".:53"],
    "2001:db8::1": ["2001:db8:.:1"],  # no mask, so the last group is the port
    "10.0.0.0": ["10.0.0.0.:53"],
    "10.0.0.0/24": ["0.0.10.in-addr.arpa.:53"],
    "10.0.0.0/8:1053": ["10.in-addr.arpa.:1053"],
    "10.1.2.3/16": ["1.10.in-addr.arpa.:53"],
    "10.0.0.0/0": ["in-addr.arpa.:53"],
    "10.1.2.3/32": ["3.2.1.10.in-addr.arpa.:53"],
    "10.0.0.0/27": [f"{host}.0.0.10.in-addr.arpa.:53" for host in range(32)],
    "10.0.0.0/17": [f"{third}.0.10.in-addr.arpa.:53" for third in range(128)],
    "10.0.0.0/008": ["10.in-addr.arpa.:53"],
    "tls://10.0.0.0/15": ["tls://0.10.in-addr.arpa.:853", "tls://1.10.in-addr.arpa.:853"],
    "2001:db8::/64": ["0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.:53"],
    "2001:db8::/29": [f"{nibble}.b.d.0.1.0.0.2.ip6.arpa.:53" for nibble in "89abcdef"],
    "2001:db8::/32:1053": ["8.b.d.0.1.0.0.2.ip6.arpa.:1053"],
    "2001:DB8::/3": ["2.ip6.arpa.:53", "3.ip6.arpa.:53"],
    "2000::/0": ["ip6.arpa.:53"],
    "10.0.0.0/33": ["10.0.0.0/33.:53"],
    "10.0.0/8": ["10.0.0/8.:53"],
    "10.0.0.0/255.0.0.0": ["10.0.0.0/255.0.0.0.:53"],
    "010.0.0.0/8": ["010.0.0.0/8.:53"],
    "fe80::%eth0/64": ["fe80::%eth0/64.:53"],
}
BAD_KEYS = {
    "": 'expecting data after last colon: ""',
    "x:": 'expecting data after last colon: "x:"',
    "tls://": 'expecting data after last colon: ""',
    ":53": "zone is not a valid domain name: ",
    "a..b": "zone is not a valid domain name: a..b",
    ".a": "zone is not a valid domain name: .a",
    "..": "zone is not a valid domain name: ..",
    "x" * 64: f"zone is not a valid domain name: {'x' * 64}",
    "a\\": "zone is not a valid domain name: a\\",
    "é" * 128: "specified zone is too long: 256 > 255",
    "a." * 128: "specified zone is too long: 256 > 255",
    "::/0": "invalid CIDR ::/0",
    "::ffff:10.0.0.0/104": "invalid CIDR ::ffff:10.0.0.0/104",
    "0::/8:53": "invalid CIDR 0::/8",
    "x:65536": "address 65536: invalid port",
    "x:-1": "address -1: invalid port",
    "unix://x": "scheme unix:// cannot be served, use one of dns, grpc, https, https3, quic, tls",
}


@pytest.mark.parametrize(("text", "listed"), KEYS.items())
def test_a_key_is_read(text: str, listed: list[str]) -> None:
    assert [key.text for key in parse_keys(word(text))] == listed


@pytest.mark.parametrize(("text", "message"), BAD_KEYS.items())
def test_a_bad_key_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(BadConfig) as refusal:
        parse_keys(word(text))
    assert str(refusal.value) == f"Corefile:4 - Error during parsing: {message}"


def test_keys_keep_their_order_and_repetitions() -> None:
    keys = parse_keys([word("b"), word("10.0.0.0/15"), word("b")])
    assert [key.zone for key in keys] == ["b.", "0.10.in-addr.arpa.", "1.10.in-addr.arpa.", "b."]


def test_the_default_port_is_for_plain_dns_only() -> None:
    assert [key.port for key in parse_keys([word("a"), word("tls://a"), word("a:5")], 1053)] == [1053, 853, 5]


@given(st.text())
def test_any_text_is_a_key_or_a_bad_configuration(text: str) -> None:
    try:
        keys = parse_keys(word(text))
    except BadConfig:
        return
    assert all(key.zone.endswith(".") and 0 <= key.port <= 65_535 for key in keys)


# -- CIDR notation ----------------------------------------------------------------------------------------------------

NETWORKS = [f"10.{second}.128.77/{bits}" for second in (0, 255) for bits in range(33)] + [
    f"{prefix}/{bits}" for prefix in ("2001:db8:f00f::1234", "fdff:ffff:ffff:ffff::") for bits in range(1, 129)
]


@pytest.mark.parametrize("text", NETWORKS)
def test_reverse_zones_hold_the_network_and_nothing_else(text: str) -> None:
    """Both ends of each zone and both neighbours of the network are looked up by their reverse names."""
    network = ipaddress.ip_network(text, strict=False)
    width = 8 if network.version == 4 else 4
    zones = expand_zone(text)
    assert len(zones) == len(set(zones)) < 2**width
    for number in range(len(zones)):
        size = network.num_addresses // len(zones)
        for offset in (0, size - 1):
            pointer = f"{network[number * size + offset].reverse_pointer}."
            assert [zone for zone in zones if f".{pointer}".endswith(f".{zone}")] == [zones[number]]
    for outside in (int(network[0]) - 1, int(network[-1]) + 1):
        if 0 <= outside < 2**network.max_prefixlen:
            address = type(network.network_address)(outside)
            assert not any(f".{address.reverse_pointer}.".endswith(f".{zone}") for zone in zones)


# -- zone lists of plugins --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "zones"),
    [
        ("Example.ORG", ["example.org."]),
        ("dns://example.org:53", ["example.org."]),
        ("10.0.0.0/15", ["0.10.in-addr.arpa.", "1.10.in-addr.arpa."]),
        ("x:70000", ["x."]),
        ("a..b", []),
        ("x:", []),
        ("", []),
        ("::/0", []),
    ],
)
def test_a_zone_argument_is_expanded_and_a_bad_one_dropped(text: str, zones: list[str]) -> None:
    assert expand_zone(text) == zones


def test_a_plugin_without_zones_has_those_of_its_block() -> None:
    assert plugin_zones((), ["a.", "b."]) == ["a.", "b."]
    assert plugin_zones((word("C"), word("a..b"), word("10.0.0.0/8")), ["a."]) == ["c.", "10.in-addr.arpa."]
    assert plugin_zones((word("a..b"),), ["a."]) == []


def test_fallthrough_without_zones_is_for_all_names() -> None:
    assert fallthrough_zones(()) == ["."]
    assert fallthrough_zones((word("in-addr.arpa"), word("ip6.arpa"))) == ["in-addr.arpa.", "ip6.arpa."]


@pytest.mark.parametrize(
    ("zone", "preferred", "reverse"),
    [
        (".", True, False),
        ("cluster.local.", True, False),
        ("a-1.b2.", True, False),
        ("1a.", False, False),
        ("a-.", False, False),
        ("_x.", False, False),
        ("10.in-addr.arpa.", True, True),
        ("8.b.d.0.1.0.0.2.ip6.arpa.", True, True),
        ("in-addr.arpa.", True, False),
        ("ip6.arpa.", True, False),
        ("xin-addr.arpa.", True, False),
    ],
)
def test_zones_are_told_apart(zone: str, preferred: bool, reverse: bool) -> None:
    assert (has_preferred_syntax(zone), is_reverse(zone)) == (preferred, reverse)


# -- overlaps ---------------------------------------------------------------------------------------------------------

A = Key("dns", "a.", 53)
ONE, TWO = ("127.0.0.1",), ("127.0.0.2",)
OVERLAPS = {
    "one": ([Serving(A)], ""),
    "other zone, port or scheme": (
        [Serving(A), Serving(Key("dns", "b.", 53)), Serving(Key("dns", "a.", 54)), Serving(Key("tls", "a.", 53))],
        "",
    ),
    "twice": ([Serving(A), Serving(A)], "cannot serve dns://a.:53 - it is already defined"),
    "twice on an address": (
        [Serving(A, ONE), Serving(A, ONE)],
        "cannot serve dns://a.:53 on 127.0.0.1 - it is already defined",
    ),
    "on two addresses": ([Serving(A, ONE), Serving(A, TWO)], ""),
    "all addresses after one": (
        [Serving(A, ONE), Serving(A, TWO), Serving(A)],
        "cannot serve dns://a.:53 - zone overlap listener capacity with dns://a.:53 on 127.0.0.2",
    ),
    "one address after all": (
        [Serving(A), Serving(A, ONE)],
        "cannot serve dns://a.:53 on 127.0.0.1 - zone overlap listener capacity with dns://a.:53",
    ),
    "a filtered block beside one": ([Serving(A), Serving(A, filtered=True), Serving(A, filtered=True)], ""),
    "a filtered block before one": ([Serving(A, filtered=True), Serving(A)], ""),
    "a filtered block on other addresses": (
        [Serving(A, ONE), Serving(A, filtered=True)],
        "cannot serve dns://a.:53 - zone overlap listener capacity with dns://a.:53 on 127.0.0.1",
    ),
    "bound to nothing": ([Serving(A, ()), Serving(A)], ""),
}


@pytest.mark.parametrize(("servings", "message"), OVERLAPS.values(), ids=OVERLAPS)
def test_overlapping_zones_are_refused(servings: list[Serving], message: str) -> None:
    if not message:
        check_overlaps(servings)
        return
    with pytest.raises(BadConfig) as refusal:
        check_overlaps(servings)
    assert str(refusal.value) == message
