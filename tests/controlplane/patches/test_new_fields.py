from typing import Any

import pytest

from resolver.controlplane.decoding import canonical
from resolver.controlplane.patches.field_sets import to_fields, union
from resolver.controlplane.patches.managed_fields import empty_object, filtered, nobodys_fields, reset_fields
from resolver.controlplane.patches.merge_schema import kind_schema
from resolver.controlplane.patches.new_fields import new_fields
from resolver.controlplane.patches.typed_merge import compare
from resolver.controlplane.resources import CONFIG_MAPS, DEPLOYMENTS, PODS, SERVICES, Resource

POD = {
    "containers": [
        {"name": "b", "image": "i", "env": [{"name": "Z"}, {"name": "A", "value": "<1>"}], "resources": {}},
        {"name": "a", "ports": [{"containerPort": 80, "protocol": "TCP"}, {"containerPort": 9}]},
    ],
    "volumes": [{"name": "v", "emptyDir": {}}],
}
OBJECTS: list[tuple[Resource, dict[str, Any]]] = [
    (
        SERVICES,
        {"metadata": {"name": "x", "labels": {"a": "1"}}, "spec": {"ports": [{"port": 80}], "type": "NodePort"}},
    ),
    (SERVICES, {"metadata": {"name": "x"}, "spec": {}, "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}}),
    (CONFIG_MAPS, {"metadata": {"name": "x", "finalizers": ["b/b", "a/a"]}, "data": {"k": "v"}}),
    (PODS, {"metadata": {"name": "x", "ownerReferences": [{"uid": "1", "name": "n"}]}, "spec": POD}),
    (
        DEPLOYMENTS,
        {"metadata": {"name": "x"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {"spec": POD}}},
    ),
]


@pytest.mark.parametrize(("resource", "document"), OBJECTS)
def test_a_new_object_s_fields_are_those_a_comparison_finds(resource: Resource, document: dict[str, Any]) -> None:
    value, empty = canonical(resource, document), empty_object(resource)
    node = kind_schema(resource.api_version, resource.kind)
    found = filtered(compare(node, empty, value), reset_fields(resource, ""))
    slowly = to_fields(nobodys_fields(union(found.added, found.modified)))
    fast = new_fields(node, empty, value, ("status",) if resource.has_status else ())
    assert fast == slowly
    assert str(fast) == str(slowly), "in another order"
