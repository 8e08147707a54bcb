"""What a Pod or a Pod template may say but should not (kube-apiserver pkg/api/pod/warnings.go).

Ports, amounts, variables, names and addresses; not scheduling by old labels, nor kinds of volumes that are gone.
"""

from collections.abc import Iterator
from typing import Any, Final

from resolver.controlplane.go_text import go_quote
from resolver.controlplane.ip_text import address_warnings
from resolver.controlplane.names import label_problems
from resolver.controlplane.quantities import is_whole

JsonObject = dict[str, Any]

_BYTES: Final = ("memory", "ephemeral-storage")


def pod_name_warnings(name: str, where: str) -> list[str]:
    """`where`: what the name is used in."""
    problems = label_problems(name)
    if not problems:
        return []
    words = "which can result in surprising behavior; a DNS label is recommended"
    return [f"metadata.name: this is used in {where}, {words}: [{' '.join(problems)}]"]


def pod_spec_warnings(spec: JsonObject, field: str = "spec") -> list[str]:
    warnings = []
    for index, each in enumerate(spec.get("topologySpreadConstraints", ())):
        if "labelSelector" not in each:
            place = f"{field}.topologySpreadConstraints[{index}].labelSelector"
            warnings.append(f"{place}: a null labelSelector results in matching no pod")
    warnings += _repeated(spec, field, "hostAliases", "ip") + _repeated(spec, field, "imagePullSecrets", "name")
    for index, each in enumerate(spec.get("imagePullSecrets", ())):
        if not each.get("name"):
            warnings.append(f'{field}.imagePullSecrets[{index}].name: invalid empty name ""')
    containers = list(_containers(spec, field))
    for container, place in containers:
        warnings += _fraction_warnings(container["resources"], f"{place}.resources")
        warnings += _variable_warnings(container, place)
    ports = [
        (port, f"{place}.ports[{index}]")
        for container, place in containers
        for index, port in enumerate(container.get("ports", ()))
    ]
    warnings += _port_warnings(ports) + _port_name_warnings(ports)
    if spec["terminationGracePeriodSeconds"] < 0:
        words = "must be >= 0; negative values are invalid and will be treated as 1"
        warnings.append(f"{field}.terminationGracePeriodSeconds: {words}")
    for index, address in enumerate(spec.get("dnsConfig", {}).get("nameservers", ())):
        warnings += address_warnings(f"{field}.dnsConfig.nameservers[{index}]", address)
    for index, alias in enumerate(spec.get("hostAliases", ())):
        warnings += address_warnings(f"{field}.hostAliases[{index}].ip", alias["ip"])
    return warnings


def _containers(spec: JsonObject, field: str) -> Iterator[tuple[JsonObject, str]]:
    for name in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(name) or ()):
            yield container, f"{field}.{name}[{index}]"


def _repeated(spec: JsonObject, field: str, name: str, key: str) -> list[str]:
    seen: set[str] = set()
    warnings = []
    for index, each in enumerate(spec.get(name, ())):
        value = each.get(key, "")
        if value in seen:
            warnings.append(f"{field}.{name}[{index}].{key}: duplicate {key} {go_quote(value)}")
        seen.add(value)
    return warnings


def _fraction_warnings(resources: JsonObject, field: str) -> list[str]:
    return [
        f"{field}.{kind}[{name}]: fractional byte value {go_quote(amount)} is invalid, must be an integer"
        for name in _BYTES
        for kind in ("limits", "requests")
        if (amount := resources.get(kind, {}).get(name)) is not None and not is_whole(amount)
    ]


def _variable_warnings(container: JsonObject, field: str) -> list[str]:
    """A variable given twice, where the second does not build on the first."""
    seen: set[str] = set()
    warnings = []
    for index, each in enumerate(container.get("env", ())):
        name, value = each["name"], each.get("value", "")
        reference = f"$({name})"
        if name in seen and ("valueFrom" in each or value == reference or reference not in value):
            words = f"hides previous definition of {go_quote(name)}, which may be dropped when using apply"
            warnings.append(f"{field}.env[{index}]: {words}")
        seen.add(name)
    return warnings


def _port_warnings(ports: list[tuple[JsonObject, str]]) -> list[str]:
    warnings = []
    for number, (port, place) in enumerate(ports):
        for other, other_place in ports[:number]:
            if any(port[name] != other[name] for name in ("containerPort", "protocol")):
                continue
            hosts = (port.get("hostPort", 0), other.get("hostPort", 0))
            addresses = (port.get("hostIP", ""), other.get("hostIP", ""))
            if hosts[0] == hosts[1] and addresses[0] == addresses[1]:
                warnings.append(f"{place}: duplicate port definition with {other_place}")
            elif not all(hosts):
                warnings.append(f"{place}: overlapping port definition with {other_place}")
            elif hosts[0] == hosts[1] and addresses.count("") == 1:
                warnings.append(f"{place}: dangerously ambiguous port definition with {other_place}")
    return warnings


def _port_name_warnings(ports: list[tuple[JsonObject, str]]) -> list[str]:
    seen: dict[str, str] = {}
    warnings = []
    for port, place in ports:
        name = port.get("name", "")
        if name in seen:
            words = f"services and probes that select ports by name will use {seen[name]}"
            warnings.append(f"{place}: duplicate port name {go_quote(name)} with {seen[name]}, {words}")
        elif name:
            seen[name] = place
    return warnings
