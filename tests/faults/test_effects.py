"""How kinds come together, and which there are over which protocol."""

import pytest

from resolver.faults.effects import GROUPS, NONE, WORDS, Effects, joined, kind_text, kinds, on, words_of
from resolver.faults.values import Only, Order

JOINED = [
    (Effects(ttl=1), Effects(ttl=2), Effects(ttl=1)),
    (Effects(ttl=1), Effects(duplicate=True), Effects(ttl=1, duplicate=True)),
    (Effects(rcode=2), Effects(nodata=True, ttl=3), Effects(rcode=2, ttl=3)),
    (Effects(drop=True), Effects(ttl=3), Effects(drop=True)),
    (Effects(ttl=3), Effects(drop=True), Effects(ttl=3, drop=True)),
    (Effects(garbage=True), Effects(wrong_id=True), Effects(garbage=True)),
    (Effects(stale=1.0), Effects(only=Only(1), order=Order("fixed")), Effects(stale=1.0, order=Order("fixed"))),
    (NONE, Effects(delay=(0.0, 1.0)), Effects(delay=(0.0, 1.0))),
]


@pytest.mark.parametrize(("first", "second", "expected"), JOINED)
def test_the_first_of_what_exclude_each_other_counts(first: Effects, second: Effects, expected: Effects) -> None:
    assert joined(first, second) == expected


def test_what_adds_nothing_leaves_the_first_as_it_is() -> None:
    first = Effects(rcode=2)
    assert joined(first, Effects(nodata=True)) is first


def test_tcp_alone_is_slow_and_udp_alone_is_cut() -> None:
    effects = Effects(truncate=True, tcp_slow=1.0, tcp_reset=True, ttl=1)
    assert on(effects, "udp") == Effects(truncate=True, ttl=1)
    assert on(effects, "tcp") == Effects(tcp_slow=1.0, tcp_reset=True, ttl=1)
    plain = Effects(ttl=0)
    assert on(plain, "udp") is plain


def test_a_ttl_of_zero_and_a_lag_of_zero_say_something() -> None:
    assert kinds(Effects(ttl=0, stale=0.0)) == ("stale", "ttl")
    assert kinds(NONE) == ()


@pytest.mark.parametrize("name", WORDS)
def test_every_kind_is_in_its_own_group(name: str) -> None:
    assert name in GROUPS[name]


def test_an_rcode_is_counted_under_its_name() -> None:
    assert kind_text("rcode", Effects(rcode=5)) == "refused"
    assert kind_text("rcode", Effects(rcode=12)) == "rcode12"
    assert kind_text("wrong_id", Effects(wrong_id=True)) == "wrong-id"


WRITTEN = [
    (Effects(drop=True), "drop"),
    (Effects(delay=(1.0, 1.0)), "delay 1s"),
    (Effects(delay=(0.1, 2.0)), "delay 100ms-2s"),
    (Effects(rcode=2), "rcode SERVFAIL"),
    (Effects(stale=float("inf")), "stale"),
    (Effects(stale=30.0), "stale 30s"),
    (Effects(ttl=0), "ttl 0"),
    (Effects(only=Only(2)), "only 2"),
    (Effects(replace=(bytes([192, 0, 2, 1]),)), "replace 192.0.2.1"),
    (Effects(order=Order("fixed")), "order fixed"),
    (Effects(order=Order("", (bytes([192, 0, 2, 1]),))), "order 192.0.2.1"),
    (Effects(tcp_slow=5.0), "tcp-slow 5s"),
]


@pytest.mark.parametrize(("effects", "text"), WRITTEN)
def test_a_kind_is_written_in_words(effects: Effects, text: str) -> None:
    (name,) = kinds(effects)
    assert " ".join(words_of(name, effects)) == text


def test_bytes_are_changed_by_some_kinds_only() -> None:
    assert Effects(tcp_slow=0.0).changes_bytes
    assert Effects(wrong_id=True).changes_bytes
    assert not Effects(rcode=2, ttl=1, delay=(1, 1)).changes_bytes
