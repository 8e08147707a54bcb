"""Section 4 of the rules: families and addresses of new Services, and the validation that meets them."""

from typing import Any

import pytest

from resolver.controlplane.ip_families import ClusterFamilies, fill_families_of_stored
from tests.support.embedded_cluster import DUAL, new_embedded_cluster, post

DUAL_64 = "fd43::/112,10.43.0.0/16"
V4_ONLY = "10.43.0.0/16"
V6_ONLY = "fd43::/112"
V4, V6 = "10.43.0.99", "fd43::99"

FAMILIES = (None, ["IPv4"], ["IPv6"], ["IPv4", "IPv6"], ["IPv6", "IPv4"])
POLICIES = (None, "SingleStack", "PreferDualStack", "RequireDualStack")
NO_SELECTOR = {"clusterIP": "None", "selector": None}
HEADLESS = {"clusterIP": "None"}
BOTH_46 = {"clusterIP": V4, "clusterIPs": [V4, V6]}
BOTH_64 = {"clusterIP": V6, "clusterIPs": [V6, V4]}
REFUSED = "E E E E E|E E E E E|E E E E E|E E E E E"
TWO_46 = "E E E E E|E E E E E|P46 P46 E P46 E|R46 R46 E R46 E"
TWO_64 = "E E E E E|E E E E E|P64 E P64 E P64|R64 E R64 E R64"
ONE_4 = "S4 S4 E E E|S4 S4 E E E|P46 P46 E P46 E|R46 R46 E R46 E"
ONE_6 = "S6 E S6 E E|S6 E S6 E E|P64 E P64 E P64|R64 E R64 E R64"
ALONE_4 = "R46 R46 R64 R46 R64|S4 S4 S6 E E|P46 P46 P64 P46 P64|R46 R46 R64 R46 R64"
ALONE_6 = "R64 R46 R64 R46 R64|S6 S4 S6 E E|P64 P46 P64 P46 P64|R64 R46 R64 R46 R64"
ONLY_4 = "S4 S4 E E E|S4 S4 E E E|P4 P4 E E E|E E E E E"
ONLY_6 = "S6 E S6 E E|S6 E S6 E E|P6 E P6 E E|E E E E E"
DUAL_46_PICKED = "S4 S4 S6 E E|S4 S4 S6 E E|P46 P46 P64 P46 P64|R46 R46 R64 R46 R64"
DUAL_64_PICKED = "S6 S4 S6 E E|S6 S4 S6 E E|P64 P46 P64 P46 P64|R64 R46 R64 R46 R64"

# Ranges, what the Service says of addresses, and the outcomes: policies (none, S, P, R) by families (as FAMILIES).
# S4 is SingleStack with IPv4 stored, P64 PreferDualStack with IPv6 before IPv4, E a refusal.
OUTCOMES: tuple[tuple[str, dict[str, Any], str], ...] = (
    (V4_ONLY, {}, ONLY_4),
    (V4_ONLY, {"clusterIP": V4}, ONLY_4),
    (V4_ONLY, HEADLESS, ONLY_4),
    (V6_ONLY, {}, ONLY_6),
    (V6_ONLY, {"clusterIP": V6}, ONLY_6),
    (V6_ONLY, HEADLESS, ONLY_6),
    (V4_ONLY, BOTH_46, REFUSED),
    (V4_ONLY, BOTH_64, REFUSED),
    (V6_ONLY, BOTH_46, REFUSED),
    (V6_ONLY, BOTH_64, REFUSED),
    (DUAL, {}, DUAL_46_PICKED),
    (DUAL, HEADLESS, DUAL_46_PICKED),
    (DUAL_64, {}, DUAL_64_PICKED),
    (DUAL_64, HEADLESS, DUAL_64_PICKED),
    (DUAL, {"clusterIP": V4}, ONE_4),
    (DUAL_64, {"clusterIP": V4}, ONE_4),
    (DUAL, {"clusterIP": V6}, ONE_6),
    (DUAL_64, {"clusterIP": V6}, ONE_6),
    (DUAL, BOTH_46, TWO_46),
    (DUAL_64, BOTH_46, TWO_46),
    (DUAL, BOTH_64, TWO_64),
    (DUAL_64, BOTH_64, TWO_64),
    (V4_ONLY, NO_SELECTOR, ALONE_4),
    (DUAL, NO_SELECTOR, ALONE_4),
    (V6_ONLY, NO_SELECTOR, ALONE_6),
    (DUAL_64, NO_SELECTOR, ALONE_6),
)


