"""What a kubeadm configuration says about addresses and names: enough to make an embedded cluster like it."""

from dataclasses import dataclass
from typing import Any, Final

from resolver.controlplane.manifest_places import Document
from resolver.controlplane.manifests import read_manifest

_API: Final = "kubeadm.k8s.io/"
_CLUSTER: Final = "ClusterConfiguration"
_INIT: Final = "InitConfiguration"


class BadKubeadm(ValueError):
    """The file is no kubeadm configuration; the text says where and what to write."""


@dataclass(frozen=True)
class KubeadmNetwork:
    """CIDRs as written, first one primary. Empty parts: the file says nothing about them. `port` 0 likewise."""

    service_cidrs: tuple[str, ...] = ()
    pod_cidrs: tuple[str, ...] = ()
    domain: str = ""
    advertise_address: str = ""
    port: int = 0


def read_kubeadm(data: bytes, file: str) -> KubeadmNetwork:
    """Reads ClusterConfiguration and InitConfiguration of any version. Raises BadKubeadm."""
    contents = read_manifest(data, file)
    if contents.problems:
        raise BadKubeadm("\n".join(map(str, contents.problems)))
    ours = [each for each in contents.documents if each.api_version.startswith(_API)]
    if not any(each.kind == _CLUSTER for each in ours):
        raise BadKubeadm(f"{file}: holds no kind: {_CLUSTER} of apiVersion: {_API}v1beta4")
    found: dict[str, Any] = {}
    for document in ours:
        if document.kind == _CLUSTER:
            found |= _networking(document)
        elif document.kind == _INIT:
            found |= _endpoint(document)
    return KubeadmNetwork(**found)


def _networking(document: Document) -> dict[str, Any]:
    networking = _part(document, document.value, "networking")
    return {
        "service_cidrs": _list(document, networking, "serviceSubnet"),
        "pod_cidrs": _list(document, networking, "podSubnet"),
        "domain": _text(document, networking, "networking.dnsDomain"),
    }


def _endpoint(document: Document) -> dict[str, Any]:
    endpoint = _part(document, document.value, "localAPIEndpoint")
    port = endpoint.get("bindPort", 0)
    if not isinstance(port, int):
        raise BadKubeadm(str(document.problem("localAPIEndpoint.bindPort", f"is no number: {port!r}")))
    return {"advertise_address": _text(document, endpoint, "localAPIEndpoint.advertiseAddress"), "port": port}


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


def _list(document: Document, networking: dict[str, Any], name: str) -> tuple[str, ...]:
    text = _text(document, networking, f"networking.{name}")
    return tuple(each.strip() for each in text.split(",") if each.strip())
