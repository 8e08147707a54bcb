"""Server-side apply: an object merged with what one of its owners wants it to say (structured-merge-diff merge)."""

from dataclasses import replace
from typing import Any, Final, NamedTuple

import msgspec

from resolver.controlplane.patches.field_sets import (
    FieldSet,
    difference,
    intersection,
    shown_paths,
    union,
    with_named_fields,
    without,
)
from resolver.controlplane.patches.managed_fields import (
    APPLY,
    UPDATE,
    BadManagedFields,
    Manager,
    Managers,
    Owned,
    all_fields,
    empty_object,
    filtered,
    give_up,
    nobodys_fields,
    read_managers,
    reset_fields,
    shown_manager,
    taken_from_others,
    write_managers,
)
from resolver.controlplane.patches.merge_schema import Node, NoKey, kind_schema
from resolver.controlplane.patches.typed_merge import SchemaMismatch, check, compare, field_set, merge, prune
from resolver.controlplane.resources import Resource
from resolver.controlplane.status_error import Cause, StatusError

JsonObject = dict[str, Any]

KUBECTL: Final = "kubectl"
LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""What client-side apply remembers in: a manager called kubectl takes over what it says without conflict."""


class Application(NamedTuple):
    """Who applies. `now`: metav1.Time text. `force`: takes fields from others."""

    resource: Resource
    manager: str
    force: bool
    now: str
    subresource: str = ""


class _Conflicts(Exception):
    """Fields of others that would change, by manager."""

    def __init__(self, fields: dict[Manager, FieldSet]) -> None:
        super().__init__()
        self.fields = fields


def apply(application: Application, live: JsonObject | None, config: JsonObject) -> JsonObject:
    """The live object (None: there is none yet) as it is to be, its managedFields included.

    Raises StatusError 400 for a config of another kind, 409 for conflicts, 500 for what is not of its type.
    """
    resource = application.resource
    _check_config(application, config)
    node = kind_schema(resource.api_version, resource.kind)
    before = live if live is not None else empty_object(resource)
    managers = _managers(application, node, live)
    try:
        result, managers = _applied(application, node, before, config, managers, force=application.force)
    except _Conflicts as conflicts:
        allowed = _last_applied(application, node, before)
        rest = {each: difference(fields, allowed) for each, fields in conflicts.fields.items()}
        rest = {each: fields for each, fields in rest.items() if fields}
        if rest:
            raise _refusal(rest) from None
        result, managers = _applied(application, node, before, config, managers, force=True)
    metadata = {**(result.get("metadata") or {})}
    metadata.pop("managedFields", None)
    if managers:
        metadata["managedFields"] = write_managers(managers)
    result = {**result, "metadata": metadata}
    _remember(application, result, config)
    return result


def _check_config(application: Application, config: JsonObject) -> None:
    resource = application.resource
    version, kind = config.get("apiVersion"), config.get("kind")
    if (version, kind) != (resource.api_version, resource.kind):
        group, _, version = (version if isinstance(version, str) else "").rpartition("/")
        shown = f"{group}/{version}, Kind={kind if isinstance(kind, str) else ''}"
        raise StatusError.bad_request(f"invalid object type: {shown}")
    metadata = config.get("metadata")
    if isinstance(metadata, dict) and metadata.get("managedFields") is not None:
        raise StatusError.bad_request("metadata.managedFields must be nil")
    try:
        check(kind_schema(resource.api_version, resource.kind), config)
    except SchemaMismatch as mismatch:
        metadata = metadata if isinstance(metadata, dict) else {}
        named = f"{metadata.get('namespace') or ''}/{metadata.get('name') or ''}"
        shown = f"{resource.group}/{resource.version}, Kind={resource.kind}"
        raise StatusError(500, "", f"failed to create typed patch object ({named}; {shown}): {mismatch}") from None


def _managers(application: Application, node: Node, live: JsonObject | None) -> Managers:
    """The record so far. An object without one is all owned by ``before-first-apply``."""
    if live is None:
        return {}
    resource = application.resource
    try:
        managers = read_managers(live["metadata"].get("managedFields"))
    except BadManagedFields as error:
        raise StatusError(500, "", f"failed to decode managed fields: {error}") from None
    if managers:
        return {each: owned for each, owned in managers.items() if owned.api_version == resource.api_version}
    comparison = filtered(compare(node, empty_object(resource), live), reset_fields(resource, application.subresource))
    before = Manager("before-first-apply", UPDATE, resource.api_version, application.subresource)
    fields = nobodys_fields(union(comparison.added, comparison.modified))
    return {before: Owned(fields, resource.api_version, application.now)} if fields else {}


def _applied(
    application: Application, node: Node, live: JsonObject, config: JsonObject, managers: Managers, *, force: bool
) -> tuple[JsonObject, Managers]:
    resource = application.resource
    reset = reset_fields(resource, application.subresource)
    mine = Manager(application.manager, APPLY, "", application.subresource)
    last = managers.get(mine)
    managers = {**managers, mine: Owned(without(field_set(node, config), reset), resource.api_version)}
    result = merge(node, live, config)
    if last is not None and last.fields:
        result = _pruned(node, result, last.fields, all_fields(managers))
    comparison = filtered(compare(node, live, result), reset)
    taken = taken_from_others(managers, comparison, mine)
    if taken and not force:
        raise _Conflicts(taken)
    managers = give_up(managers, taken, comparison.removed, mine)
    if mine in managers:
        owned = managers.pop(mine)
        fields = nobodys_fields(owned.fields)
        unchanged = last.time if last is not None else ""
        time = unchanged if live == result else application.now
        if fields:
            managers[mine] = replace(owned, fields=fields, time=time)
    return result, managers


def _pruned(node: Node, merged: JsonObject, last: FieldSet, owned: FieldSet) -> JsonObject:
    """Without what this manager applied last time, does not apply now, and no one else owns."""
    all_paths = with_named_fields(field_set(node, merged), node)
    last = with_named_fields(last, node)
    kept = prune(node, merged, last) or {}
    kept_paths = union(with_named_fields(field_set(node, kept), node), with_named_fields(owned, node))
    kept = prune(node, merged, difference(all_paths, kept_paths)) or {}
    gone = difference(all_paths, with_named_fields(field_set(node, kept), node))
    return prune(node, merged, intersection(gone, last)) or {}


def _last_applied(application: Application, node: Node, live: JsonObject) -> FieldSet:
    """The fields that client-side apply set and that are still as it set them; none for other managers."""
    annotations = live.get("metadata", {}).get("annotations") or {}
    text = annotations.get(LAST_APPLIED)
    if application.manager != KUBECTL or not text:
        return {}
    try:
        config = msgspec.json.decode(text)
        if not isinstance(config, dict) or config.get("apiVersion") != application.resource.api_version:
            return {}
        check(node, config)
        comparison = compare(node, config, live)
        fields = field_set(node, config)
    except (msgspec.DecodeError, SchemaMismatch, NoKey):
        return {}
    for changed in comparison:
        fields = difference(fields, changed)
    return fields


def _remember(application: Application, result: JsonObject, config: JsonObject) -> None:
    """The annotation of client-side apply, where there is one, says what kubectl has applied now."""
    metadata = result["metadata"]
    annotations = metadata.get("annotations") or {}
    if application.manager != KUBECTL or not annotations.get(LAST_APPLIED):
        return
    applied = dict(config)
    if isinstance(given := config.get("metadata"), dict) and isinstance(given.get("annotations"), dict):
        kept = {key: each for key, each in given["annotations"].items() if key != LAST_APPLIED}
        applied["metadata"] = {**given, "annotations": kept}
    text = msgspec.json.encode(applied, order="sorted").decode() + "\n"
    metadata["annotations"] = {**annotations, LAST_APPLIED: text}


def _refusal(fields: dict[Manager, FieldSet]) -> StatusError:
    found = [(each, list(shown_paths(fields[each]))) for each in sorted(fields)]
    causes = [
        Cause(path, "FieldManagerConflict", f"conflict with {shown_manager(each)}")
        for each, paths in found
        for path in paths
    ]
    if len(causes) == 1:
        return StatusError.apply_conflict(
            f"Apply failed with 1 conflict: {causes[0].message}: {causes[0].field}", causes
        )
    lines = []
    for each, paths in found:
        lines += [f"conflicts with {shown_manager(each)}:", *(f"- {path}" for path in paths)]
    return StatusError.apply_conflict(f"Apply failed with {len(causes)} conflicts: " + "\n".join(lines), causes)