@pytest.mark.parametrize(("ranges", "said", "expected"), OUTCOMES)
def test_c13_the_table_of_outcomes(ranges: str, said: dict[str, Any], expected: str) -> None:
    rows = []
    for policy in POLICIES:
        row = []
        for families in FAMILIES:
            api = new_embedded_cluster(ranges)
            status, body, _ = post(api, {**said, "ipFamilyPolicy": policy, "ipFamilies": families})
            row.append(_outcome(body["spec"]) if status == 201 else "E")
        rows.append(" ".join(row))
    assert "|".join(rows) == expected


def _outcome(spec: dict[str, Any]) -> str:
    return spec["ipFamilyPolicy"][0] + "".join(family[-1] for family in spec["ipFamilies"])


def _errors(spec: dict[str, Any], ranges: str = DUAL) -> list[str]:
    status, refusal, _ = post(new_embedded_cluster(ranges), spec)
    assert status == 422
    return [f"{each['field']} {each['message']}" for each in refusal["details"]["causes"]]


def test_c1_a_single_address_becomes_the_plural() -> None:
    assert post(new_embedded_cluster(), {"clusterIP": V4})[1]["spec"]["clusterIPs"] == [V4]


def test_c2_the_plural_alone_is_refused() -> None:
    assert _errors({"clusterIPs": [V4]}) == [
        f'spec.clusterIPs Invalid value: ["{V4}"]: must be empty when `clusterIP` is not specified'
    ]


def test_c3_the_first_of_the_plural_must_be_the_single_one() -> None:
    assert _errors({"clusterIP": "10.43.0.98", "clusterIPs": [V4]}) == [
        f'spec.clusterIPs Invalid value: ["{V4}"]: first value must match `clusterIP`'
    ]


@pytest.mark.parametrize(
    "spec", [{}, {"ipFamilyPolicy": "RequireDualStack"}, HEADLESS, BOTH_64 | {"ipFamilyPolicy": POLICIES[3]}]
)
def test_c4_the_single_address_is_the_first_of_the_plural(spec: dict[str, Any]) -> None:
    stored = post(new_embedded_cluster(), spec)[1]["spec"]
    assert stored["clusterIP"] == stored["clusterIPs"][0]


def test_c5_an_external_name_gets_neither_policy_nor_families_nor_addresses() -> None:
    spec = {"type": "ExternalName", "externalName": "db.example.org", "ports": None, "selector": None}
    stored = post(new_embedded_cluster(), spec)[1]["spec"]
    assert stored == {"type": "ExternalName", "sessionAffinity": "None", "externalName": "db.example.org"}


