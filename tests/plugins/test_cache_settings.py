from typing import Any

import pytest

from resolver.corefile.tokens import BadConfig
from resolver.plugins.cache_settings import CacheSettings, StoreSettings, read_settings
from resolver.wire.names import ROOT, name_from_text
from tests.support.fake_host import directives


def read(text: str) -> CacheSettings:
    return read_settings(directives(text)[0], ["."])


def test_without_options_all_is_as_in_coredns() -> None:
    assert read("cache") == CacheSettings((".",), StoreSettings(3600), StoreSettings(1800))
    assert read("cache").success == StoreSettings(most_ttl=3600, least_ttl=5, capacity=10_000, excepted=())


ARGUMENTS = [
    ("cache 30", 30, (".",)),
    ("cache 30 Shop", 30, ("shop.",)),
    ("cache shop 10.0.0.0/23", None, ("shop.", "0.0.10.in-addr.arpa.", "1.0.10.in-addr.arpa.")),
    ("cache shop 30", None, ("shop.", "30.")),
]


@pytest.mark.parametrize(("text", "ttl", "zones"), ARGUMENTS)
def test_a_number_first_is_the_ttl_and_the_rest_are_zones(text: str, ttl: int | None, zones: tuple[str, ...]) -> None:
    settings = read(text)
    assert settings.zones == zones
    assert (settings.success.most_ttl, settings.denial.most_ttl) == ((ttl, ttl) if ttl else (3600, 1800))


OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("success 5000", {"success": StoreSettings(30, 5, 5000)}),
    ("success 5000 600", {"success": StoreSettings(600, 5, 5000)}),
    ("success 5000 600 60 ignored", {"success": StoreSettings(600, 60, 5000)}),
    ("denial 5000 600 0", {"denial": StoreSettings(600, 0, 5000)}),
    ("disable success", {"success": StoreSettings(30, excepted=(ROOT,))}),
    ("disable denial Shop cluster.local.", {"denial": StoreSettings(
        30, excepted=(name_from_text("shop"), name_from_text("cluster.local")))}),
    ("disable denial a\ndisable denial b", {"denial": StoreSettings(30, excepted=(name_from_text("b"),))}),
    ("prefetch 0", {"prefetch": 0}),
    ("prefetch 10", {"prefetch": 10, "prefetch_span": 60.0, "prefetch_share": 10}),
    ("prefetch 10 2m 20%", {"prefetch": 10, "prefetch_span": 120.0, "prefetch_share": 20}),
    ("serve_stale", {"stale": 3600.0, "verify": False}),
    ("serve_stale 0s", {"stale": 0.0}),
    ("serve_stale 2h immediate", {"stale": 7200.0, "verify": False}),
    ("serve_stale 2h IMMEDIATE 30s", {"stale_ttl": 30, "stale_recheck": 0.0}),
    ("serve_stale 2h immediate 30s 5m", {"stale_ttl": 30, "stale_recheck": 300.0}),
    ("serve_stale 2h verify", {"verify": True, "verify_seconds": 0.0}),
    ("serve_stale 2h verify 100ms", {"verify": True, "verify_seconds": 0.1}),
    ("serve_stale 2h verify 100ms 30s 10s", {"verify_seconds": 0.1, "stale_ttl": 30, "stale_recheck": 10.0}),
    ("serve_stale\nserve_stale_policy prefer_positive", {"prefer_positive": True}),
    ("serve_stale_policy PREFER_POSITIVE\nserve_stale", {"prefer_positive": True}),
    ("servfail 0", {"servfail": 0.0}),
    ("servfail 5m", {"servfail": 300.0}),
    ("keepttl", {"keep_ttl": True}),
]  # fmt: skip


@pytest.mark.parametrize(("option", "expected"), OPTIONS, ids=[row[0] for row in OPTIONS])
def test_an_option_sets_what_it_is_about(option: str, expected: dict[str, Any]) -> None:
    settings = read(f"cache 30 {{\n{option}\n}}")
    assert {name: getattr(settings, name) for name in expected} == expected


