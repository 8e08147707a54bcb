import pytest

from resolver.answers.observation import Observation, observe
from resolver.answers.outcome import Reply, tell
from resolver.wire import codes
from resolver.wire.edns import option
from resolver.wire.peer import Peer
from resolver.wire.query import Edns
from tests.support.questions import peer, question


def test_an_observation_says_what_was_asked_and_answered() -> None:
    query = question("WEB.shop.", "AAAA", edns=Edns(1232, do=True, options=option(3, b"")), flags=codes.RD | codes.CD)
    assert observe(query, codes.NXDOMAIN, codes.QR | codes.AA, 90, written=True) == Observation(
        server="dns://:53",
        protocol="udp",
        family=1,
        qname=b"\3web\4shop\0",
        qtype=codes.AAAA,
        qclass=codes.IN,
        query_flags=codes.RD | codes.CD,
        request_size=len(query.packet),
        do=True,
        bufsize=1232,
        rcode=codes.NXDOMAIN,
        flags=codes.QR | codes.AA,
        size=90,
        written=True,
        options_size=4,
    )


@pytest.mark.parametrize(
    ("protocol", "edns", "bufsize"),
    [
        ("udp", None, 512),
        ("udp", Edns(100), 512),
        ("udp", Edns(4096), 4096),
        ("tcp", None, 65_535),
        ("tcp", Edns(1), 65_535),
    ],
)
def test_the_buffer_size_is_what_a_reply_may_be_long(protocol: str, edns: Edns | None, bufsize: int) -> None:
    query = question(edns=edns, client=peer(protocol=protocol))  # type: ignore[arg-type]
    assert observe(query, 0, 0, 0, written=True).bufsize == bufsize


@pytest.mark.parametrize(("address", "family"), [("192.0.2.1", 1), ("2001:db8::1", 2)])
def test_the_family_is_1_or_2(address: str, family: int) -> None:
    assert observe(question(client=peer(address)), 0, 0, 0, written=True).family == family


def test_equal_questions_give_equal_observations() -> None:
    first, second = question("web.shop.", id=1), question("WEB.shop.", id=2, client=peer(port=9))
    assert observe(first, 0, 0, 0, written=True) == observe(second, 0, 0, 0, written=True)


class Ear:
    """A counter and a listener that remember."""

    def __init__(self) -> None:
        self.counted: list[tuple[Observation, int, float]] = []
        self.heard: list[tuple[Observation, int, int, float]] = []

    def count(self, observation: Observation, times: int, seconds: float) -> None:
        self.counted.append((observation, times, seconds))

    def hear(self, observation: Observation, query_id: int, client: Peer, seconds: float) -> None:
        self.heard.append((observation, query_id, client.port, seconds))


def test_counters_and_listeners_are_told_of_one_reply() -> None:
    ear, reply, query = Ear(), Reply(), question(id=77, client=peer(port=9))
    reply.counters, reply.listeners = (ear,), (ear,)
    seen = observe(query, 0, 0, 0, written=True)
    tell(query, reply, seen, 0.25)
    assert ear.counted == [(seen, 1, 0.25)]
    assert ear.heard == [(seen, 77, 9, 0.25)]
