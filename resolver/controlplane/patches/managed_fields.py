"""metadata.managedFields: who set which field of an object (apimachinery pkg/util/managedfields)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec

from resolver import limits
from resolver.controlplane.api_types import KIND_TYPES
from resolver.controlplane.patches.field_sets import (
    FieldSet,
    difference,
    from_fields,
    intersection,
    of_paths,
    to_fields,
    union,
    without,
)
from resolver.controlplane.patches.merge_schema import Node, kind_schema
from resolver.controlplane.patches.new_fields import NOBODYS, NOBODYS_METADATA, new_fields
from resolver.controlplane.patches.typed_merge import Comparison, compare
from resolver.controlplane.resources import PODS, Resource
from resolver.controlplane.shapes import shaped
from resolver.controlplane.write_request import WriteOptions

JsonObject = dict[str, Any]

APPLY: Final = "Apply"
UPDATE: Final = "Update"
_OLD_CHANGES: Final = "ancient-changes"
_NOBODYS: Final = of_paths(
    [*((each,) for each in NOBODYS), ("metadata",), *(("metadata", each) for each in NOBODYS_METADATA)]
)
"""Fields that no one owns."""


class Manager(NamedTuple):
    """Who sets fields. For operation Apply the version is empty: one applies in all versions under one name."""

    name: str
    operation: str
    api_version: str = ""
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class Owned:
    """The fields of one manager. `time`: when they last changed, metav1.Time text or empty."""

    fields: FieldSet
    api_version: str
    time: str = ""


Managers = dict[Manager, Owned]


class BadManagedFields(ValueError):
    """managedFields that cannot be read."""


def read_managers(entries: list[JsonObject] | None) -> Managers:
    """The managers that managedFields name. Raises BadManagedFields."""
    managers: Managers = {}
    for index, entry in enumerate(entries or ()):
        operation, version = entry.get("operation", ""), entry.get("apiVersion", "")
        if operation not in (APPLY, UPDATE):
            raise BadManagedFields("operation must be `Apply` or `Update`")
        if not version:
            raise BadManagedFields("apiVersion must not be empty")
        if entry.get("fieldsType") != "FieldsV1":
            raise BadManagedFields(f"entry {index} has no fieldsType FieldsV1")
        try:
            fields = from_fields(entry.get("fieldsV1") or {})
        except (ValueError, msgspec.DecodeError) as error:
            raise BadManagedFields(f"error decoding set: {error}") from None
        name = entry.get("manager", "")
        manager = Manager(name, operation, "" if operation == APPLY else version, entry.get("subresource", ""))
        managers[manager] = Owned(fields, version, entry.get("time", ""))
    return managers


def write_managers(managers: Managers) -> list[JsonObject]:
    """managedFields: appliers first, then by time and name."""

    def order(item: tuple[Manager, Owned]) -> tuple[str, ...]:
        manager, owned = item
        return manager.operation, owned.time, manager.name, owned.api_version, manager.subresource

    return [_entry(manager, owned) for manager, owned in sorted(managers.items(), key=order)]


def _entry(manager: Manager, owned: Owned) -> JsonObject:
    entry: JsonObject = {"manager": manager.name} if manager.name else {}
    entry |= {"operation": manager.operation, "apiVersion": owned.api_version}
    if owned.time:
        entry["time"] = owned.time
    entry |= {"fieldsType": "FieldsV1", "fieldsV1": to_fields(owned.fields)}
    if manager.subresource:
        entry["subresource"] = manager.subresource
    return entry


def live_managers(value: JsonObject, old: JsonObject | None, subresource: str) -> Managers:
    """Whose record an update goes on with: the new object's where it brings a good one, else the old one's.

    One empty entry, ``[{}]``, drops the record.
    """
    given = value["metadata"].get("managedFields")
    if given and not subresource:
        if given == [{}]:
            return {}
        try:
            return read_managers(given)
        except BadManagedFields:
            given = None
    try:
        return read_managers(old["metadata"].get("managedFields")) if old else {}
    except BadManagedFields:
        return {}


def nobodys_fields(paths: FieldSet) -> FieldSet:
    """The set without what no one owns."""
    return difference(paths, _NOBODYS)


@cache
def empty_object(resource: Resource) -> JsonObject:
    """An object of the kind with nothing in it. Shared: never change it."""
    empty = shaped(KIND_TYPES[resource.api_version, resource.kind], {})
    return {"kind": resource.kind, "apiVersion": resource.api_version, **empty}


def reset_fields(resource: Resource, subresource: str) -> FieldSet:
    """What a write cannot change, whatever it says: status without the subresource, the rest with it."""
    if subresource == "status":
        return _POD_STATUS_RESET if resource is PODS else _STATUS_RESET
    return _RESET if resource.has_status and not subresource else {}


_RESET: Final = of_paths([("status",)])
_STATUS_RESET: Final = of_paths([("spec",)])
_POD_STATUS_RESET: Final = of_paths([("spec",), ("metadata", "deletionTimestamp"), ("metadata", "ownerReferences")])


def filtered(comparison: Comparison, reset: FieldSet) -> Comparison:
    """The comparison without what is reset."""
    return Comparison(*(without(each, reset) for each in comparison)) if reset else comparison


def taken_from_others(managers: Managers, comparison: Comparison, mine: Manager | None) -> dict[Manager, FieldSet]:
    """What others own of the fields that changed, by manager."""
    changed = union(comparison.modified, comparison.added)
    found = ((each, intersection(owned.fields, changed)) for each, owned in managers.items() if each != mine)
    return {manager: fields for manager, fields in found if fields}


def give_up(managers: Managers, taken: dict[Manager, FieldSet], removed: FieldSet, mine: Manager | None) -> Managers:
    """The managers without the fields taken from them and those that are no more. Who owns nothing is left out."""
    result: Managers = {}
    for manager, owned in managers.items():
        fields = owned.fields
        if manager != mine:
            fields = difference(difference(fields, taken.get(manager, {})), removed)
        if fields:
            result[manager] = replace(owned, fields=fields)
    return result


class FieldRecorder:
    """Writes managedFields on creates and updates. `clock`: metav1.Time text."""

    def __init__(self, clock: Callable[[], str]) -> None:
        self._clock = clock

    def __call__(self, resource: Resource, value: JsonObject, old: JsonObject | None, options: WriteOptions) -> None:
        """A FieldTracker: the new object's managedFields become what they are after this write."""
        if isinstance(options, AppliedOptions):
            return
        metadata = value["metadata"]
        if old is None and "managedFields" not in metadata:
            if entry := self._first_entry(resource, value, options):
                metadata["managedFields"] = [entry]
            return
        managers = live_managers(value, old, options.subresource)
        metadata.pop("managedFields", None)
        if managers or old is None:
            managers = self.updated(resource, value, old, managers, options)
        if managers:
            metadata["managedFields"] = write_managers(managers)

    def _first_entry(self, resource: Resource, value: JsonObject, options: WriteOptions) -> JsonObject | None:
        """The only entry of a new object; none where its author said nothing."""
        node = kind_schema(resource.api_version, resource.kind)
        fields = new_fields(node, empty_object(resource), value, ("status",) if resource.has_status else ())
        if not fields:
            return None
        return {
            "manager": options.manager or "unknown",
            "operation": UPDATE,
            "apiVersion": resource.api_version,
            "time": self._clock(),
            "fieldsType": "FieldsV1",
            "fieldsV1": fields,
        }

    def updated(
        self, resource: Resource, value: JsonObject, old: JsonObject | None, managers: Managers, options: WriteOptions
    ) -> Managers:
        """The managers after one of them has written `value` in place of `old`."""
        node = kind_schema(resource.api_version, resource.kind)
        before = empty_object(resource) if old is None else old
        reset = reset_fields(resource, options.subresource)
        comparison = filtered(_compared(node, before, value), reset)
        managers = _current(managers, resource)
        managers = give_up(managers, taken_from_others(managers, comparison, None), comparison.removed, None)
        fields = nobodys_fields(union(comparison.modified, comparison.added))
        if fields:
            name = options.manager or "unknown"
            mine = Manager(name, UPDATE, resource.api_version, options.subresource)
            if mine in managers:
                fields = union(fields, managers[mine].fields)
            managers[mine] = Owned(fields, resource.api_version, self._clock())
        return _capped(managers)


