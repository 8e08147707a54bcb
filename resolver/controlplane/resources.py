"""The kinds the embedded cluster serves: what API discovery says of each, and how they are found (issue's list)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

_ALL_VERBS: Final = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_NO_COLLECTION: Final = ("create", "delete", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True)
class Resource:
    """A kind of object in one version of one group. There is one instance a kind: compare and hash by identity.

    `group` is empty for core. `singular`, `short_names` and `categories` are what kubectl accepts in place of `plural`.
    `storage_path` is the etcd path of the real server, which some of its messages quote.
    """

    group: str
    version: str
    plural: str
    kind: str
    singular: str
    namespaced: bool
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = _ALL_VERBS
    has_status: bool = False
    has_scale: bool = False
    storage_path: str = ""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    @cached_property
    def api_version(self) -> str:
        """As in an object's apiVersion: ``v1`` or ``apps/v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @cached_property
    def group_resource(self) -> str:
        """As messages call it: ``services`` or ``deployments.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @cached_property
    def group_kind(self) -> str:
        """As messages about validity call it: ``Service`` or ``Deployment.apps``."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @cached_property
    def list_kind(self) -> str:
        return "EndpointsList" if self.kind == "Endpoints" else f"{self.kind}List"

    @cached_property
    def head(self) -> bytes:
        """How the JSON of an object begins when it stands alone; inside a list this part is a bare ``{``."""
        return f'{{"kind":"{self.kind}","apiVersion":"{self.api_version}",'.encode()

    @cached_property
    def storage_prefix(self) -> str:
        """The etcd path below which the real server keeps the kind: ``/registry/services/specs``."""
        return f"/registry/{self.storage_path or self.plural}"

    def __repr__(self) -> str:
        return f"<{self.group_resource}/{self.version}>"


NAMESPACES: Final = Resource("", "v1", "namespaces", "Namespace", "namespace", False, ("ns",), (), _NO_COLLECTION, True)
SERVICES: Final = Resource(
    "", "v1", "services", "Service", "service", True, ("svc",), ("all",), has_status=True, storage_path="services/specs"
)
PODS: Final = Resource("", "v1", "pods", "Pod", "pod", True, ("po",), ("all",), has_status=True)
NODES: Final = Resource("", "v1", "nodes", "Node", "node", False, ("no",), has_status=True, storage_path="minions")
ENDPOINTS: Final = Resource(
    "", "v1", "endpoints", "Endpoints", "endpoints", True, ("ep",), storage_path="services/endpoints"
)
SERVICE_ACCOUNTS: Final = Resource("", "v1", "serviceaccounts", "ServiceAccount", "serviceaccount", True, ("sa",))
CONFIG_MAPS: Final = Resource("", "v1", "configmaps", "ConfigMap", "configmap", True, ("cm",))
SECRETS: Final = Resource("", "v1", "secrets", "Secret", "secret", True)
EVENTS: Final = Resource("", "v1", "events", "Event", "event", True, ("ev",))
ENDPOINT_SLICES: Final = Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", "endpointslice", True)
DEPLOYMENTS: Final = Resource(
    "apps",
    "v1",
    "deployments",
    "Deployment",
    "deployment",
    True,
    ("deploy",),
    ("all",),
    has_status=True,
    has_scale=True,
)
REPLICA_SETS: Final = Resource(
    "apps", "v1", "replicasets", "ReplicaSet", "replicaset", True, ("rs",), ("all",), has_status=True, has_scale=True
)
STATEFUL_SETS: Final = Resource(
    "apps",
    "v1",
    "statefulsets",
    "StatefulSet",
    "statefulset",
    True,
    ("sts",),
    ("all",),
    has_status=True,
    has_scale=True,
)
DAEMON_SETS: Final = Resource(
    "apps", "v1", "daemonsets", "DaemonSet", "daemonset", True, ("ds",), ("all",), has_status=True
)
JOBS: Final = Resource("batch", "v1", "jobs", "Job", "job", True, (), ("all",), has_status=True)
INGRESSES: Final = Resource(
    "networking.k8s.io",
    "v1",
    "ingresses",
    "Ingress",
    "ingress",
    True,
    ("ing",),
    has_status=True,
    storage_path="ingress",
)
SERVICE_CIDRS: Final = Resource(
    "networking.k8s.io", "v1", "servicecidrs", "ServiceCIDR", "servicecidr", False, has_status=True
)
IP_ADDRESSES: Final = Resource("networking.k8s.io", "v1", "ipaddresses", "IPAddress", "ipaddress", False, ("ip",))
LEASES: Final = Resource("coordination.k8s.io", "v1", "leases", "Lease", "lease", True)

RESOURCES: Final[tuple[Resource, ...]] = (
    CONFIG_MAPS,
    ENDPOINTS,
    EVENTS,
    NAMESPACES,
    NODES,
    PODS,
    SECRETS,
    SERVICE_ACCOUNTS,
    SERVICES,
    DAEMON_SETS,
    DEPLOYMENTS,
    REPLICA_SETS,
    STATEFUL_SETS,
    JOBS,
    LEASES,
    ENDPOINT_SLICES,
    INGRESSES,
    IP_ADDRESSES,
    SERVICE_CIDRS,
)
"""Every kind, by group and then by plural."""

BY_PATH: Final = {(each.group, each.version, each.plural): each for each in RESOURCES}
BY_KIND: Final = {(each.api_version, each.kind): each for each in RESOURCES}


def find_resource(group: str, version: str, plural: str) -> Resource | None:
    """The kind at ``/apis/<group>/<version>/<plural>``, or ``/api/v1/<plural>`` where group is empty."""
    return BY_PATH.get((group, version, plural))


def resource_of_kind(api_version: str, kind: str) -> Resource | None:
    """The kind an object says it is."""
    return BY_KIND.get((api_version, kind))
