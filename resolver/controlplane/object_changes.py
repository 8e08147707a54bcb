"""The steps of a write that are alike for all kinds (apiserver pkg/registry/rest: create.go, update.go, delete.go)."""

from typing import Any, Final

from resolver.controlplane.field_errors import FieldError, invalid, not_supported
from resolver.controlplane.go_text import go_quote
from resolver.controlplane.metadata_rules import FOREGROUND as FOREGROUND_FINALIZER
from resolver.controlplane.metadata_rules import ORPHAN as ORPHAN_FINALIZER
from resolver.controlplane.metadata_rules import generate_name_errors, metadata_errors, metadata_update_errors
from resolver.controlplane.names import path_segment_problems
from resolver.controlplane.resources import NAMESPACES, Resource
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject
from resolver.controlplane.strategy import Strategy
from resolver.controlplane.timestamps import later
from resolver.controlplane.write_request import BACKGROUND, FOREGROUND, ORPHAN, DeleteOptions, Write

JsonObject = dict[str, Any]

_SERVER_FIELDS: Final = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "resourceVersion",
)
_NAMESPACE_DIFFERS: Final = "the namespace of the provided object does not match the namespace sent on the request"
_BOTH: Final = "orphanDependents and deletionPropagation cannot be both set"


def settle_namespace(resource: Resource, namespace: str, value: JsonObject) -> None:
    """The object's namespace becomes the request's. Raises StatusError 400 where it names another one."""
    metadata = value["metadata"]
    given = metadata.get("namespace", "")
    wanted = namespace if resource.namespaced else ""
    if given == wanted:
        return
    if given and wanted:
        raise StatusError.bad_request(_NAMESPACE_DIFFERS)
    metadata["namespace"] = wanted


def check_name(value: JsonObject, name: str) -> None:
    """Raises StatusError 400 where the object's name is not the URL's."""
    found = value["metadata"].get("name", "")
    if not found:
        problem = f"the name of the object ({name} based on URL) was undeterminable: name must be provided"
        raise StatusError.bad_request(problem)
    if found != name:
        raise StatusError.bad_request(f"the name of the object ({found}) does not match the name on the URL ({name})")


def forget_server_fields(value: JsonObject) -> None:
    """Drops what the author of a new object cannot decide."""
    for each in _SERVER_FIELDS:
        value["metadata"].pop(each, None)


def settle_owners(value: JsonObject, write: Write, *, patched: bool = False) -> None:
    """Repeated ownerReferences are dropped, with a warning."""
    owners = value["metadata"].get("ownerReferences")
    if not owners or len(owners) == 1:
        return
    kept: list[JsonObject] = []
    repeated: list[str] = []
    for owner in owners:
        if owner in kept:
            repeated.append(owner["uid"])
        else:
            kept.append(owner)
    if repeated:
        value["metadata"]["ownerReferences"] = kept
        found = " after mutating admission happens" if patched else ""
        words = (
            f".metadata.ownerReferences contains duplicate entries{found}; API server dedups owner references in 1.20+,"
            " and may"
        )
        words += " reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed"
        write.warnings.append(f"{words}: {', '.join(repeated)}")


def before_create(strategy: Strategy, value: JsonObject, write: Write) -> None:
    """Prepares and judges a new object. Raises StatusError 422."""
    strategy.prepare_create(value)
    resource = strategy.resource
    metadata = value["metadata"]
    qualified = strategy.qualified_finalizers
    errors = metadata_errors(metadata, resource.namespaced, strategy.name_problems, qualified=qualified)
    errors += strategy.validate(value)
    if not errors:
        errors = [invalid("metadata.name", metadata["name"], each) for each in path_segment_problems(metadata["name"])]
    if errors:
        raise StatusError.invalid(resource, metadata.get("name", ""), errors)
    write.warnings += strategy.warnings(value, None)
    strategy.canonicalize(value)


def before_update(strategy: Strategy, value: JsonObject, old: JsonObject, write: Write, subresource: str) -> None:
    """Prepares and judges the new state of an object. Raises StatusError 422."""
    metadata, old_metadata = value["metadata"], old["metadata"]
    _restore(metadata, old_metadata, "generation")
    if subresource:
        strategy.prepare_subresource(subresource, value, old)
    else:
        strategy.prepare_update(value, old)
    metadata.setdefault("uid", old_metadata["uid"])
    metadata["creationTimestamp"] = old_metadata["creationTimestamp"]
    if "deletionTimestamp" in old_metadata:
        metadata["deletionTimestamp"] = old_metadata["deletionTimestamp"]
    if "deletionGracePeriodSeconds" in old_metadata:
        metadata.setdefault("deletionGracePeriodSeconds", old_metadata["deletionGracePeriodSeconds"])
    resource = strategy.resource
    qualified = strategy.qualified_finalizers
    errors = metadata_errors(metadata, resource.namespaced, path_segment_problems, qualified=qualified)
    errors += metadata_update_errors(metadata, old_metadata)
    if strategy.judges_generate_name:
        errors += generate_name_errors(metadata, strategy.name_problems)
    if subresource:
        errors += strategy.validate_subresource(subresource, value, old)
    else:
        errors += strategy.validate_update(value, old)
    if errors:
        raise StatusError.invalid(resource, metadata.get("name", ""), list(dict.fromkeys(errors)))
    if subresource:
        write.warnings += strategy.subresource_warnings(subresource, value)
    else:
        write.warnings += strategy.warnings(value, old)
    strategy.canonicalize(value)


