import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.wire.names import (
    ROOT,
    BadName,
    closest_zone,
    is_at_or_below,
    labels_of,
    name_from_labels,
    name_from_text,
    name_to_text,
)

TEXTS = [
    (".", b"\0"),
    ("web.shop.", b"\3web\4shop\0"),
    ("WEB.Shop.", b"\3WEB\4Shop\0"),
    ("a\\.b.c.", b"\3a.b\1c\0"),
    ("a\\\\b.", b"\3a\\b\0"),
    ("\\000\\255.x.", b"\2\0\xff\1x\0"),
    ("a\\ b.", b"\3a b\0"),
    ("it\\'s\\@home.", b"\x09it's@home\0"),
    ("_http._tcp.web.", b"\5_http\4_tcp\3web\0"),
]


@pytest.mark.parametrize(("text", "wire"), TEXTS)
def test_text_and_wire_form_say_the_same(text: str, wire: bytes) -> None:
    assert name_from_text(text) == wire
    assert name_to_text(wire) == text


@pytest.mark.parametrize(
    ("text", "wire"), [("", ROOT), ("web.shop", b"\3web\4shop\0"), ("a\\-b", b"\3a-b\0"), ("a\\032b", b"\3a b\0")]
)
def test_text_may_be_shorter_than_what_is_printed(text: str, wire: bytes) -> None:
    assert name_from_text(text) == wire


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a..b", "0 bytes long"),
        (".a", "0 bytes long"),
        ("..", "0 bytes long"),
        ("a" * 64, "64 bytes long"),
        (".".join(["a" * 63] * 4), "longer than 255"),
        ("a\\", "ends in an escape"),
    ],
)
def test_text_that_is_no_name_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadName, match=reason):
        name_from_text(text)


def test_a_name_of_255_bytes_is_the_longest() -> None:
    labels = [b"a" * 63] * 3 + [b"b" * 61]
    assert len(name_from_labels(labels)) == 255
    with pytest.raises(BadName):
        name_from_labels([*labels[:-1], b"b" * 62])


LABELS = st.lists(st.binary(min_size=1, max_size=63), max_size=3)


@given(LABELS)
def test_any_bytes_survive_being_written_as_text(labels: list[bytes]) -> None:
    name = name_from_labels(labels)
    assert labels_of(name) == labels
    assert name_from_text(name_to_text(name)) == name


@given(LABELS)
def test_text_means_the_same_to_dnspython(labels: list[bytes]) -> None:
    name = name_from_labels(labels)
    assert dns.name.from_text(name_to_text(name)).to_wire() == name


@pytest.mark.parametrize(
    ("name", "zone", "inside"),
    [
        ("cluster.local", "cluster.local", True),
        ("a.cluster.local", "cluster.local", True),
        ("a.b.cluster.local", "cluster.local", True),
        ("acluster.local", "cluster.local", False),
        ("local", "cluster.local", False),
        ("anything", ".", True),
        (".", ".", True),
    ],
)
def test_a_name_is_inside_a_zone_by_whole_labels(name: str, zone: str, inside: bool) -> None:
    assert is_at_or_below(name_from_text(name), name_from_text(zone)) is inside


def test_bytes_within_a_label_are_no_zone() -> None:
    assert not is_at_or_below(b"\x0eacluster\x05local\0", b"\7cluster\5local\0")


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("a.b.cluster.local", "b.cluster.local"),
        ("b.cluster.local", "b.cluster.local"),
        ("c.cluster.local", "cluster.local"),
        ("local", None),
        (".", None),
    ],
)
def test_the_longest_zone_is_the_closest(name: str, zone: str | None) -> None:
    zones = {name_from_text("cluster.local"), name_from_text("b.cluster.local")}
    assert closest_zone(name_from_text(name), zones) == (None if zone is None else name_from_text(zone))


def test_the_root_zone_holds_every_name() -> None:
    assert closest_zone(name_from_text("a.b"), {ROOT}) == ROOT
