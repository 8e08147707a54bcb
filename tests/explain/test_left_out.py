"""What is left out of a reply, found from what the answering code said and from the objects around it."""

from typing import Any

import pytest

from resolver.cluster.dns_records import Candidate
from resolver.cluster.objects import EndpointSlice
from resolver.cluster.reading import Detail
from resolver.cluster.source import Location
from resolver.explain.explanation import LeftOut, Reason
from resolver.explain.facts import ServiceFacts, read_slice
from resolver.explain.left_out import Finder, cut, in_order
from resolver.explain.notes import Notes
from resolver.explain.sources import Sources
from resolver.wire import codes
from tests.support import cluster_objects as api
from tests.support.cluster_objects import Object
from tests.support.doors import World


def finder(
    notes: Notes | None = None,
    qtype: int = codes.A,
    *,
    objects: tuple[Object, ...] = (),
    location: Location | None = None,
) -> Finder:
    world = World(objects)
    return Finder(
        notes or Notes(), Sources(None, {}), world.inventory, location or Location(), world.options.view, qtype
    )


def pod(name: str, *ips: str, phase: str = "Running", **spec: str) -> Object:
    found = api.pod(name, *ips, space="shop")
    found["metadata"]["labels"] = {"app": "db"}
    return {**found, "spec": spec, "status": {**found["status"], "phase": phase}}


def facts(*slices: Object, pods: tuple[Object, ...] = (), families: tuple[str, ...] = ("IPv4",), **spec: Any) -> Any:
    service = api.service("db", space="shop", selector={"app": "db"}, ipFamilies=list(families), **spec)
    return ServiceFacts(
        "shop",
        "db",
        api.namespace("shop"),
        service,
        [read_slice(each, Detail()) for each in slices],
        {each["metadata"]["name"]: each for each in pods},
    )


def told(found: Any) -> list[tuple[str, Reason]]:
    return [(left.what, left.reason) for left in found]


# -- what the answering code has said ---------------------------------------------------------------------------------

ITEM = read_slice(api.endpoint_slice("db-1", "db", "10.1.0.1", "10.1.0.2", space="shop"), Detail()).read
assert isinstance(ITEM, EndpointSlice)


def test_a_candidate_without_a_record_is_told_once_for_each_address_behind_it() -> None:
    notes, candidate = Notes(), Candidate("10.1.0.1", 0, b"")
    notes.used(candidate, ITEM, 0)
    notes.used(candidate, ITEM, 1)
    for _ in range(2):
        notes.unused("E3", "it has no port", candidate)
    left = list(finder(notes).candidates(answered=False))
    assert told(left) == [("10.1.0.1", "no-port"), ("10.1.0.1", "no-port")]
    assert [source.value for each in left for source in each.sources] == ["10.1.0.1", "10.1.0.2"]
    assert left[0].why == "it has no port"


@pytest.mark.parametrize(
    ("rule", "place", "answered", "expected"),
    [
        ("B6", 1, False, [("10.1.0.2", "no-such-port")]),
        ("F11", 1, True, [("10.1.0.2", "other-zone")]),
        ("F5", 1, False, [("10.1.0.2", "other-name")]),
        ("F5", 1, True, []),  # of a name that has an answer nobody misses the others
        ("B2", -1, False, [("EndpointSlice shop/db-1", "namespace-hidden")]),
        ("B6", 0, False, []),  # is used
    ],
)
def test_an_address_passed_over_is_told_unless_another_way_leads_to_it(
    rule: str, place: int, answered: bool, expected: list[tuple[str, Reason]]
) -> None:
    notes = Notes()
    notes.used(Candidate("10.1.0.1", 0, b""), ITEM, 0)
    for _ in range(2):
        notes.passed_over(rule, "why", ITEM, place)
    assert told(finder(notes).candidates(answered=answered)) == expected


# -- what the inventory does not hold ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "location", "expected"),
    [
        (True, Location(), []),
        (False, Location(), [("Namespace shop", "not-seen-yet"), ("Service shop/db", "not-seen-yet"),
                             ("EndpointSlice shop/db-1", "not-seen-yet")]),
        (False, Location(labels="dns=on", namespace_labels="env=lab"),
         [("Namespace shop", "label-missing"), ("Service shop/db", "label-missing"),
          ("EndpointSlice shop/db-1", "label-missing")]),
        (False, Location(labels="!dns"), [("Namespace shop", "not-seen-yet"), ("Service shop/db", "not-seen-yet"),
                                         ("EndpointSlice shop/db-1", "not-seen-yet")]),
    ],
)  # fmt: skip
def test_objects_the_inventory_does_not_show_are_told_with_the_labels_they_lack(
    seen: bool, location: Location, expected: list[tuple[str, Reason]]
) -> None:
    slice = api.endpoint_slice("db-1", "db", "10.1.0.1", space="shop")
    there = (api.namespace("shop"), api.service("db", space="shop"), slice) if seen else ()
    left = list(finder(objects=there, location=location).hidden(facts(slice)))
    assert told(left) == expected
    if location.namespace_labels:
        assert left[0].why == "its labels do not match `namespace_labels env=lab` (env: no such label)"


# -- endpoints and Pods -----------------------------------------------------------------------------------------------

