"""What is watched, and who is told."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Protocol

from resolver.cluster.objects import ClusterObject, Kind
from resolver.kubeapi.commands import List, Watch

LIVE_PODS: Final = "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown"
"""Field selector for Pods that can have a name (CoreDNS kubernetes/controller.go)."""


class ClusterSink(Protocol):
    """Who holds the cluster's objects: `resolver.cluster.inventory.Inventory`, or a test's recorder."""

    def replace(self, kind: Kind, objects: Iterable[ClusterObject]) -> int:
        """Takes the whole list of a kind; returns how many objects differed from what was held."""

    def apply(self, kind: Kind, changes: Sequence[tuple[str, ClusterObject]]) -> None:
        """Takes a batch of (``ADDED`` | ``MODIFIED`` | ``DELETED``, object), in order."""


class WatchedKind(NamedTuple):
    """A kind to watch in all namespaces; the selectors are the API's own text, empty for everything."""

    kind: Kind
    label_selector: str = ""
    field_selector: str = ""

    def query(self, command: List | Watch) -> dict[str, str]:
        """The request's parameters (meta/v1 ListOptions)."""
        wanted = {
            "labelSelector": self.label_selector,
            "fieldSelector": self.field_selector,
            "resourceVersion": command.resource_version,
        }
        if isinstance(command, List):
            wanted["limit"] = str(command.limit or "")
            wanted["continue"] = command.continue_token
            wanted["resourceVersionMatch"] = command.match
        else:
            wanted["watch"] = "true"
            wanted["allowWatchBookmarks"] = "true"
            wanted["timeoutSeconds"] = str(command.timeout)
            if command.initial_events:
                wanted["sendInitialEvents"] = "true"
                wanted["resourceVersionMatch"] = "NotOlderThan"
        return {name: value for name, value in wanted.items() if value}