@dataclass(frozen=True, slots=True)
class AppliedOptions(WriteOptions):
    """Of a server-side apply: its result brings its managedFields along."""


def _compared(node: Node, old: JsonObject, new: JsonObject) -> Comparison:
    return compare(node, _without_record(old), new)


def _without_record(value: JsonObject) -> JsonObject:
    metadata = value["metadata"]
    if "managedFields" not in metadata:
        return value
    return {**value, "metadata": {key: each for key, each in metadata.items() if key != "managedFields"}}


def _current(managers: Managers, resource: Resource) -> Managers:
    """Without those who wrote in a version that is not served."""
    return {each: owned for each, owned in managers.items() if owned.api_version == resource.api_version}


def _capped(managers: Managers) -> Managers:
    """At most so many updaters: the oldest become one."""
    updaters = [each for each in managers if each.operation == UPDATE]
    if len(updaters) <= limits.UPDATE_MANAGERS:
        return managers
    updaters.sort(key=lambda each: (managers[each].time, each))
    oldest = updaters[: len(updaters) - limits.UPDATE_MANAGERS + 1]
    result = {each: owned for each, owned in managers.items() if each not in oldest}
    fields: FieldSet = {}
    for each in oldest:
        fields = union(fields, managers[each].fields)
    version, time = managers[oldest[-1]].api_version, managers[oldest[-1]].time
    result[Manager(_OLD_CHANGES, UPDATE, version)] = Owned(fields, version, time)
    return result


def shown_manager(manager: Manager) -> str:
    """A manager as messages about conflicts name it."""
    text = f'"{manager.name}"'
    if manager.subresource:
        text += f' with subresource "{manager.subresource}"'
    return f"{text} using {manager.api_version}" if manager.operation == UPDATE else text


def all_fields(managers: Managers) -> FieldSet:
    """What anyone owns."""
    fields: FieldSet = {}
    for owned in managers.values():
        fields = union(fields, owned.fields)
    return fields
