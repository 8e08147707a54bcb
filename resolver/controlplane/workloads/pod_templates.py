"""Pods from the template of a workload, and names that are the same whenever the manifest is."""

from typing import Any, Final

import msgspec

from resolver.controlplane.controllers.ownership import controller_reference
from resolver.controlplane.stored_object import JsonObject, StoredObject

_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX: Final = 5
_OFFSET, _PRIME, _MASK = 2_166_136_261, 16_777_619, 0xFFFF_FFFF
"""FNV-1a, 32 bits."""

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def stable_hash(value: Any) -> int:
    """A number of 32 bits that depends on what a JSON value says alone."""
    result = _OFFSET
    for byte in _encode(value):
        result = ((result ^ byte) * _PRIME) & _MASK
    return result


def template_hash(template: JsonObject) -> str:
    """What tells one template from another in names, written as Kubernetes writes its hashes."""
    return "".join(_LETTERS[ord(digit) % len(_LETTERS)] for digit in str(stable_hash(template)))


def stable_suffix(*parts: str | int) -> str:
    """Five letters for the end of a generated name."""
    number = stable_hash(parts)
    letters = []
    for _ in range(_SUFFIX):
        number, letter = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[letter])
    return "".join(letters)


def pod_from(template: JsonObject, owner: StoredObject, name: str, *, generated: bool = True) -> JsonObject:
    """A new Pod of a workload, free to be changed. `generated`: it is named like one with a generateName."""
    metadata = template.get("metadata", {})
    resource = owner.resource
    reference = controller_reference(resource.api_version, resource.kind, owner.object["metadata"])
    made: JsonObject = {
        "name": name,
        "namespace": owner.namespace,
        "labels": dict(metadata.get("labels", {})),
        "annotations": dict(metadata.get("annotations", {})),
        "ownerReferences": [reference],
        "finalizers": list(metadata.get("finalizers", ())),
    }
    if generated:
        made["generateName"] = f"{owner.name}-"
    spec: JsonObject = msgspec.json.decode(_encode(template["spec"]))
    return {"metadata": made, "spec": spec}
