"""Families and addresses of a Service, decided from its spec and the cluster alone. The whole table of outcomes is
tried in `test_rules_of_creating`; here are the single steps."""

from copy import deepcopy
from typing import Any

import pytest

from resolver.controlplane.ip_families import (
    ClusterFamilies,
    is_headless,
    is_left_alone,
    keep_cluster_ips,
    needs_address,
    other_family,
    related_errors,
    settle_families,
    sync_cluster_ips,
)

Spec = dict[str, Any]
V4, V6 = "10.43.0.99", "fd43::99"
ONLY4, BOTH = ClusterFamilies("IPv4", False), ClusterFamilies("IPv4", True)
REQUIRE = "RequireDualStack"
TWO = {"clusterIP": V4, "clusterIPs": [V4, V6]}


def test_a_cluster_has_its_primary_family_and_with_two_ranges_all() -> None:
    assert [each.has(family) for each in (ONLY4, BOTH) for family in ("IPv4", "IPv6")] == [True, False, True, True]
    assert (other_family("IPv4"), other_family("IPv6")) == ("IPv6", "IPv4")


@pytest.mark.parametrize(
    ("spec", "headless", "addressed"),
    [
        ({"type": "ClusterIP", "clusterIPs": ["None"]}, True, True),
        ({"type": "ClusterIP", "clusterIPs": [V4]}, False, True),
        ({"type": "ClusterIP"}, False, True),
        ({"type": "ExternalName"}, False, False),
    ],
)
def test_who_is_headless_and_who_has_an_address_at_all(spec: Spec, headless: bool, addressed: bool) -> None:
    assert (is_headless(spec), needs_address(spec)) == (headless, addressed)


@pytest.mark.parametrize(
    ("spec", "old", "plural"),
    [
        ({"clusterIP": V4}, None, [V4]),
        ({"clusterIPs": [V4]}, None, [V4]),
        ({}, None, None),
        ({"clusterIP": V4}, TWO, [V4, V6]),
        ({"clusterIP": "10.43.0.1", "clusterIPs": [V4, V6]}, TWO, ["10.43.0.1"]),
        ({"clusterIPs": [V4, V6]}, TWO, None),
        ({"clusterIP": V4, "clusterIPs": [V4]}, TWO, [V4]),
    ],
)
def test_the_plural_follows_a_client_that_knows_the_single_address_only(
    spec: Spec, old: Spec | None, plural: list[str] | None
) -> None:
    changed = dict(spec)
    sync_cluster_ips(changed, old)
    assert changed.get("clusterIPs") == plural
    assert changed.get("clusterIP") == spec.get("clusterIP")


@pytest.mark.parametrize(
    ("spec", "old", "kept"),
    [
        ({"type": "ClusterIP"}, {"type": "ClusterIP", **TWO}, True),
        ({"type": "NodePort"}, {"type": "ClusterIP", **TWO}, True),
        ({"type": "ExternalName"}, {"type": "ClusterIP", **TWO}, False),
        ({"type": "ClusterIP"}, {"type": "ExternalName"}, False),
    ],
)
def test_absent_addresses_are_the_old_ones(spec: Spec, old: Spec, kept: bool) -> None:
    changed = dict(spec)
    keep_cluster_ips(changed, old)
    assert changed == ({**spec, **TWO} if kept else spec)


PREFER = {"type": "ClusterIP", "ipFamilyPolicy": "PreferDualStack", "clusterIPs": [V4], "ipFamilies": ["IPv4"]}


