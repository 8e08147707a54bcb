"""Patterns: what they stand for, and what they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.faults.pattern import BadPattern, Pattern
from resolver.wire.names import name_from_labels, name_from_text

MATCHES = [
    ("web.default", "web.default.svc.cluster.local"),
    ("web.default", "web.default"),
    ("WEB.Default", "web.default.svc.cluster.local"),
    ("web.default.svc", "web.default.svc.cluster.local"),
    ("web.default.svc.cluster.local", "web.default.svc.cluster.local"),
    ("web.default.svc.cluster.local.", "web.default.svc.cluster.local"),
    ("0.web.default", "0.web.default.svc.cluster.local"),
    ("_http._tcp.web.default", "_http._tcp.web.default.svc.cluster.local"),
    ("10-0-0-1.default.pod", "10-0-0-1.default.pod.cluster.local"),
    ("example.com", "example.com"),
    ("example.com.", "example.com"),
    ("*.default", "web.default.svc.cluster.local"),
    ("web.*", "web.default.svc.cluster.local"),
    ("*.web.default", "0.web.default.svc.cluster.local"),
    ("**", "."),
    ("**", "web.default.svc.cluster.local"),
    ("**.default", "default.svc.cluster.local"),
    ("**.default", "a.b.c.default.svc.cluster.local"),
    ("**.a.**.b", "x.a.a.y.b"),
    ("**.example.com", "www.example.com"),
    ("web.**.local", "web.default.svc.cluster.local"),
    ("*.*.svc.cluster.local", "web.default.svc.cluster.local"),
    (".", "."),
]
DIFFERS = [
    ("web.default", "web.shop.svc.cluster.local"),
    ("web.default", "0.web.default.svc.cluster.local"),
    ("web.default", "web.default.svc.cluster.test"),
    ("web.default.", "web.default.svc.cluster.local"),
    ("web.default", "web.default.default.svc.cluster.local"),
    ("*.default", "default.svc.cluster.local"),
    ("*.default", "0.web.default.svc.cluster.local"),
    ("web.default.svc.cluster.local", "web.default.svc.cluster.local.svc.cluster.local"),
    ("**.example.com.", "example.org"),
    ("*.", "."),
    ("**.a.**.b", "x.a.a.y.c"),
]


@pytest.mark.parametrize(("text", "name"), MATCHES)
def test_a_pattern_matches(text: str, name: str) -> None:
    assert Pattern(text).matches(name_from_text(name))


@pytest.mark.parametrize(("text", "name"), DIFFERS)
def test_a_pattern_does_not_match(text: str, name: str) -> None:
    assert not Pattern(text).matches(name_from_text(name))


def test_the_zone_is_the_clusters_own() -> None:
    pattern = Pattern("web.shop", "corp.test")
    assert pattern.matches(name_from_text("web.shop.svc.corp.test"))
    assert not pattern.matches(name_from_text("web.shop.svc.cluster.local"))


def test_a_plain_pattern_says_first_what_it_means_first() -> None:
    assert Pattern("web.shop").names == (name_from_text("web.shop.svc.cluster.local"), name_from_text("web.shop"))
    assert Pattern("web.shop.svc").names[0] == name_from_text("web.shop.svc.cluster.local")
    assert Pattern("web.shop.").names == (name_from_text("web.shop"),)
    assert Pattern("*.shop").names == ()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is no name"),
        (" web", "is no name"),
        ("a..b", "is no name"),
        ("x" * 64, "64 bytes long"),
        ("web-*.shop", "a whole label"),
        ("***.shop", "a whole label"),
    ],
)
def test_a_bad_pattern_says_why(text: str, part: str) -> None:
    with pytest.raises(BadPattern, match=part):
        Pattern(text)


def test_equal_patterns_are_equal() -> None:
    assert Pattern("a.b") == Pattern("a.b")
    assert Pattern("a.b") != Pattern("a.b", "corp.test")
    assert len({Pattern("a.b"), Pattern("a.b")}) == 1
    assert repr(Pattern("a.b")) == "Pattern('a.b', 'cluster.local')"


LABELS = st.lists(st.sampled_from([b"a", b"b", b"*", b"**"]), min_size=1, max_size=6)
NAMES = st.lists(st.sampled_from([b"a", b"b"]), max_size=7)


def obvious(glob: list[bytes], labels: list[bytes]) -> bool:
    """The slow way to say what a pattern means."""
    if not glob:
        return not labels
    if glob[0] == b"**":
        return any(obvious(glob[1:], labels[at:]) for at in range(len(labels) + 1))
    return bool(labels) and glob[0] in (b"*", labels[0]) and obvious(glob[1:], labels[1:])


@given(LABELS, NAMES)
def test_any_pattern_means_what_it_says(glob: list[bytes], labels: list[bytes]) -> None:
    text = b".".join(glob).decode() + "."
    assert Pattern(text).matches(name_from_labels(labels)) is obvious(glob, labels)
