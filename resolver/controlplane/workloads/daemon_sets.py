"""DaemonSets: a Pod on each node that has the labels asked for."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from resolver import limits
from resolver.controlplane.controllers.cluster_index import is_going
from resolver.controlplane.controllers.ownership import Selector, claimed_pods
from resolver.controlplane.controllers.pod_facts import PodFacts
from resolver.controlplane.object_store import Change
from resolver.controlplane.resources import DAEMON_SETS, NODES, PODS, Resource
from resolver.controlplane.stored_object import StoredObject
from resolver.controlplane.workloads.pod_templates import pod_from, template_hash
from resolver.controlplane.workloads.rollouts import bounds
from resolver.controlplane.workloads.stateful_sets import REVISION_LABEL
from resolver.controlplane.workloads.workload import Workload

GENERATION_LABEL: Final = "pod-template-generation"


class DaemonSets(Workload):
    name = "daemon sets"
    resource = DAEMON_SETS

    @property
    def kinds(self) -> frozenset[Resource]:
        return super().kinds | {NODES}

    def keys(self, change: Change, touched: Iterable[str]) -> Iterable[str]:
        """A Node concerns them all."""
        if change.now.resource is NODES:
            return [each.key for each in self._store.all(DAEMON_SETS)]
        return super().keys(change, touched)

    def bring_about(self, found: StoredObject) -> bool:
        spec = found.object["spec"]
        pods = claimed_pods(self._index, self._writer, found, Selector(spec["selector"]))
        wanted = spec["template"]["spec"].get("nodeSelector", {}).items()
        nodes = [each.name for each in self._index.nodes.values() if wanted <= each.labels.items()]
        revision = template_hash(spec["template"])
        by_node = {each.node: each for each in pods if not each.terminating}
        missing = [each for each in nodes if each not in by_node and not any(pod.node == each for pod in pods)]
        if not is_going(found):
            for node in islice(missing, limits.PODS_AT_ONCE):
                self._create(found, node, revision)
            for pod in pods:
                if (pod.node not in nodes or pod.finished) and not pod.terminating:
                    self._delete(pod)
            if not missing:
                self._update(found, [by_node[each] for each in nodes if each in by_node], revision)
        self._tell(found, nodes, by_node, revision)
        return len(missing) > limits.PODS_AT_ONCE

    def _create(self, owner: StoredObject, node: str, revision: str) -> None:
        pod = pod_from(owner.object["spec"]["template"], owner, self._names.next(owner))
        generation = str(owner.object["metadata"].get("generation", 1))
        pod["metadata"]["labels"] |= {REVISION_LABEL: revision, GENERATION_LABEL: generation}
        pod["spec"]["nodeName"] = node
        self._writer.create(PODS, pod)

    def _update(self, owner: StoredObject, pods: Sequence[PodFacts], revision: str) -> None:
        """Deletes Pods of an older template, as many as may be missing at a time."""
        strategy = owner.object["spec"].get("updateStrategy", {})
        if strategy.get("type") == "OnDelete":
            return
        rolling = strategy.get("rollingUpdate", {})
        most = max(bounds(0, rolling.get("maxUnavailable", 1), len(pods)).unavailable, 1)
        room = most - sum(not each.ready for each in pods)
        old = [each for each in pods if each.labels.get(REVISION_LABEL) != revision]
        waiting = [each for each in old if not each.ready]
        for pod in [*waiting, *islice((each for each in old if each.ready), max(room, 0))]:
            self._delete(pod)

    def _delete(self, pod: PodFacts) -> None:
        found = self._store.get(PODS, pod.namespace, pod.name)
        if found is not None:
            self._writer.delete(found)

    def _tell(self, found: StoredObject, nodes: Sequence[str], by_node: Mapping[str, PodFacts], revision: str) -> None:
        pods = [by_node[each] for each in nodes if each in by_node]
        ready = sum(each.ready for each in pods)
        value = found.copy()
        value["status"] = {
            "currentNumberScheduled": len(pods),
            "numberMisscheduled": len(by_node) - len(pods),
            "desiredNumberScheduled": len(nodes),
            "numberReady": ready,
            "observedGeneration": found.object["metadata"].get("generation", 0),
            "updatedNumberScheduled": sum(each.labels.get(REVISION_LABEL) == revision for each in pods),
            "numberAvailable": ready,
            "numberUnavailable": len(nodes) - ready,
        }
        self._writer.update(found, value, "status")