@pytest.mark.parametrize("selector", [None, {}])
def test_c6_headless_without_a_selector_requires_both_families(selector: dict[str, str] | None) -> None:
    stored = post(new_embedded_cluster(), {"clusterIP": "None", "selector": selector})[1]["spec"]
    assert (stored["ipFamilyPolicy"], stored["ipFamilies"]) == ("RequireDualStack", ["IPv4", "IPv6"])


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ({"ipFamilies": ["ipv4"]}, 'spec.ipFamilies[0] Unsupported value: "ipv4": supported values: "IPv4", "IPv6"'),
        ({"ipFamilies": ["IPv6", "IPv6"]}, 'spec.ipFamilies[1] Duplicate value: "IPv6"'),
        (
            {"ipFamilyPolicy": "DualStack"},
            'spec.ipFamilyPolicy Unsupported value: "DualStack": supported values: "PreferDualStack", '
            '"RequireDualStack", "SingleStack"',
        ),
        (
            {"clusterIP": "None", "clusterIPs": ["None", V6]},
            f'spec.clusterIPs Invalid value: ["None","{V6}"]: \'None\' must be the first and only value',
        ),
        (
            {"clusterIP": V4, "clusterIPs": [V4, "None"]},
            'spec.clusterIPs[1] Invalid value: "None": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        ),
        (
            {"clusterIP": V4, "clusterIPs": [V4, V6, "10.43.0.98"]},
            f'spec.clusterIPs Invalid value: ["{V4}","{V6}","10.43.0.98"]: may only hold up to 2 values',
        ),
        (
            {"clusterIP": V4, "clusterIPs": [V4, "10.43.0.98"]},
            f'spec.clusterIPs Invalid value: ["{V4}","10.43.0.98"]: may specify no more than one IP for each IP family',
        ),
        (
            {"clusterIP": V4, "ipFamilies": ["IPv6"]},
            f'spec.clusterIPs[0] Invalid value: "{V4}": expected an IPv6 value as indicated by `ipFamilies[0]`',
        ),
    ],
)
def test_c7_the_shape_is_judged_first(spec: dict[str, Any], error: str) -> None:
    assert _errors(spec) == [error]


def test_c8_single_stack_with_two_addresses_and_two_families_is_wrong_twice() -> None:
    words = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"
    assert _errors(BOTH_46 | {"ipFamilies": ["IPv4", "IPv6"]}) == [
        f'spec.ipFamilyPolicy Invalid value: "SingleStack": {words} cluster IPs are specified',
        f'spec.ipFamilyPolicy Invalid value: "SingleStack": {words} IP families are specified',
    ]


def test_c9_addresses_name_their_families() -> None:
    stored = post(new_embedded_cluster(), BOTH_64 | {"ipFamilyPolicy": "PreferDualStack"})[1]["spec"]
    assert stored["ipFamilies"] == ["IPv6", "IPv4"]
    assert _errors({"clusterIP": V6}, V4_ONLY) == [
        f'spec.clusterIPs[0] Invalid value: ["{V6}"]: IPv6 is not configured on this cluster'
    ]


def test_c10_headless_without_a_selector_may_have_families_the_cluster_lacks() -> None:
    stored = post(new_embedded_cluster(V4_ONLY), NO_SELECTOR)[1]["spec"]
    assert stored["ipFamilies"] == ["IPv4", "IPv6"]
    single = post(
        new_embedded_cluster(V4_ONLY), NO_SELECTOR | {"ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv6"]}
    )
    assert single[1]["spec"]["ipFamilies"] == ["IPv6"]


def test_c11_require_needs_two_ranges() -> None:
    assert _errors({"ipFamilyPolicy": "RequireDualStack"}, V6_ONLY) == [
        'spec.ipFamilyPolicy Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'
    ]


def test_c12_a_named_family_needs_a_range_even_when_dual_stack_is_only_preferred() -> None:
    assert _errors({"ipFamilyPolicy": "PreferDualStack", "ipFamilies": ["IPv4", "IPv6"]}, V4_ONLY) == [
        'spec.ipFamilies[1] Invalid value: "IPv6": not configured on this cluster'
    ]


def test_c13_prefer_on_one_range_stays_single_and_keeps_the_word() -> None:
    stored = post(new_embedded_cluster(V4_ONLY), {"ipFamilyPolicy": "PreferDualStack"})[1]["spec"]
    assert (stored["ipFamilyPolicy"], stored["ipFamilies"], len(stored["clusterIPs"])) == (
        "PreferDualStack",
        ["IPv4"],
        1,
    )


def test_c14_one_address_a_family_in_their_order_and_none_for_headless() -> None:
    api = new_embedded_cluster()
    spec = {"ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv6", "IPv4"], "clusterIP": V6}
    addresses = post(api, spec)[1]["spec"]["clusterIPs"]
    assert addresses[0] == V6
    assert addresses[1].startswith("10.43.")
    assert post(api, HEADLESS, "headless")[1]["spec"]["clusterIPs"] == ["None"]


