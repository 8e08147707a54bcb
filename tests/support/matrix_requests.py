"""Requests to a Kubernetes API about the objects of one namespace, as data."""

from typing import Any, Final, NamedTuple

JsonObject = dict[str, Any]

SINGLE, PREFER, REQUIRE = "SingleStack", "PreferDualStack", "RequireDualStack"
COLLECTIONS: Final = {
    "Service": "/api/v1/namespaces/{}/services",
    "Pod": "/api/v1/namespaces/{}/pods",
    "Endpoints": "/api/v1/namespaces/{}/endpoints",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "StatefulSet": "/apis/apps/v1/namespaces/{}/statefulsets",
    "EndpointSlice": "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices",
}
VERSIONS: Final = {"Deployment": "apps/v1", "StatefulSet": "apps/v1", "EndpointSlice": "discovery.k8s.io/v1"}
HTTP: Final = {"name": "http", "port": 80, "targetPort": "web"}
DNS: Final = ({"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"})


class Request(NamedTuple):
    """A PATCH is a merge patch."""

    method: str
    path: str
    body: JsonObject | None = None


class Scenario(NamedTuple):
    """`names`: of all Services there ever are. `hosts`: first labels of endpoint names that are asked for."""

    namespace: str
    steps: list[list[Request]]
    names: list[str]
    hosts: list[str]


class Author:
    """Writes requests about the objects of one namespace."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    def create(self, kind: str, name: str, **parts: Any) -> Request:
        metadata = {"name": name, **parts.pop("metadata", {})}
        value = {"apiVersion": VERSIONS.get(kind, "v1"), "kind": kind, "metadata": metadata, **parts}
        return Request("POST", COLLECTIONS[kind].format(self.namespace), value)

    def service(self, name: str, **spec: Any) -> Request:
        """With a selector of the Deployment `web` and one port, unless the spec says otherwise; None leaves out."""
        whole = {"selector": {"tier": "web"}, "ports": [HTTP], **spec}
        return self.create("Service", name, spec={key: value for key, value in whole.items() if value is not None})

    def patch(self, kind: str, name: str, body: JsonObject, subresource: str = "") -> Request:
        path = f"{COLLECTIONS[kind].format(self.namespace)}/{name}"
        return Request("PATCH", f"{path}/{subresource}" if subresource else path, body)

    def change(self, name: str, **spec: Any) -> Request:
        """A Service; None takes a field away."""
        return self.patch("Service", name, {"spec": spec})

    def delete(self, kind: str, name: str) -> Request:
        return Request("DELETE", f"{COLLECTIONS[kind].format(self.namespace)}/{name}")

    def scale(self, kind: str, name: str, replicas: int) -> Request:
        return self.patch(kind, name, {"spec": {"replicas": replicas}})

    def workload(self, kind: str, name: str, replicas: int, number: int, **spec: Any) -> Request:
        """Its Pods have the addresses 10.244.`number`.1, fd00:10:244:`number`::1 and so on, at most five."""
        labels = {"app": name, "tier": "web" if kind == "Deployment" else "store"}
        ips = ";".join(f"10.244.{number}.{each},fd00:10:244:{number}::{each}" for each in range(1, 6))
        metadata = {"labels": labels, "annotations": {"dualdns.dev/pod-ips": ips}}
        container = {"name": "main", "image": "main", "ports": [{"name": "web", "containerPort": 8000 + number}]}
        template = {"metadata": metadata, "spec": {"containers": [container]}}
        whole = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template, **spec}
        return self.create(kind, name, spec=whole)

    def pod(self, name: str, ips: str, labels: JsonObject, *, phase: str = "Running", **spec: Any) -> Request:
        metadata = {"labels": labels, "annotations": {"dualdns.dev/pod-ips": ips, "dualdns.dev/phase": phase}}
        return self.create("Pod", name, metadata=metadata, spec={"containers": [{"name": "m", "image": "m"}], **spec})

    def not_ready(self, pod: str) -> Request:
        condition = {"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-02T03:04:05Z"}
        return self.patch("Pod", pod, {"status": {"conditions": [condition]}}, "status")

    def endpoints(self, name: str, *subsets: JsonObject) -> Request:
        return self.create("Endpoints", name, subsets=list(subsets))

    def slice(self, name: str, of: str, family: str, *endpoints: JsonObject) -> Request:
        labels = {"kubernetes.io/service-name": of}
        ports = [{"name": "http", "port": 8080, "protocol": "TCP"}]
        held = {"addressType": family, "endpoints": list(endpoints), "ports": ports}
        return self.create("EndpointSlice", name, metadata={"labels": labels}, **held)


def names_of(steps: list[list[Request]]) -> list[str]:
    """Of all Services that are made, in order, and of one that is not."""
    made = [
        request.body["metadata"]["name"]
        for step in steps
        for request in step
        if request.method == "POST" and request.body and request.body["kind"] == "Service"
    ]
    return [*dict.fromkeys(made), "missing"]
