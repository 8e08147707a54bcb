from dataclasses import fields
from typing import Any

import pytest

from resolver.corefile.tokens import BadConfig
from resolver.plugins.forward_settings import ForwardSettings, read_settings
from resolver.wire import codes
from resolver.wire.names import name_from_text
from tests.support.fake_host import directives


def read_no_file(path: str) -> bytes:
    raise FileNotFoundError(2, "No such file or directory", path)


def read(text: str) -> ForwardSettings:
    warnings: list[str] = []
    settings = read_settings(directives(text)[0], read_no_file, warnings.append)
    assert not warnings
    return settings


def test_without_options_all_is_as_in_coredns() -> None:
    settings = read("forward . 10.0.0.1")
    expected = ForwardSettings()
    for field in fields(ForwardSettings):
        if field.name != "targets":
            assert getattr(settings, field.name) == getattr(expected, field.name)
    assert (settings.max_fails, settings.expire, settings.read_timeout, settings.policy) == (2, 10.0, 2.0, "random")


OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("except a.shop B.shop", {"excepted": (name_from_text("a.shop"), name_from_text("b.shop"))}),
    ("except 10.0.0.0/23", {"excepted": tuple(name_from_text(f"{n}.0.10.in-addr.arpa") for n in (0, 1))}),
    ("max_fails 0", {"max_fails": 0}),
    ("max_connect_attempts 0", {"max_attempts": 0}),
    ("max_connect_attempts 7", {"max_attempts": 7}),
    ("health_check 2s", {"probe_interval": 2.0}),
    ("health_check 0", {"probe_interval": 0.0}),
    ("health_check 1s no_rec", {"probe_recursion": False}),
    ("health_check 1s no_rec domain Shop", {"probe_recursion": False, "probe_domain": name_from_text("shop")}),
    ("force_tcp", {"force_tcp": True}),
    ("prefer_udp", {"prefer_udp": True}),
    ("expire 20s", {"expire": 20.0}),
    ("max_age 1m", {"max_age": 60.0}),
    ("max_idle_conns 4", {"max_idle": 4}),
    ("read_timeout 300ms", {"read_timeout": 0.3}),
    ("policy round_robin", {"policy": "round_robin"}),
    ("policy sequential", {"policy": "sequential"}),
    ("policy sequential max_fails 1 force_tcp", {"policy": "sequential", "max_fails": 1, "force_tcp": True}),
    ("max_concurrent 1000", {"max_concurrent": 1000}),
    ("next NXDOMAIN servfail", {"next_rcodes": frozenset((codes.NXDOMAIN, codes.SERVFAIL))}),
    ("next_on_nodata", {"next_on_nodata": True}),
    ("failover SERVFAIL REFUSED", {"failover": frozenset((codes.SERVFAIL, codes.REFUSED))}),
    ("failfast_all_unhealthy_upstreams", {"fail_fast": True}),
    ("resolver 10.0.0.9 [::1]:5353", {"resolvers": (("10.0.0.9", 53), ("::1", 5353))}),
    ("source_address 127.0.0.9", {"source": "127.0.0.9"}),
]


@pytest.mark.parametrize(("option", "expected"), OPTIONS, ids=[row[0] for row in OPTIONS])
def test_an_option_sets_what_it_is_about(option: str, expected: dict[str, Any]) -> None:
    settings = read(f"forward . 10.0.0.1 {{\n{option}\n}}")
    assert {name: getattr(settings, name) for name in expected} == expected


