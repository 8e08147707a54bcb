"""Sections 1 to 3 of the rules: what is read, in which order a write is worked on, what is filled in."""

from typing import Any

import pytest

from resolver.controlplane.resources import IP_ADDRESSES, SERVICES
from tests.support.embedded_cluster import DUAL, ask, delete, new_embedded_cluster, post, put, service

SERVICES_PATH = "/api/v1/namespaces/shop/services"


def test_v3_an_old_ip_family_field_is_dropped_with_a_warning() -> None:
    api = new_embedded_cluster()
    status, body, warnings = post(api, {"ipFamily": "IPv6"})
    assert (status, warnings) == (201, ['unknown field "spec.ipFamily"'])
    assert body["spec"]["ipFamilies"] == ["IPv4"]


def test_v3_an_unknown_field_is_refused_when_validation_is_strict_and_unmentioned_when_it_is_off() -> None:
    api = new_embedded_cluster()
    body = service({"ipFamily": "IPv6"})
    status, refusal, _ = ask(api, "POST", SERVICES_PATH, body, {"fieldValidation": "Strict"})
    assert status == 400
    assert refusal["message"].endswith('strict decoding error: unknown field "spec.ipFamily"')
    assert ask(api, "POST", SERVICES_PATH, body, {"fieldValidation": "Ignore"})[::2] == (201, [])


def test_v4_the_go_spelling_of_the_policy_is_an_unknown_field() -> None:
    status, body, warnings = post(new_embedded_cluster(), {"iPFamilyPolicy": "RequireDualStack"})
    assert (status, body["spec"]["ipFamilyPolicy"]) == (201, "SingleStack")
    assert warnings == ['unknown field "spec.iPFamilyPolicy"']


def test_p1_a_family_error_hides_what_validation_would_say() -> None:
    _, refusal, _ = post(new_embedded_cluster(), {"ipFamilies": ["IPv5"], "ports": [{"port": 0}]})
    assert [each["field"] for each in refusal["details"]["causes"]] == ["spec.ipFamilies[0]"]


def test_p1_a_service_without_a_name_fails_on_its_address() -> None:
    api = new_embedded_cluster()
    status, refusal, _ = ask(api, "POST", SERVICES_PATH, {"spec": {"ports": [{"port": 80}]}})
    assert (status, refusal["details"]["causes"][0]["field"]) == (422, "spec.clusterIPs")
    assert "spec.parentRef.name: Required value" in refusal["message"]


def test_p1_creating_again_with_the_same_fixed_address_says_it_is_taken() -> None:
    api = new_embedded_cluster()
    assert post(api, {"clusterIP": "10.43.0.77"})[0] == 201
    status, refusal, _ = post(api, {"clusterIP": "10.43.0.77"})
    assert status == 422
    assert "provided IP is already allocated" in refusal["message"]
    assert post(api, {})[0] == 409


def test_p2_what_an_update_releases_is_free_once_it_is_stored() -> None:
    api = new_embedded_cluster()
    post(api, {"ipFamilyPolicy": "PreferDualStack", "clusterIP": "10.43.0.9", "clusterIPs": ["10.43.0.9", "fd43::9"]})
    assert post(api, {"clusterIP": "fd43::9"}, "other")[0] == 422
    assert put(api, {"ipFamilyPolicy": "SingleStack"})[0] == 200
    assert post(api, {"clusterIP": "fd43::9"}, "other")[0] == 201


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"ports": [{"port": 0}]}, id="validation fails"),
        pytest.param({"clusterIP": "10.43.0.5", "clusterIPs": ["10.43.0.5", "fd99::1"]}, id="second family fails"),
        pytest.param({"type": "NodePort", "ports": [{"port": 80, "nodePort": 1}]}, id="node port fails"),
    ],
)
def test_p3_a_failed_create_gives_back_all_it_took(spec: dict[str, Any]) -> None:
    api = new_embedded_cluster()
    before = api.store.count(IP_ADDRESSES), api.store.version
    assert post(api, {"ipFamilyPolicy": "PreferDualStack", **spec})[0] == 422
    assert (api.store.count(IP_ADDRESSES), api.store.version) == before


def test_p3_a_failed_update_releases_nothing() -> None:
    api = new_embedded_cluster()
    post(api, {"ipFamilyPolicy": "RequireDualStack"})
    assert put(api, {"ipFamilyPolicy": "SingleStack", "ports": []})[0] == 422
    assert api.store.count(IP_ADDRESSES) == 3


