"""An embedded cluster on a still clock, and requests to it in the form of the recorded exchanges, without HTTP."""

import json
from pathlib import Path
from random import Random
from typing import Any

from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.control_plane import Settings, new_cluster
from resolver.controlplane.object_store import Journal, ObjectStore
from resolver.controlplane.resources import Resource, find_resource
from resolver.controlplane.service_ranges import node_port_range, service_ranges
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.write_request import DeleteOptions, WriteOptions

NOW = "2026-01-02T03:04:05Z"
DUAL = "10.43.0.0/16,fd43::/112"
GOLDEN = Path(__file__).parents[1] / "controlplane/golden"

JsonObject = dict[str, Any]
Reply = tuple[int, JsonObject, list[str]]


def new_embedded_cluster(
    ranges: str = DUAL, *, node_ports: str = "", journal: Journal | None = None, seed: int = 1, namespaces: str = "shop"
) -> ClusterApi:
    """A cluster with the named namespaces besides its own."""
    settings = Settings(service_ranges(ranges), node_port_range(node_ports))
    api = new_cluster(ObjectStore(journal), settings, lambda: NOW, Random(seed))
    for name in namespaces.split():
        ask(api, "POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    return api


def restarted(api: ClusterApi, ranges: str = DUAL) -> ClusterApi:
    """The same store under a new server, with other ranges perhaps."""
    return new_cluster(api.store, Settings(service_ranges(ranges)), lambda: NOW, Random(2))


def ask(api: ClusterApi, method: str, path: str, body: Any = None, query: dict[str, str] | None = None) -> Reply:
    """One request: HTTP status, body, and the texts of Warning headers."""
    resource, namespace, name, subresource = _target(path)
    options = WriteOptions(
        dry_run=(query or {}).get("dryRun") == "All",
        field_validation=(query or {}).get("fieldValidation", "Warn"),
        subresource=subresource,
    )
    try:
        if method == "GET":
            return 200, api.get(resource, namespace, name).copy(), []
        if method == "POST":
            made = api.create(resource, namespace, body, options)
        elif method == "PUT":
            made = api.update(resource, namespace, name, body, options)
        else:
            made = api.delete(resource, namespace, name, DeleteOptions(**(body or {})))
    except StatusError as error:
        return error.code, error.to_status(), list(error.warnings)
    return 201 if made.created else 200, made.stored.copy(), list(made.warnings)


def post(api: ClusterApi, spec: JsonObject, name: str = "cart", namespace: str = "shop") -> Reply:
    """Creates a Service."""
    return ask(api, "POST", f"/api/v1/namespaces/{namespace}/services", service(spec, name))


def put(api: ClusterApi, spec: JsonObject, name: str = "cart", namespace: str = "shop") -> Reply:
    """Replaces a Service, whatever its version."""
    return ask(api, "PUT", f"/api/v1/namespaces/{namespace}/services/{name}", service(spec, name))


def delete(api: ClusterApi, name: str = "cart", namespace: str = "shop", **options: Any) -> Reply:
    return ask(api, "DELETE", f"/api/v1/namespaces/{namespace}/services/{name}", options)


def service(spec: JsonObject, name: str = "cart") -> JsonObject:
    """A Service with one port and a selector, unless the spec says otherwise; a field that is None is left out."""
    whole = {"selector": {"app": "shop"}, "ports": [{"name": "http", "port": 80}], **spec}
    kept = {key: value for key, value in whole.items() if value is not None}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": kept}


def golden_cases(file: str) -> list[JsonObject]:
    """The recorded cases of a file beside the tests."""
    cases: list[JsonObject] = json.loads((GOLDEN / file).read_text())["cases"]
    return cases


def _target(path: str) -> tuple[Resource, str, str, str]:
    parts = path.strip("/").split("/")
    group, version, rest = ("", parts[1], parts[2:]) if parts[0] == "api" else (parts[1], parts[2], parts[3:])
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    resource = find_resource(group, version, rest[0])
    assert resource is not None, path
    name, subresource, *_ = [*rest[1:], "", ""]
    return resource, namespace, name, subresource
