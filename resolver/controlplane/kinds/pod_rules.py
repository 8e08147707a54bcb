"""Validation of Pods and Pod templates: what names, ports and addresses depend on, not all that a kubelet would need.

(kube-apiserver pkg/apis/core/validation.)
"""

from collections.abc import Sequence
from typing import Any, Final

from resolver.controlplane.field_errors import (
    FieldError,
    TypedText,
    duplicate,
    forbidden,
    internal,
    invalid,
    not_supported,
    required,
)
from resolver.controlplane.ip_text import IPV4, IPV6, address_errors, address_family
from resolver.controlplane.metadata_rules import IMMUTABLE, annotation_errors, label_errors
from resolver.controlplane.names import (
    label_key_problems,
    label_problems,
    port_name_problems,
    port_number_problems,
    subdomain_problems,
)
from resolver.controlplane.service_rules import PROTOCOLS

JsonObject = dict[str, Any]

_SYSTEM_CONDITIONS: Final = ("PodScheduled", "Ready", "Initialized")
_NAMESERVERS: Final = 3
_SEARCHES: Final = 32
_SEARCH_SIZE: Final = 2_048
_RESTART: Final = ("Always", "OnFailure", "Never")
_DNS: Final = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_PULL: Final = ("Always", "IfNotPresent", "Never")
_VOLUMES: Final = (
    "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi",
    "glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc",
    "flexVolume", "configMap", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk",
    "storageos", "projected", "scaleIO", "csi", "ephemeral", "image",
)  # fmt: skip
"""In the order the API server looks at them: all but the first one that is there are refused."""
_SINGLE_FAMILY: Final = "may specify no more than one IP for each IP family"
_UNCHANGEABLE: Final = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def template_errors(template: JsonObject, field: str) -> list[FieldError]:
    """A Pod template."""
    metadata = template["metadata"]
    errors = label_errors(metadata.get("labels", {}), f"{field}.labels")
    errors += annotation_errors(metadata.get("annotations", {}), f"{field}.annotations")
    errors += pod_spec_errors(template["spec"], f"{field}.spec")
    if "ephemeralContainers" in template["spec"]:
        words = "ephemeral containers not allowed in pod template"
        errors.append(forbidden(f"{field}.spec.ephemeralContainers", words))
    return errors


def pod_spec_errors(spec: JsonObject, field: str = "spec") -> list[FieldError]:
    errors = _volume_errors(spec.get("volumes", ()), f"{field}.volumes")
    errors += _all_container_errors(spec, field)
    if spec["restartPolicy"] not in _RESTART:
        errors.append(not_supported(f"{field}.restartPolicy", TypedText(spec["restartPolicy"]), _RESTART))
    if spec["dnsPolicy"] not in _DNS:
        errors.append(not_supported(f"{field}.dnsPolicy", TypedText(spec["dnsPolicy"]), _DNS))
    errors += label_errors(spec.get("nodeSelector", {}), f"{field}.nodeSelector")
    errors += _dns_config_errors(spec, field)
    for name, check in (
        ("serviceAccountName", subdomain_problems),
        ("nodeName", subdomain_problems),
        ("hostname", label_problems),
        ("subdomain", label_problems),
        ("priorityClassName", subdomain_problems),
    ):
        if text := spec.get(name):
            errors += [invalid(f"{field}.{name}", text, each) for each in check(text)]
    return errors