REFUSED = [
    ("except", "Wrong argument count or unexpected line ending after 'except'"),
    ("max_fails", "Wrong argument count or unexpected line ending after 'max_fails'"),
    ("max_fails x", 'strconv.Atoi: parsing "x": invalid syntax'),
    ("max_fails -1", "max_fails must be 0 or more: -1"),
    ("max_connect_attempts -1", "max_connect_attempts must be 0 or more: -1"),
    ("health_check", "Wrong argument count or unexpected line ending after 'health_check'"),
    ("health_check 5", 'time: missing unit in duration "5"'),
    ("health_check -5s", "health_check can't be negative: -5s"),
    ("health_check 1s rec", "health_check: unknown option rec"),
    ("health_check 1s domain", "Wrong argument count or unexpected line ending after 'domain'"),
    ("health_check 1s domain a..b", "health_check: invalid domain name a..b"),
    ("force_tcp x", "Wrong argument count or unexpected line ending after 'x'"),
    ("prefer_udp x", "Wrong argument count or unexpected line ending after 'x'"),
    ("expire -1s", "expire can't be negative: -1s"),
    ("max_age -1s", "max_age can't be negative: -1s"),
    ("max_age 5s", "max_age (5s) must not be less than expire (10s)"),
    ("expire 1m\nmax_age 30s", "max_age (30s) must not be less than expire (1m)"),
    ("max_idle_conns -1", "max_idle_conns can't be negative: -1"),
    ("read_timeout 0s", "read_timeout must be positive: 0s"),
    ("policy best", "unknown policy 'best'"),
    ("max_concurrent many", 'strconv.Atoi: parsing "many": invalid syntax'),
    ("max_concurrent -4", "max_concurrent can't be negative: -4"),
    ("next", "Wrong argument count or unexpected line ending after 'next'"),
    ("next NOPE", "NOPE is not a valid rcode"),
    ("next_on_nodata x", "Wrong argument count or unexpected line ending after 'x'"),
    ("failover NOERROR", "NoError cannot be used in failover"),
    ("failover NOPE", "NOPE is not a valid rcode"),
    ("failfast_all_unhealthy_upstreams x", "Wrong argument count or unexpected line ending after 'x'"),
    ("resolver dns.shop", 'resolver must be an IP address or IP:port: "dns.shop"'),
    ("source_address here", "invalid IP address: here"),
    ("tls", "'tls' is for tls://, https:// and quic:// upstreams, which are not supported yet"),
    ("tls_servername a", "'tls_servername' is for tls://, https:// and quic:// upstreams, which are not supported yet"),
]


@pytest.mark.parametrize(("option", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_wrong_option_is_refused_in_the_words_of_coredns(option: str, message: str) -> None:
    with pytest.raises(BadConfig) as raised:
        read(f"forward . 10.0.0.1 {{\n{option}\n}}")
    assert raised.value.message == message
    assert raised.value.line >= 3


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("max_fail 1", r"unknown property 'max_fail' \(known: .*did you mean 'max_fails'"),
        ("max_concurrent 4 5", r"unknown property '5' \(known: "),
        ("policy random max_fails 1 best", r"unknown property 'best' \(known: "),
    ],
)
def test_an_unknown_option_is_refused_with_those_there_are(option: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        read(f"forward . 10.0.0.1 {{\n{option}\n}}")


@pytest.mark.parametrize("text", ["forward", "forward ."])
def test_a_zone_and_an_upstream_are_needed(text: str) -> None:
    with pytest.raises(BadConfig, match="Wrong argument count"):
        read(text)


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"unable to normalize 'a\.\.b'"):
        read("forward a..b 10.0.0.1")


def test_of_a_network_that_is_many_zones_the_first_is_taken_and_a_warning_given() -> None:
    warnings: list[str] = []
    text = "forward 10.0.0.0/23 10.0.0.1"
    settings = read_settings(directives(text)[0], read_no_file, warnings.append)
    assert settings.zone == name_from_text("0.0.10.in-addr.arpa")
    assert warnings == [
        "plugin/forward: Unsupported CIDR notation: '10.0.0.0/23' expands to multiple zones. "
        "Using only '0.0.10.in-addr.arpa.'."
    ]


def test_sixteen_upstreams_are_too_many() -> None:
    with pytest.raises(BadConfig, match="more than 15 TOs configured: 16"):
        read("forward . " + " ".join(f"10.0.0.{n}" for n in range(16)))
