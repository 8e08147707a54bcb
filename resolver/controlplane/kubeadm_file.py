"""What a kubeadm configuration says about addresses and names: enough to make an embedded cluster like it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from resolver.controlplane.manifest_places import Document
from resolver.controlplane.manifests import read_manifest
from resolver.controlplane.workloads.pod_ranges import NO_MASKS, NodeMasks

_API: Final = "kubeadm.k8s.io/"
_CLUSTER: Final = "ClusterConfiguration"
_INIT: Final = "InitConfiguration"
_MANAGER: Final = "controllerManager"
_MASKS: Final = ("node-cidr-mask-size", "node-cidr-mask-size-ipv4", "node-cidr-mask-size-ipv6")


class BadKubeadm(ValueError):
    """The file is no kubeadm configuration; the text says where and what to write."""


@dataclass(frozen=True)
class KubeadmNetwork:
    """CIDRs as written, first one primary. Empty parts and 0: the file says nothing about them."""

    service_cidrs: tuple[str, ...] = ()
    pod_cidrs: tuple[str, ...] = ()
    domain: str = ""
    advertise_address: str = ""
    port: int = 0
    node_ports: str = ""
    node_masks: NodeMasks = NO_MASKS
    endpoints_per_slice: int = 0
    mirrored_addresses: int = 0

    def options(self) -> dict[str, Any]:
        """What an EmbeddedCluster takes of it, but for the domain."""
        said = {
            "service_cidrs": self.service_cidrs,
            "cluster_cidrs": self.pod_cidrs,
            "advertise_address": self.advertise_address,
            "secure_port": self.port,
            "node_port_range": self.node_ports,
            "node_masks": self.node_masks if any(self.node_masks) else None,
            "max_endpoints_per_slice": self.endpoints_per_slice,
            "mirroring_max_endpoints_per_subset": self.mirrored_addresses,
        }
        return {name: value for name, value in said.items() if value}


def read_kubeadm(data: bytes, file: str) -> KubeadmNetwork:
    """Reads ClusterConfiguration and InitConfiguration of any version. extraArgs win, as they do in kubeadm.

    Raises BadKubeadm.
    """
    contents = read_manifest(data, file)
    if contents.problems:
        raise BadKubeadm("\n".join(map(str, contents.problems)))
    ours = [each for each in contents.documents if each.api_version.startswith(_API)]
    clusters = [each for each in ours if each.kind == _CLUSTER]
    if not clusters:
        raise BadKubeadm(f"{file}: holds no kind: {_CLUSTER} of apiVersion: {_API}v1beta4")
    found: dict[str, Any] = {}
    for document in clusters:
        found |= _networking(document)
    for document in ours:
        if document.kind == _INIT:
            found |= _endpoint(document)
    for document in clusters:
        found |= _arguments(document)
    return KubeadmNetwork(**found)


def _networking(document: Document) -> dict[str, Any]:
    networking = _part(document, document.value, "networking")
    return {
        "service_cidrs": _parts(_text(document, networking, "networking.serviceSubnet")),
        "pod_cidrs": _parts(_text(document, networking, "networking.podSubnet")),
        "domain": _text(document, networking, "networking.dnsDomain"),
    }


def _endpoint(document: Document) -> dict[str, Any]:
    endpoint = _part(document, document.value, "localAPIEndpoint")
    port = endpoint.get("bindPort", 0)
    if not isinstance(port, int):
        raise BadKubeadm(str(document.problem("localAPIEndpoint.bindPort", f"is no number: {port!r}")))
    return {"advertise_address": _text(document, endpoint, "localAPIEndpoint.advertiseAddress"), "port": port}


def _arguments(document: Document) -> dict[str, Any]:
    """What the API server and the controller manager are told directly, each by its own flags."""
    given = {component: _extra_arguments(document, component) for component in ("apiServer", _MANAGER)}
    found = {
        name: read(document, component, flag, given[component][flag])
        for component, flag, name, read in _FLAGS
        if given[component].get(flag)
    }
    masks = [_number(document, _MANAGER, flag, given[_MANAGER].get(flag) or "0") for flag in _MASKS]
    return found | {"node_masks": NodeMasks(*masks)}


def _extra_arguments(document: Document, component: str) -> dict[str, str]:
    """extraArgs: a mapping until v1beta3, a list of name and value since v1beta4. The last one of a name wins."""
    part = _part(document, document.value, component)
    given = part.get("extraArgs") or {}
    field = f"{component}.extraArgs"
    if isinstance(given, dict):
        pairs = list(given.items())
    elif isinstance(given, list) and all(isinstance(each, dict) for each in given):
        pairs = [(each.get("name"), each.get("value", "")) for each in given]
    else:
        raise BadKubeadm(str(document.problem(field, "is neither a mapping nor a list of name and value")))
    wrong = [name for name, value in pairs if not isinstance(name, str) or not isinstance(value, str)]
    if wrong:
        raise BadKubeadm(str(document.problem(field, f"{wrong[0]}: both name and value are text: quote them")))
    return dict(pairs)


def _list_of(document: Document, component: str, flag: str, text: str) -> tuple[str, ...]:
    return _parts(text)


def _as_it_is(document: Document, component: str, flag: str, text: str) -> str:
    return text


def _number(document: Document, component: str, flag: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadKubeadm(str(document.problem(f"{component}.extraArgs", f"{flag}: is no number: {text!r}")))
    return int(text)


_FLAGS: Final[tuple[tuple[str, str, str, Callable[[Document, str, str, str], Any]], ...]] = (
    ("apiServer", "service-cluster-ip-range", "service_cidrs", _list_of),
    ("apiServer", "service-node-port-range", "node_ports", _as_it_is),
    ("apiServer", "advertise-address", "advertise_address", _as_it_is),
    ("apiServer", "secure-port", "port", _number),
    (_MANAGER, "cluster-cidr", "pod_cidrs", _list_of),
    (_MANAGER, "max-endpoints-per-slice", "endpoints_per_slice", _number),
    (_MANAGER, "mirroring-max-endpoints-per-subset", "mirrored_addresses", _number),
)
"""Whose argument it is, its name, what it says, and how it is read."""


def _part(document: Document, value: dict[str, Any], field: str) -> dict[str, Any]:
    found = value.get(field) or {}
    if not isinstance(found, dict):
        raise BadKubeadm(str(document.problem(field, "is no mapping")))
    return found


def _text(document: Document, value: dict[str, Any], field: str) -> str:
    found = value.get(field.rpartition(".")[2]) or ""
    if not isinstance(found, str):
        raise BadKubeadm(str(document.problem(field, f"is no text: {found!r}")))
    return found


def _parts(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())
