"""What the API fills in in Pods and Pod templates (kube-apiserver pkg/apis/core/v1/defaults.go)."""

import re
from collections.abc import Iterator
from typing import Any, Final

from resolver.controlplane.quantities import rounded_to_milli

JsonObject = dict[str, Any]

ALWAYS: Final = "Always"
_TAG: Final = re.compile(r":([\w][\w.-]{0,127})$", re.ASCII)
_FILE_MODE: Final = 0o644
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS: Final = ("postStart", "preStop")
_TOLERATED: Final = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_TOLERATED_SECONDS: Final = 300
_COMPUTE: Final = ("cpu", "memory")


def default_pod(value: JsonObject) -> None:
    """A Pod of its own: all that a template gets, and what the API gives Pods only."""
    spec = value["spec"]
    for container in _containers(spec):
        limits = container["resources"].get("limits", {})
        if limits:
            container["resources"]["requests"] = {**limits, **container["resources"].get("requests", {})}
    spec.setdefault("enableServiceLinks", True)
    default_pod_spec(spec)
    if spec["terminationGracePeriodSeconds"] < 0:
        spec["terminationGracePeriodSeconds"] = 1
    if spec.get("hostNetwork"):
        for container in _containers(spec):
            for port in container.get("ports", ()):
                port.setdefault("hostPort", port["containerPort"])
    _default_status(value["status"])


def default_pod_spec(spec: JsonObject) -> None:
    """The spec of a Pod or of a Pod template."""
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("restartPolicy", ALWAYS)
    spec.setdefault("securityContext", {})
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("schedulerName", "default-scheduler")
    for volume in spec.get("volumes", ()):
        _default_volume(volume)
    for container in _containers(spec):
        _default_container(container)


def default_tolerations(spec: JsonObject) -> None:
    """A Pod stays on a node that is lost for five minutes (admission plug-in DefaultTolerationSeconds)."""
    tolerations = list(spec.get("tolerations", []))
    for key in _TOLERATED:
        if not any(
            each.get("key", "") in (key, "") and each.get("effect", "") in ("NoExecute", "") for each in tolerations
        ):
            tolerations.append(
                {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _TOLERATED_SECONDS}
            )
    spec["tolerations"] = tolerations


def round_amounts(value: JsonObject, field: str) -> None:
    """Nothing is counted in less than thousandths."""
    if field in value:
        value[field] = {name: rounded_to_milli(amount) for name, amount in value[field].items()}


def quality_of_service(spec: JsonObject) -> str:
    """status.qosClass: ``Guaranteed``, ``Burstable`` or ``BestEffort``."""
    limits: list[JsonObject] = []
    requests: list[JsonObject] = []
    for container in [*(spec.get("containers") or ()), *spec.get("initContainers", ())]:
        limits.append(_compute(container["resources"].get("limits", {})))
        requests.append(_compute(container["resources"].get("requests", {})))
    if not any(limits) and not any(requests):
        return "BestEffort"
    if limits == requests and all(len(each) == len(_COMPUTE) for each in limits):
        return "Guaranteed"
    return "Burstable"


def _compute(amounts: JsonObject) -> JsonObject:
    return {name: amounts[name] for name in _COMPUTE if amounts.get(name, "0") != "0"}


def _containers(spec: JsonObject) -> Iterator[JsonObject]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(field) or ()


def _default_container(container: JsonObject) -> None:
    container.setdefault("imagePullPolicy", ALWAYS if _is_latest(container.get("image", "")) else "IfNotPresent")
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    for amounts in ("limits", "requests"):
        round_amounts(container["resources"], amounts)
    for port in container.get("ports", ()):
        port.setdefault("protocol", "TCP")
    for variable in container.get("env", ()):
        source = variable.get("valueFrom", {})
        if "fieldRef" in source:
            source["fieldRef"].setdefault("apiVersion", "v1")
        if "fileKeyRef" in source:
            source["fileKeyRef"].setdefault("optional", False)
    for probe in _PROBES:
        if probe in container:
            _default_probe(container[probe])
    for hook in _HOOKS:
        _default_http(container.get("lifecycle", {}).get(hook, {}))


def _is_latest(image: str) -> bool:
    """No tag and no digest means ``latest``."""
    tag = _TAG.search(image.rpartition("/")[2])
    return tag[1] == "latest" if tag and "@" not in image else "@" not in image


def _default_probe(probe: JsonObject) -> None:
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("successThreshold", 1)
    probe.setdefault("failureThreshold", 3)
    _default_http(probe)
    if "grpc" in probe:
        probe["grpc"].setdefault("service", "")


def _default_http(handler: JsonObject) -> None:
    if "httpGet" in handler:
        handler["httpGet"].setdefault("path", "/")
        handler["httpGet"].setdefault("scheme", "HTTP")


def _default_volume(volume: JsonObject) -> None:
    if volume.keys() == {"name"}:
        volume["emptyDir"] = {}
    for kind in ("secret", "configMap", "downwardAPI", "projected"):
        if kind in volume:
            volume[kind].setdefault("defaultMode", _FILE_MODE)
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")
    for item in volume.get("downwardAPI", {}).get("items", ()):
        _default_field_reference(item)
    for source in volume.get("projected", {}).get("sources", ()):
        for item in source.get("downwardAPI", {}).get("items", ()):
            _default_field_reference(item)
        if "serviceAccountToken" in source:
            source["serviceAccountToken"].setdefault("expirationSeconds", 3_600)
    claim = volume.get("ephemeral", {}).get("volumeClaimTemplate")
    if claim:
        claim["spec"].setdefault("volumeMode", "Filesystem")


def _default_field_reference(item: JsonObject) -> None:
    if "fieldRef" in item:
        item["fieldRef"].setdefault("apiVersion", "v1")


def _default_status(status: JsonObject) -> None:
    """podIP and podIPs say the same; podIP wins."""
    single, plural = status.get("podIP"), status.get("podIPs", [])
    if single and (not plural or plural[0].get("ip") != single):
        status["podIPs"] = [{"ip": single}]
    elif plural and not single:
        status["podIP"] = plural[0].get("ip", "")