NOT_READY = api.endpoint_slice(
    "db-1", "db", "10.1.0.1", api.endpoint("10.1.0.2", ready=False, hostname="db-0"),
    {"addresses": ["10.1.0.3"], "conditions": {"ready": False, "terminating": True}}, space="shop",
)  # fmt: skip
SIX = api.endpoint_slice("db-6", "db", api.endpoint("fd00::2", ready=False), space="shop")

ENDPOINTS = [
    # type, name of the endpoint, addresses in the reply: what is told
    (codes.A, "", (), [("10.1.0.2", "not-ready"), ("10.1.0.3", "terminating")]),
    (codes.AAAA, "", (), [("fd00::2", "not-ready")]),
    (codes.SRV, "", (), [("10.1.0.2", "not-ready"), ("10.1.0.3", "terminating"), ("fd00::2", "not-ready")]),
    (codes.A, "db-0", (), [("10.1.0.2", "not-ready")]),
    (codes.A, "10-1-0-3", (), [("10.1.0.3", "terminating")]),
    (codes.A, "10-1-0-2", (), []),  # it has a hostname
    (codes.A, "", ("10.1.0.2",), [("10.1.0.3", "terminating")]),
]


@pytest.mark.parametrize(("qtype", "endpoint", "answered", "expected"), ENDPOINTS)
def test_endpoints_that_are_not_ready_are_told_by_family_and_name(
    qtype: int, endpoint: str, answered: tuple[str, ...], expected: list[tuple[str, Reason]]
) -> None:
    found = finder(qtype=qtype).endpoints(facts(NOT_READY, SIX), endpoint, frozenset(answered))
    assert told(found) == expected


@pytest.mark.parametrize(("publish", "more"), [(False, "; publishNotReadyAddresses is not set"), (True, "")])
def test_the_option_that_would_help_is_named_where_it_is_not_set(publish: bool, more: str) -> None:
    around = facts(NOT_READY, publishNotReadyAddresses=publish)
    assert next(finder().endpoints(around, "", frozenset())).why == f"the endpoint is not ready{more}"


def test_a_field_that_cannot_be_used_is_broken() -> None:
    around = facts(api.endpoint_slice("db-1", "db", "nonsense", space="shop"))
    assert told(finder().endpoints(around, "", frozenset())) == [
        ("EndpointSlice shop/db-1 endpoints[0].addresses[0]", "broken")
    ]


PODS = [
    # Pods, type, families of the Service: what is told
    ((pod("db-0", "10.1.0.1"),), codes.AAAA, ("IPv4",), [("Service shop/db", "other-family")]),
    ((pod("db-0", "10.1.0.1"),), codes.AAAA, ("IPv4", "IPv6"), [("Pod shop/db-0", "other-family")]),
    ((pod("db-0"),), codes.A, ("IPv4",), [("Pod shop/db-0", "no-address")]),
    ((pod("db-0", phase="Failed"),), codes.A, ("IPv4",), [("Pod shop/db-0", "ended")]),
    ((pod("db-0"), api.pod("other", space="shop")), codes.SRV, ("IPv4",), [("Pod shop/db-0", "no-address")]),
    ((), codes.A, ("IPv4",), []),
]


@pytest.mark.parametrize(("pods", "qtype", "families", "expected"), PODS)
def test_selected_pods_that_are_no_endpoint_are_told(
    pods: tuple[Object, ...], qtype: int, families: tuple[str, ...], expected: list[tuple[str, Reason]]
) -> None:
    assert told(finder(qtype=qtype).pods(facts(pods=pods, families=families))) == expected


def test_a_pod_with_an_endpoint_is_not_told() -> None:
    slice = api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", pod="db-0"), space="shop")
    assert told(finder().pods(facts(slice, pods=(pod("db-0", "10.1.0.1"),)))) == []


@pytest.mark.parametrize(
    ("spec", "expected", "why"),
    [
        ({}, "no-hostname", "its spec.hostname is not set"),
        ({"hostname": "db-0"}, "other-subdomain", "its spec.subdomain is not set, not db"),
        ({"hostname": "db-0", "subdomain": "dbs"}, "other-subdomain", "its spec.subdomain is dbs, not db"),
        ({"hostname": "db-0", "subdomain": "db"}, None, ""),
    ],
)
def test_the_pod_that_is_meant_is_told_with_why_it_has_no_name(
    spec: dict[str, str], expected: Reason | None, why: str
) -> None:
    left = list(finder().named_pod(facts(pods=(pod("db-0", "10.1.0.1", **spec),)), "db-0"))
    assert told(left) == ([("Pod shop/db-0", expected)] if expected else [])
    assert all(each.why.startswith(why) for each in left)


def test_what_somebody_can_mend_comes_first_and_each_once() -> None:
    hidden, family, other = (
        LeftOut(reason, reason, "why") for reason in ("namespace-hidden", "other-family", "other-name")
    )
    meant = LeftOut("x", "not-ready", "why")
    assert in_order([other, family, hidden, family]) == [hidden, family, other]
    assert in_order([other, family, meant]) == [meant, family]


def test_what_does_not_fit_says_how_much_room_it_needs() -> None:
    (left,) = cut(["a. 5 IN A 10.0.0.1"], 512, 900)
    assert (left.what, left.reason) == ("a. 5 IN A 10.0.0.1", "truncated")
    assert "900 bytes, and 512 were allowed" in left.why
