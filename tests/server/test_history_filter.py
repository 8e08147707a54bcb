"""Which questions are wanted, by name, type, client, protocol, rcode and time."""

import pytest

from resolver.server.history import History
from resolver.server.history_filter import BadFilter, Wanted
from resolver.wire.peer import KeptPeer
from tests.support.doors import query_packet

ASKERS = {
    "A": KeptPeer("udp", 4, "127.0.0.1", 40_000, "127.0.0.1", 53),
    "AAAA": KeptPeer("tcp", 6, "2001:db8::1", 40_000, "::1", 53),
    "TXT": KeptPeer("udp", 4, "10.1.2.3", 40_000, "127.0.0.1", 53),
}
NXDOMAIN = b"\0\0\x81\x83" + b"\0" * 8
NOERROR = b"\0\0\x81\x80" + b"\0" * 8


@pytest.fixture
def history() -> History:
    """Five questions, one a second from 1000 on."""
    clock = iter(range(1_000, 2_000))
    kept = History(clock=lambda: float(next(clock)))
    kept.record(query_packet("web.shop.svc.cluster.local.", "A"), ASKERS["A"], NOERROR)
    kept.record(query_packet("WEB.Shop.svc.cluster.local.", "AAAA"), ASKERS["AAAA"], NXDOMAIN)
    kept.record(query_packet("db.shop.svc.cluster.local.", "A"), ASKERS["A"], None)
    kept.record(query_packet("example.com.", "TXT"), ASKERS["TXT"], NOERROR)
    kept.record(b"\0" * 4, ASKERS["A"], None)
    return kept


@pytest.mark.parametrize(
    ("wanted", "seconds"),
    [
        ({}, [1000, 1001, 1002, 1003, 1004]),
        ({"name": "web.shop"}, [1000, 1001]),
        ({"name": "*.shop"}, [1000, 1001, 1002]),
        ({"name": "web.shop.svc.cluster.local"}, [1000, 1001]),
        ({"name": "example.com"}, [1003]),
        ({"name": "**"}, [1000, 1001, 1002, 1003]),
        ({"name": "nothing.here"}, []),
        ({"type": "aaaa"}, [1001]),
        ({"type": "TYPE16"}, [1003]),
        ({"client": "127.0.0.1"}, [1000, 1002, 1004]),
        ({"client": "10.0.0.0/8"}, [1003]),
        ({"client": "0.0.0.0/0"}, [1000, 1002, 1003, 1004]),
        ({"client": "::/0"}, [1001]),
        ({"client": "2001:db8::/32"}, [1001]),
        ({"client": "2001:db9::/32"}, []),
        ({"protocol": "tcp"}, [1001]),
        ({"rcode": "nxdomain"}, [1001]),
        ({"rcode": "NOERROR"}, [1000, 1003]),
        ({"rcode": "none"}, [1002, 1004]),
        ({"since": 1002.5}, [1003, 1004]),
        ({"name": "*.shop", "type": "A", "since": 1001}, [1002]),
        ({"limit": 2}, [1003, 1004]),
        ({"type": "A", "limit": 1}, [1002]),
        ({"limit": 0}, []),
        ({"after": 4}, [1004]),
    ],
)
def test_only_what_is_wanted_is_told(history: History, wanted: dict[str, str], seconds: list[int]) -> None:
    assert [asked.at for asked in history.questions(**wanted)] == seconds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"type": "AAA"}, r"no record type 'AAA' \(did you mean A"),
        ({"type": "£"}, "no record type '£'$"),
        ({"rcode": "NXDOMIAN"}, r"\(did you mean NXDOMAIN\?\): there are NOERROR, .*, none"),
        ({"protocol": "dot"}, "no protocol 'dot': there are udp and tcp"),
        ({"client": "10.0.0.0/33"}, "neither an address nor a network"),
        ({"client": "host"}, "write 127.0.0.1, ::1 or 10.0.0.0/8"),
        ({"name": "a*.shop"}, "stands for a whole label"),
        ({"name": "a..b"}, "is no name"),
    ],
)
def test_what_cannot_be_wanted_is_refused_with_what_there_is(wanted: dict[str, str], reason: str) -> None:
    with pytest.raises(BadFilter, match=reason):
        Wanted.make(**wanted)  # type: ignore[arg-type]


def test_the_zone_is_the_clusters_own() -> None:
    history = History(zone="shop.example")
    history.record(query_packet("web.shop.svc.shop.example."), ASKERS["A"], None)
    assert len(history.questions(name="web.shop")) == 1
