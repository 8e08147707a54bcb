"""One document written into the embedded cluster, as ``kubectl apply --server-side --force-conflicts`` would.

What a document says about the status of a Service, Pod or Node is written, too: nobody else is there to do it.
"""

import difflib
import re
from collections.abc import Callable
from typing import Final

from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.decoding import IGNORE, STRICT, Decoded, decode, unknown_fields
from resolver.controlplane.manifest_places import Document, ManifestProblem
from resolver.controlplane.manifest_wanted import Wanted
from resolver.controlplane.patches.managed_fields import AppliedOptions
from resolver.controlplane.patches.server_side_apply import Application, apply
from resolver.controlplane.resources import NAMESPACES, SERVICES
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.write_request import WriteOptions

_OTHER_RANGE: Final = re.compile(r"does not match the current range|not in the valid range|not in any|no .*ServiceCIDR")
_UNSUPPORTED: Final = re.compile(r'Unsupported value: "([^"]*)": supported values: (.+)')
_QUOTED: Final = re.compile(r'"([^"]*)"')
_MEANT: Final = {"headless": "ClusterIP, with clusterIP: None"}
_RANGE_HINT: Final = "; --service-cluster-ip-range says which addresses Services have"


class DocumentWriter:
    """`clock`: metav1.Time text. `field_validation`: STRICT refuses unknown fields, IGNORE leaves them out."""

    def __init__(self, api: ClusterApi, clock: Callable[[], str], field_validation: str) -> None:
        self._api = api
        self._clock = clock
        self._strict = field_validation == STRICT

    def make_namespace(self, name: str, manager: str) -> None:
        """Makes the namespace if it is not there. Raises StatusError."""
        if self._api.store.get(NAMESPACES, "", name) is None:
            self._api.create(NAMESPACES, "", {"metadata": {"name": name}}, WriteOptions(manager=manager))

    def write(self, wanted: Wanted, manager: str, config: JsonObject, status: JsonObject | None) -> StoredObject:
        """Makes or changes the object: `config`, then `status` where it is not None. Raises StatusError."""
        resource, namespace, name = wanted.key
        stored = self._write(wanted, manager, config, "")
        if status is None:
            return stored
        metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
        head = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}
        return self._write(wanted, manager, {**head, "status": status}, "status")

    def _write(self, wanted: Wanted, manager: str, config: JsonObject, subresource: str) -> StoredObject:
        resource, namespace, name = wanted.key
        if self._strict:
            decode(resource, config, STRICT)
        elif unknown_fields(resource, config):  # which an apply would refuse
            config = decode(resource, config, IGNORE).value
        application = Application(resource, manager, force=True, now=self._clock(), subresource=subresource)
        options = AppliedOptions(manager=manager, subresource=subresource)

        def produce(live: JsonObject | None) -> Decoded:
            return decode(resource, apply(application, live, config), IGNORE)

        return self._api.patch(resource, namespace, name, produce, options, create=not subresource).stored


def refusals(document: Document, error: StatusError) -> list[ManifestProblem]:
    """A refusal in words for whoever wrote the document: one problem for each field, at its place."""
    named = [cause for cause in error.causes if cause.field]
    if not named:
        return [document.problem("", error.message)]
    found = [
        document.problem(_as_written(document, cause.field), cause.message + _hint(document, cause.message))
        for cause in named
    ]
    return list(dict.fromkeys(found))


def _as_written(document: Document, field: str) -> str:
    """The API speaks of clusterIPs where only clusterIP was written."""
    spec = document.value.get("spec")
    if field.startswith("spec.clusterIPs") and isinstance(spec, dict) and not spec.get("clusterIPs"):
        return "spec.clusterIP"
    return field


def _hint(document: Document, message: str) -> str:
    """What to write instead, where the API does not say."""
    if document.kind == SERVICES.kind and _OTHER_RANGE.search(message):
        return _RANGE_HINT
    found = _UNSUPPORTED.match(message)
    if found is None:
        return ""
    value, supported = found[1].casefold(), {word.casefold(): word for word in _QUOTED.findall(found[2])} | _MEANT
    near = difflib.get_close_matches(value, supported, n=1)
    return f"; write {supported[near[0]]}" if near else ""
