"""Section 5 of the rules: what an update of a Service may change, and what it fills in or gives back."""

from collections.abc import Callable
from typing import Any

import pytest

from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.resources import IP_ADDRESSES
from tests.support.embedded_cluster import Reply, ask, delete, new_embedded_cluster, post, put, restarted, service

Spec = dict[str, Any]

CART = "/api/v1/namespaces/shop/services/cart"
V4, V6 = "10.43.0.99", "fd43::99"
SINGLE: Spec = {"clusterIP": V4}
DUAL: Spec = {"clusterIP": V4, "clusterIPs": [V4, V6], "ipFamilyPolicy": "RequireDualStack"}
HEADLESS: Spec = {"clusterIP": "None"}
EXTERNAL: Spec = {"type": "ExternalName", "externalName": "db.example.org"}
NODE_PORT: Spec = {"type": "NodePort", "ports": [{"name": "http", "port": 80, "nodePort": 30_080}]}


def _cluster(spec: Spec, ranges: str = "10.43.0.0/16,fd43::/112") -> ClusterApi:
    api = new_embedded_cluster(ranges)
    assert post(api, spec)[0] == 201
    return api


def _edited(api: ClusterApi, edit: Callable[[Spec], Any]) -> Reply:
    """PUT of what is stored, after an edit of its spec."""
    stored = ask(api, "GET", CART)[1]
    edit(stored["spec"])
    return ask(api, "PUT", CART, stored)


def _fields(reply: Reply) -> list[str]:
    assert reply[0] == 422, reply
    return [each["field"] for each in reply[1]["details"]["causes"]]


def _is_free(api: ClusterApi, address: str) -> bool:
    free = post(api, {"clusterIP": address}, "probe")[0] == 201
    if free:
        delete(api, "probe")
    return free


@pytest.mark.parametrize("spec", [SINGLE, DUAL, HEADLESS, NODE_PORT, {"ipFamilyPolicy": "PreferDualStack"}, EXTERNAL])
def test_u1_sending_the_manifest_again_changes_nothing(spec: Spec) -> None:
    api = _cluster(spec)
    before = ask(api, "GET", CART)[1]
    assert put(api, spec) == (200, before, [])


def test_u2_a_port_keeps_its_node_port_by_name() -> None:
    api = _cluster(NODE_PORT)
    ports = put(api, {"type": "NodePort", "ports": [{"name": "http", "port": 81}]})[1]["spec"]["ports"]
    assert ports[0]["nodePort"] == 30_080


def test_u2_unless_another_port_claims_it() -> None:
    api = _cluster(NODE_PORT)
    claimed = [{"name": "http", "port": 80}, {"name": "other", "port": 81, "nodePort": 30_080}]
    ports = put(api, {"type": "NodePort", "ports": claimed})[1]["spec"]["ports"]
    assert ports[0]["nodePort"] != 30_080
    assert ports[1]["nodePort"] == 30_080


def test_u3_an_emptied_plural_is_restored() -> None:
    assert _edited(_cluster(DUAL), lambda spec: spec.pop("clusterIPs"))[1]["spec"]["clusterIPs"] == [V4, V6]


def test_u3_a_changed_single_address_changes_the_plural_too() -> None:
    reply = _edited(_cluster(SINGLE), lambda spec: spec.update(clusterIP="10.43.0.98"))
    assert _fields(reply) == ["spec.clusterIPs[0]"]
    assert '["10.43.0.98"]' in reply[1]["message"]


def test_u4_an_absent_policy_is_the_old_one_and_absent_families_come_from_the_addresses() -> None:
    reply = _edited(_cluster(DUAL), lambda spec: (spec.pop("ipFamilyPolicy"), spec.pop("ipFamilies")))
    assert reply[0] == 200
    assert (reply[1]["spec"]["ipFamilyPolicy"], reply[1]["spec"]["ipFamilies"]) == (
        "RequireDualStack",
        ["IPv4", "IPv6"],
    )


