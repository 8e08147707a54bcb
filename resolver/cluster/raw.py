"""The API's JSON as msgspec reads it: only the fields that answers need, everything optional.

Field names are Kubernetes' own (renamed from snake case to camel case on the wire).
"""

import msgspec


class _Raw(msgspec.Struct, rename="camel", gc=False):
    """Every struct here: camelCase on the wire, unknown fields skipped without being built."""


class Meta(_Raw):
    name: str | None = None
    namespace: str | None = None
    resource_version: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str | None] | None = None
    annotations: dict[str, str | None] | None = None


class ListMeta(msgspec.Struct, gc=False):
    resource_version: str | None = msgspec.field(default=None, name="resourceVersion")
    continue_: str | None = msgspec.field(default=None, name="continue")


class Port(_Raw):
    name: str | None = None
    port: int | None = None
    protocol: str | None = None


class Namespace(_Raw):
    kind: str | None = None
    metadata: Meta | None = None


class ServiceSpec(_Raw):
    type: str | None = None
    cluster_ip: str | None = msgspec.field(default=None, name="clusterIP")
    cluster_ips: list[str] | None = msgspec.field(default=None, name="clusterIPs")
    external_name: str | None = None
    external_ips: list[str] | None = msgspec.field(default=None, name="externalIPs")
    ports: list[Port] | None = None


class Ingress(_Raw):
    ip: str | None = None
    hostname: str | None = None


class LoadBalancer(_Raw):
    ingress: list[Ingress] | None = None


class ServiceStatus(_Raw):
    load_balancer: LoadBalancer | None = None


class Service(_Raw):
    kind: str | None = None
    metadata: Meta | None = None
    spec: ServiceSpec | None = None
    status: ServiceStatus | None = None


class Conditions(_Raw):
    ready: bool | None = None


class TargetReference(_Raw):
    name: str | None = None


class Endpoint(_Raw):
    addresses: list[str] | None = None
    conditions: Conditions | None = None
    hostname: str | None = None
    target_ref: TargetReference | None = None
    zone: str | None = None


class EndpointSlice(_Raw):
    kind: str | None = None
    metadata: Meta | None = None
    endpoints: list[Endpoint] | None = None
    ports: list[Port] | None = None


class PodIP(_Raw):
    ip: str | None = None


class PodStatus(_Raw):
    phase: str | None = None
    pod_ips: list[PodIP] | None = msgspec.field(default=None, name="podIPs")


class Pod(_Raw):
    kind: str | None = None
    metadata: Meta | None = None
    status: PodStatus | None = None


class ServiceImportSpec(_Raw):
    type: str | None = None
    ips: list[str] | None = None
    ports: list[Port] | None = None


class ServiceImport(_Raw):
    kind: str | None = None
    metadata: Meta | None = None
    spec: ServiceImportSpec | None = None


class Status(_Raw):
    """meta/v1 Status: what an ERROR event and a refused request carry."""

    code: int | None = None
    reason: str | None = None
    message: str | None = None


class AnyList(msgspec.Struct):
    metadata: ListMeta | None = None
    items: list[msgspec.Raw] | None = None


class AnyEvent(msgspec.Struct):
    type: str
    object: msgspec.Raw


class AnyObject(msgspec.Struct):
    metadata: Meta | None = None