def pod_status_errors(value: JsonObject, old: JsonObject) -> list[FieldError]:
    """status, written through its subresource (C23)."""
    status, before = value["status"], old["status"]
    errors = []
    for index, condition in enumerate(status.get("conditions", ())):
        kind = condition.get("type", "")
        if kind not in _SYSTEM_CONDITIONS:
            field = f"status.conditions[{index}].Type"
            errors += [invalid(field, kind, each) for each in label_key_problems(kind)]
    if status.get("qosClass") != before.get("qosClass"):
        errors.append(invalid("status.qosClass", TypedText(status.get("qosClass", "")), IMMUTABLE))
    errors += _address_list_errors(status, before, "podIP")
    plural, single = status.get("podIPs", []), status.get("podIP", "")
    if bool(plural) != bool(single):
        words = "podIP and podIPs must either both be set or both be unset"
        errors.append(invalid("status.podIPs", plural or None, words))
    elif plural and plural[0].get("ip", "") != single:
        errors.append(invalid("status.podIPs[0].ip", plural[0].get("ip", ""), "must be equal to `podIP`"))
    hosts = status.get("hostIPs", [])
    if hosts and hosts[0].get("ip", "") != status.get("hostIP", ""):
        errors.append(invalid("status.hostIPs[0].ip", hosts[0].get("ip", ""), "must be equal to `hostIP`"))
    return errors + _address_list_errors(status, before, "hostIP")


def pod_update_errors(value: JsonObject, old: JsonObject) -> list[FieldError]:
    """What an update of a Pod may change: hardly anything of spec."""
    spec, before = value["spec"], old["spec"]
    errors = []
    tolerations = spec.get("tolerations", [])
    for each in before.get("tolerations", ()):
        if not any(_tolerates_alike(each, new) for new in tolerations):
            words = "existing toleration can not be modified except its tolerationSeconds"
            errors.append(forbidden("spec.tolerations", words))
            break
    allowed = dict(spec)
    for name in ("activeDeadlineSeconds", "tolerations"):
        _keep(allowed, before, name)
    for name in ("containers", "initContainers"):
        olds, news = before.get(name) or [], allowed.get(name) or []
        if olds and len(olds) == len(news):
            allowed[name] = [_with_image_of(new, was) for new, was in zip(news, olds, strict=True)]
    changed = sorted(key for key in allowed.keys() | before.keys() if allowed.get(key) != before.get(key))
    if changed:
        errors.append(forbidden("spec", f"{_UNCHANGEABLE}\nchanged: {', '.join(f'spec.{each}' for each in changed)}"))
    return errors


def _with_image_of(new: JsonObject, old: JsonObject) -> JsonObject:
    kept = dict(new)
    _keep(kept, old, "image")
    return kept


def _tolerates_alike(old: JsonObject, new: JsonObject) -> bool:
    fields = ("key", "operator", "value", "effect")
    return all(old.get(each) == new.get(each) for each in fields)


def _keep(value: JsonObject, old: JsonObject, name: str) -> None:
    if name in old:
        value[name] = old[name]
    else:
        value.pop(name, None)


def _address_list_errors(status: JsonObject, before: JsonObject, name: str) -> list[FieldError]:
    """podIPs or hostIPs: at most one address a family; what was there before passes."""
    field = f"status.{name}s"
    entries = status.get(f"{name}s", [])
    addresses = [each.get("ip", "") for each in entries]
    known = [each.get("ip", "") for each in before.get(f"{name}s", [])]
    errors = []
    for index, address in enumerate(addresses):
        errors += address_errors(f"{field}[{index}]", address, known)
    bad = next((index for index, each in enumerate(addresses) if not address_family(each)), -1)
    if len(addresses) > 1 and bad >= 0:
        words = f"failed to check for dual stack with error:invalid IP[{bad}]: {addresses[bad]}"
        errors.append(internal(field, words))
    if len(addresses) > 1 and ({address_family(each) for each in addresses} != {IPV4, IPV6} or len(addresses) > 2):
        shown = [{"IP": each} for each in addresses]  # the internal type has no JSON names
        errors.append(invalid(field, shown, _SINGLE_FAMILY))
    return errors


def _all_container_errors(spec: JsonObject, field: str) -> list[FieldError]:
    containers = spec.get("containers") or []
    if not containers:
        return [required(f"{field}.containers")]
    errors = _container_errors(containers, f"{field}.containers", set())
    names = {each.get("name", "") for each in containers}
    return errors + _container_errors(spec.get("initContainers", []), f"{field}.initContainers", names)


