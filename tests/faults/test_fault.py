"""Faults: made, refused, counted, written."""

import json
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.faults.bad_fault import BadFault
from resolver.faults.effects import WORDS, Effects
from resolver.faults.fault import CONDITIONS, Fault
from resolver.faults.pattern import Pattern
from resolver.wire import codes
from resolver.wire.names import name_from_text

WEB = name_from_text("web.shop.svc.cluster.local")

BAD = [
    ({}, "says nothing of what goes wrong; there are drop, rcode,"),
    ({"dorp": True}, "no setting of a fault 'dorp'; there are drop,.*did you mean drop"),
    ({"qtyp": "A", "drop": True}, "did you mean qtype"),
    ({"drop": True, "ttl": 3}, "drop and ttl exclude each other"),
    ({"rcode": "SERVFAIL", "nodata": True}, "exclude each other"),
    ({"only": 1, "replace": "10.0.0.1"}, "exclude each other"),
    ({"garbage": True, "wrong_id": True}, "exclude each other"),
    ({"rcode": "SERVFAI"}, "did you mean SERVFAIL"),
    ({"drop": True, "qtype": "AAAAA"}, "did you mean AAAA"),
    ({"drop": True, "family": 5}, "no address family '5'; there are 4, 6"),
    ({"drop": True, "family": 6, "qtype": "A"}, "about AAAA questions only"),
    ({"drop": True, "protocol": "udb"}, "did you mean udp"),
    ({"truncate": True, "protocol": "tcp"}, "nothing is cut over TCP"),
    ({"tcp_reset": True, "protocol": "udp"}, "for TCP"),
    ({"drop": True, "times": 0}, "times 0"),
    ({"drop": True, "every": "x"}, "every 'x'"),
    ({"drop": True, "probability": 2}, "probability 2"),
    ({"drop": True, "seed": 7}, "no chance here|there is none here"),
    ({"drop": True, "client": "here"}, "client 'here' is no address"),
    ({"drop": True, "duration": "soon"}, "duration 'soon' is no time"),
    ({"delay": 301}, "from 0 to 5m"),
    ({"ttl": 1 << 31}, "ttl"),
    ({"drop": True, "pattern": "a..b"}, "is no name"),
    ({"drop": True, "pattern": "web-*"}, "a whole label"),
]


@pytest.mark.parametrize(("settings", "part"), BAD)
def test_a_bad_fault_says_what_is_wrong(settings: dict[str, object], part: str) -> None:
    with pytest.raises(BadFault, match=part):
        Fault.make(**{"pattern": "web.shop", **settings})  # type: ignore[arg-type]


MADE = [
    ({"drop": True}, Effects(drop=True)),
    ({"delay": 2}, Effects(delay=(2.0, 2.0))),
    ({"delay": (0.5, 2)}, Effects(delay=(0.5, 2.0))),
    ({"rcode": "refused"}, Effects(rcode=5)),
    ({"rcode": 0}, Effects(nodata=True)),
    ({"rcode": "NOERROR"}, Effects(nodata=True)),
    ({"stale": True}, Effects(stale=inf)),
    ({"stale": 30}, Effects(stale=30.0)),
    ({"tcp_slow": True}, Effects(tcp_slow=5.0)),
    ({"tcp_slow": "2s", "stale": False}, Effects(tcp_slow=2.0)),
    ({"truncate": True, "tcp_reset": True}, Effects(truncate=True, tcp_reset=True)),
    ({"delay": 1, "rcode": 2, "duplicate": True}, Effects(delay=(1.0, 1.0), rcode=2, duplicate=True)),
]


@pytest.mark.parametrize(("settings", "effects"), MADE)
def test_a_fault_is_made(settings: dict[str, object], effects: Effects) -> None:
    assert Fault.make("web.shop", **settings).effects == effects  # type: ignore[arg-type]


def test_a_pattern_may_be_there_already() -> None:
    assert Fault.make(Pattern("web", "corp.test"), drop=True).pattern.zone == "corp.test"
    assert Fault.make("web.shop", drop=True, zone="corp.test").pattern.zone == "corp.test"


def test_every_setting_is_known() -> None:
    settings = {"pattern", *WORDS, *CONDITIONS}
    assert settings == set(Fault.make.__kwdefaults__) | {"pattern"}


