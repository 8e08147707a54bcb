"""What the simulation and slices need to know of a Node, read once for each version of it."""

from typing import Final

import msgspec

from resolver.controlplane.stored_object import StoredObject

SIMULATED: Final = "dualdns.dev/simulated"
"""The annotation of Nodes that nobody has asked for."""

_CONTROL_PLANE: Final = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
ZONE: Final = "topology.kubernetes.io/zone"


class _Metadata(msgspec.Struct):
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class _Spec(msgspec.Struct):
    cidrs: list[str] = msgspec.field(default_factory=list, name="podCIDRs")
    unschedulable: bool = False


class _Address(msgspec.Struct):
    type: str = ""
    address: str = ""


class _Condition(msgspec.Struct):
    type: str = ""
    status: str = ""


class _Status(msgspec.Struct):
    addresses: list[_Address] = []
    conditions: list[_Condition] = []
    allocatable: dict[str, str] = {}


class _Node(msgspec.Struct):
    metadata: _Metadata
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


_decode: Final = msgspec.json.Decoder(_Node).decode


class NodeFacts(msgspec.Struct, frozen=True):
    """`zone`: empty where the Node has none. `cidrs`: spec.podCIDRs. `ips`: its own addresses, in its order.

    `cpu`: thousandths of a core that Pods may have. `ready`: its condition says so.
    """

    name: str
    labels: dict[str, str]
    zone: str
    cidrs: tuple[str, ...]
    ips: tuple[str, ...]
    simulated: bool
    schedulable: bool
    ready: bool
    cpu: int

    @property
    def is_worker(self) -> bool:
        return not any(each in self.labels for each in _CONTROL_PLANE)


def node_facts(node: StoredObject) -> NodeFacts:
    """Reads a stored Node."""
    raw = _decode(node.body)
    return NodeFacts(
        node.name,
        raw.metadata.labels,
        raw.metadata.labels.get(ZONE, ""),
        tuple(raw.spec.cidrs),
        tuple(each.address for each in raw.status.addresses if each.type == "InternalIP"),
        SIMULATED in raw.metadata.annotations,
        not raw.spec.unschedulable,
        any((each.type, each.status) == ("Ready", "True") for each in raw.status.conditions),
        _thousandths(raw.status.allocatable.get("cpu", "0")),
    )


def _thousandths(quantity: str) -> int:
    """A quantity of cores as the API writes it: ``4`` or ``3500m``; 0 for what is neither."""
    number, scale = (quantity[:-1], 1) if quantity.endswith("m") else (quantity, 1000)
    return int(number) * scale if number.isdecimal() else 0