@pytest.mark.parametrize("policy", ["PreferDualStack", "RequireDualStack"])
@pytest.mark.parametrize(
    ("more", "second"),
    [({}, None), ({"ipFamilies": ["IPv4", "IPv6"]}, None), ({"clusterIP": V4, "clusterIPs": [V4, V6]}, V6)],
)
def test_u5_single_becomes_dual_by_policy(policy: str, more: Spec, second: str | None) -> None:
    stored = put(_cluster(SINGLE), {"ipFamilyPolicy": policy, **more})[1]["spec"]
    assert (stored["clusterIPs"][0], stored["ipFamilies"]) == (V4, ["IPv4", "IPv6"])
    assert second in (None, stored["clusterIPs"][1])


@pytest.mark.parametrize("more", [{"ipFamilies": ["IPv4", "IPv6"]}, {"clusterIP": V4, "clusterIPs": [V4, V6]}])
def test_u6_single_does_not_become_dual_by_families_or_addresses_alone(more: Spec) -> None:
    assert _fields(put(_cluster(SINGLE), {"ipFamilyPolicy": "SingleStack", **more})) == ["spec.ipFamilyPolicy"]


@pytest.mark.parametrize("cut", [False, True])
def test_u7_dual_becomes_single_and_gives_back_the_second_address(cut: bool) -> None:
    api = _cluster(DUAL)

    def edit(spec: Spec) -> None:
        spec["ipFamilyPolicy"] = "SingleStack"
        if cut:
            spec.update(clusterIPs=[V4], ipFamilies=["IPv4"])

    stored = _edited(api, edit)[1]["spec"]
    assert (stored["clusterIPs"], stored["ipFamilies"]) == ([V4], ["IPv4"])
    assert _is_free(api, V6)


@pytest.mark.parametrize(("field", "words"), [("clusterIPs", "cluster IP"), ("ipFamilies", "IP family")])
def test_u8_lists_are_not_cut_while_the_policy_is_dual(field: str, words: str) -> None:
    reply = _edited(_cluster(DUAL), lambda spec: spec.update({field: spec[field][:1]}))
    assert _fields(reply) == ["spec.ipFamilyPolicy"]
    assert reply[1]["message"].endswith(f"must be 'SingleStack' to release the secondary {words}")


def test_u8_one_family_and_no_policy_on_a_require_service_is_refused() -> None:
    assert _fields(put(_cluster(DUAL), {"ipFamilies": ["IPv4"]})) == ["spec.ipFamilyPolicy"]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"clusterIP": "10.43.0.98", "clusterIPs": ["10.43.0.98", V6]}, ["spec.clusterIPs[0]"]),
        ({"ipFamilies": ["IPv6", "IPv4"]}, ["spec.clusterIPs[0]", "spec.clusterIPs[1]"]),
        (
            {"clusterIP": V6, "clusterIPs": [V6, V4], "ipFamilies": ["IPv6", "IPv4"]},
            ["spec.clusterIPs[0]", "spec.clusterIPs[1]", "spec.ipFamilies[0]"],
        ),
    ],
)
def test_u9_the_primary_is_fixed(change: Spec, fields: list[str]) -> None:
    assert _fields(_edited(_cluster(DUAL), lambda spec: spec.update(change))) == fields


def test_u10_the_second_address_is_replaced_in_two_steps() -> None:
    api = _cluster(DUAL)
    other = {"clusterIP": V4, "clusterIPs": [V4, "fd43::98"]}
    assert _fields(_edited(api, lambda spec: spec.update(other))) == ["spec.clusterIPs[1]"]
    assert put(api, {"ipFamilyPolicy": "SingleStack"})[0] == 200
    assert put(api, {"ipFamilyPolicy": "RequireDualStack", **other})[1]["spec"]["clusterIPs"] == [V4, "fd43::98"]


