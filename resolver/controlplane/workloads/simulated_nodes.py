"""Simulated Nodes: those the cluster begins with, those it grows by, and what a user's own Nodes lack."""

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Final

from resolver.controlplane.controllers.cluster_index import ClusterIndex
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.node_facts import SIMULATED, ZONE
from resolver.controlplane.object_store import DELETED, Change
from resolver.controlplane.resources import NODES
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.workloads.pod_ranges import PodRanges

ZONES: Final = ("zone-a", "zone-b", "zone-c")
_NOT_READY: Final = "node.kubernetes.io/not-ready"
_ADDRESSES: Final = {4: int(ip_address("198.18.0.10")), 6: int(ip_address("2001:db8:0:1::10"))}
"""Nodes count their own addresses from here: ranges for tests (RFC 2544) and documentation (RFC 3849)."""

_CONDITIONS: Final = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "simulated by dualdns: nothing runs here"),
)
_CAPACITY: Final = {"cpu": "4", "ephemeral-storage": "100Gi", "memory": "16Gi", "pods": "250"}
_INFO: Final = {
    "machineID": "",
    "systemUUID": "",
    "bootID": "",
    "kernelVersion": "simulated",
    "osImage": "dualdns simulation",
    "containerRuntimeVersion": "simulated://0",
    "kubeletVersion": "v1.37.2",
    "kubeProxyVersion": "",
    "operatingSystem": "linux",
    "architecture": "amd64",
}


class SimulatedNodes:
    """Keys are names of Nodes. `count`: how many there are from the start. `clock`: metav1.Time text."""

    name = "nodes"
    kinds = frozenset((NODES,))
    sees_own = True

    def __init__(
        self, index: ClusterIndex, writer: ClusterWriter, ranges: PodRanges, clock: Callable[[], str], count: int
    ) -> None:
        self._index = index
        self._writer = writer
        self._store = writer.store
        self._ranges = ranges
        self._clock = clock
        self._count = count

    def begin(self) -> None:
        """Makes the first nodes, unless there are any."""
        if not self._store.count(NODES):
            for _ in range(self._count):
                self.grow()

    def grow(self, name: str = "") -> bool:
        """Adds a node; False where the Pod ranges have no piece left for it. Without a name it is node-1, node-2, …"""
        cidrs = self._free_cidrs()
        if not cidrs:
            return False
        number = 1
        while not name and self._store.get(NODES, "", f"node-{number}") is not None:
            number += 1
        name = name or f"node-{number}"
        labels = {
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "topology.kubernetes.io/region": "region-1",
            ZONE: ZONES[self._store.count(NODES) % len(ZONES)],
        }
        metadata = {"name": name, "labels": labels, "annotations": {SIMULATED: "true"}}
        node = self._writer.create(NODES, {"metadata": metadata, "spec": {"podCIDR": cidrs[0], "podCIDRs": [*cidrs]}})
        self._complete(node)
        return True

    def names_can_be_made_up(self) -> bool:
        """A Pod may name a node that is not there: nobody has brought Nodes of their own."""
        return all(each.simulated for each in self._index.nodes.values())

    def keys(self, change: Change, touched: Iterable[str]) -> Iterable[str]:
        return () if change.type == DELETED else (change.now.name,)

    def reconcile(self, key: str) -> bool:
        node = self._store.get(NODES, "", key)
        if node is not None and "deletionTimestamp" not in node.object["metadata"]:
            self._complete(node)
        return False

    def _complete(self, node: StoredObject) -> None:
        """Gives a Node what it lacks: podCIDRs, addresses, and readiness where it says nothing about that."""
        value = node.copy()
        spec = value.setdefault("spec", {})
        if not spec.get("podCIDRs"):
            cidrs = self._free_cidrs()
            if cidrs:
                spec |= {"podCIDR": cidrs[0], "podCIDRs": [*cidrs]}
        status = value.setdefault("status", {})
        told = {each["type"] for each in status.get("conditions", ())}
        if "Ready" not in told:
            spec["taints"] = [each for each in spec.get("taints", ()) if each["key"] != _NOT_READY]
            node = self._writer.update(node, value)
            value = node.copy()
            status = value.setdefault("status", {})
            status["conditions"] = [*status.get("conditions", ()), *self._conditions(told)]
            status["nodeInfo"] = {**_INFO, **{key: each for key, each in status.get("nodeInfo", {}).items() if each}}
            for field in ("capacity", "allocatable"):
                status.setdefault(field, dict(_CAPACITY))
        elif spec != node.object.get("spec", {}):
            node = self._writer.update(node, value)
            value = node.copy()
            status = value.setdefault("status", {})
        if not any(each["type"] == "InternalIP" for each in status.get("addresses", ())):
            status["addresses"] = [*self._addresses(), {"type": "Hostname", "address": node.name}]
        self._writer.update(node, value, "status")

    def _conditions(self, told: set[str]) -> list[JsonObject]:
        now = self._clock()
        times = {"lastHeartbeatTime": now, "lastTransitionTime": now}
        return [
            {"type": type, "status": status, **times, "reason": reason, "message": message}
            for type, status, reason, message in _CONDITIONS
            if type not in told
        ]

    def _addresses(self) -> list[JsonObject]:
        """The first free ones, of the families Pods have."""
        taken = {each for node in self._index.nodes.values() for each in node.ips}
        found: list[JsonObject] = []
        for each in self._ranges.ranges:
            number = _ADDRESSES[each.network.version]
            while str(ip_address(number)) in taken:
                number += 1
            found.append({"type": "InternalIP", "address": str(ip_address(number))})
        return found

    def _free_cidrs(self) -> tuple[str, ...]:
        """The first podCIDRs that no Node has any of; none where all are taken."""
        taken = {each for node in self._index.nodes.values() for each in node.cidrs}
        return next((each for each in self._ranges.pieces() if taken.isdisjoint(each)), ())
