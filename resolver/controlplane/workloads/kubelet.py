"""Gives each Pod a node and addresses and lets it run at once. Probes are not run, images are not pulled.

A status is written once, when a Pod has none yet. What someone else writes into it afterwards stays; only a change of
the Pod's own annotations is answered by another status.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from resolver.controlplane.controllers.cluster_index import ClusterIndex, is_going
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.node_facts import NodeFacts
from resolver.controlplane.object_store import DELETED, Change
from resolver.controlplane.resources import NODES, PODS
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.workloads.pod_addresses import PodAddresses
from resolver.controlplane.workloads.pod_status import running_status, steered_status, unscheduled_status
from resolver.controlplane.workloads.simulated_nodes import SimulatedNodes
from resolver.controlplane.workloads.steering import PHASE, READY, BadSteering, Steering, steering
from resolver.controlplane.write_request import DeleteOptions

TOPOLOGY: Final = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")
"""Labels of a node that its Pods get (admission plug-in PodTopologyLabels)."""

_AT_ONCE: Final = DeleteOptions(grace_period=0)


class PodKey(NamedTuple):
    """A Pod, and whether its annotations have changed."""

    key: str
    steered: bool = False


class Kubelet:
    """`clock`: metav1.Time text."""

    name = "pods"
    kinds = frozenset((PODS, NODES))
    sees_own = True

    def __init__(
        self, index: ClusterIndex, writer: ClusterWriter, nodes: SimulatedNodes, clock: Callable[[], str]
    ) -> None:
        self._index = index
        self._writer = writer
        self._store = writer.store
        self._nodes = nodes
        self._clock = clock
        self._addresses = PodAddresses(index)
        self._waiting: dict[str, None] = {}

    def keys(self, change: Change, touched: Iterable[str]) -> Iterator[PodKey]:
        if change.now.resource is NODES or change.type == DELETED:
            self._waiting.pop(change.now.key, None)
            yield from map(PodKey, self._waiting)
        elif change.before is None or is_going(change.now) or _is_new(change.now):
            yield PodKey(change.now.key)
        elif _steering_annotations(change.before) != _steering_annotations(change.now):
            yield PodKey(change.now.key, steered=True)

    def reconcile(self, key: PodKey) -> bool:
        namespace, _, name = key.key.partition("/")
        pod = self._store.get(PODS, namespace, name)
        if pod is None:
            return False
        if is_going(pod):
            self._writer.delete(pod, _AT_ONCE)
        elif _is_new(pod):
            return self._place(pod)
        elif key.steered:
            self._steer(pod)
        else:
            self._bind(pod)
        return False

    def _place(self, pod: StoredObject) -> bool:
        """Runs a Pod, or says why it cannot; True where another node has been added for it."""
        try:
            wanted = steering(pod.object["metadata"].get("annotations", {}))
        except BadSteering as error:
            self._refuse(pod, str(error))
            return False
        if wanted.phase == "Pending":
            return False
        given = self._addresses.wanted(wanted.addresses)
        nodes = self._candidates(pod)
        for node in nodes:
            ips = given or self._addresses_on(node, pod)
            if ips:
                self._run(pod, node, ips, wanted)
                return False
        name = pod.object["spec"].get("nodeName", "")
        if name and nodes:
            self._refuse(pod, f"no address is left in the podCIDRs of node {name}")
        elif name and not self._nodes.names_can_be_made_up():
            self._refuse(pod, f"there is no node {name}")
        elif not name and not nodes and pod.object["spec"].get("nodeSelector"):
            self._refuse(pod, "no node has the labels that spec.nodeSelector asks for")
        elif self._nodes.grow(name):
            return True
        else:
            self._refuse(pod, "no address is left in the cluster's Pod ranges")
        return False

    def _candidates(self, pod: StoredObject) -> list[NodeFacts]:
        """The node the Pod names, or those it may have: a user's own before simulated ones, fewest Pods first."""
        spec = pod.object["spec"]
        nodes = self._index.nodes
        if name := spec.get("nodeName"):
            return [nodes[name]] if name in nodes else []
        wanted = spec.get("nodeSelector", {}).items()
        found = [each for each in nodes.values() if each.schedulable and wanted <= each.labels.items()]
        return sorted(found, key=lambda each: (each.simulated, self._index.pods_on(each.name), each.name))

    def _addresses_on(self, node: NodeFacts, pod: StoredObject) -> Sequence[str]:
        if pod.object["spec"].get("hostNetwork"):
            return node.ips
        return self._addresses.pick(node.name, node.cidrs)

    def _bind(self, pod: StoredObject) -> None:
        """Someone has written the status of a Pod that has no node, or one that is not there: only that is mended."""
        name = pod.object["spec"].get("nodeName", "")
        if name:
            if name not in self._index.nodes and self._nodes.names_can_be_made_up():
                self._nodes.grow(name)
        elif nodes := self._candidates(pod):
            self._writer.overwrite(pod, _bound(pod, nodes[0]))

    def _run(self, pod: StoredObject, node: NodeFacts, ips: Sequence[str], wanted: Steering) -> None:
        value = _bound(pod, node)
        value["status"] = running_status(value, node.ips, ips, wanted, self._clock())
        self._waiting.pop(pod.key, None)
        self._writer.overwrite(pod, value)

    def _refuse(self, pod: StoredObject, message: str) -> None:
        self._waiting[pod.key] = None
        value = pod.copy()
        value["status"] = unscheduled_status(value.get("status", {}), message, self._clock())
        self._writer.overwrite(pod, value)

    def _steer(self, pod: StoredObject) -> None:
        """The annotations of a running Pod have changed."""
        value = pod.copy()
        try:
            wanted = steering(value["metadata"].get("annotations", {}))
        except BadSteering:
            return
        status: JsonObject = value["status"]
        if wanted.phase != status["phase"]:
            ips = [each["ip"] for each in status.get("podIPs", ())]
            hosts = [each["ip"] for each in status.get("hostIPs", ())]
            value["status"] = running_status(value, hosts, ips, wanted, self._clock())
        else:
            value["status"] = steered_status(status, wanted.ready, self._clock())
        self._writer.overwrite(pod, value)


def _bound(pod: StoredObject, node: NodeFacts) -> JsonObject:
    """The Pod on the node, whose zone and region it says from now."""
    value = pod.copy()
    value["spec"]["nodeName"] = node.name
    found = {key: node.labels[key] for key in TOPOLOGY if key in node.labels}
    if found:
        value["metadata"]["labels"] = {**value["metadata"].get("labels", {}), **found}
    return value


def _is_new(pod: StoredObject) -> bool:
    """No one has said yet what it does."""
    status = pod.object.get("status", {})
    if status.get("phase", "Pending") != "Pending" or status.get("podIPs"):
        return False
    return all(each["type"] == "PodScheduled" and each["status"] == "False" for each in status.get("conditions", ()))


def _steering_annotations(pod: StoredObject) -> tuple[str | None, str | None]:
    annotations = pod.object["metadata"].get("annotations", {})
    return annotations.get(READY), annotations.get(PHASE)
