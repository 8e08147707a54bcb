"""Applies single documents to the embedded cluster, each for itself: what Python and tests ask for."""

from collections.abc import Callable, Sequence
from typing import Final

from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.decoding import STRICT
from resolver.controlplane.document_writing import DocumentWriter, refusals
from resolver.controlplane.manifest_places import ManifestProblem
from resolver.controlplane.manifest_wanted import Wanted
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject

MANAGER: Final = "dualdns"


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
        self._writer = DocumentWriter(api, clock, STRICT)

    def apply(self, wanted: Wanted) -> StoredObject:
        """Makes or changes one object; its namespace comes into being with it. Raises StatusError."""
        _, namespace, _ = wanted.key
        if namespace:
            self._writer.make_namespace(namespace, MANAGER)
        with self._api.store.transaction():
            return self._writer.write(wanted, MANAGER, wanted.config, wanted.status)

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
                problems += refusals(wanted.document, error)
        if errors:
            raise Refused(problems, errors)
        return [applied[number] for number in range(len(documents))]