def check_version(resource: Resource, value: JsonObject, old: StoredObject, *, unconditional: bool) -> None:
    """Optimistic locking: raises StatusError 409, or 422 where a version has to be named."""
    given = value["metadata"].get("resourceVersion", "")
    if given in ("", "0"):
        if not unconditional:
            error = invalid("metadata.resourceVersion", 0, "must be specified for an update")
            raise StatusError.invalid_kind(resource.group, resource.plural, old.name, [error])
        value["metadata"]["resourceVersion"] = str(old.version)
    elif not given.isdecimal() or not given.isascii():
        raise StatusError(500, "", f"strconv.ParseUint: parsing {go_quote(given)}: invalid syntax")
    elif int(given) != old.version:
        raise StatusError.conflict(resource, old.name)


def check_uid(resource: Resource, value: JsonObject, old: StoredObject | None, key: str) -> None:
    """An object that names its uid means this one and no other. Raises StatusError 409."""
    given = value["metadata"].get("uid")
    if not given:
        return
    found = old.object["metadata"]["uid"] if old else ""
    if given == found:
        return
    problem = (
        f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, "
        f"AdditionalErrorMsg: Precondition failed: UID in precondition: {given}, UID in object meta: {found}"
    )
    raise StatusError.conflict(resource, value["metadata"]["name"], problem)


def delete_option_errors(options: DeleteOptions) -> list[FieldError]:
    """What is wrong with DeleteOptions by themselves."""
    errors = []
    if options.orphan_dependents is not None and options.propagation is not None:
        errors.append(invalid("propagationPolicy", options.propagation, _BOTH))
    known = (FOREGROUND, BACKGROUND, ORPHAN)
    if options.propagation is not None and options.propagation not in known:
        errors.append(not_supported("propagationPolicy", options.propagation, [*known, "nil"]))
    return errors


def check_preconditions(resource: Resource, old: StoredObject, options: DeleteOptions) -> None:
    """Raises StatusError 409 where the object is not the one that was meant."""
    uid = old.object["metadata"]["uid"]
    if resource is NAMESPACES:
        for name, given, found in (("UID", options.uid, uid), ("ResourceVersion", options.version, str(old.version))):
            if given not in (None, found):
                why = f"Precondition failed: {name} in precondition: {given}, {name} in object meta: {found}"
                raise StatusError.conflict(resource, old.name, why)
    if options.uid is not None and options.uid != uid:
        why = f"the UID in the precondition ({options.uid}) does not match the UID in record ({uid}). The object might "
        raise StatusError.precondition(resource, old.name, f"{why}have been deleted and then recreated")
    if options.version is not None and options.version != str(old.version):
        why = f"the ResourceVersion in the precondition ({options.version}) does not match the ResourceVersion in "
        why += f"record ({old.version}). The object might have been modified"
        raise StatusError.precondition(resource, old.name, why)


def deletion_finalizers(finalizers: list[str], options: DeleteOptions, default: str) -> list[str]:
    """The finalizers of an object that is being deleted: what is to become of its dependents is told by them."""
    others = [each for each in finalizers if each not in (ORPHAN_FINALIZER, FOREGROUND_FINALIZER)]
    wanted = options.propagation
    if options.orphan_dependents is not None:
        wanted = ORPHAN if options.orphan_dependents else BACKGROUND
    if wanted is None:
        given = next((each for each in finalizers if each in (ORPHAN_FINALIZER, FOREGROUND_FINALIZER)), "")
        wanted = {ORPHAN_FINALIZER: ORPHAN, FOREGROUND_FINALIZER: FOREGROUND}.get(given, default)
    added = {ORPHAN: [ORPHAN_FINALIZER], FOREGROUND: [FOREGROUND_FINALIZER]}.get(wanted, [])
    return finalizers if set(finalizers) == set(others + added) else others + added


def mark_deleted(metadata: JsonObject, now: str, grace_period: int) -> None:
    """The object is being deleted: it stays until its finalizers are gone and its grace period is over.

    A shorter grace period counts from when the first one began.
    """
    began = now
    if "deletionTimestamp" in metadata:
        began = later(metadata["deletionTimestamp"], -metadata.get("deletionGracePeriodSeconds", 0))
    elif metadata.get("generation", 0) > 0:
        metadata["generation"] += 1
    metadata["deletionTimestamp"] = max(later(began, grace_period), began if not grace_period else now)
    metadata["deletionGracePeriodSeconds"] = grace_period


def _restore(value: JsonObject, old: JsonObject, key: str) -> None:
    if key in old:
        value[key] = old[key]
    else:
        value.pop(key, None)