def test_c15_prefer_does_not_fall_back_when_a_range_is_full() -> None:
    api = new_embedded_cluster("10.43.0.0/16,fd43::/127")
    assert post(api, {"ipFamilyPolicy": "PreferDualStack"}, "first")[0] == 201
    assert post(api, {"ipFamilyPolicy": "PreferDualStack"}, "second")[0] == 500


@pytest.mark.parametrize("kind", ["LoadBalancer", "NodePort"])
def test_c16_node_ports_need_an_address(kind: str) -> None:
    assert _errors({"type": kind, "clusterIP": "None"}) == [
        f"spec.clusterIPs[0] Invalid value: \"None\": may not be set to 'None' for {kind} services"
    ]


@pytest.mark.parametrize(
    ("ports", "fields"),
    [
        (None, ["spec.ports"]),
        ([{"port": 80}, {"port": 81}], ["spec.ports[0].name", "spec.ports[1].name"]),
        ([{"port": 80, "name": "a"}, {"port": 81, "name": "a"}], ["spec.ports[1].name"]),
        ([{"port": 80, "name": "A"}], ["spec.ports[0].name"]),
        ([{"port": 80, "name": "a"}, {"port": 80, "name": "b"}], ["spec.ports[1]"]),
    ],
)
def test_c17_ports_are_required_named_and_unique(ports: list[dict[str, Any]] | None, fields: list[str]) -> None:
    assert [each.partition(" ")[0] for each in _errors({"ports": ports})] == fields


def test_c17_ports_are_not_required_of_a_headless_service() -> None:
    assert post(new_embedded_cluster(), {"clusterIP": "None", "ports": None})[0] == 201


def test_c18_a_cluster_ip_has_no_node_port() -> None:
    assert _errors({"ports": [{"port": 80, "nodePort": 30_080}]}) == [
        "spec.ports[0].nodePort Forbidden: may not be used when `type` is 'ClusterIP'"
    ]


def test_c18_ports_that_differ_in_protocol_only_share_a_node_port() -> None:
    ports = [{"name": "tcp", "port": 53}, {"name": "udp", "port": 53, "protocol": "UDP"}]
    stored = post(new_embedded_cluster(), {"type": "NodePort", "ports": ports})[1]["spec"]["ports"]
    assert stored[0]["nodePort"] == stored[1]["nodePort"]


def test_c18_other_ports_cannot_share_one() -> None:
    ports = [
        {"name": "a", "port": 53, "nodePort": 30_053},
        {"name": "b", "port": 54, "protocol": "UDP", "nodePort": 30_053},
    ]
    assert _errors({"type": "NodePort", "ports": ports}) == [
        "spec.ports[1].nodePort Invalid value: 30053: provided port is already allocated"
    ]


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"externalTrafficPolicy": "Local"}, "spec.externalTrafficPolicy"),
        ({"healthCheckNodePort": 32_000}, "spec.healthCheckNodePort"),
        ({"loadBalancerClass": "a/b"}, "spec.loadBalancerClass"),
        ({"allocateLoadBalancerNodePorts": True}, "spec.allocateLoadBalancerNodePorts"),
        ({"loadBalancerSourceRanges": ["10.0.0.0/8"]}, "spec.LoadBalancerSourceRanges"),
    ],
)
def test_c19_fields_of_load_balancers_are_for_load_balancers(spec: dict[str, Any], field: str) -> None:
    assert [each.partition(" ")[0] for each in _errors(spec)] == [field]


def test_c20_an_external_name_forbids_addresses_families_and_policy() -> None:
    spec = {"type": "ExternalName", "externalName": "db.example.org."}
    words = "Forbidden: may not be set for ExternalName services"
    dual = {"clusterIP": V4, "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"}
    assert post(new_embedded_cluster(), spec)[0] == 201
    assert _errors(spec | dual) == [f"spec.{each} {words}" for each in ("clusterIPs", "ipFamilies", "ipFamilyPolicy")]
    assert _errors({"type": "ExternalName"}) == ["spec.externalName Required value"]


