from typing import Any

import pytest

from resolver.controlplane.api.field_selection import parse_field_selector
from resolver.controlplane.resources import (
    CONFIG_MAPS,
    EVENTS,
    JOBS,
    NAMESPACES,
    NODES,
    PODS,
    SECRETS,
    SERVICES,
    Resource,
)
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import stored

POD = {
    "spec": {"nodeName": "n1", "hostNetwork": True, "restartPolicy": "Always"},
    "status": {"phase": "Running", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]},
}


@pytest.mark.parametrize(
    ("resource", "value", "selector", "matches"),
    [
        (PODS, POD, "metadata.name=x", True),
        (PODS, POD, "=,metadata.name=x", True),
        (PODS, POD, "!=,metadata.name=y", False),
        (PODS, POD, "metadata.namespace!=ns", False),
        (PODS, POD, "spec.nodeName=n1,status.phase==Running", True),
        (PODS, POD, "spec.host=n1", True),
        (PODS, POD, "spec.hostNetwork=true", True),
        (PODS, {}, "spec.hostNetwork=false", True),
        (PODS, POD, "status.podIP=10.0.0.1", True),
        (PODS, POD, "status.podIPs=10.0.0.1", False),
        (PODS, {}, "spec.nodeName=", True),
        (PODS, {}, "spec.nodeName!=", False),
        (NODES, {"spec": {"unschedulable": True}}, "spec.unschedulable=true", True),
        (NODES, {}, "spec.unschedulable=false", True),
        (NAMESPACES, {"status": {"phase": "Active"}}, "status.phase=Active", True),
        (SECRETS, {"type": "Opaque"}, "type=Opaque", True),
        (SERVICES, {"spec": {"clusterIP": "None"}}, "spec.clusterIP=None", True),
        (SERVICES, {"spec": {"type": "ClusterIP"}}, "spec.type!=ClusterIP", False),
        (JOBS, {"status": {"succeeded": 2}}, "status.successful=2", True),
        (JOBS, {}, "status.successful=0", True),
        (EVENTS, {"involvedObject": {"kind": "Pod"}}, "involvedObject.kind=Pod", True),
        (EVENTS, {"source": {"component": "c"}}, "source=c", True),
        (EVENTS, {"reportingComponent": "c"}, "source=c", True),
        (CONFIG_MAPS, {}, "metadata.name!=y", True),
    ],
)
def test_fields_are_selected(resource: Resource, value: dict[str, Any], selector: str, matches: bool) -> None:
    item = stored(resource, {"metadata": {"name": "x", "namespace": "ns"}, **value}, 1)
    found = parse_field_selector(resource, selector).matcher()
    assert found is not None
    assert found(item) is matches


def test_an_empty_selector_selects_everything() -> None:
    assert parse_field_selector(PODS, "").matcher() is None
    assert parse_field_selector(PODS, ",").matcher() is None


@pytest.mark.parametrize(
    ("selector", "name"), [("metadata.name=x", "x"), ("metadata.name!=x", ""), ("metadata.namespace=x", "")]
)
def test_the_only_name_that_can_match_is_known(selector: str, name: str) -> None:
    assert parse_field_selector(SERVICES, selector).name == name


def test_values_are_unescaped() -> None:
    assert parse_field_selector(SERVICES, r"metadata.name=a\,b\=c\\").name == "a,b=c\\"


@pytest.mark.parametrize(
    ("resource", "selector", "message"),
    [
        (SERVICES, "metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
        (SERVICES, r"metadata.name=a\x", r"invalid field selector: invalid escape sequence: \x"),
        (SERVICES, "metadata.name=a=b", "invalid field selector: unescaped character in value: 61"),
        (SERVICES, "spec.foo=1", "field label not supported: spec.foo"),
        (JOBS, "spec.foo=1", 'field label "spec.foo" not supported for Job'),
        (
            CONFIG_MAPS,
            "spec.foo=1",
            '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
    ],
)
def test_what_cannot_be_selected_is_refused(resource: Resource, selector: str, message: str) -> None:
    with pytest.raises(StatusError) as refused:
        parse_field_selector(resource, selector)
    assert (refused.value.code, refused.value.message) == (400, message)