CONCERNED = [
    ({}, "A", "10.0.0.1", "udp", True),
    ({"qtype": "AAAA"}, "A", "10.0.0.1", "udp", False),
    ({"qtype": ["A", "AAAA"]}, "A", "10.0.0.1", "udp", True),
    ({"family": 4}, "A", "10.0.0.1", "udp", True),
    ({"family": "ipv6"}, "A", "10.0.0.1", "udp", False),
    ({"family": 6}, "SRV", "10.0.0.1", "udp", False),
    ({"client": "10.0.0.0/8"}, "A", "10.0.0.1", "udp", True),
    ({"client": "10.0.0.0/8"}, "A", "192.0.2.1", "udp", False),
    ({"client": "10.0.0.0/8"}, "A", "fd00::1", "udp", False),
    ({"client": "fd00::/8"}, "A", "fd00::1", "udp", True),
    ({"protocol": "tcp"}, "A", "10.0.0.1", "udp", False),
    ({"protocol": "TCP"}, "A", "10.0.0.1", "tcp", True),
    ({"pattern": "other.shop"}, "A", "10.0.0.1", "tcp", False),
]


@pytest.mark.parametrize(("settings", "qtype", "client", "protocol", "expected"), CONCERNED)
def test_whom_a_fault_concerns(
    settings: dict[str, object], qtype: str, client: str, protocol: str, expected: bool
) -> None:
    fault = Fault.make(**{"pattern": "web.shop", "drop": True, **settings})  # type: ignore[arg-type]
    number = codes.type_number(qtype)
    assert number is not None
    assert (fault.may_concern(WEB, number) and fault.concerns(client, protocol)) is expected


FIRED = [
    ({}, "xxxxxx"),
    ({"times": 2}, "xx...."),
    ({"every": 2}, ".x.x.x"),
    ({"every": 2, "times": 2}, ".x.x.."),
    ({"probability": 0}, "......"),
    ({"probability": 1, "times": 1}, "x....."),
]


@pytest.mark.parametrize(("settings", "expected"), FIRED)
def test_how_often_a_fault_fires(settings: dict[str, object], expected: str) -> None:
    fault = Fault.make("web.shop", drop=True, **settings)  # type: ignore[arg-type]
    assert "".join("x" if fault.fires() else "." for _ in range(6)) == expected
    assert (fault.seen, fault.count) == (6, expected.count("x"))


def test_chance_is_the_same_for_the_same_seed() -> None:
    faults = [Fault.make("web.shop", drop=True, probability="30%", seed=7) for _ in range(2)]
    first, second = ([fault.fires() for _ in range(1_000)] for fault in faults)
    assert first == second
    assert 250 < sum(first) < 350


def test_a_fault_that_is_over_fires_no_more() -> None:
    fault = Fault.make("web.shop", drop=True, duration=1)
    fault.over = True
    assert fault.exhausted
    assert not fault.fires()


def test_a_fault_as_json_is_plain_and_makes_the_same_fault() -> None:
    fault = Fault.make(
        "*.shop", family=6, delay="100ms-2s", probability="30%", seed=7, duration="10m", client="10.1.2.3/8"
    )
    shown = json.loads(json.dumps(fault.as_json()))
    assert shown["kinds"] == ["delay"]
    assert (shown["types"], shown["client"], shown["times"]) == (["AAAA"], "10.0.0.0/8", None)
    again = Fault.from_words(shown["words"])
    assert again.as_json() == fault.as_json()
    assert again.describe() == "*.shop AAAA delay 100ms-2s probability 0.3 seed 7 for 10m client 10.0.0.0/8"


KINDS = st.sampled_from([
    {"drop": True}, {"delay": (0.1, 2)}, {"rcode": "REFUSED"}, {"rcode": 77}, {"nodata": True, "ttl": 0},
    {"truncate": True, "tcp_reset": True}, {"wrong_id": True, "duplicate": True}, {"stale": True}, {"stale": 1.5},
    {"only": 2, "order": "10.0.0.1,fd00::1"}, {"only": "10.0.0.0/8"}, {"replace": "fd00::1"}, {"tcp_slow": True},
    {"garbage": True, "delay": "3s"}, {"order": "ascending"},
])  # fmt: skip
CONDITION_SETS = st.fixed_dictionaries(
    {},
    optional={
        "qtype": st.sampled_from(["A", ["A", "AAAA"], "TYPE65280"]),
        "times": st.integers(1, 10**9),
        "every": st.integers(1, 50),
        "probability": st.floats(0, 1),
        "duration": st.floats(0, 1e6),
        "client": st.sampled_from(["10.0.0.1", "fd00::/48"]),
        "zone": st.sampled_from(["cluster.local", "corp.test"]),
    },
)


@given(KINDS, CONDITION_SETS)
def test_the_words_of_a_fault_make_it_again(kinds: dict[str, object], conditions: dict[str, object]) -> None:
    fault = Fault.make("web.shop", **kinds, **conditions)  # type: ignore[arg-type]
    again = Fault.from_words(fault.words())
    assert again.words() == fault.words()
    assert (again.effects, again.types, again.pattern, again.client) == (
        fault.effects,
        fault.types,
        fault.pattern,
        fault.client,
    )
