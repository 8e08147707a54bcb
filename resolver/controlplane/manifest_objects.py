"""Manifests into the cluster objects that answers are made of, and what is wrong with them.

An object with a problem is left out whole: half a Service would be a wrong answer. What is read is what DNS needs:
the kinds of the request, chosen by its selectors as an API server would choose them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from resolver.cluster.decoding import Decoder, Problem
from resolver.cluster.objects import KINDS, NAMESPACES, SERVICE_IMPORTS, SERVICES, ClusterObject, Kind
from resolver.cluster.reading import Detail
from resolver.cluster.selectors import Requirement, parse_selector
from resolver.cluster.source import ClusterRequest
from resolver.controlplane.manifest_fields import field_problems
from resolver.controlplane.manifest_kinds import misspelt_kind
from resolver.controlplane.manifest_places import Document, ManifestProblem

DEFAULT_NAMESPACE: Final = "default"
NAMESPACE_NAME_LABEL: Final = "kubernetes.io/metadata.name"
"""The label every Namespace has from the API server: its own name."""

_FINISHED: Final = frozenset(("Succeeded", "Failed", "Unknown"))
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class PlacedObject(NamedTuple):
    """An object and where it was written."""

    kind: Kind
    namespace: str
    name: str
    item: ClusterObject
    file: str
    line: int


@dataclass(slots=True)
class FileObjects:
    """What one file gives.

    `problems`: objects left out because they are wrong; `notices`: other things its writer should know;
    `declared`: all Namespaces it declares, also those a selector leaves out; `skipped`: how many objects of kinds that
    DNS does not need, by kind.
    """

    objects: list[PlacedObject] = field(default_factory=list)
    problems: list[ManifestProblem] = field(default_factory=list)
    notices: list[ManifestProblem] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)
    skipped: Counter[str] = field(default_factory=Counter)


class ManifestReader:
    """Reads documents for one request. Not for two threads at once."""

    def __init__(self, request: ClusterRequest) -> None:
        self._wanted = {(kind.api_version, kind.name): kind for kind in request.kinds()}
        self._decoder = Decoder(self._heard, Detail(request.targets, request.zones))
        self._labels = parse_selector(request.location.labels)
        self._namespace_labels = parse_selector(request.location.namespace_labels)
        self._said: list[Problem] = []

    def read(self, documents: Iterable[Document]) -> FileObjects:
        """The objects of these documents, in order."""
        found = FileObjects()
        for document in documents:
            misspelt = misspelt_kind(document.api_version, document.kind)
            known = KINDS.get(document.kind)
            if misspelt is not None:
                found.problems.append(document.problem(*misspelt))
            elif known is None or known.api_version != document.api_version:
                found.skipped[document.kind] += 1
            else:
                self._read(known, document, found)
        return found

    def namespace(self, name: str) -> ClusterObject | None:
        """The Namespace of this name that no manifest declares; None where the selector does not choose it."""
        if not _chosen(self._namespace_labels, {NAMESPACE_NAME_LABEL: name}):
            return None
        return self._decoder.manifest(NAMESPACES, {"metadata": {"name": name}})

    def _read(self, kind: Kind, document: Document, found: FileObjects) -> None:
        problems, notices = field_problems(document)
        found.notices += notices
        if not problems:
            problems = [document.problem(*fault) for fault in _name_faults(kind, document)]
        if not problems and kind == SERVICES and _is_open(document.value):
            found.notices.append(document.problem(*_OPEN))
            return
        body = _completed(kind, document)
        item = None if problems else self._decoder.manifest(kind, body)
        problems += [document.problem(_as_written(said.field, document.value), said.message) for said in self._told()]
        if problems or item is None:
            found.problems += problems
            return
        metadata = body["metadata"]
        if kind == NAMESPACES:
            found.declared.add(metadata["name"])
        if (kind.api_version, kind.name) in self._wanted and self._chosen(kind, body):
            namespace = metadata.get("namespace", "")
            found.objects.append(PlacedObject(kind, namespace, metadata["name"], item, document.file, document.line))

    def _chosen(self, kind: Kind, body: Mapping[str, Any]) -> bool:
        """As the list of an API server: `labels` for all kinds but Namespaces and ServiceImports, which have
        `namespace_labels`; and no Pods that have come to their end (CoreDNS plugin/kubernetes/controller.go)."""
        labels = {str(key): str(value) for key, value in (body["metadata"].get("labels") or {}).items()}
        if kind == NAMESPACES:
            labels[NAMESPACE_NAME_LABEL] = body["metadata"]["name"]
        if (body.get("status") or {}).get("phase") in _FINISHED and kind.name == "Pod":
            return False
        return _chosen(self._namespace_labels if kind in (NAMESPACES, SERVICE_IMPORTS) else self._labels, labels)

    def _heard(self, problem: Problem) -> None:
        self._said.append(problem)

    def _told(self) -> list[Problem]:
        said, self._said = self._said, []
        return said


_OPEN: Final = (
    "spec.clusterIP",
    "is left open, so the Service is not served: allocating addresses needs the embedded cluster; "
    "write clusterIP and clusterIPs, or clusterIP: None for a headless Service",
)


def _is_open(service: Mapping[str, Any]) -> bool:
    """Whether the Service waits for an address that only an API server can give."""
    spec = service.get("spec") or {}
    given = [spec.get("clusterIP"), *(spec.get("clusterIPs") or ())]
    return spec.get("type") != "ExternalName" and not any(given)


def _completed(kind: Kind, document: Document) -> dict[str, Any]:
    """The document with the namespace that applies, and without resourceVersion: a dump that was edited still has
    that of the object it was, and would count as unchanged."""
    metadata = {key: value for key, value in document.metadata.items() if key != "resourceVersion"}
    if kind == NAMESPACES:
        metadata.pop("namespace", None)
    else:
        metadata["namespace"] = metadata.get("namespace") or DEFAULT_NAMESPACE
    return document.value | {"metadata": metadata}


def _as_written(field: str, value: Mapping[str, Any]) -> str:
    """The field a writer would look for, where the decoder speaks of what it read instead."""
    spec = value.get("spec")
    if not isinstance(spec, dict):
        return field
    if field.startswith("ports["):
        return f"spec.{field}"
    if field == "spec.clusterIPs[0]" and not spec.get("clusterIPs"):
        return "spec.clusterIP"
    return field


def _name_faults(kind: Kind, document: Document) -> list[tuple[str, str]]:
    """(field, message) for names that no question could ever match: they must be lower-case DNS labels (RFC 1123)."""
    faults = []
    checked = ["namespace"] if kind != NAMESPACES else []
    if kind in (NAMESPACES, SERVICES, SERVICE_IMPORTS):
        checked.append("name")
    for name in checked:
        text = document.metadata.get(name)
        if isinstance(text, str) and text and not _LABEL.fullmatch(text):
            better = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].rstrip("-")
            hint = f": write {better}" if better else ""
            faults.append((f"metadata.{name}", f"{text[:80]!r} is no name: a-z, 0-9 and -, at most 63 of them{hint}"))
    return faults


def _chosen(selector: tuple[Requirement, ...], labels: Mapping[str, str]) -> bool:
    return all(requirement.matches(labels) for requirement in selector)
