"""The shapes of the API's objects: Kubernetes 1.37's Go structs as data (api_types.json).

Types are written ``core.Service``; ``*T`` is a pointer, ``[]T`` a list, ``{}T`` a map of strings. What is no struct is
``string`` (with its Go name after a blank where it has one: ``string v1.Protocol``), ``bool``, ``int32``, ``int64``,
``bytes`` (base64), ``time``, ``microtime``, ``quantity``, ``int-or-string`` or ``fields`` (any JSON object).
"""

from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec


class ApiField(msgspec.Struct, frozen=True):
    """A field of a struct, in Go's order.

    `omit`: ``empty`` or ``zero`` where Go leaves a zero value out, else it is always written.
    `number` and `within`: the protobuf field, and the fields of the embedded structs around it.
    `patch` and `merge_key`: strategic merge. `list`, `list_keys`, `map`, `struct`: the merge of server-side apply.
    `default`: what the schema says, not what the server fills in.
    """

    name: str
    type: str
    omit: str = ""
    number: int = 0
    within: tuple[int, ...] = ()
    patch: str = ""
    merge_key: str = ""
    list: str = ""
    list_keys: tuple[str, ...] = ()
    map: str = ""
    struct: str = ""
    default: Any = None
    optional: bool = False


class ApiType(msgspec.Struct, frozen=True):
    """A struct. `atomic`: server-side apply owns it whole."""

    fields: tuple[ApiField, ...]
    atomic: bool = False


KIND_TYPES: Final = {
    ("v1", "Namespace"): "core.Namespace",
    ("v1", "Service"): "core.Service",
    ("v1", "Pod"): "core.Pod",
    ("v1", "Node"): "core.Node",
    ("v1", "Endpoints"): "core.Endpoints",
    ("v1", "ServiceAccount"): "core.ServiceAccount",
    ("v1", "ConfigMap"): "core.ConfigMap",
    ("v1", "Secret"): "core.Secret",
    ("v1", "Event"): "core.Event",
    ("discovery.k8s.io/v1", "EndpointSlice"): "discovery.EndpointSlice",
    ("apps/v1", "Deployment"): "apps.Deployment",
    ("apps/v1", "ReplicaSet"): "apps.ReplicaSet",
    ("apps/v1", "StatefulSet"): "apps.StatefulSet",
    ("apps/v1", "DaemonSet"): "apps.DaemonSet",
    ("batch/v1", "Job"): "batch.Job",
    ("networking.k8s.io/v1", "Ingress"): "networking.Ingress",
    ("networking.k8s.io/v1", "ServiceCIDR"): "networking.ServiceCIDR",
    ("networking.k8s.io/v1", "IPAddress"): "networking.IPAddress",
    ("coordination.k8s.io/v1", "Lease"): "coordination.Lease",
    ("autoscaling/v1", "Scale"): "autoscaling.Scale",
}
"""The struct of each kind that can be written."""


EMBEDDED: Final = {
    "core.Probe": "ProbeHandler",
    "core.Volume": "VolumeSource",
    "core.EphemeralContainer": "EphemeralContainerCommon",
    "networking.IngressRule": "IngressRuleValue",
}
"""The Go name of what a struct embeds, where it is not a LocalObjectReference: messages show it."""


@cache
def api_types() -> dict[str, ApiType]:
    """All structs by name; read once."""
    text = files(__package__).joinpath("api_types.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, ApiType])


def go_type(type: str) -> str:
    """The type as Go prints it in messages: ``[]v1.ServicePort``, ``v1.Protocol``, ``map[string]string``."""
    if type.startswith("*"):
        return f"*{go_type(type[1:])}"
    if type.startswith("[]"):
        return f"[]{go_type(type[2:])}"
    if type == "{}quantity":
        return "v1.ResourceList"
    if type.startswith("{}"):
        return f"map[string]{go_type(type[2:])}"
    plain, _, named = type.partition(" ")
    if named:
        return named
    special = {"bytes": "[]uint8", "time": "v1.Time", "microtime": "v1.MicroTime", "quantity": "resource.Quantity"}
    special |= {"int-or-string": "intstr.IntOrString", "fields": "v1.FieldsV1"}
    if plain in special:
        return special[plain]
    package, _, name = plain.partition(".")
    return f"v1.{name}" if name else package