def test_p4_a_dry_run_touches_nothing_and_answers_what_nobody_could_get() -> None:
    api = new_embedded_cluster()
    version = api.store.version
    body = service({"type": "NodePort", "ipFamilyPolicy": "RequireDualStack"})
    status, made, _ = ask(api, "POST", SERVICES_PATH, body, {"dryRun": "All"})
    assert (status, made["spec"]["clusterIPs"]) == (201, ["10.43.0.0", "fd43::"])
    assert made["spec"]["ports"][0]["nodePort"] == 32_769
    assert "resourceVersion" not in made["metadata"]
    assert (api.store.version, api.store.get(SERVICES, "shop", "cart")) == (version, None)


def test_p4_a_dry_run_answers_named_values_as_given() -> None:
    api = new_embedded_cluster()
    post(api, {"clusterIP": "10.43.0.9"}, "first")
    body = service({"clusterIP": "10.43.0.9", "type": "NodePort", "ports": [{"port": 80, "nodePort": 30_009}]})
    status, made, _ = ask(api, "POST", SERVICES_PATH, body, {"dryRun": "All"})
    assert (status, made["spec"]["clusterIP"], made["spec"]["ports"][0]["nodePort"]) == (201, "10.43.0.9", 30_009)


@pytest.mark.parametrize(
    ("spec", "field", "reason"),
    [
        ({"ports": [{"port": 0}]}, "spec.ports[0].port", "FieldValueInvalid"),
        ({"type": "Anycast"}, "spec.type", "FieldValueNotSupported"),
        ({"ipFamilies": ["IPv4", "IPv4"]}, "spec.ipFamilies[1]", "FieldValueDuplicate"),
        ({"ports": None}, "spec.ports", "FieldValueRequired"),
        ({"loadBalancerClass": "a/b"}, "spec.loadBalancerClass", "FieldValueForbidden"),
    ],
)
def test_p5_every_field_error_is_a_422_with_causes(spec: dict[str, Any], field: str, reason: str) -> None:
    status, refusal, _ = post(new_embedded_cluster(), spec)
    causes = refusal["details"]["causes"]
    assert (status, refusal["reason"]) == (422, "Invalid")
    assert (field, reason) in [(each["field"], each["reason"]) for each in causes]


@pytest.mark.parametrize("address", ["10.99.0.1", "10.43.0.0", "10.43.255.255", "fd43::", "fd99::1"])
def test_p6_an_address_outside_the_ranges_is_refused(address: str) -> None:
    status, refusal, _ = post(new_embedded_cluster(), {"clusterIP": address})
    words = f"failed to allocate IP {address}: the provided network does not match the current range"
    assert (status, refusal["details"]["causes"][0]["field"]) == (422, "spec.clusterIPs")
    assert refusal["message"].endswith(words)


def test_p6_a_full_range_is_a_500() -> None:
    api = new_embedded_cluster("10.43.0.0/29")
    assert [post(api, {}, f"s{number}")[0] for number in range(5)] == [201] * 5
    status, refusal, _ = post(api, {}, "late")
    words = 'Internal error occurred: failed to allocate a serviceIP for Service "late": range is full'
    assert (status, refusal["reason"], refusal["message"]) == (500, "InternalError", words)


