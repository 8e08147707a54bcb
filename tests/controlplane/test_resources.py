import pytest

from resolver.controlplane.api_types import KIND_TYPES, api_types
from resolver.controlplane.resources import (
    DEPLOYMENTS,
    NODES,
    RESOURCES,
    SERVICES,
    Resource,
    find_resource,
    resource_of_kind,
)


def test_a_kind_is_found_by_its_path_and_by_what_objects_say() -> None:
    assert find_resource("", "v1", "services") is SERVICES
    assert find_resource("apps", "v1", "deployments") is DEPLOYMENTS
    assert find_resource("apps", "v1", "services") is None
    assert resource_of_kind("apps/v1", "Deployment") is DEPLOYMENTS
    assert resource_of_kind("v1", "Deployment") is None


def test_messages_and_paths_name_a_kind_as_the_real_server_does() -> None:
    assert (DEPLOYMENTS.group_resource, DEPLOYMENTS.group_kind) == ("deployments.apps", "Deployment.apps")
    assert (SERVICES.group_resource, SERVICES.group_kind) == ("services", "Service")
    assert (SERVICES.storage_prefix, NODES.storage_prefix) == ("/registry/services/specs", "/registry/minions")
    assert DEPLOYMENTS.api_version == "apps/v1"


@pytest.mark.parametrize("resource", RESOURCES, ids=str)
def test_every_kind_has_a_shape(resource: Resource) -> None:
    assert KIND_TYPES[resource.api_version, resource.kind] in api_types()


def test_kinds_differ_in_all_names() -> None:
    for names in (
        [each.kind for each in RESOURCES],
        [each.plural for each in RESOURCES],
        [name for each in RESOURCES for name in each.short_names],
    ):
        assert len(set(names)) == len(names)
