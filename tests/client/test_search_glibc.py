"""glibc's walk as a table: what is asked, what is heard, what getaddrinfo makes of it."""

from collections.abc import Callable

import pytest

from resolver.client.resolv_conf import ResolvConf
from resolver.client.search import Heard, Lookup, Round, Verdict, glibc_walk
from resolver.wire import codes
from tests.support.walks import LOST, NODATA, NXDOMAIN, REFUSED, SERVFAIL, found, played

SHOP = ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local")
CONF = ResolvConf(("10.96.0.10",), SHOP, ("ndots:5",))
V4, V6 = found("10.96.0.20"), found("fd00::14")
OURS = "web.shop.svc.cluster.local"
BOTH = Verdict(("10.96.0.20", "fd00::14"))
UNKNOWN, EMPTY, AGAIN = (Verdict(error=f"EAI_{error}") for error in ("NONAME", "NODATA", "AGAIN"))
A_B = ["a.b", *(f"a.b.{each}" for each in SHOP)]
EVERY = [OURS, "web.svc.cluster.local", "web.cluster.local", "web"]


def conf(*options: str, searches: tuple[str, ...] = SHOP, servers: int = 1) -> ResolvConf:
    return ResolvConf(tuple(f"10.0.0.{number}" for number in range(servers)), searches, options or ("ndots:5",))


