"""The controllers of an embedded cluster, in the order in which their work is done."""

from collections.abc import Callable
from dataclasses import dataclass

from resolver import limits
from resolver.controlplane.controllers.cluster_index import ClusterIndex
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.endpoint_slice_mirroring import MirroredSlices
from resolver.controlplane.controllers.endpoint_slices import EndpointSlices
from resolver.controlplane.controllers.endpoints import LegacyEndpoints
from resolver.controlplane.controllers.garbage import Garbage
from resolver.controlplane.controllers.namespaces import Namespaces
from resolver.controlplane.controllers.reconciling import Reconciler
from resolver.controlplane.workloads.daemon_sets import DaemonSets
from resolver.controlplane.workloads.deployments import Deployments
from resolver.controlplane.workloads.jobs import Jobs
from resolver.controlplane.workloads.kubelet import Kubelet
from resolver.controlplane.workloads.pod_ranges import PodRanges
from resolver.controlplane.workloads.replica_sets import ReplicaSets
from resolver.controlplane.workloads.simulated_nodes import SimulatedNodes
from resolver.controlplane.workloads.stateful_sets import StatefulSets


@dataclass(frozen=True)
class ControllerSettings:
    """kube-controller-manager's flags. `nodes`: simulated ones the cluster begins with.

    `pod_ranges` None: nothing is simulated, Nodes, Pods and workloads stay as they are written.
    """

    endpoints_per_slice: int = limits.ENDPOINTS_PER_SLICE
    mirrored_addresses: int = limits.MIRRORED_ADDRESSES
    pod_ranges: PodRanges | None = None
    nodes: int = limits.SIMULATED_NODES


@dataclass(frozen=True)
class ControllerSet:
    """`nodes` is None where nothing is simulated; else its `begin` is to be called once the others listen."""

    reconcilers: tuple[Reconciler, ...]
    nodes: SimulatedNodes | None


def controller_set(
    index: ClusterIndex, writer: ClusterWriter, clock: Callable[[], str], settings: ControllerSettings
) -> ControllerSet:
    """What has to happen before endpoints are right comes first, what nobody waits for comes last."""
    first: list[Reconciler] = [Namespaces(writer, clock)]
    nodes = None
    if settings.pod_ranges is not None:
        nodes = SimulatedNodes(index, writer, settings.pod_ranges, clock, settings.nodes)
        first += [
            nodes,
            Kubelet(index, writer, nodes, clock),
            ReplicaSets(index, writer, clock),
            StatefulSets(index, writer, clock),
            DaemonSets(index, writer, clock),
            Jobs(index, writer, clock),
            Deployments(index, writer, clock),
        ]
    last: list[Reconciler] = [
        EndpointSlices(index, writer, settings.endpoints_per_slice),
        MirroredSlices(index, writer, settings.mirrored_addresses),
        LegacyEndpoints(index, writer),
        Garbage(index, writer),
    ]
    return ControllerSet((*first, *last), nodes)
