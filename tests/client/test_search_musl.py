"""musl's walk as a table: what is asked, what is heard, what getaddrinfo makes of it."""

import pytest

from resolver.client.resolv_conf import ResolvConf
from resolver.client.search import Heard, Lookup, Round, Verdict, musl_walk
from resolver.wire import codes
from tests.support.walks import LOST, NODATA, NXDOMAIN, SERVFAIL, found, played

SHOP = ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local")
CONF = ResolvConf(("10.96.0.10",), SHOP, ("ndots:5",))
V4, V6 = found("10.96.0.20"), found("fd00::14")
OURS = "web.shop.svc.cluster.local"
EVERY = [OURS, "web.svc.cluster.local", "web.cluster.local", "web"]
LONG = ("a" * 60, "b" * 60, "c" * 60, "d" * 60)
BOTH = Verdict(("fd00::14", "10.96.0.20"))
UNKNOWN, EMPTY, AGAIN = (Verdict(error=f"EAI_{error}") for error in ("NONAME", "NODATA", "AGAIN"))


def conf(*options: str, searches: tuple[str, ...] = SHOP, servers: int = 1) -> ResolvConf:
    return ResolvConf(tuple(f"10.0.0.{number}" for number in range(servers)), searches, options or ("ndots:5",))


WALKS = [
    ("web", CONF, {OURS: (V4, V6)}, [OURS], BOTH),
    ("web", CONF, {"web": (V4, V6)}, EVERY, BOTH),
    ("web", CONF, {}, EVERY, UNKNOWN),
    ("web.", CONF, {}, ["web"], UNKNOWN),
    # enough dots: as it stands, and no search path after it
    ("a.b", conf("ndots:1"), {}, ["a.b"], UNKNOWN),
    ("a.b", conf("ndots:1"), {"a.b.cluster.local": (V4, V6)}, ["a.b"], UNKNOWN),
    ("a.b", conf("ndots:2"), {"a.b.cluster.local": (V4, V6)}, [f"a.b.{each}" for each in SHOP], BOTH),
    ("a.b", conf("x"), {}, ["a.b"], UNKNOWN),
    # the first name that is known ends the walk, with or without addresses
    ("web", CONF, {OURS: (NODATA, NODATA), "web.cluster.local": (V4, V6)}, [OURS], EMPTY),
    ("web", CONF, {OURS: (V4, NODATA)}, [OURS], Verdict(("10.96.0.20",))),
    ("web", CONF, {OURS: (NODATA, V6)}, [OURS], Verdict(("fd00::14",))),
    # NXDOMAIN of one family hides the addresses of the other
    ("web", CONF, {OURS: (V4, NXDOMAIN)}, EVERY, UNKNOWN),
    ("web", CONF, {OURS: (NXDOMAIN, V6), "web": (V4, V6)}, EVERY, BOTH),
    # a lost reply of either family ends the walk
    ("web", CONF, {OURS: (LOST, V6)}, [OURS, OURS], AGAIN),
    ("web", CONF, {OURS: (V4, LOST)}, [OURS, OURS], AGAIN),
    ("web", CONF, {OURS: (SERVFAIL, V6)}, [OURS, OURS], AGAIN),
    ("web", conf("ndots:5", "attempts:0"), {OURS: (LOST, LOST)}, [OURS], AGAIN),
    # an alias without an address
    ("web", CONF, {OURS: (Heard(0, answers=1), NODATA)}, [OURS], EMPTY),
    # lines and names that are too long
    ("web", conf("ndots:5", searches=LONG), {}, [*(f"web.{each}" for each in LONG), "web"], UNKNOWN),
    ("web", conf("ndots:5", searches=(*LONG, "d" * 5)), {}, ["web"], UNKNOWN),
    ("web", conf("ndots:5", searches=("a" * 64, "b")), {}, ["web.b", "web"], UNKNOWN),
    ("a" * 255, CONF, {}, [], UNKNOWN),
    ("web..", CONF, {}, [], UNKNOWN),
    ("", CONF, {}, [], UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("name", "conf", "zone", "asked", "verdict"), WALKS)
def test_names_are_asked_in_musls_order(
    name: str, conf: ResolvConf, zone: dict[str, tuple[Heard, Heard]], asked: list[str], verdict: Verdict
) -> None:
    rounds, ended = played(musl_walk(name, conf), zone)
    assert [each.lookups[0].name for each in rounds] == asked
    assert ended == verdict


def test_all_servers_are_asked_at_once_and_only_a_name_that_is_known_or_not_counts() -> None:
    rounds, _ = played(musl_walk("web.", conf("ndots:5", servers=3)), {"web": (V4, V6)})
    assert rounds == [
        Round(
            (Lookup("web", codes.A), Lookup("web", codes.AAAA)),
            (0, 1, 2),
            2.5,
            accepts=(codes.NOERROR, codes.NXDOMAIN),
            resends=4,
        )
    ]


def test_what_was_answered_is_not_asked_again() -> None:
    rounds, _ = played(musl_walk("web.", CONF), {"web": (V4, LOST)})
    assert [[lookup.qtype for lookup in each.lookups] for each in rounds] == [[1, 28], [28]]


@pytest.mark.parametrize(
    ("options", "seconds", "count"),
    [(("timeout:4", "attempts:4"), 1.0, 4), (("timeout:99",), 30.0, 2), (("attempts:99",), 0.5, 10)],
)
def test_the_time_is_shared_among_the_attempts(options: tuple[str, ...], seconds: float, count: int) -> None:
    rounds, _ = played(musl_walk("web.", conf(*options)), {"web": (LOST, LOST)})
    assert [each.seconds for each in rounds] == [seconds] * count


@pytest.mark.parametrize(("whole", "verdict"), [(V4, Verdict(("10.96.0.20",))), (SERVFAIL, AGAIN), (LOST, AGAIN)])
def test_a_cut_reply_is_asked_for_again_over_tcp_it_alone(whole: Heard, verdict: Verdict) -> None:
    def heard(round: Round, qtype: int) -> Heard:
        if round.tcp:
            return whole
        return Heard(0, truncated=True, server=1) if qtype == codes.A else NODATA

    rounds, ended = played(musl_walk("web.", conf("ndots:5", servers=2)), heard)
    assert [(each.tcp, each.servers, len(each.lookups)) for each in rounds] == [(False, (0, 1), 2), (True, (1,), 1)]
    assert ended == verdict


def test_no_more_than_48_addresses_are_taken() -> None:
    many = found(*(f"10.0.0.{number}" for number in range(60)))
    _, verdict = played(musl_walk("web.", CONF), {"web": (many, V6)})
    assert len(verdict.addresses) == 48
    assert verdict.addresses[0] == "fd00::14"
