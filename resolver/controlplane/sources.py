"""What can be given to the embedded cluster from Python: objects, YAML or JSON text, paths; and names of kinds."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from resolver.controlplane.applying import Refused
from resolver.controlplane.manifest_files import ManifestPaths
from resolver.controlplane.manifest_kinds import misspelt_kind
from resolver.controlplane.manifest_places import Document, ManifestProblem, Place
from resolver.controlplane.manifest_wanted import Wanted, read_wishes
from resolver.controlplane.manifests import ManifestContents, read_manifest
from resolver.controlplane.resources import RESOURCES, Resource, resource_of_kind
from resolver.controlplane.status_error import StatusError

Source = Mapping[str, Any] | Iterable[Mapping[str, Any]] | str | Path
"""An object, several, text of manifests, or a file or folder of them. A text without a line break is a path if there
is something at it."""


def read_source(source: Source, namespace: str) -> list[Wanted]:
    """The objects a source describes; those that name no namespace are in this one. Raises Refused, OSError."""
    documents = [_in_namespace(each, namespace) for each in _documents(source)]
    wishes = read_wishes(documents)
    problems = [*wishes.problems, *_unknown(documents)]
    if problems:
        raise Refused(problems)
    return wishes.wanted


def find_kind(text: str) -> Resource:
    """The kind that is called so: ``Service``, ``services``, ``svc``, ``deployments.apps``. Raises StatusError 404."""
    name, _, group = text.lower().partition(".")
    for each in RESOURCES:
        if name in (each.kind.lower(), each.plural, each.singular, *each.short_names) and group in ("", each.group):
            return each
    raise StatusError(404, "NotFound", f'the server has no resource type "{text}"')


def _documents(source: Source) -> list[Document]:
    if isinstance(source, Mapping):
        return _values([source])
    if not isinstance(source, str | Path):
        return _values(source)
    if isinstance(source, str) and ("\n" in source or not Path(source).exists()):
        return _checked(read_manifest(source.encode(), "<text>"))
    listing = ManifestPaths([str(source)]).listing()
    if listing.problems:
        raise Refused(listing.problems)
    return [document for file in listing.files for document in _checked(read_manifest(file.read(), file.name))]


def _checked(contents: ManifestContents) -> list[Document]:
    if contents.problems:
        raise Refused(contents.problems)
    return contents.documents


def _values(values: Iterable[Mapping[str, Any]]) -> list[Document]:
    """Objects that come as values; Lists are taken apart."""
    found = []
    for value in values:
        for field in ("apiVersion", "kind"):
            if not isinstance(value.get(field), str):
                raise Refused([ManifestProblem("<object>", 0, field, "is missing; every object has one")])
        if value["kind"].endswith("List") and isinstance(value.get("items"), list):
            found += _values(value["items"])
        else:
            found.append(Document(dict(value), "<object>", Place(0)))
    return found


def _in_namespace(document: Document, namespace: str) -> Document:
    resource = resource_of_kind(document.api_version, document.kind)
    if document.metadata.get("namespace") or resource is None or not resource.namespaced:
        return document
    value = {**document.value, "metadata": {**document.metadata, "namespace": namespace}}
    return Document(value, document.file, document.place)


def _unknown(documents: Iterable[Document]) -> list[ManifestProblem]:
    served = ", ".join(sorted({each.kind for each in RESOURCES}))
    return [
        each.problem("kind", f"no such kind here: {each.kind}; there are {served}")
        for each in documents
        if resource_of_kind(each.api_version, each.kind) is None and misspelt_kind(each.api_version, each.kind) is None
    ]
