import msgspec
import pytest

from resolver.cluster import raw

NAMES = [
    (raw.Meta, {"resourceVersion": "7", "deletionTimestamp": "t"}, ("resource_version", "deletion_timestamp")),
    (raw.ServiceSpec, {"clusterIP": "10.0.0.1", "externalName": "x"}, ("cluster_ip", "external_name")),
    (raw.ServiceSpec, {"clusterIPs": ["10.0.0.1"], "externalIPs": []}, ("cluster_ips", "external_ips")),
    (raw.ServiceStatus, {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}, ("load_balancer",)),
    (raw.Endpoint, {"targetRef": {"name": "web-0"}, "zone": "z"}, ("target_ref", "zone")),
    (raw.PodStatus, {"podIPs": [{"ip": "10.1.0.1"}]}, ("pod_ips",)),
    (raw.ListMeta, {"resourceVersion": "7", "continue": "c"}, ("resource_version", "continue_")),
]


@pytest.mark.parametrize(("kind", "document", "fields"), NAMES)
def test_fields_have_the_names_of_kubernetes(kind: type, document: dict[str, object], fields: tuple[str, ...]) -> None:
    found = msgspec.convert(document, kind)
    assert all(getattr(found, field) is not None for field in fields)
    assert document.keys() <= msgspec.to_builtins(found).keys()


@pytest.mark.parametrize(
    "kind",
    [raw.Meta, raw.Namespace, raw.Service, raw.EndpointSlice, raw.Pod, raw.ServiceImport, raw.Status, raw.AnyObject],
)
def test_every_field_may_be_absent_null_or_unknown(kind: type) -> None:
    fields = {field.encode_name: None for field in msgspec.structs.fields(kind)}
    assert msgspec.json.decode(b"{}", type=kind) == msgspec.convert({**fields, "unknown": [1]}, kind)