def _container_errors(containers: Sequence[JsonObject], field: str, names: set[str]) -> list[FieldError]:
    errors = []
    for index, container in enumerate(containers):
        place = f"{field}[{index}]"
        name = container.get("name", "")
        if not name:
            errors.append(required(f"{place}.name"))
        errors += [invalid(f"{place}.name", name, each) for each in (label_problems(name) if name else ())]
        if not container.get("image"):
            errors.append(required(f"{place}.image"))
        errors += _container_port_errors(container.get("ports", ()), f"{place}.ports")
        if container["imagePullPolicy"] not in _PULL:
            policy = TypedText(container["imagePullPolicy"])
            errors.append(not_supported(f"{place}.imagePullPolicy", policy, _PULL))
        if name in names:
            errors.append(duplicate(f"{place}.name", name))
        names.add(name)
    return errors


def _container_port_errors(ports: Sequence[JsonObject], field: str) -> list[FieldError]:
    errors = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        place = f"{field}[{index}]"
        name = port.get("name", "")
        problems = port_name_problems(name) if name else []
        errors += [invalid(f"{place}.name", name, each) for each in problems]
        if name and not problems and name in names:
            errors.append(duplicate(f"{place}.name", name))
        if not problems:
            names.add(name)
        number = port["containerPort"]
        if not number:
            errors.append(required(f"{place}.containerPort"))
        errors += [
            invalid(f"{place}.{each}", port[each], problem)
            for each in ("containerPort", "hostPort")
            if port.get(each)
            for problem in port_number_problems(port[each])
        ]
        if port["protocol"] not in PROTOCOLS:
            errors.append(not_supported(f"{place}.protocol", TypedText(port["protocol"]), PROTOCOLS))
    return errors


def _volume_errors(volumes: Sequence[JsonObject], field: str) -> list[FieldError]:
    errors = []
    names: set[str] = set()
    for index, volume in enumerate(volumes):
        name = volume.get("name", "")
        place = f"{field}[{index}]"
        wrong = [
            forbidden(f"{place}.{'cephFS' if each == 'cephfs' else each}", "may not specify more than 1 volume type")
            for each in [each for each in _VOLUMES if each in volume][1:]
        ]
        if not name:
            wrong.append(required(f"{place}.name"))
        wrong += [invalid(f"{place}.name", name, each) for each in (label_problems(name) if name else ())]
        if name in names:
            wrong.append(duplicate(f"{place}.name", name))
        if not wrong:
            names.add(name)
        errors += wrong
    return errors


def _dns_config_errors(spec: JsonObject, field: str) -> list[FieldError]:
    config = spec.get("dnsConfig")
    field = f"{field}.dnsConfig"
    if spec["dnsPolicy"] == "None":
        if config is None:
            return [required(field, "must provide `dnsConfig` when `dnsPolicy` is None")]
        if not config.get("nameservers"):
            words = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            return [required(f"{field}.nameservers", words)]
    errors = []
    servers = (config or {}).get("nameservers", [])
    if len(servers) > _NAMESERVERS:
        errors.append(invalid(f"{field}.nameservers", servers, f"must not have more than {_NAMESERVERS} nameservers"))
    for index, server in enumerate(servers):
        errors += address_errors(f"{field}.nameservers[{index}]", server)
    searches = (config or {}).get("searches", [])
    if len(searches) > _SEARCHES:
        errors.append(invalid(f"{field}.searches", searches, f"must not have more than {_SEARCHES} search paths"))
    if len(" ".join(searches)) > _SEARCH_SIZE:
        words = f"must not have more than {_SEARCH_SIZE} characters (including spaces) in the search list"
        errors.append(invalid(f"{field}.searches", searches, words))
    return errors
