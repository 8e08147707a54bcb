"""Single documents, applied."""

from typing import Any

import pytest

from resolver.controlplane.applying import Applier, Refused
from resolver.controlplane.manifest_wanted import Wanted
from resolver.controlplane.resources import CONFIG_MAPS, NAMESPACES, PODS, SERVICES
from resolver.controlplane.sources import Source, read_source
from tests.support.controller_world import ControllerWorld


@pytest.fixture
def world() -> ControllerWorld:
    return ControllerWorld()


def read(source: Source) -> list[Wanted]:
    return read_source(source, "shop")


def applier(world: ControllerWorld) -> Applier:
    return Applier(world.api, lambda: world.now)


def service(name: str, **spec: Any) -> dict[str, Any]:
    spec = {"ports": [{"port": 80}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def test_an_object_is_made_then_changed_then_left_alone(world: ControllerWorld) -> None:
    applier(world).apply_all(read(service("web")))
    address = world.api.get(SERVICES, "shop", "web").object["spec"]["clusterIP"]
    (stored,) = applier(world).apply_all(read(service("web", sessionAffinity="ClientIP")))
    assert (stored.object["spec"]["clusterIP"], stored.object["spec"]["sessionAffinity"]) == (address, "ClientIP")
    (again,) = applier(world).apply_all(read(service("web", sessionAffinity="ClientIP")))
    assert again.version == stored.version


def test_what_is_no_longer_applied_goes(world: ControllerWorld) -> None:
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"one": "1", "two": "2"}}
    applier(world).apply_all(read(document))
    applier(world).apply_all(read({**document, "data": {"one": "1"}}))
    assert world.api.get(CONFIG_MAPS, "shop", "a").object["data"] == {"one": "1"}


def test_a_namespace_comes_into_being_with_what_is_in_it(world: ControllerWorld) -> None:
    document = service("web")
    document["metadata"]["namespace"] = "fresh"
    applier(world).apply_all(read(document))
    assert world.store.get(NAMESPACES, "", "fresh") is not None


def test_what_a_pod_says_about_its_status_is_written(world: ControllerWorld) -> None:
    spec = {"containers": [{"name": "main", "image": "x"}]}
    status = {"phase": "Running", "podIP": "10.0.0.7", "podIPs": [{"ip": "10.0.0.7"}]}
    document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec, "status": status}
    applier(world).apply_all(read(document))
    assert world.api.get(PODS, "shop", "a").object["status"]["podIP"] == "10.0.0.7"


def test_fixed_addresses_are_taken_before_the_others_pick(world: ControllerWorld) -> None:
    picks = [service(f"s{number}") for number in range(20)]
    fixed = [service(f"f{number}", clusterIP=f"10.43.1.{number}") for number in range(20)]
    found = applier(world).apply_all(read([*picks, *fixed]))
    assert [each.name for each in found[:20]] == [each["metadata"]["name"] for each in picks]
    addresses = [each.object["spec"]["clusterIP"] for each in found]
    assert len(set(addresses)) == 40


def test_refusals_name_file_line_and_field_and_the_rest_is_applied(world: ControllerWorld) -> None:
    text = """
apiVersion: v1
kind: Service
metadata: {name: bad}
spec:
  ports:
  - port: 80
  - port: 70000
---
apiVersion: v1
kind: Service
metadata: {name: good}
spec: {ports: [{port: 80}]}
"""
    with pytest.raises(Refused) as refused:
        applier(world).apply_all(read(text))
    assert "<text>:8: Service shop/bad: spec.ports[1].port: Invalid value: 70000" in str(refused.value)
    assert [each.code for each in refused.value.errors] == [422]
    assert world.store.get(SERVICES, "shop", "good") is not None


def test_a_refusal_without_a_field_names_the_object(world: ControllerWorld) -> None:
    with pytest.raises(Refused) as refused:
        applier(world).apply_all(read({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spce": {}}))
    assert "Service shop/x: " in str(refused.value)
    assert 'unknown field "spce"' in str(refused.value)
