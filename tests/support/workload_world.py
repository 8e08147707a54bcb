"""Workloads on a simulated cluster: a world with Pod ranges, and manifests as short as a test can say them."""

from typing import Any

from resolver.controlplane.resources import PODS, Resource
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.write_request import WriteOptions
from tests.support.controller_world import ControllerWorld

RANGES = ("10.244.0.0/16", "fd00:10:244::/56")


def template(app: str = "web", **parts: Any) -> JsonObject:
    """A Pod template; `annotations` and fields of its spec may be given."""
    annotations = parts.pop("annotations", {})
    spec = {"containers": [{"name": "main", "image": "registry.example/main:1"}], **parts}
    return {"metadata": {"labels": {"app": app}, "annotations": annotations}, "spec": spec}


def workload(name: str = "web", **spec: Any) -> JsonObject:
    """A workload of whatever kind, whose selector fits its template."""
    made = {"selector": {"matchLabels": {"app": name}}, "template": template(name), **spec}
    return {"metadata": {"name": name}, "spec": made}


class WorkloadWorld(ControllerWorld):
    """A settled cluster with three simulated nodes; what is asked of it is settled when the call returns."""

    def __init__(self, *ranges: str) -> None:
        super().__init__(*(ranges or RANGES))
        self.settle()

    def make(self, resource: Resource, document: JsonObject) -> StoredObject:
        stored = self.api.create(resource, "shop" if resource.namespaced else "", document).stored
        self.settle()
        return stored

    def change(self, resource: Resource, name: str, **spec: Any) -> None:
        """Sets fields of spec."""
        value = self.api.get(resource, "shop", name).copy()
        value["spec"] |= spec
        self.api.update(resource, "shop", name, value)
        self.settle()

    def take_away(self, resource: Resource, name: str) -> None:
        self.api.delete(resource, "shop", name)
        self.settle()

    def annotate(self, name: str, **annotations: str) -> None:
        """Sets annotations of a Pod; ``ready`` stands for ``dualdns.dev/ready``."""
        value = self.api.get(PODS, "shop", name).copy()
        told = {f"dualdns.dev/{key}": each for key, each in annotations.items()}
        value["metadata"]["annotations"] = {**value["metadata"].get("annotations", {}), **told}
        self.api.update(PODS, "shop", name, value)
        self.settle()

    def set_ready(self, name: str, ready: bool) -> None:
        """Patches a Pod's status, as someone other than the cluster."""
        value = self.api.get(PODS, "shop", name).copy()
        for each in value["status"]["conditions"]:
            if each["type"] == "Ready":
                each["status"] = str(ready)
        self.api.update(PODS, "shop", name, value, WriteOptions(subresource="status"))
        self.settle()

    def pods(self) -> dict[str, JsonObject]:
        """All Pods by name."""
        return {each["metadata"]["name"]: each for each in self.objects(PODS, "shop")}

    def status(self, resource: Resource, name: str = "web") -> JsonObject:
        found: JsonObject = self.api.get(resource, "shop", name).object["status"]
        return found


def ips(pod: JsonObject) -> list[str]:
    return [each["ip"] for each in pod["status"].get("podIPs", ())]


def condition(value: JsonObject, type: str) -> JsonObject:
    """A condition of an object's status; empty where there is none."""
    return next((each for each in value["status"].get("conditions", ()) if each["type"] == type), {})
