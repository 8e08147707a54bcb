"""The forms are recorded (test_pages); here is what must hold of all kinds together."""

from collections import Counter

import pytest

from resolver.controlplane.api import discovery
from resolver.controlplane.api.paths import GROUPS
from resolver.controlplane.resources import RESOURCES


def test_every_kind_is_in_the_list_of_its_group() -> None:
    for each in RESOURCES:
        rows = {row["name"]: row for row in discovery.resource_list(each.group, each.version)["resources"]}
        row = rows[each.plural]
        assert (row["kind"], row["namespaced"]) == (each.kind, each.namespaced)
        assert (f"{each.plural}/status" in rows, f"{each.plural}/scale" in rows) == (each.has_status, each.has_scale)


def test_no_two_kinds_share_a_name() -> None:
    names = Counter(name for each in RESOURCES for name in {each.plural, each.singular, *each.short_names})
    assert [name for name, count in names.items() if count > 1] == []


def test_both_forms_tell_the_same() -> None:
    groups = ("", *discovery.GROUP_ORDER)
    for item in discovery.aggregated(groups, "v2")["items"]:
        group, version = item["metadata"].get("name", ""), item["versions"][0]
        rows = discovery.resource_list(group, version["version"])["resources"]
        plain = [row["name"] for row in rows if "/" not in row["name"]]
        assert [each["resource"] for each in version["resources"]] == plain


def test_every_group_is_listed() -> None:
    assert {"", *discovery.GROUP_ORDER} == GROUPS
    assert [each["name"] for each in discovery.group_list()["groups"]] == list(discovery.GROUP_ORDER)


@pytest.mark.parametrize("path", ["/api/v1", "/apis/apps", "/apis/apps/v1", "/livez", "/openapi/v3", "/version"])
def test_the_root_lists_all_paths_in_order(path: str) -> None:
    listed = discovery.paths(("/livez",))["paths"]
    assert path in listed
    assert listed == sorted(listed)