def test_p7_a_node_port_taken_or_outside_is_a_422_on_its_field() -> None:
    api = new_embedded_cluster()
    spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30_100}]}
    assert post(api, spec, "first")[0] == 201
    status, refusal, _ = post(api, spec)
    assert (status, refusal["details"]["causes"][0]["field"]) == (422, "spec.ports[0].nodePort")
    assert refusal["message"].endswith("provided port is already allocated")
    outside = {"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]}
    assert "The range of valid ports is 30000-32767" in post(api, outside)[1]["message"]


def test_p7_no_node_port_left_is_a_500() -> None:
    api = new_embedded_cluster(node_ports="30000-30001")
    assert [post(api, {"type": "NodePort"}, f"s{number}")[0] for number in range(2)] == [201, 201]
    status, refusal, _ = post(api, {"type": "NodePort"}, "late")
    assert (status, refusal["message"]) == (
        500,
        "Internal error occurred: failed to allocate a nodePort: range is full",
    )


def test_p7_trouble_with_a_health_check_port_is_a_500() -> None:
    spec = {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 80}
    status, refusal, _ = post(new_embedded_cluster(), spec)
    assert status == 500
    assert "failed to allocate requested HealthCheck NodePort 80" in refusal["message"]


def test_p8_an_existing_name_and_a_stale_version_are_409_and_leak_nothing() -> None:
    api = new_embedded_cluster()
    old = post(api, {})[1]
    put(api, {"sessionAffinity": "ClientIP"})
    held = api.store.count(IP_ADDRESSES)
    assert post(api, {"ipFamilyPolicy": "RequireDualStack"})[:2][0] == 409
    old["spec"]["ipFamilyPolicy"] = "RequireDualStack"
    assert ask(api, "PUT", f"{SERVICES_PATH}/cart", old)[1]["reason"] == "Conflict"
    old["metadata"] |= {"resourceVersion": "", "uid": "another"}
    assert ask(api, "PUT", f"{SERVICES_PATH}/cart", old)[0] == 409
    assert api.store.count(IP_ADDRESSES) == held


def test_p9_a_put_without_a_version_replaces_and_one_to_a_missing_name_creates() -> None:
    api = new_embedded_cluster()
    body = service({})
    body["metadata"]["resourceVersion"] = "77"
    assert ask(api, "PUT", f"{SERVICES_PATH}/cart", body)[0] == 201
    assert put(api, {"sessionAffinity": "ClientIP"})[0] == 200


def test_p9_name_and_namespace_of_the_body_are_those_of_the_url() -> None:
    api = new_embedded_cluster()
    post(api, {})
    body = service({}, "basket")
    assert ask(api, "PUT", f"{SERVICES_PATH}/cart", body)[0] == 400
    body["metadata"] = {"name": "cart", "namespace": "other"}
    assert ask(api, "PUT", f"{SERVICES_PATH}/cart", body)[0] == 400


def test_p10_an_address_added_at_once_stays_taken() -> None:
    api = new_embedded_cluster()
    post(api, {})
    secondary = put(api, {"ipFamilyPolicy": "RequireDualStack"})[1]["spec"]["clusterIPs"][1]
    assert post(api, {"clusterIP": secondary}, "other")[0] == 422


def test_f1_type_and_session_affinity_are_filled_in() -> None:
    api = new_embedded_cluster()
    spec = post(api, {"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 9}}})[1]["spec"]
    assert (spec["type"], spec["sessionAffinity"], "sessionAffinityConfig" in spec) == ("ClusterIP", "None", False)
    sticky = post(api, {"sessionAffinity": "ClientIP"}, "sticky")[1]["spec"]
    assert sticky["sessionAffinityConfig"] == {"clientIP": {"timeoutSeconds": 10_800}}


@pytest.mark.parametrize("target", [None, 0, ""])
def test_f2_protocol_and_target_port_are_filled_in(target: int | str | None) -> None:
    port = {"port": 80} if target is None else {"port": 80, "targetPort": target}
    made = post(new_embedded_cluster(), {"ports": [port]})[1]["spec"]["ports"]
    assert made == [{"protocol": "TCP", "port": 80, "targetPort": 80}]


def test_f3_internal_traffic_policy_is_never_that_of_an_external_name() -> None:
    api = new_embedded_cluster()
    assert post(api, {})[1]["spec"]["internalTrafficPolicy"] == "Cluster"
    external = {"type": "ExternalName", "externalName": "db.example.org", "internalTrafficPolicy": "Local"}
    assert "internalTrafficPolicy" not in post(api, external, "external")[1]["spec"]


@pytest.mark.parametrize(
    ("spec", "policy"),
    [
        ({}, None),
        ({"type": "NodePort"}, "Cluster"),
        ({"type": "LoadBalancer"}, "Cluster"),
        ({"externalIPs": ["192.0.2.7"]}, "Cluster"),
    ],
)
def test_f4_external_traffic_policy_is_for_what_is_reachable_from_outside(
    spec: dict[str, Any], policy: str | None
) -> None:
    assert post(new_embedded_cluster(), spec)[1]["spec"].get("externalTrafficPolicy") == policy


def test_f5_a_load_balancer_gets_node_ports_and_its_addresses_the_mode_vip() -> None:
    api = new_embedded_cluster()
    made = post(api, {"type": "LoadBalancer"})[1]
    assert made["spec"]["allocateLoadBalancerNodePorts"] is True
    made["status"] = {"loadBalancer": {"ingress": [{"ip": "192.0.2.9"}, {"hostname": "lb.example.org"}]}}
    status, changed, _ = ask(api, "PUT", f"{SERVICES_PATH}/cart/status", made)
    assert status == 200
    assert changed["status"]["loadBalancer"]["ingress"] == [
        {"ip": "192.0.2.9", "ipMode": "VIP"},
        {"hostname": "lb.example.org"},
    ]


def test_f6_families_are_settled_in_allocation_and_so_known_even_to_a_dry_run() -> None:
    api = new_embedded_cluster(DUAL)
    made = ask(api, "POST", SERVICES_PATH, service({"ipFamilyPolicy": "PreferDualStack"}), {"dryRun": "All"})[1]
    assert made["spec"]["ipFamilies"] == ["IPv4", "IPv6"]
    assert delete(api)[0] == 404
