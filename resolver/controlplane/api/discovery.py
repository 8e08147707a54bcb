"""Which groups, versions and kinds are served: /api, /apis and below, plain and aggregated."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

from resolver.controlplane.resources import RESOURCES, Resource

JsonObject = dict[str, Any]

GROUP_ORDER: Final = ("apps", "batch", "networking.k8s.io", "coordination.k8s.io", "discovery.k8s.io")
"""As kube-apiserver lists them: what comes first is preferred."""

_SUBRESOURCE_VERBS: Final = ["get", "patch", "update"]
_SCALE: Final = {"group": "autoscaling", "version": "v1", "kind": "Scale"}


def api_versions(host: str) -> JsonObject:
    """/api. `host`: where this server is reached."""
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": host}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def group_list() -> JsonObject:
    """/apis."""
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(each) for each in GROUP_ORDER]}


def group(name: str) -> JsonObject:
    """/apis/<group>."""
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name)}


def resource_list(group: str, version: str) -> JsonObject:
    """/api/v1 and /apis/<group>/<version>."""
    head: JsonObject = {"kind": "APIResourceList"}
    if group:
        head["apiVersion"] = "v1"
    group_version = f"{group}/{version}" if group else version
    rows = [row for each in _of_group(group) for row in _rows(each)]
    return head | {"groupVersion": group_version, "resources": rows}


def aggregated(groups: tuple[str, ...], version: str) -> JsonObject:
    """The same of several groups at once. `version`: v2 or v2beta1; the core group is empty."""
    items = [
        {
            "metadata": {"name": each} if each else {},
            "versions": [
                {
                    "version": _of_group(each)[0].version,
                    "resources": [_aggregated_row(resource) for resource in _of_group(each)],
                    "freshness": "Current",
                }
            ],
        }
        for each in groups
    ]
    api_version = f"apidiscovery.k8s.io/{version}"
    return {"kind": "APIGroupDiscoveryList", "apiVersion": api_version, "metadata": {}, "items": items}


def paths(health: tuple[str, ...]) -> JsonObject:
    """/: every path that is served."""
    known = {"/api", "/api/v1", "/apis", "/apis/", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/version", *health}
    for each in GROUP_ORDER:
        known |= {f"/apis/{each}", f"/apis/{each}/{_of_group(each)[0].version}"}
    return {"paths": sorted(known)}


def _of_group(group: str) -> list[Resource]:
    return sorted((each for each in RESOURCES if each.group == group), key=lambda each: each.plural)


def _group(name: str) -> JsonObject:
    version = _of_group(name)[0].version
    shown = {"groupVersion": f"{name}/{version}", "version": version}
    return {"name": name, "versions": [shown], "preferredVersion": shown}


def _rows(resource: Resource) -> Iterator[JsonObject]:
    row: JsonObject = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    row |= _names(resource)
    identity = f"{resource.group}/{resource.version}/{resource.kind}".encode()
    yield row | {"storageVersionHash": b64encode(sha256(identity).digest()[:8]).decode()}
    for name, kind in _subresources(resource):
        shown = {"name": f"{resource.plural}/{name}", "singularName": "", "namespaced": resource.namespaced}
        yield shown | {key: value for key, value in kind.items() if value} | {"verbs": _SUBRESOURCE_VERBS}


def _aggregated_row(resource: Resource) -> JsonObject:
    own = {"group": "", "version": "", "kind": resource.kind}
    row: JsonObject = {
        "resource": resource.plural,
        "responseKind": own,
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    row |= _names(resource)
    below = [
        {"subresource": name, "responseKind": own | kind, "verbs": _SUBRESOURCE_VERBS}
        for name, kind in _subresources(resource)
    ]
    return row | {"subresources": below} if below else row


def _names(resource: Resource) -> JsonObject:
    found = {"shortNames": list(resource.short_names), "categories": list(resource.categories)}
    return {key: value for key, value in found.items() if value}


def _subresources(resource: Resource) -> Iterator[tuple[str, dict[str, str]]]:
    if resource.has_scale:
        yield "scale", _SCALE
    if resource.has_status:
        yield "status", {"kind": resource.kind}