WALKS = [
    ("web", CONF, {OURS: (V4, V6)}, [OURS], BOTH),
    ("web", CONF, {}, EVERY, UNKNOWN),
    ("web.", CONF, {"web": (V4, NODATA)}, ["web"], Verdict(("10.96.0.20",))),
    ("web.", CONF, {}, ["web"], UNKNOWN),
    ("web.shop", CONF, {"web.shop.svc.cluster.local": (V4, V6)}, [f"web.shop.{SHOP[0]}", OURS], BOTH),
    # enough dots: as it stands first, then the search path all the same
    ("a.b", conf("ndots:1"), {"a.b": (V4, V6)}, ["a.b"], BOTH),
    ("a.b", conf("ndots:1"), {}, A_B, UNKNOWN),
    ("a.b", conf("ndots:1"), {"a.b.cluster.local": (V4, NODATA)}, A_B, Verdict(("10.96.0.20",))),
    ("web", conf("ndots:0"), {}, ["web", *EVERY[:-1]], UNKNOWN),
    # NODATA does not end the walk, but is the error that is told in the end
    ("web", CONF, {OURS: (NODATA, NODATA)}, EVERY, EMPTY),
    ("web", CONF, {OURS: (NODATA, NODATA), "web.cluster.local": (V4, NODATA)}, EVERY[:3], Verdict(("10.96.0.20",))),
    ("a.b", conf("ndots:1"), {"a.b.svc.cluster.local": (NODATA, NODATA)}, A_B, UNKNOWN),
    # one family is enough, whatever the other says
    ("web", CONF, {OURS: (V4, NODATA)}, [OURS], Verdict(("10.96.0.20",))),
    ("web", CONF, {OURS: (NODATA, V6)}, [OURS], Verdict(("fd00::14",))),
    ("web", CONF, {OURS: (V4, NXDOMAIN)}, [OURS], Verdict(("10.96.0.20",))),
    ("web", CONF, {OURS: (V4, SERVFAIL)}, [OURS], Verdict(("10.96.0.20",))),
    ("web", CONF, {OURS: (SERVFAIL, V6)}, [OURS], Verdict(("fd00::14",))),
    ("web", CONF, {OURS: (NODATA, NXDOMAIN)}, EVERY, UNKNOWN),
    ("web", CONF, {OURS: (NODATA, SERVFAIL)}, EVERY, EMPTY),
    # SERVFAIL of both: every attempt is used, then the next domain is tried
    ("web", CONF, {OURS: (SERVFAIL, SERVFAIL)}, [OURS, OURS, *EVERY[1:]], AGAIN),
    ("web", CONF, {OURS: (SERVFAIL, SERVFAIL), EVERY[1]: (V4, V6)}, [OURS, OURS, EVERY[1]], BOTH),
    ("web", CONF, {OURS: (NODATA, NODATA), EVERY[1]: (SERVFAIL, SERVFAIL)}, [OURS, EVERY[1], *EVERY[1:]], EMPTY),
    # REFUSED and silence end the search; the name as it stands is tried last
    ("web", CONF, {OURS: (REFUSED, REFUSED)}, [OURS, OURS, "web"], UNKNOWN),
    ("web", CONF, {OURS: (REFUSED, REFUSED), "web": (REFUSED, REFUSED)}, [OURS, OURS, "web", "web"], AGAIN),
    ("web", CONF, {OURS: (LOST, LOST)}, [OURS, OURS, "web"], UNKNOWN),
    ("web", CONF, {OURS: (LOST, LOST), "web": (LOST, LOST)}, [OURS, OURS, "web", "web"], AGAIN),
    ("web", conf("ndots:5", "attempts:1"), {OURS: (LOST, LOST)}, [OURS, "web"], UNKNOWN),
    # an alias without an address ends the walk
    ("web", CONF, {OURS: (Heard(0, answers=1), NODATA)}, [OURS], UNKNOWN),
    # FORMERR ends it too
    ("web", CONF, {OURS: (Heard(codes.FORMERR), Heard(codes.FORMERR))}, [OURS, "web"], UNKNOWN),
    # search paths of their own kind
    ("web", conf("ndots:5", searches=()), {}, ["web"], UNKNOWN),
    ("web", conf("ndots:5", searches=(".",)), {"web": (V4, V6)}, ["web"], BOTH),
    ("a.b", conf("ndots:1", searches=(".", "x")), {}, ["a.b", "a.b.x"], UNKNOWN),
    ("web", conf("no-tld-query"), {}, EVERY[:-1], UNKNOWN),
    ("web", conf("ndots:5", searches=("d" * 63 + ".d" * 120, "x")), {}, ["web"], UNKNOWN),
    # what is no host name is never asked for
    ("-web", CONF, {}, [], UNKNOWN),
    ("we b", CONF, {}, [], UNKNOWN),
    ("", CONF, {}, [], UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("name", "conf", "zone", "asked", "verdict"), WALKS)
def test_names_are_asked_in_glibcs_order(
    name: str, conf: ResolvConf, zone: dict[str, tuple[Heard, Heard]], asked: list[str], verdict: Verdict
) -> None:
    rounds, ended = played(glibc_walk(name, conf), zone)
    assert [each.lookups[0].name for each in rounds] == asked
    assert ended == verdict


def test_both_families_leave_together_with_five_seconds_for_both() -> None:
    rounds, _ = played(glibc_walk("web.", CONF), {"web": (V4, V6)})
    assert rounds == [Round((Lookup("web", codes.A), Lookup("web", codes.AAAA)), (0,), 5.0)]


def first_lost(lost: set[int], answers: dict[int, Heard]) -> Callable[[Round, int], Heard]:
    """Replies by type; those to `lost` types never come."""
    return lambda _, qtype: LOST if qtype in lost else answers[qtype]


def test_after_a_lost_reply_glibc_asks_one_family_after_the_other_then_from_a_new_socket() -> None:
    rounds, verdict = played(glibc_walk("web.", CONF), first_lost({codes.AAAA}, {codes.A: V4}))
    shown = [([lookup.qtype for lookup in each.lookups], each.new_socket) for each in rounds]
    assert shown == [([1, 28], False), ([1], False), ([28], False), ([1], False), ([28], True)]
    assert verdict == Verdict(("10.96.0.20",))


def test_a_walk_that_has_lost_a_reply_stays_careful() -> None:
    zone = {OURS: (NXDOMAIN, LOST), EVERY[1]: (V4, V6)}
    rounds, verdict = played(glibc_walk("web", CONF), zone)
    assert verdict == BOTH
    assert [[lookup.qtype for lookup in each.lookups] for each in rounds[-2:]] == [[1], [28]]


@pytest.mark.parametrize(("option", "new_socket"), [("single-request", False), ("single-request-reopen", True)])
def test_single_request_asks_for_ipv4_first(option: str, new_socket: bool) -> None:
    rounds, verdict = played(glibc_walk("web.", conf(option)), {"web": (V4, V6)})
    assert [(each.lookups[0].qtype, each.new_socket) for each in rounds] == [(1, False), (28, new_socket)]
    assert verdict == BOTH


def test_with_single_request_a_servfail_keeps_the_second_question_back_until_time_is_up() -> None:
    rounds, verdict = played(glibc_walk("web.", conf("single-request", "attempts:1")), {"web": (SERVFAIL, V6)})
    assert [len(each.lookups) for each in rounds] == [1, 0]
    assert verdict == AGAIN


def test_no_aaaa_asks_for_ipv4_alone() -> None:
    rounds, verdict = played(glibc_walk("web.", conf("no-aaaa")), {"web": (V4, V6)})
    assert [each.lookups for each in rounds] == [(Lookup("web", codes.A),)]
    assert verdict == Verdict(("10.96.0.20",))


def test_a_cut_reply_is_asked_for_again_over_tcp_both_families_of_it() -> None:
    def heard(round: Round, qtype: int) -> Heard:
        return (V4 if qtype == codes.A else V6) if round.tcp else Heard(0, truncated=True)

    rounds, verdict = played(glibc_walk("web.", CONF), heard)
    assert [(each.tcp, len(each.lookups)) for each in rounds] == [(False, 2), (True, 2)]
    assert verdict == BOTH


def test_use_vc_asks_over_tcp_at_once() -> None:
    rounds, _ = played(glibc_walk("web.", conf("use-vc")), {"web": (V4, V6)})
    assert [each.tcp for each in rounds] == [True]


def test_a_lost_tcp_connection_ends_the_attempts() -> None:
    rounds, verdict = played(glibc_walk("web.", conf("use-vc", servers=2)), {"web": (LOST, LOST)})
    assert [each.servers for each in rounds] == [(0,), (1,)]
    assert verdict == AGAIN


def test_servers_are_asked_one_after_the_other_with_their_own_times() -> None:
    rounds, _ = played(glibc_walk("web.", conf("ndots:5", servers=3)), {"web": (LOST, LOST)})
    assert [(each.servers, each.seconds) for each in rounds] == [((0,), 5), ((1,), 3), ((2,), 6)] * 2


def test_a_server_that_refuses_leaves_it_to_the_next() -> None:
    def heard(round: Round, qtype: int) -> Heard:
        return REFUSED if round.servers == (0,) else V4

    rounds, verdict = played(glibc_walk("web.", conf("ndots:5", servers=2)), heard)
    assert [each.servers for each in rounds] == [(0,), (1,)]
    assert verdict.addresses


def test_an_empty_answer_of_a_server_that_neither_owns_nor_recurses_is_passed_over() -> None:
    lame = NODATA._replace(lame=True)
    rounds, verdict = played(glibc_walk("web.", conf("ndots:5", servers=2)), {"web": (lame, lame)})
    assert len(rounds) == 4
    assert verdict == AGAIN


def test_where_nobody_listens_the_search_ends_at_once() -> None:
    nobody = Heard(refused=True)
    rounds, verdict = played(glibc_walk("web", CONF), dict.fromkeys(EVERY, (nobody, nobody)))
    assert [each.lookups[0].name for each in rounds] == [OURS, OURS]
    assert verdict == AGAIN


@pytest.mark.parametrize(
    ("option", "seconds"), [("timeout:1", 1), ("timeout:0", 1), ("timeout:99", 30), ("timeout:2x", 2), ("timeout:", 1)]
)
def test_time_has_glibcs_bounds(option: str, seconds: int) -> None:
    rounds, _ = played(glibc_walk("web.", conf(option)), {"web": (V4, V6)})
    assert rounds[0].seconds == seconds
