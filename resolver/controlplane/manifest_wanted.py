"""Manifests into what the embedded cluster is to hold: one object each, with its place in the order of applying."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from resolver.cluster.objects import SERVICE_IMPORTS
from resolver.controlplane.manifest_fields import field_problems
from resolver.controlplane.manifest_kinds import misspelt_kind
from resolver.controlplane.manifest_places import Document, ManifestProblem
from resolver.controlplane.resources import (
    CONFIG_MAPS,
    ENDPOINT_SLICES,
    ENDPOINTS,
    NAMESPACES,
    NODES,
    PODS,
    SECRETS,
    SERVICE_ACCOUNTS,
    SERVICE_CIDRS,
    SERVICES,
    Resource,
    resource_of_kind,
)

JsonObject = dict[str, Any]
Key = tuple[Resource, str, str]
"""Kind, namespace (empty for an object of the cluster) and name."""

DEFAULT_NAMESPACE: Final = "default"
MANAGED_BY: Final = "endpointslice.kubernetes.io/managed-by"

_ORDER: Final = (
    (NAMESPACES,),
    (SERVICE_CIDRS,),
    (NODES,),
    (SERVICE_ACCOUNTS, CONFIG_MAPS, SECRETS),
    (SERVICES,),
    (ENDPOINTS, ENDPOINT_SLICES),
    (PODS,),
)
_RANKS: Final = {resource: rank for rank, resources in enumerate(_ORDER) for resource in resources}
_STATUS: Final = frozenset((SERVICES, PODS, NODES))
"""Kinds whose status may be written in a manifest; that of others is for controllers to write."""

_OF_THE_SERVER: Final = frozenset(
    ("resourceVersion", "uid", "creationTimestamp", "generation", "managedFields", "selfLink")
)
_CONTROLLERS: Final = frozenset(("endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"))


class Wanted(NamedTuple):
    """One object a manifest wants. `config` is what is applied; `status` likewise where the manifest gives one."""

    key: Key
    config: JsonObject
    status: JsonObject | None
    document: Document

    @property
    def file(self) -> str:
        return self.document.file

    @property
    def rank(self) -> tuple[int, bool]:
        """Sorts by what needs what: namespaces first; Services with addresses of their own choice before those that
        take what is left; Pods with addresses before the workloads whose Pods get some."""
        resource = self.key[0]
        spec = self.config.get("spec") if resource is SERVICES else None
        dynamic = isinstance(spec, dict) and not spec.get("clusterIP") and not spec.get("clusterIPs")
        return _RANKS.get(resource, len(_ORDER)), dynamic

    def says_the_same_as(self, other: "Wanted") -> bool:
        return self.config == other.config and self.status == other.status


@dataclass(slots=True)
class FileWishes:
    """What one file wants. `imports`: its ServiceImports, which no API server has built in; `skipped`: how many objects
    of other kinds, by kind."""

    wanted: list[Wanted] = field(default_factory=list)
    imports: list[Document] = field(default_factory=list)
    problems: list[ManifestProblem] = field(default_factory=list)
    notices: list[ManifestProblem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def read_wishes(documents: Iterable[Document]) -> FileWishes:
    """What these documents want, in order."""
    found = FileWishes()
    for document in documents:
        misspelt = misspelt_kind(document.api_version, document.kind)
        resource = resource_of_kind(document.api_version, document.kind)
        if misspelt is not None:
            found.problems.append(document.problem(*misspelt))
        elif resource is not None:
            _read(resource, document, found)
        elif (document.api_version, document.kind) == (SERVICE_IMPORTS.api_version, SERVICE_IMPORTS.name):
            found.imports.append(document)
        else:
            found.skipped[document.kind] += 1
    return found


def _read(resource: Resource, document: Document, found: FileWishes) -> None:
    problems, notices = field_problems(document)
    found.notices += notices
    name = document.metadata.get("name")
    if not problems and not name:
        problems = [document.problem("metadata.name", "is missing: what a manifest describes needs a name of its own")]
    if problems:
        found.problems += problems
        return
    found.wanted.append(wanted(resource, document))


def wanted(resource: Resource, document: Document) -> Wanted:
    """What a document without problems wants.

    Left out is what only a server can say: a manifest taken from another cluster has that cluster's versions and uids.
    The EndpointSlices of such a one stay as they are written: the mark of the controller that made them is taken off,
    or the one here would delete those whose Pods are not in the manifests.
    """
    metadata = {key: value for key, value in document.metadata.items() if key not in _OF_THE_SERVER}
    namespace = (metadata.get("namespace") or DEFAULT_NAMESPACE) if resource.namespaced else ""
    if namespace:
        metadata["namespace"] = namespace
    else:
        metadata.pop("namespace", None)
    if resource is ENDPOINT_SLICES:
        metadata |= _without_controller(metadata)
    config = {key: value for key, value in document.value.items() if key not in ("status", "metadata")}
    config["metadata"] = metadata
    name = metadata["name"]
    status = document.value.get("status") if resource in _STATUS else None
    return Wanted((resource, namespace, name), config, status or None, document)


def _without_controller(metadata: Mapping[str, Any]) -> JsonObject:
    labels = metadata.get("labels") or {}
    if labels.get(MANAGED_BY) not in _CONTROLLERS:
        return {}
    return {"labels": {key: value for key, value in labels.items() if key != MANAGED_BY}}