@pytest.mark.parametrize(
    "change",
    [
        {"ipFamilies": ["IPv6"]},
        {"ipFamilyPolicy": "PreferDualStack", "ipFamilies": ["IPv6", "IPv4"]},
        {"ipFamilyPolicy": "RequireDualStack"},
    ],
)
def test_u11_headless_families_change_freely(change: Spec) -> None:
    stored = put(_cluster(HEADLESS), HEADLESS | change)
    assert stored[0] == 200
    assert stored[1]["spec"]["ipFamilies"][0] == change.get("ipFamilies", ["IPv4"])[0]


def test_u11_an_address_does_not_become_none_nor_none_an_address() -> None:
    to_none = _edited(_cluster(SINGLE), lambda spec: spec.update(clusterIP="None", clusterIPs=["None"]))
    to_address = _edited(_cluster(HEADLESS), lambda spec: spec.update(clusterIP=V4, clusterIPs=[V4]))
    assert _fields(to_none) == _fields(to_address) == ["spec.clusterIPs[0]"]


def test_u12_prefer_and_require_are_exchanged_without_a_new_address() -> None:
    api = _cluster(DUAL)
    assert put(api, {"ipFamilyPolicy": "PreferDualStack"})[1]["spec"]["clusterIPs"] == [V4, V6]
    assert put(api, {"ipFamilyPolicy": "RequireDualStack"})[1]["spec"]["clusterIPs"] == [V4, V6]


def test_u13_a_second_range_upgrades_a_preferring_service_only_if_its_families_are_left_out() -> None:
    api = _cluster({"ipFamilyPolicy": "PreferDualStack"}, "10.43.0.0/16")
    wider = restarted(api, "10.43.0.0/16,fd43::/112")
    assert _edited(wider, lambda spec: spec.update(sessionAffinity="ClientIP"))[1]["spec"]["ipFamilies"] == ["IPv4"]
    assert _edited(wider, lambda spec: spec.pop("ipFamilies"))[1]["spec"]["ipFamilies"] == ["IPv4", "IPv6"]


def test_u13_without_the_second_range_preferring_services_live_on_and_requiring_ones_fail_every_update() -> None:
    preferring = _cluster(DUAL | {"ipFamilyPolicy": "PreferDualStack"})
    requiring = _cluster(DUAL)
    change = {"sessionAffinity": "ClientIP"}
    assert _edited(restarted(preferring, "10.43.0.0/16"), lambda spec: spec.update(change))[0] == 200
    reply = _edited(restarted(requiring, "10.43.0.0/16"), lambda spec: spec.update(change))
    assert "spec.ipFamilyPolicy" in _fields(reply)


def test_u14_the_policy_of_a_headless_service_does_not_follow_its_selector() -> None:
    dropped = put(_cluster(HEADLESS), HEADLESS | {"selector": None})[1]["spec"]
    added = put(_cluster(HEADLESS | {"selector": None}), HEADLESS)[1]["spec"]
    assert (dropped["ipFamilyPolicy"], added["ipFamilyPolicy"]) == ("SingleStack", "RequireDualStack")


def test_u15_a_second_address_that_is_taken_changes_nothing() -> None:
    api = _cluster(SINGLE)
    post(api, {"clusterIP": V6}, "other")
    before = ask(api, "GET", CART)[1]
    change = {"ipFamilyPolicy": "RequireDualStack", "clusterIP": V4, "clusterIPs": [V4, V6]}
    assert _fields(put(api, change)) == ["spec.clusterIPs"]
    assert ask(api, "GET", CART)[1] == before


def test_u16_becoming_an_external_name_gives_all_back() -> None:
    api = _cluster(DUAL | NODE_PORT)
    stored = _edited(api, lambda spec: spec.update(EXTERNAL))[1]["spec"]
    assert not {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} & stored.keys()
    assert "nodePort" not in stored["ports"][0]
    assert _is_free(api, V4)
    assert _is_free(api, V6)
    assert post(api, NODE_PORT, "other")[0] == 201


