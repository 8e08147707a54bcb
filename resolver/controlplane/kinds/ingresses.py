"""Ingresses as kube-apiserver takes them (pkg/registry/networking/ingress)."""

from typing import Any, Final

from resolver.controlplane.field_errors import FieldError, TypedText, invalid, not_supported, required
from resolver.controlplane.ip_text import parsed_address
from resolver.controlplane.names import (
    label_problems,
    port_name_problems,
    port_number_problems,
    subdomain_problems,
    wildcard_problems,
)
from resolver.controlplane.resources import INGRESSES
from resolver.controlplane.strategy import Strategy

JsonObject = dict[str, Any]

_PATH_TYPES: Final = ("Exact", "ImplementationSpecific", "Prefix")
_BAD_PARTS: Final = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDS: Final = ("/..", "/.")
_CLASS: Final = "kubernetes.io/ingress.class"


class IngressStrategy(Strategy):
    has_generation = True
    judges_generate_name = True

    def __init__(self) -> None:
        super().__init__(INGRESSES)

    def validate(self, value: JsonObject) -> list[FieldError]:
        errors = self.validate_update(value, value)
        annotation = (value["metadata"].get("annotations") or {}).get(_CLASS)
        named = value["spec"].get("ingressClassName")
        if None not in (annotation, named) and annotation != named:
            words = "must match `ingressClassName` when both are specified"
            errors.append(invalid(f"annotations.{_CLASS}", annotation, words))
        return errors

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        spec = value["spec"]
        errors = []
        if not spec.get("rules") and "defaultBackend" not in spec:
            errors.append(invalid("spec", None, "either `defaultBackend` or `rules` must be specified"))
        if "defaultBackend" in spec:
            errors += _backend_errors(spec["defaultBackend"], "spec.defaultBackend")
        for index, rule in enumerate(spec.get("rules", ())):
            errors += _rule_errors(rule, f"spec.rules[{index}]")
        for index, tls in enumerate(spec.get("tls", ())):
            errors += _tls_errors(tls, f"spec.tls[{index}]")
        if "ingressClassName" in spec:
            name = spec["ingressClassName"]
            errors += [invalid("spec.ingressClassName", name, each) for each in subdomain_problems(name)]
        return errors


def _rule_errors(rule: JsonObject, field: str) -> list[FieldError]:
    errors = []
    host = rule.get("host", "")
    if host:
        if parsed_address(host) is not None:
            errors.append(invalid(f"{field}.host", host, "must be a DNS name, not an IP address"))
        problems = wildcard_problems(host) if "*" in host else subdomain_problems(host)
        errors += [invalid(f"{field}.host", host, each) for each in problems]
    if "http" not in rule:
        return errors
    paths = rule["http"].get("paths") or ()
    if not paths:
        errors.append(required(f"{field}.http.paths"))
    for index, path in enumerate(paths):
        errors += _path_errors(path, f"{field}.http.paths[{index}]")
    return errors


def _path_errors(path: JsonObject, field: str) -> list[FieldError]:
    kind, text = path.get("pathType"), path.get("path", "")
    if kind is None:
        return [required(f"{field}.pathType", "pathType must be specified")]
    errors = []
    if kind not in _PATH_TYPES:
        errors.append(not_supported(f"{field}.pathType", TypedText(kind), _PATH_TYPES))
    elif not text.startswith("/") and (text or kind != "ImplementationSpecific"):
        errors.append(invalid(f"{field}.path", text, "must be an absolute path"))
    if kind in ("Exact", "Prefix"):
        errors += [invalid(f"{field}.path", text, f"must not contain '{each}'") for each in _BAD_PARTS if each in text]
        errors += [
            invalid(f"{field}.path", text, f"cannot end with '{each}'") for each in _BAD_ENDS if text.endswith(each)
        ]
    return errors + _backend_errors(path["backend"], f"{field}.backend")


def _backend_errors(backend: JsonObject, field: str) -> list[FieldError]:
    if "resource" in backend and "service" in backend:
        return [invalid(field, "", "cannot set both resource and service backends")]
    if "resource" in backend:
        return [required(f"{field}.resource.{each}") for each in ("kind", "name") if not backend["resource"].get(each)]
    if "service" not in backend:
        return [invalid(field, "", "resource or service backend is required")]
    name = backend["service"]["name"]
    errors = [] if name else [required(f"{field}.service.name")]
    errors += [invalid(f"{field}.service.name", name, each) for each in (label_problems(name) if name else ())]
    port = backend["service"]["port"]
    if "name" in port and "number" in port:
        errors.append(invalid(field, "", "cannot set both port name & port number"))
    elif "name" in port:
        problems = port_name_problems(port["name"])
        errors += [invalid(f"{field}.service.port.name", port["name"], each) for each in problems]
    elif "number" in port:
        problems = port_number_problems(port["number"])
        errors += [invalid(f"{field}.service.port.number", port["number"], each) for each in problems]
    else:
        errors.append(required(field, "port name or number is required"))
    return errors


def _tls_errors(tls: JsonObject, field: str) -> list[FieldError]:
    errors = []
    for index, host in enumerate(tls.get("hosts", ())):
        problems = wildcard_problems(host) if "*" in host else subdomain_problems(host)
        errors += [invalid(f"{field}.hosts[{index}]", host, each) for each in problems]
    if name := tls.get("secretName"):
        errors += [invalid(f"{field}.secretName", name, each) for each in subdomain_problems(name)]
    return errors
