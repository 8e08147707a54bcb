"""The walk held against the C library of this machine, in namespaces of its own: same questions, same end, same order.

Rows in which replies are lost take as long as glibc waits for them, and are left to the table of test_search_glibc.
"""

import pytest

from resolver.client.address_order import ordered
from resolver.client.resolv_conf import ResolvConf
from resolver.client.search import Heard, glibc_walk
from resolver.wire import codes
from tests.support.private_resolver import SOURCES, Given, Said, getaddrinfo, unavailable
from tests.support.walks import found, played

SHOP = ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local")
OURS, SECOND, THIRD = (f"web.{domain}" for domain in SHOP)
V4, V6 = "10.96.0.20", "fd00:10:96::14"
MANY = ("10.0.0.1,10.244.0.9", "fd00:10:96::1,fd00:10:244::9,2001:db8::1,fd00:10:244::4")
ERRORS = {-2: "EAI_NONAME", -3: "EAI_AGAIN", -5: "EAI_NODATA"}
CODES = {"NODATA": codes.NOERROR} | {name: number for number, name in codes.RCODES.items() if name != "NOERROR"}

ROWS: list[tuple[str, str, tuple[str, ...], Said]] = [
    ("web", "ndots:5", SHOP, {OURS: (V4, V6)}),
    ("web", "ndots:5", SHOP, {OURS: MANY}),
    ("web", "ndots:5", SHOP, {OURS: ("192.0.2.1,127.0.0.1", "2002::1,2001::1,::1")}),
    ("web", "ndots:5", SHOP, {}),
    ("web.", "ndots:5", SHOP, {}),
    ("web.shop", "ndots:5", SHOP, {OURS: (V4, V6)}),
    ("a.b", "ndots:1", SHOP, {}),
    ("a.b", "ndots:1", SHOP, {"a.b.cluster.local": (V4, "NODATA")}),
    ("a.b", "ndots:1", SHOP, {"a.b.svc.cluster.local": ("NODATA", "NODATA")}),
    ("web", "ndots:0", SHOP, {}),
    ("web", "ndots:5", SHOP, {OURS: ("NODATA", "NODATA")}),
    ("web", "ndots:5", SHOP, {OURS: ("NODATA", "NODATA"), THIRD: (V4, "NODATA")}),
    ("web", "ndots:5", SHOP, {OURS: (V4, "NXDOMAIN")}),
    ("web", "ndots:5", SHOP, {OURS: ("NXDOMAIN", V6)}),
    ("web", "ndots:5", SHOP, {OURS: (V4, "SERVFAIL")}),
    ("web", "ndots:5", SHOP, {OURS: ("SERVFAIL", V6)}),
    ("web", "ndots:5", SHOP, {OURS: ("NODATA", "NXDOMAIN")}),
    ("web", "ndots:5", SHOP, {OURS: ("NODATA", "SERVFAIL")}),
    ("web", "ndots:5", SHOP, {OURS: ("SERVFAIL", "SERVFAIL")}),
    ("web", "ndots:5", SHOP, {OURS: ("SERVFAIL", "SERVFAIL"), SECOND: (V4, V6)}),
    ("web", "ndots:5", SHOP, {OURS: ("NODATA", "NODATA"), SECOND: ("SERVFAIL", "SERVFAIL")}),
    ("web", "ndots:5", SHOP, {OURS: ("REFUSED", "REFUSED")}),
    ("web", "ndots:5", SHOP, {OURS: ("REFUSED", "REFUSED"), "web": ("REFUSED", "REFUSED")}),
    ("web", "ndots:5", SHOP, {OURS: ("SERVFAIL", "REFUSED")}),
    ("web", "ndots:5", SHOP, {OURS: ("REFUSED", "SERVFAIL")}),
    ("web", "ndots:5", SHOP, {OURS: ("FORMERR", "FORMERR")}),
    ("web", "ndots:5", SHOP, {"web": ("FORMERR", "FORMERR")}),
    ("web", "ndots:5", SHOP, {OURS: ("FORMERR", V6)}),
    ("web", "ndots:5", SHOP, {OURS: ("NOTIMP", "NOTIMP")}),
    ("web", "ndots:5", SHOP, {OURS: ("CNAME", "CNAME")}),
    ("web", "ndots:5", SHOP, {OURS: ("CNAME", "NODATA")}),
    ("web", "ndots:5", (".",), {}),
    ("web", "ndots:5", ("x" * 64, "y"), {}),
    ("web", "no-tld-query", SHOP, {}),
    ("web.", "single-request", SHOP, {"web": (V4, "SERVFAIL")}),
    ("web.", "single-request-reopen", SHOP, {"web": (V4, V6)}),
    ("-web", "ndots:5", SHOP, {}),
    ("we b", "ndots:5", SHOP, {}),
    ("we_b", "ndots:5", SHOP, {}),
]


@pytest.fixture(scope="module")
def given() -> list[Given]:
    """What glibc gave, row for row."""
    if reason := unavailable():
        pytest.skip(reason)
    return getaddrinfo([(name, _conf(option, searches).text(), said) for name, option, searches, said in ROWS])


def _conf(option: str, searches: tuple[str, ...]) -> ResolvConf:
    return ResolvConf(("127.0.0.1",), searches, (option,))


def _heard(said: str) -> Heard:
    if said in CODES:
        return Heard(CODES[said], seconds=0.001)
    texts = said.split(",")
    return found(*(text for text in texts if text != "CNAME"))._replace(answers=len(texts))


@pytest.mark.parametrize("row", range(len(ROWS)), ids=lambda row: f"{ROWS[row][0]} {ROWS[row][1]} {ROWS[row][3]}")
def test_the_walk_is_that_of_the_c_library(row: int, given: list[Given]) -> None:
    name, option, searches, said = ROWS[row]
    zone = {each: (_heard(v4), _heard(v6)) for each, (v4, v6) in said.items()}
    rounds, verdict = played(glibc_walk(name, _conf(option, searches)), zone)
    assert given[row].asked == [tuple(lookup) for each in rounds for lookup in each.lookups]
    assert ERRORS.get(given[row].error, "") == verdict.error
    assert given[row].addresses == ordered(verdict.addresses, "glibc", SOURCES)
