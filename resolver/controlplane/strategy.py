"""How a kind is treated when it is written: kube-apiserver's registry strategies (apiserver pkg/registry/rest).

A strategy gets objects in the shape `decoding` gives them and may change them until validation. Each kind that needs
more than this default has a class of its own.
"""

from typing import Any

from resolver.controlplane.field_errors import FieldError
from resolver.controlplane.names import subdomain_problems
from resolver.controlplane.resources import Resource
from resolver.controlplane.write_request import DeleteOptions, Write

JsonObject = dict[str, Any]


class Strategy:
    """The default: status belongs to its subresource; a new generation with each change of spec, for some kinds."""

    create_on_update = False
    """PUT to a name that does not exist creates it."""
    unconditional_update = True
    """PUT without a resourceVersion replaces whatever is there."""
    qualified_finalizers = True
    """A finalizer needs a domain, unless it is one of Kubernetes' own."""
    judges_generate_name = False
    """metadata.generateName is judged in an update too."""
    has_generation = False
    keeps_status = False
    """A create keeps the status it is given, and so does an update."""
    default_propagation = ""
    """What a delete without a propagationPolicy means for dependents, where it is not Background."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource

    def recalled(self, value: JsonObject) -> JsonObject:
        """A stored object as an update sees it: with what is kept of it and never shown."""
        return value

    # -- before anything else, in order

    def default(self, value: JsonObject) -> None:
        """Fills in what the API fills in on decoding."""

    def admit(self, value: JsonObject, old: JsonObject | None, write: Write) -> None:
        """What admission plug-ins change or refuse. Raises StatusError."""

    def begin_create(self, value: JsonObject, write: Write) -> None:
        """Allocates. Name, uid and creationTimestamp are set. Raises StatusError."""

    def begin_update(self, value: JsonObject, old: JsonObject, write: Write) -> None:
        """Allocates and notes what to release. Raises StatusError."""

    # -- creating

    def prepare_create(self, value: JsonObject) -> None:
        """Drops what the author of a new object may not say."""
        if self.resource.has_status and not self.keeps_status:
            value.pop("status", None)
        if self.has_generation:
            value["metadata"]["generation"] = 1

    def name_problems(self, name: str) -> list[str]:
        return subdomain_problems(name)

    def validate(self, value: JsonObject) -> list[FieldError]:
        """All but metadata, which `metadata_errors` judges before."""
        return []

    def warnings(self, value: JsonObject, old: JsonObject | None) -> list[str]:
        return []

    def canonicalize(self, value: JsonObject) -> None:
        """Changes what has been found valid into the form that is stored, on every write."""

    # -- updating

    def prepare_update(self, value: JsonObject, old: JsonObject) -> None:
        """Takes from the old object what an update may not change. metadata.generation is the old one."""
        if self.resource.has_status and not self.keeps_status:
            _take(value, old, "status")
        if self.has_generation and value.get("spec") != old.get("spec"):
            value["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        """All but metadata, which `metadata_update_errors` judges before."""
        return self.validate(value)

    def prepare_subresource(self, subresource: str, value: JsonObject, old: JsonObject) -> None:
        """The same for a subresource, ``status`` mostly: all else stays as it is."""
        for key in set(value) | set(old):
            if key not in ("metadata", "status", "kind", "apiVersion"):
                _take(value, old, key)

    def validate_subresource(self, subresource: str, value: JsonObject, old: JsonObject) -> list[FieldError]:
        return []

    def subresource_warnings(self, subresource: str, value: JsonObject) -> list[str]:
        return []

    # -- deleting

    def check_delete(self, value: JsonObject, options: DeleteOptions, write: Write) -> None:
        """Refuses a delete. Raises StatusError."""

    def grace_period(self, value: JsonObject, options: DeleteOptions) -> int | None:
        """Seconds someone else is given to end the object before it is deleted for good; None: it goes at once."""
        return None

    def keeps_until_finalized(self, value: JsonObject) -> bool:
        """It stays, terminating, for a reason of its own (a Namespace with spec.finalizers)."""
        return False

    def prepare_termination(self, value: JsonObject) -> None:
        """What else changes in an object that is being deleted but stays for a while."""

    def after_delete(self, value: JsonObject, write: Write) -> None:
        """Releases what the object held. Not called in a dry run."""


def _take(value: JsonObject, old: JsonObject, key: str) -> None:
    if key in old:
        value[key] = old[key]
    else:
        value.pop(key, None)
