"""The strategies of all kinds but Services, Namespaces, IPAddresses and ServiceCIDRs."""

from resolver.controlplane.kinds.endpoints import EndpointSliceStrategy, EndpointsStrategy
from resolver.controlplane.kinds.ingresses import IngressStrategy
from resolver.controlplane.kinds.jobs import JobStrategy
from resolver.controlplane.kinds.nodes import NodeStrategy
from resolver.controlplane.kinds.pods import PodStrategy
from resolver.controlplane.kinds.stored_kinds import (
    ConfigMapStrategy,
    EventStrategy,
    LeaseStrategy,
    SecretStrategy,
    ServiceAccountStrategy,
)
from resolver.controlplane.kinds.workloads import (
    DaemonSetStrategy,
    DeploymentStrategy,
    ReplicaSetStrategy,
    StatefulSetStrategy,
)
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import Resource
from resolver.controlplane.strategy import Strategy


def kind_strategies(store: ObjectStore) -> dict[Resource, Strategy]:
    """Kinds that are not here are treated as `Strategy` does."""
    strategies: list[Strategy] = [
        PodStrategy(store),
        NodeStrategy(),
        EndpointsStrategy(),
        EndpointSliceStrategy(),
        DeploymentStrategy(),
        ReplicaSetStrategy(),
        StatefulSetStrategy(),
        DaemonSetStrategy(),
        JobStrategy(),
        IngressStrategy(),
        ConfigMapStrategy(),
        SecretStrategy(),
        ServiceAccountStrategy(),
        EventStrategy(),
        LeaseStrategy(),
    ]
    return {each.resource: each for each in strategies}
