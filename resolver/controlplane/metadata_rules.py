"""Validation of metadata, alike for all kinds (apimachinery pkg/api/validation/objectmeta.go)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from resolver.controlplane.field_errors import FieldError, forbidden, invalid, required, too_long
from resolver.controlplane.names import (
    NameCheck,
    label_key_problems,
    label_problems,
    label_value_problems,
    path_segment_problems,
)

JsonObject = dict[str, Any]

ANNOTATIONS_MOST: Final = 256 << 10  # bytes of all annotations of one object together
ORPHAN: Final = "orphan"
FOREGROUND: Final = "foregroundDeletion"
IMMUTABLE: Final = "field is immutable"
_STANDARD_FINALIZERS: Final = ("kubernetes", ORPHAN, FOREGROUND)


def metadata_errors(
    metadata: JsonObject, namespaced: bool, name_check: NameCheck, *, qualified: bool = True
) -> list[FieldError]:
    """What is wrong with the metadata of an object that is about to be created, its name generated already.

    `qualified`: finalizers need a domain.
    """
    errors = generate_name_errors(metadata, name_check)
    name = metadata.get("name", "")
    if not name:
        errors.append(required("metadata.name", "name or generateName is required"))
    else:
        errors += [invalid("metadata.name", name, each) for each in name_check(name)]
    namespace = metadata.get("namespace", "")
    if namespaced and not namespace:
        errors.append(required("metadata.namespace"))
    elif namespaced:
        errors += [invalid("metadata.namespace", namespace, each) for each in label_problems(namespace)]
    elif namespace:
        errors.append(forbidden("metadata.namespace", "not allowed on this type"))
    errors += _common_errors(metadata)
    errors += _all_finalizer_errors(metadata.get("finalizers") or (), qualified)
    return errors


def generate_name_errors(metadata: JsonObject, name_check: NameCheck) -> list[FieldError]:
    """What is wrong with the beginning of a name, a dash at its end aside."""
    generate_name = metadata.get("generateName", "")
    masked = generate_name
    if name_check is not path_segment_problems and len(generate_name) > 1 and generate_name.endswith("-"):
        masked = f"{generate_name[:-2]}a"
    return [invalid("metadata.generateName", generate_name, each) for each in name_check(masked) if generate_name]


def metadata_update_errors(metadata: JsonObject, old: JsonObject) -> list[FieldError]:
    """What is wrong with metadata that is to replace `old`."""
    errors = []
    if old.get("deletionTimestamp"):
        new = set(metadata.get("finalizers") or ()) - set(old.get("finalizers") or ())
        if new:
            listed = ", ".join(f'"{each}"' for each in sorted(new))
            words = "no new finalizers can be added if the object is being deleted, found new finalizers"
            errors.append(forbidden("metadata.finalizers", f"{words} []string{{{listed}}}"))
    if not metadata.get("resourceVersion"):
        errors.append(invalid("metadata.resourceVersion", "", "must be specified for an update"))
    for field in ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"):
        if metadata.get(field) != old.get(field):
            shown = metadata.get(field, "" if field in ("name", "namespace", "uid") else None)
            errors.append(invalid(f"metadata.{field}", shown, IMMUTABLE))
    return errors + _common_errors(metadata)


def label_errors(labels: Mapping[str, str], field: str) -> list[FieldError]:
    """Labels, or a selector of labels."""
    errors = []
    for key, value in labels.items():
        errors += [invalid(field, key, each) for each in label_key_problems(key)]
        errors += [invalid(field, value, each) for each in label_value_problems(value)]
    return errors


def _common_errors(metadata: JsonObject) -> list[FieldError]:
    errors = []
    if metadata.get("generation", 0) < 0:
        errors.append(invalid("metadata.generation", metadata["generation"], "must be greater than or equal to 0"))
    if labels := metadata.get("labels"):
        errors += label_errors(labels, "metadata.labels")
    if annotations := metadata.get("annotations"):
        errors += annotation_errors(annotations)
    if owners := metadata.get("ownerReferences"):
        errors += _owner_errors(owners)
    return errors


def annotation_errors(annotations: Mapping[str, str], field: str = "metadata.annotations") -> list[FieldError]:
    """Keys as those of labels, letter case aside; any text, not too much of it."""
    errors = [invalid(field, key, each) for key in annotations for each in label_key_problems(key.lower())]
    if sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items()) > ANNOTATIONS_MOST:
        errors.append(too_long(field, ANNOTATIONS_MOST))
    return errors


def _owner_errors(owners: Sequence[JsonObject]) -> list[FieldError]:
    errors = []
    controller = ""
    for index, owner in enumerate(owners):
        field = f"metadata.ownerReferences[{index}]"
        api_version = owner["apiVersion"]
        group, _, version = api_version.rpartition("/")
        if not api_version:
            errors.append(required(f"{field}.apiVersion", "must not be empty"))
        elif "/" in group or not version:
            errors.append(invalid(f"{field}.apiVersion", api_version, "must be <group>/<version> or <version>"))
        for part in ("kind", "name", "uid"):
            if not owner[part]:
                errors.append(required(f"{field}.{part}", "must not be empty"))
        if (api_version, owner["kind"]) == ("v1", "Event"):
            errors.append(invalid(field, owner, "/v1, Kind=Event is disallowed from being an owner"))
        if owner.get("controller"):
            this = f"{owner['kind']}/{owner['name']}"
            if controller:
                words = 'Only one reference can have Controller set to true. Found "true" in references for'
                errors.append(invalid("metadata.ownerReferences", owners, f"{words} {controller} and {this}"))
            else:
                controller = this
    return errors


def finalizer_errors(field: str, place: str, finalizer: str) -> list[FieldError]:
    """A finalizer is a name with a domain, or one of Kubernetes' own. `place` is the field with an index."""
    errors = [invalid(field, finalizer, each) for each in label_key_problems(finalizer)]
    return errors + _unqualified(place, finalizer)


def _unqualified(place: str, finalizer: str) -> list[FieldError]:
    if "/" in finalizer or finalizer in _STANDARD_FINALIZERS:
        return []
    return [invalid(place, finalizer, "name is neither a standard finalizer name nor is it fully qualified")]


def _all_finalizer_errors(finalizers: Sequence[str], qualified: bool) -> list[FieldError]:
    field = "metadata.finalizers"
    errors = [invalid(field, finalizer, each) for finalizer in finalizers for each in label_key_problems(finalizer)]
    if ORPHAN in finalizers and FOREGROUND in finalizers:
        words = f"finalizer {ORPHAN} and {FOREGROUND} cannot be both set"
        errors.append(invalid(field, list(finalizers), words))
    if qualified:
        errors += [error for index, each in enumerate(finalizers) for error in _unqualified(f"{field}[{index}]", each)]
    return errors