@pytest.mark.parametrize(("name", "status"), [("1a", 201), ("a.b", 422), ("A", 422), ("a" * 63, 201), ("a" * 64, 422)])
def test_c21_a_name_is_a_label(name: str, status: int) -> None:
    found, body, _ = post(new_embedded_cluster(), {}, name)
    assert found == status
    assert status == 201 or body["details"]["causes"][0]["field"] == "metadata.name"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("127.0.0.1", "may not be in the loopback range"),
        ("::", "may not be unspecified"),
        ("fe80::1", "may not be in the link-local range"),
        ("224.0.0.1", "may not be in the link-local multicast range"),
        ("host", "must be a valid IP address"),
    ],
)
def test_c22_external_addresses_are_real_ones(address: str, words: str) -> None:
    (error,) = _errors({"externalIPs": [address]})
    assert error.startswith("spec.externalIPs[0] ")
    assert words in error


def test_c22_external_addresses_may_have_any_family() -> None:
    assert post(new_embedded_cluster(V4_ONLY), {"externalIPs": ["2001:db8::7"]})[0] == 201


@pytest.mark.parametrize(
    ("address", "words"),
    [("10.43.007.9", "must not have leading 0s"), ("::ffff:10.43.7.9", "must not be an IPv4-mapped IPv6 address")],
)
def test_c24_lax_spellings_of_addresses_are_refused(address: str, words: str) -> None:
    assert _errors({"clusterIP": address}) == [f'spec.clusterIPs[0] Invalid value: "{address}": {words}']


def test_c24_a_long_form_is_stored_as_written_and_counts_as_the_short_one() -> None:
    api = new_embedded_cluster()
    status, body, warnings = post(api, {"clusterIP": "FD43:0::AB"})
    assert (status, body["spec"]["clusterIPs"]) == (201, ["FD43:0::AB"])
    words = 'IPv6 address "FD43:0::AB" should be in RFC 5952 canonical format ("fd43::ab")'
    assert warnings == [f"spec.clusterIPs[0]: {words}"]
    assert post(api, {"clusterIP": "fd43::ab"}, "other")[0] == 422


@pytest.mark.parametrize(
    ("spec", "warning"),
    [
        (
            {"externalIPs": ["192.0.2.7"]},
            "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
        ),
        (
            {"trafficDistribution": "PreferClose"},
            'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
        ),
        ({"externalName": "a.example.org"}, 'spec.externalName is ignored when spec.type is not "ExternalName"'),
    ],
)
def test_c24a_what_is_deprecated_or_ignored_is_warned_about(spec: dict[str, Any], warning: str) -> None:
    assert post(new_embedded_cluster(), spec)[::2] == (201, [warning])


@pytest.mark.parametrize("value", ["PreferClose", "PreferSameZone", "PreferSameNode"])
def test_c24b_traffic_distributions(value: str) -> None:
    assert post(new_embedded_cluster(), {"trafficDistribution": value})[0] == 201


def test_c24b_no_other_traffic_distribution_is_known() -> None:
    assert _errors({"trafficDistribution": "Nearest"})[0].startswith("spec.trafficDistribution Unsupported value")


@pytest.mark.parametrize(
    ("spec", "policy", "families"),
    [
        ({"clusterIP": V4}, "SingleStack", ["IPv4"]),
        (BOTH_64, "RequireDualStack", ["IPv6", "IPv4"]),
        ({"clusterIP": "None", "selector": {"a": "b"}}, "SingleStack", ["IPv4"]),
        ({"clusterIP": "None"}, "RequireDualStack", ["IPv4", "IPv6"]),
        ({"clusterIP": V4, "ipFamilies": ["IPv6"]}, None, ["IPv6"]),
        ({"type": "ExternalName"}, None, None),
    ],
)
def test_c25_families_of_a_service_stored_without_them(
    spec: dict[str, Any], policy: str | None, families: list[str] | None
) -> None:
    stored = {"type": "ClusterIP", **spec}
    fill_families_of_stored(stored, ClusterFamilies("IPv4", both=True))
    assert (stored.get("ipFamilyPolicy"), stored.get("ipFamilies")) == (policy, families)
