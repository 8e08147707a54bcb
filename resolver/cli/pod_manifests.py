"""What a manifest says about a Pod's DNS: dnsPolicy, hostNetwork, dnsConfig."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from resolver.cli.spelling import did_you_mean

if TYPE_CHECKING:
    from resolver.client.resolv_conf import DnsConfig
    from resolver.controlplane.manifest_places import Document

_DEFAULT_NAMESPACE: Final = "default"
_TEMPLATES: Final = ("spec.jobTemplate.spec.template.spec", "spec.template.spec")


class BadPod(ValueError):
    """A file that does not say what a Pod's DNS is; the message says where and what to write."""


class PodDns(NamedTuple):
    """A Pod, or the template of a workload's Pods. `policy` empty: the manifest does not say."""

    kind: str
    name: str
    namespace: str
    policy: str = ""
    host_network: bool = False
    dns_config: "DnsConfig | None" = None


def read_pod(file: str, name: str = "", namespace: str = "") -> PodDns:
    """The one Pod (or workload) of a file, or the one of that name and namespace. Raises BadPod."""
    from resolver.controlplane.manifests import read_manifest

    try:
        contents = read_manifest(Path(file).read_bytes(), file)
    except OSError as error:
        raise BadPod(f"{file}: {error.strerror}") from None
    if contents.problems:
        raise BadPod("\n".join(map(str, contents.problems)))
    pods = [pod for document in contents.documents for pod in _pods(document)]
    found = [pod for pod in pods if name in ("", pod.name) and namespace in ("", pod.namespace)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{pod.namespace}/{pod.name} ({pod.kind})" for pod in pods) or "no Pod and no workload"
    wanted = f"{namespace or '*'}/{name or '*'}"
    hint = did_you_mean(name, [pod.name for pod in pods]) if name and not found else ""
    raise BadPod(f"{file}: holds {len(found)} of {wanted}, where one is needed; there are: {known}{hint}")


def _pods(document: "Document") -> Iterator[PodDns]:
    for path in ("spec", *_TEMPLATES) if document.kind == "Pod" else _TEMPLATES:
        spec = _at(document.value, path)
        if isinstance(spec, dict):
            yield _pod(document, spec, path)
            return


def _pod(document: "Document", spec: dict[str, Any], path: str) -> PodDns:
    metadata = document.metadata
    policy = spec.get("dnsPolicy") or ""
    if not isinstance(policy, str):
        raise BadPod(str(document.problem(f"{path}.dnsPolicy", f"must be text, not {policy!r}")))
    return PodDns(
        document.kind,
        str(metadata.get("name") or ""),
        str(metadata.get("namespace") or _DEFAULT_NAMESPACE),
        policy,
        bool(spec.get("hostNetwork")),
        _dns_config(document, spec.get("dnsConfig"), f"{path}.dnsConfig"),
    )


def _dns_config(document: "Document", value: Any, path: str) -> "DnsConfig | None":
    from resolver.client.resolv_conf import DnsConfig

    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadPod(str(document.problem(path, "is no mapping")))
    options = []
    for number, option in enumerate(_list(document, value, path, "options")):
        if not isinstance(option, dict) or not option.get("name"):
            raise BadPod(
                str(document.problem(f"{path}.options[{number}]", "write name: and, where it has one, value:"))
            )
        text = option.get("value")
        options.append((str(option["name"]), None if text is None else str(text)))
    texts = [tuple(map(str, _list(document, value, path, field))) for field in ("nameservers", "searches")]
    return DnsConfig(texts[0], texts[1], tuple(options))


def _list(document: "Document", value: dict[str, Any], path: str, field: str) -> list[Any]:
    found = value.get(field) or []
    if not isinstance(found, list):
        raise BadPod(str(document.problem(f"{path}.{field}", "is no list")))
    return found


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
