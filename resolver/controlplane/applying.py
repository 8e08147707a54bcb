"""Applies single documents to the embedded cluster, as ``kubectl apply --server-side --force-conflicts`` would.

What a document says about the status of a Service, Pod or Node is written, too: nobody else is there to do it.
"""

from collections.abc import Callable, Sequence
from typing import Final

from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.decoding import STRICT, WARN, Decoded, decode
from resolver.controlplane.manifest_places import ManifestProblem
from resolver.controlplane.manifest_wanted import Wanted
from resolver.controlplane.patches.managed_fields import AppliedOptions
from resolver.controlplane.patches.server_side_apply import Application, apply
from resolver.controlplane.resources import NAMESPACES
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.write_request import WriteOptions

MANAGER: Final = "dualdns"
_OPTIONS: Final = WriteOptions(manager=MANAGER)


class Refused(Exception):
    """Some documents could not be applied; the others have been. `errors` are the API's, in the documents' order."""

    def __init__(self, problems: Sequence[ManifestProblem], errors: Sequence[StatusError] = ()) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)
        self.errors = tuple(errors)


class Applier:
    """`clock`: metav1.Time text."""

    def __init__(self, api: ClusterApi, clock: Callable[[], str]) -> None:
        self._api = api
        self._clock = clock

    def apply(self, wanted: Wanted) -> StoredObject:
        """Makes or changes one object; its namespace comes into being with it. Raises StatusError."""
        resource, namespace, name = wanted.key
        if namespace and self._api.store.get(NAMESPACES, "", namespace) is None:
            self._api.create(NAMESPACES, "", {"metadata": {"name": namespace}}, _OPTIONS)
        with self._api.store.transaction():
            stored = self._apply_part(wanted, wanted.config, "")
            if wanted.status is None:
                return stored
            metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
            head = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}
            return self._apply_part(wanted, {**head, "status": wanted.status}, "status")

    def apply_all(self, documents: Sequence[Wanted]) -> list[StoredObject]:
        """Each, Services with fixed addresses before those that take what is left. Raises Refused after the last."""
        applied: dict[int, StoredObject] = {}
        problems: list[ManifestProblem] = []
        errors: list[StatusError] = []
        for number, wanted in sorted(enumerate(documents), key=lambda each: each[1].rank):
            try:
                applied[number] = self.apply(wanted)
            except StatusError as error:
                errors.append(error)
                problems += refusals(wanted, error)
        if errors:
            raise Refused(problems, errors)
        return [applied[number] for number in range(len(documents))]

    def _apply_part(self, wanted: Wanted, config: JsonObject, subresource: str) -> StoredObject:
        resource, namespace, name = wanted.key
        decode(resource, config, STRICT)
        application = Application(resource, MANAGER, force=True, now=self._clock(), subresource=subresource)
        options = AppliedOptions(manager=MANAGER, subresource=subresource)

        def produce(live: JsonObject | None) -> Decoded:
            return decode(resource, apply(application, live, config), WARN)

        return self._api.patch(resource, namespace, name, produce, options, create=not subresource).stored


def refusals(wanted: Wanted, error: StatusError) -> list[ManifestProblem]:
    """What the API says of a document, each at the place of the field it names."""
    named = [cause for cause in error.causes if cause.field]
    if not named:
        return [wanted.document.problem("", error.message)]
    return list(dict.fromkeys(wanted.document.problem(each.field, each.message) for each in named))
