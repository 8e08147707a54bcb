"""Which cluster a block wants to see, and how much of it."""

from dataclasses import dataclass, replace
from typing import Self

from resolver.cluster.objects import ENDPOINT_SLICES, NAMESPACES, PODS, SERVICE_IMPORTS, SERVICES, Kind


@dataclass(frozen=True, slots=True)
class Location:
    """Where the API is and what it is asked to leave out: equal locations share one inventory and one set of watches.

    All empty means: what the command line says, else KUBECONFIG, else the service account of the Pod.
    """

    endpoint: str = ""
    tls: tuple[str, str, str] | None = None  # certificate, key and CA files
    kubeconfig: str = ""
    context: str = ""
    labels: str = ""
    namespace_labels: str = ""


@dataclass(frozen=True, slots=True)
class ClusterRequest:
    """A location, the kinds needed from it, and the details of endpoints to keep."""

    location: Location
    endpoints: bool = True
    pods: bool = False
    multicluster: bool = False
    targets: bool = False
    zones: bool = False

    def kinds(self) -> list[Kind]:
        """The kinds to watch: an inventory is synced when each has come once."""
        kinds = [NAMESPACES, SERVICES]
        if self.endpoints or self.multicluster:
            kinds.append(ENDPOINT_SLICES)
        if self.pods:
            kinds.append(PODS)
        if self.multicluster:
            kinds.append(SERVICE_IMPORTS)
        return kinds

    def joined(self, other: Self) -> Self:
        """What serves both: all that either needs."""
        return replace(
            self,
            endpoints=self.endpoints or other.endpoints,
            pods=self.pods or other.pods,
            multicluster=self.multicluster or other.multicluster,
            targets=self.targets or other.targets,
            zones=self.zones or other.zones,
        )