@pytest.mark.parametrize(
    ("change", "old", "alone"),
    [
        ({}, PREFER, True),
        ({}, {**PREFER, "ipFamilyPolicy": "SingleStack"}, False),
        ({}, None, False),
        ({"type": "NodePort"}, PREFER, False),
        ({"ipFamilyPolicy": REQUIRE}, PREFER, False),
        ({"clusterIPs": [V4, V6]}, PREFER, False),
        ({"ipFamilies": []}, PREFER, False),
    ],
)
def test_a_preferring_service_of_which_nothing_changes_is_left_alone(
    change: Spec, old: Spec | None, alone: bool
) -> None:
    assert is_left_alone({**PREFER, **change}, old) is alone


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        ({**TWO}, []),
        ({"clusterIP": "None", "clusterIPs": ["None"]}, []),
        ({"clusterIPs": [V4]}, ["spec.clusterIPs"]),
        ({"clusterIP": V4}, ["spec.clusterIPs"]),
        ({"clusterIP": V6, "clusterIPs": [V4]}, ["spec.clusterIPs"]),
        ({"clusterIP": "None", "clusterIPs": ["None", V4]}, ["spec.clusterIPs"]),
        ({"clusterIP": "x", "clusterIPs": ["x", "None"]}, ["spec.clusterIPs[0]", "spec.clusterIPs[1]"]),
        ({"clusterIP": V4, "clusterIPs": [V4, "10.43.0.98"]}, ["spec.clusterIPs"]),
        ({"clusterIP": V4, "clusterIPs": [V4, V6, V4]}, ["spec.clusterIPs"]),
        ({**TWO, "ipFamilies": ["IPv6", "IPv4"]}, ["spec.clusterIPs[0]", "spec.clusterIPs[1]"]),
        ({"ipFamilies": ["IPv4", "IPv4"]}, ["spec.ipFamilies[1]"]),
        ({"ipFamilies": ["ipv4"]}, ["spec.ipFamilies[0]"]),
        ({"ipFamilyPolicy": "Dual"}, ["spec.ipFamilyPolicy"]),
    ],
)
def test_what_the_four_fields_say_against_each_other(spec: Spec, fields: list[str]) -> None:
    assert [each.field for each in related_errors({"type": "ClusterIP", **spec}, None)] == fields
    assert related_errors({"type": "ExternalName", **spec}, None) == []


@pytest.mark.parametrize(
    ("spec", "old", "cluster", "policy", "families"),
    [
        ({}, None, ONLY4, "SingleStack", ["IPv4"]),
        ({"ipFamilyPolicy": "PreferDualStack"}, None, ONLY4, "PreferDualStack", ["IPv4"]),
        ({"ipFamilyPolicy": "PreferDualStack"}, None, BOTH, "PreferDualStack", ["IPv4", "IPv6"]),
        ({"ipFamilyPolicy": REQUIRE, "ipFamilies": ["IPv6"]}, None, BOTH, REQUIRE, ["IPv6", "IPv4"]),
        ({"clusterIP": "None", "clusterIPs": ["None"]}, None, ONLY4, REQUIRE, ["IPv4", "IPv6"]),
        ({"clusterIP": "None", "clusterIPs": ["None"], "selector": {"a": "b"}}, None, BOTH, "SingleStack", ["IPv4"]),
        ({**TWO, "ipFamilyPolicy": "PreferDualStack"}, None, BOTH, "PreferDualStack", ["IPv4", "IPv6"]),
        ({**TWO}, {**TWO, "ipFamilyPolicy": REQUIRE}, BOTH, REQUIRE, ["IPv4", "IPv6"]),
        (
            {**TWO, "ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "SingleStack"},
            {**TWO, "ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "PreferDualStack"},
            BOTH,
            "SingleStack",
            ["IPv4"],
        ),
    ],
)
def test_policy_and_families_are_settled(
    spec: Spec, old: Spec | None, cluster: ClusterFamilies, policy: str, families: list[str]
) -> None:
    changed = {"type": "ClusterIP", **deepcopy(spec)}
    before = {"type": "ClusterIP", **deepcopy(old)} if old is not None else None
    assert settle_families(changed, before, cluster) == []
    assert (changed["ipFamilyPolicy"], changed["ipFamilies"]) == (policy, families)


@pytest.mark.parametrize(
    ("spec", "old", "cluster", "fields"),
    [
        ({**TWO}, None, BOTH, ["spec.ipFamilyPolicy"]),
        ({"ipFamilies": ["IPv6"]}, None, ONLY4, ["spec.ipFamilies[0]"]),
        ({"ipFamilyPolicy": REQUIRE}, None, ONLY4, ["spec.ipFamilyPolicy"]),
        ({"clusterIP": V6, "clusterIPs": [V6]}, None, ONLY4, ["spec.clusterIPs[0]"]),
        (
            {"clusterIP": V4, "clusterIPs": [V4], "ipFamilies": ["IPv4"], "ipFamilyPolicy": "PreferDualStack"},
            {**TWO, "ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": REQUIRE},
            BOTH,
            ["spec.ipFamilyPolicy", "spec.ipFamilyPolicy"],
        ),
    ],
)
def test_families_that_cannot_be(spec: Spec, old: Spec | None, cluster: ClusterFamilies, fields: list[str]) -> None:
    before = {"type": "ClusterIP", **old} if old is not None else None
    assert [each.field for each in settle_families({"type": "ClusterIP", **spec}, before, cluster)] == fields


def test_an_external_name_is_left_as_it_is() -> None:
    spec = {"type": "ExternalName", "externalName": "x.example"}
    assert settle_families(spec, None, BOTH) == []
    assert spec == {"type": "ExternalName", "externalName": "x.example"}
