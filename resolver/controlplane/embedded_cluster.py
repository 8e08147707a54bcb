"""The embedded cluster for Python: ``async with EmbeddedCluster(service_cidrs=[…]) as cluster: …``.

Store, API, controllers and simulation on the running event loop. Writes are done when their call returns; what the
controllers make of them is there after ``await cluster.settled()``.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from resolver import limits
from resolver.cluster.decoding import Report
from resolver.cluster.inventory import Inventory
from resolver.cluster.source import ClusterRequest
from resolver.controlplane.applying import MANAGER, Applier
from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.control_plane import Settings, add_cluster_dns
from resolver.controlplane.controller_set import ControllerSettings
from resolver.controlplane.decoding import STRICT, Decoded, decode
from resolver.controlplane.inventory_bridge import InventoryBridge
from resolver.controlplane.kubeadm_file import read_kubeadm
from resolver.controlplane.manifest_places import Document
from resolver.controlplane.manifest_wanted import Key
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.patches.merge_patch import apply_merge_patch
from resolver.controlplane.running_cluster import RunningCluster
from resolver.controlplane.service_ranges import BadRange, service_ranges
from resolver.controlplane.service_ranges import node_port_range as parsed_node_ports
from resolver.controlplane.sources import Source, find_kind, read_source
from resolver.controlplane.state_file import StateFile
from resolver.controlplane.stored_object import JsonObject
from resolver.controlplane.workloads.pod_ranges import DEFAULTS, NO_MASKS, NodeMasks, pod_ranges
from resolver.controlplane.write_request import DeleteOptions, WriteOptions

if TYPE_CHECKING:
    from resolver.controlplane.api_server import ApiServer

SERVICE_CIDRS: Final = ("10.96.0.0/16", "fd00:10:96::/112")
DOMAIN: Final = "cluster.local"
API_PORT: Final = 6443
"""Where ``default/kubernetes`` says the API is, unless a port is named."""


class EmbeddedCluster:
    """Options are those of kube-apiserver and kube-controller-manager. Without any: dual-stack, IPv4 first, simulated.

    `cluster_cidrs`: where Pods get addresses, by default of the Services' families, in their order. `nodes`: simulated
    ones at the start. `simulate` False: Nodes, Pods and workloads stay as they are written. `with_kube_dns`: makes
    ``kube-system/kube-dns``. `state`: a file that keeps everything. `seed` and `clock` (time in UTC): to be repeatable.
    `api_port`: serves the API there on `api_host`, 0 picks a port; None serves none. `secure_port`: where
    ``default/kubernetes`` says the API is, by default there, or at 6443. `node_masks`: lengths of the nodes' podCIDRs.
    Addresses of Services come from namespace and name, so that they are the same in every run, as far as they are free.

    The constructor raises BadRange for ranges that kube-apiserver or kube-controller-manager would not start with.
    """

    def __init__(
        self,
        *,
        service_cidrs: Sequence[str] = SERVICE_CIDRS,
        cluster_cidrs: Sequence[str] = (),
        node_port_range: str = "",
        max_endpoints_per_slice: int = limits.ENDPOINTS_PER_SLICE,
        mirroring_max_endpoints_per_subset: int = limits.MIRRORED_ADDRESSES,
        advertise_address: str = "",
        simulate: bool = True,
        nodes: int = limits.SIMULATED_NODES,
        with_kube_dns: bool = False,
        state: str | Path | None = None,
        seed: int | None = None,
        clock: Callable[[], datetime] | None = None,
        api_host: str = "127.0.0.1",
        api_port: int | None = None,
        domain: str = DOMAIN,
        secure_port: int = 0,
        node_masks: NodeMasks = NO_MASKS,
    ) -> None:
        self.domain = domain
        self._now = clock or _now
        self._random = Random(seed)  # noqa: S311 - uids and names, not secrets
        ranges = service_ranges(",".join(service_cidrs), advertise_address)
        self._settings = Settings(ranges, parsed_node_ports(node_port_range), secure_port or api_port or API_PORT)
        pods = cluster_cidrs or [DEFAULTS[each.family] for each in ranges.prefixes]
        self._controllers = ControllerSettings(
            _within(max_endpoints_per_slice, limits.ENDPOINTS_PER_SLICE_MOST, "--max-endpoints-per-slice"),
            _within(
                mirroring_max_endpoints_per_subset,
                limits.MIRRORED_ADDRESSES,
                "--mirroring-max-endpoints-per-subset",
            ),
            pod_ranges(pods, ranges.cidrs, node_masks) if simulate else None,
            nodes,
        )
        self._with_kube_dns = with_kube_dns
        self._state_path = state
        self._api_place = None if api_port is None else (api_host, api_port)
        self._running: RunningCluster | None = None
        self.written: dict[Key, Document] = {}
        """What has been applied by `apply`, and where it was written."""

    @classmethod
    def from_kubeadm(cls, file: str | Path, **options: Any) -> Self:
        """A cluster with the ranges, Pod subnets, domain, address and port of a kubeadm configuration.

        Raises BadKubeadm, BadRange, OSError.
        """
        network = read_kubeadm(Path(file).read_bytes(), str(file))
        domain = {"domain": network.domain} if network.domain else {}
        return cls(**network.options() | domain | options)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Makes the cluster and what it has from the start. Raises BadState, BadRange, ApiRefused."""
        state = StateFile(Path(self._state_path)) if self._state_path is not None else None
        running = RunningCluster(state, self._settings, self._controllers, self._now, self._random)
        self._running = running
        try:
            running.start()
            if self._with_kube_dns:
                add_cluster_dns(running.api, self._settings.ranges)
            if self._api_place is not None:
                await running.serve(*self._api_place)
        except BaseException:
            await self.stop()
            raise
        await self.settled()

    async def stop(self) -> None:
        """Idempotent."""
        running, self._running = self._running, None
        if running is not None:
            await running.stop()

    async def settled(self) -> None:
        """Returns when the controllers have nothing left to do and every inventory shows it."""
        running = self._cluster
        while not running.idle:  # noqa: ASYNC110 - a turn of the loop is a turn of their work
            await asyncio.sleep(0)

    @property
    def api(self) -> ClusterApi:
        """The door all writes go through."""
        return self._cluster.api

    @property
    def store(self) -> ObjectStore:
        return self._cluster.store

    @property
    def ready(self) -> bool:
        """It runs; what /readyz says."""
        return self._running is not None

    @property
    def server(self) -> "ApiServer":
        """The served API: its url, and a kubeconfig for it. RuntimeError where none is served."""
        if self._cluster.server is None:
            raise RuntimeError("this cluster serves no API: give api_port")
        return self._cluster.server

    def clock(self) -> str:
        """The time as metav1.Time text."""
        return self._cluster.clock()

    def show(self, request: ClusterRequest, inventory: Inventory, report: Report) -> InventoryBridge:
        """Fills an inventory and keeps it so; `stop` of the result ends that. Raises BadSelector."""
        return self._cluster.show(request, inventory, report)

    # -- objects

    async def apply(self, source: Source, *, namespace: str = "default") -> list[JsonObject]:
        """Makes or changes objects as ``kubectl apply --server-side`` does; the result is as they are stored.

        Raises Refused, which names what was refused and where, after all others have been applied.
        """
        applier, wanted = Applier(self.api, self.clock), read_source(source, namespace)
        self.written |= {each.key: each.document for each in wanted}
        return [each.copy() for each in applier.apply_all(wanted)]

    async def delete(
        self,
        source: Source,
        name: str | None = None,
        *,
        namespace: str = "default",
        propagation: str | None = None,
        grace_period: int | None = None,
    ) -> None:
        """Deletes the objects a source describes or, with a name, the one of a kind. Raises Refused, StatusError."""
        options = DeleteOptions(propagation=propagation, grace_period=grace_period)
        if name is not None:
            resource = find_kind(str(source))
            self.api.delete(resource, namespace if resource.namespaced else "", name, options)
            return
        for wanted in read_source(source, namespace):
            self.api.delete(*wanted.key, options)

    async def get(self, kind: str, name: str, *, namespace: str = "default") -> JsonObject:
        """Raises StatusError 404."""
        resource = find_kind(kind)
        return self.api.get(resource, namespace if resource.namespaced else "", name).copy()

    async def list(
        self, kind: str, *, namespace: str = "", labels: Mapping[str, str] | None = None
    ) -> "list[JsonObject]":
        """The objects of a kind, of all namespaces unless one is named, that have all these labels."""
        wanted = (labels or {}).items()
        found = self.store.page(find_kind(kind), namespace).items
        return [each.copy() for each in found if wanted <= each.labels.items()]

    async def patch(
        self, kind: str, name: str, patch: JsonObject, *, namespace: str = "default", subresource: str = ""
    ) -> JsonObject:
        """A JSON merge patch, of the subresource ``status`` if that is named. Raises StatusError."""
        resource = find_kind(kind)
        options = WriteOptions(manager=MANAGER, subresource=subresource)
        place = namespace if resource.namespaced else ""

        def produce(old: JsonObject | None) -> Decoded:
            return decode(resource, apply_merge_patch(old, patch), STRICT)

        return self.api.patch(resource, place, name, produce, options).stored.copy()

    async def scale(self, kind: str, name: str, replicas: int, *, namespace: str = "default") -> JsonObject:
        """Asks for so many Pods. Raises StatusError."""
        return await self.patch(kind, name, {"spec": {"replicas": replicas}}, namespace=namespace)

    async def restart(self, kind: str, name: str, *, namespace: str = "default") -> JsonObject:
        """Replaces all Pods, as ``kubectl rollout restart`` does. Raises StatusError."""
        annotations = {"kubectl.kubernetes.io/restartedAt": self.clock()}
        template = {"metadata": {"annotations": annotations}}
        return await self.patch(kind, name, {"spec": {"template": template}}, namespace=namespace)

    @property
    def _cluster(self) -> RunningCluster:
        if self._running is None:
            raise RuntimeError("the cluster does not run: use `async with EmbeddedCluster(...) as cluster`")
        return self._running


def _now() -> datetime:
    return datetime.now(UTC)


def _within(value: int, most: int, flag: str) -> int:
    if not 1 <= value <= most:
        raise BadRange(f"{flag} takes 1 to {most}, not {value}")
    return value
