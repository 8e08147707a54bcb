"""Kinds that are not written as Kubernetes writes them: ``service``, ``Sevice``, an EndpointSlice of ``v1``."""

import difflib
from typing import Final

from resolver.cluster.objects import KINDS
from resolver.controlplane.resources import RESOURCES

_VERSIONS: Final = {each.kind: each.api_version for each in RESOURCES} | {
    each.name: each.api_version for each in KINDS.values()
}
"""The apiVersion of every kind this program knows."""
_LIKE: Final = 0.8
"""How near a word must be; of Kubernetes' own kinds no two are."""


def misspelt_kind(api_version: str, kind: str) -> tuple[str, str] | None:
    """(field, message) where a known kind seems to be meant; None for a known kind and for kinds of others.

    A Service of ``serving.knative.dev/v1`` is another kind, not a misspelt one: only Kubernetes' own groups are looked
    at, which have no dot or end in ``.k8s.io``.
    """
    if _VERSIONS.get(kind) == api_version:
        return None
    group = api_version.rpartition("/")[0]
    if "." in group and not group.endswith(".k8s.io"):
        return None
    if kind in _VERSIONS:
        if kind not in KINDS:
            return None  # an old Deployment: nothing here depends on it
        return "apiVersion", f"{api_version!r} has no {kind}: write {_VERSIONS[kind]}"
    nearest = _nearest(kind)
    return ("kind", f"there is no kind {kind!r}: write {nearest}") if nearest else None


def api_version_of(kind: str) -> str:
    """The apiVersion that goes with a kind; empty for one that is not known."""
    return _VERSIONS.get(kind, "")


def _nearest(kind: str) -> str:
    folded = {known.casefold(): known for known in _VERSIONS}
    found = folded.get(kind.casefold())
    if found is None:
        near = difflib.get_close_matches(kind, _VERSIONS, n=1, cutoff=_LIKE)
        found = near[0] if near else ""
    return found