REFUSED = [
    ("success", "Wrong argument count or unexpected line ending after 'success'"),
    ("success many", 'strconv.Atoi: parsing "many": invalid syntax'),
    ("success 1 0", "cache TTL can not be zero or negative: 0"),
    ("success 1 1 -1", "cache min TTL can not be negative: -1"),
    ("denial 1 -2", "cache TTL can not be zero or negative: -2"),
    ("prefetch", "Wrong argument count or unexpected line ending after 'prefetch'"),
    ("prefetch -1", "prefetch amount should be positive: -1"),
    ("prefetch 1 5", 'time: missing unit in duration "5"'),
    ("prefetch 1 1m 5%", "percentage should fall in range [10, 90]: 5"),
    ("prefetch 1 1m 50", "last character of percentage should be `%`, but is: '0'"),
    ('prefetch 1 1m ""', "last character of percentage should be `%`, but is: ''"),
    ("prefetch 1 1m 50% x", "Wrong argument count or unexpected line ending after 'x'"),
    ("serve_stale -1s", "invalid negative duration for serve_stale"),
    ("serve_stale 1h later", "invalid value for serve_stale refresh mode: later"),
    ("serve_stale 1h verify x", 'invalid serve_stale verify timeout: time: invalid duration "x"'),
    ("serve_stale 1h verify -1s", "invalid negative timeout for serve_stale verify"),
    ("serve_stale 1h immediate x", 'invalid serve_stale response TTL: time: invalid duration "x"'),
    ("serve_stale 1h immediate -1s", "invalid negative response TTL for serve_stale"),
    ("serve_stale 1h immediate 1500ms", "serve_stale response TTL must be a whole number of seconds"),
    ("serve_stale 1h immediate 1200000h", "serve_stale response TTL exceeds the DNS TTL range"),
    ("serve_stale 1h immediate 1s x", 'invalid serve_stale failure recheck: time: invalid duration "x"'),
    ("serve_stale 1h immediate 1s -1s", "invalid negative failure recheck for serve_stale"),
    ("serve_stale 1h immediate 1s 6m", "serve_stale failure recheck cannot exceed 5 minutes"),
    ("serve_stale 1h immediate 1s 1s 1s", "Wrong argument count or unexpected line ending after '1s'"),
    ("serve_stale 1h verify 1s 1s 1s 1s", "Wrong argument count or unexpected line ending after '1s'"),
    ("serve_stale_policy prefer_positive", "serve_stale_policy requires serve_stale"),
    ("serve_stale\nserve_stale_policy best", "invalid serve_stale_policy: best"),
    ("serve_stale_policy", "Wrong argument count or unexpected line ending after 'serve_stale_policy'"),
    (
        "serve_stale_policy prefer_positive\nserve_stale_policy prefer_positive",
        "serve_stale_policy can only be specified once",
    ),
    ("servfail", "Wrong argument count or unexpected line ending after 'servfail'"),
    ("servfail -1s", "invalid negative ttl for servfail"),
    ("servfail 6m", "caching SERVFAIL responses over 5 minutes is not permitted"),
    ("disable", "Wrong argument count or unexpected line ending after 'disable'"),
    ("disable all", 'cache type for disable must be "success" or "denial"'),
    ("disable success a..b", "invalid disabled zone: a..b"),
    ("keepttl x", "Wrong argument count or unexpected line ending after 'x'"),
]


@pytest.mark.parametrize(("option", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_wrong_option_is_refused_in_the_words_of_coredns(option: str, message: str) -> None:
    with pytest.raises(BadConfig) as raised:
        read(f"cache 30 {{\n{option}\n}}")
    assert raised.value.message == message
    assert raised.value.line >= 3


@pytest.mark.parametrize("text", ["cache 0", "cache -30"])
def test_a_ttl_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(BadConfig, match="cache TTL can not be zero or negative: "):
        read(text)


def test_an_unknown_option_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadConfig, match=r"unknown property 'prefech' \(known: .*did you mean 'prefetch'"):
        read("cache {\nprefech 1\n}")