def test_u16_other_values_than_the_old_ones_are_refused() -> None:
    reply = _edited(_cluster(DUAL), lambda spec: spec.update(EXTERNAL, ipFamilyPolicy="SingleStack"))
    assert _fields(reply) == ["spec.ipFamilyPolicy"]


def test_u17_an_external_name_becomes_a_service_as_if_created() -> None:
    api = _cluster(EXTERNAL)
    assert put(api, DUAL)[1]["spec"]["clusterIPs"] == [V4, V6]
    assert put(api, EXTERNAL)[0] == 200
    alone = put(api, {"clusterIP": "None", "selector": None})[1]["spec"]
    assert alone["ipFamilyPolicy"] == "RequireDualStack"


def test_u18_types_with_an_address_keep_it_and_lose_their_node_ports() -> None:
    api = _cluster(SINGLE | NODE_PORT)
    balancer = _edited(api, lambda spec: spec.update(type="LoadBalancer"))[1]["spec"]
    assert (balancer["clusterIP"], balancer["ports"][0]["nodePort"]) == (V4, 30_080)
    plain = _edited(api, lambda spec: spec.update(type="ClusterIP"))[1]["spec"]
    assert plain["clusterIP"] == V4
    assert "nodePort" not in plain["ports"][0]
    assert post(api, NODE_PORT, "other")[0] == 201


def test_u18_a_new_node_port_on_the_way_to_cluster_ip_is_refused() -> None:
    change = {"type": "ClusterIP", "ports": [{"name": "http", "port": 80, "nodePort": 30_081}]}
    assert _fields(put(_cluster(NODE_PORT), change)) == ["spec.ports[0].nodePort"]


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_u19_headless_does_not_get_node_ports_nor_the_other_way_round(kind: str) -> None:
    assert _fields(put(_cluster(HEADLESS), {"type": kind})) == ["spec.clusterIPs[0]"]
    reply = _edited(_cluster({"type": kind}), lambda spec: spec.update(HEADLESS, clusterIPs=["None"]))
    assert "spec.clusterIPs[0]" in _fields(reply)


def test_u19_headless_and_external_name_are_exchanged() -> None:
    api = _cluster(HEADLESS)
    assert put(api, EXTERNAL)[0] == 200
    assert put(api, HEADLESS)[1]["spec"]["clusterIP"] == "None"


def test_u20_a_balancer_class_is_set_while_becoming_a_load_balancer() -> None:
    api = _cluster(SINGLE)
    assert put(api, {"type": "LoadBalancer", "loadBalancerClass": "a/b"})[0] == 200
    assert _fields(put(api, {"type": "LoadBalancer", "loadBalancerClass": "a/c"})) == ["spec.loadBalancerClass"]


def test_u20_a_health_check_port_never_changes() -> None:
    local = {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}
    reply = put(_cluster(local), local | {"healthCheckNodePort": 32_001})
    assert _fields(reply) == ["spec.healthCheckNodePort"]


def test_u21_a_delete_gives_all_back() -> None:
    api = _cluster(DUAL | NODE_PORT)
    held = api.store.count(IP_ADDRESSES)
    assert delete(api, dry_run=True)[0] == 200
    assert api.store.count(IP_ADDRESSES) == held
    assert delete(api)[0] == 200
    assert api.store.count(IP_ADDRESSES) == held - 2
    assert post(api, DUAL | NODE_PORT)[0] == 201


def test_u21_with_a_finalizer_only_when_the_service_really_goes() -> None:
    api = new_embedded_cluster()
    body = service(SINGLE)
    body["metadata"]["finalizers"] = ["example.org/hold"]
    ask(api, "POST", "/api/v1/namespaces/shop/services", body)
    assert "deletionTimestamp" in delete(api)[1]["metadata"]
    assert not _is_free(api, V4)
    going = ask(api, "GET", CART)[1]
    going["metadata"]["finalizers"] = []
    assert ask(api, "PUT", CART, going)[0] == 200
    assert ask(api, "GET", CART)[0] == 404
    assert _is_free(api, V4)
