"""Endpoints and EndpointSlices written by hand or by controllers (pkg/registry/{core/endpoint,discovery}; F7, S25)."""

from collections.abc import Sequence
from typing import Any, Final

from resolver.controlplane.field_errors import (
    FieldError,
    TypedText,
    duplicate,
    invalid,
    not_supported,
    required,
    too_many,
)
from resolver.controlplane.ip_text import (
    IPV4,
    IPV6,
    address_errors,
    address_family,
    address_warnings,
    canonical_address_errors,
    endpoint_address_errors,
)
from resolver.controlplane.metadata_rules import IMMUTABLE
from resolver.controlplane.names import (
    label_key_problems,
    label_problems,
    label_value_problems,
    port_number_problems,
    subdomain_problems,
)
from resolver.controlplane.resources import ENDPOINT_SLICES, ENDPOINTS
from resolver.controlplane.service_rules import PROTOCOLS
from resolver.controlplane.strategy import Strategy

JsonObject = dict[str, Any]

_FQDN: Final = "FQDN"
_ADDRESS_TYPES: Final = (_FQDN, IPV4, IPV6)
_ENDPOINTS_MOST: Final = 1_000
_ADDRESSES_MOST: Final = 100
_PORTS_MOST: Final = 20_000
_HINTS_MOST: Final = 8
_MANAGED_BY: Final = "endpointslice.kubernetes.io/managed-by"
_OWN_CONTROLLERS: Final = ("endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io")


class EndpointsStrategy(Strategy):
    """Endpoints; PUT creates."""

    create_on_update = True
    judges_generate_name = True

    def __init__(self) -> None:
        super().__init__(ENDPOINTS)

    def default(self, value: JsonObject) -> None:
        for subset in value.get("subsets", ()):
            for port in subset.get("ports", ()):
                port.setdefault("protocol", "TCP")

    def validate(self, value: JsonObject) -> list[FieldError]:
        return [
            error
            for index, subset in enumerate(value.get("subsets", ()))
            for error in _subset_errors(subset, f"subsets[{index}]")
        ]

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        return [] if value.get("subsets") == old.get("subsets") else self.validate(value)

    def warnings(self, value: JsonObject, old: JsonObject | None) -> list[str]:
        return [
            warning
            for index, subset in enumerate(value.get("subsets", ()))
            for name in ("addresses", "notReadyAddresses")
            for place, address in enumerate(subset.get(name, ()))
            for warning in address_warnings(f"subsets[{index}].{name}[{place}].ip", address["ip"])
        ]


class EndpointSliceStrategy(Strategy):
    """EndpointSlices: addressType never changes; every change of endpoints, ports or labels is a new generation."""

    judges_generate_name = True

    def __init__(self) -> None:
        super().__init__(ENDPOINT_SLICES)

    def default(self, value: JsonObject) -> None:
        for port in value.get("ports") or ():
            port.setdefault("name", "")
            port.setdefault("protocol", "TCP")

    def prepare_create(self, value: JsonObject) -> None:
        value["metadata"]["generation"] = 1
        _drop_topology(value)

    def prepare_update(self, value: JsonObject, old: JsonObject) -> None:
        compared = ("addressType", "endpoints", "ports")
        alike = all(value.get(each) == old.get(each) for each in compared)
        if not alike or value["metadata"].get("labels") != old["metadata"].get("labels"):
            value["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
        _drop_topology(value)

    def validate(self, value: JsonObject) -> list[FieldError]:
        return _type_errors(value) + _slice_port_errors(value.get("ports") or ()) + _endpoint_errors(value)

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        errors = _type_errors(value) + _slice_port_errors(value.get("ports") or ())
        if value.get("endpoints") != old.get("endpoints"):
            errors += _endpoint_errors(value)
        if value["addressType"] != old["addressType"]:
            errors.append(invalid("addressType", None, IMMUTABLE))
        return errors

    def warnings(self, value: JsonObject, old: JsonObject | None) -> list[str]:
        warnings = []
        if old is None and value["addressType"] == _FQDN:
            warnings.append("spec.addressType: FQDN endpoints are deprecated")
        if (value["metadata"].get("labels") or {}).get(_MANAGED_BY) in _OWN_CONTROLLERS or value[
            "addressType"
        ] == _FQDN:
            return warnings
        for index, endpoint in enumerate(value.get("endpoints") or ()):
            for place, address in enumerate(endpoint.get("addresses") or ()):
                warnings += address_warnings(f"endpoints[{index}].addresses[{place}]", address)
        return warnings


def _drop_topology(value: JsonObject) -> None:
    for endpoint in value.get("endpoints") or ():
        endpoint.pop("deprecatedTopology", None)


def _subset_errors(subset: JsonObject, field: str) -> list[FieldError]:
    errors = []
    if not subset.get("addresses") and not subset.get("notReadyAddresses"):
        errors.append(required(field, "must specify `addresses` or `notReadyAddresses`"))
    for name in ("addresses", "notReadyAddresses"):
        for index, address in enumerate(subset.get(name, ())):
            place = f"{field}.{name}[{index}]"
            errors += address_errors(f"{place}.ip", address["ip"])
            if hostname := address.get("hostname"):
                errors += [invalid(f"{place}.hostname", hostname, each) for each in label_problems(hostname)]
            if "nodeName" in address:
                node = address["nodeName"]
                errors += [invalid(f"{place}.nodeName", node, each) for each in subdomain_problems(node)]
            errors += endpoint_address_errors(f"{place}.ip", address["ip"])
    ports = subset.get("ports", ())
    for index, port in enumerate(ports):
        errors += _subset_port_errors(port, f"{field}.ports[{index}]", named=len(ports) > 1)
    return errors


def _subset_port_errors(port: JsonObject, field: str, *, named: bool) -> list[FieldError]:
    errors = []
    name = port.get("name", "")
    if name:
        errors += [invalid(f"{field}.name", name, each) for each in label_problems(name)]
    elif named:
        errors.append(required(f"{field}.name"))
    errors += [invalid(f"{field}.port", port["port"], each) for each in port_number_problems(port["port"])]
    if port["protocol"] not in PROTOCOLS:
        errors.append(not_supported(f"{field}.protocol", TypedText(port["protocol"]), PROTOCOLS))
    return errors + _app_protocol_errors(port, field)


def _app_protocol_errors(port: JsonObject, field: str) -> list[FieldError]:
    protocol = port.get("appProtocol")
    problems = label_key_problems(protocol) if protocol is not None else []
    return [invalid(f"{field}.appProtocol", protocol, each) for each in problems]


def _type_errors(value: JsonObject) -> list[FieldError]:
    kind = value["addressType"]
    if not kind:
        return [required("addressType")]
    return [] if kind in _ADDRESS_TYPES else [not_supported("addressType", TypedText(kind), _ADDRESS_TYPES)]


def _slice_port_errors(ports: Sequence[JsonObject]) -> list[FieldError]:
    if len(ports) > _PORTS_MOST:
        return [too_many("ports", len(ports), _PORTS_MOST)]
    errors = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        field = f"ports[{index}]"
        name = port["name"]
        errors += [invalid(f"{field}.name", name, each) for each in (label_problems(name) if name else ())]
        if name in names:
            errors.append(duplicate(f"{field}.name", TypedText(name)))
        names.add(name)
        if port["protocol"] not in PROTOCOLS:
            errors.append(not_supported(f"{field}.protocol", TypedText(port["protocol"]), PROTOCOLS))
        errors += _app_protocol_errors(port, field)
    return errors


def _endpoint_errors(value: JsonObject) -> list[FieldError]:
    endpoints = value.get("endpoints") or ()
    if len(endpoints) > _ENDPOINTS_MOST:
        return [too_many("endpoints", len(endpoints), _ENDPOINTS_MOST)]
    errors = []
    for index, endpoint in enumerate(endpoints):
        field = f"endpoints[{index}]"
        addresses = endpoint.get("addresses") or ()
        if not addresses:
            errors.append(required(f"{field}.addresses"))
        if len(addresses) > _ADDRESSES_MOST:
            errors.append(too_many(f"{field}.addresses", len(addresses), _ADDRESSES_MOST))
        for place, address in enumerate(addresses):
            errors += _address_errors(value["addressType"], address, f"{field}.addresses", place)
        for name, check in (("nodeName", subdomain_problems), ("hostname", label_problems)):
            if name in endpoint:
                errors += [invalid(f"{field}.{name}", endpoint[name], each) for each in check(endpoint[name])]
        errors += _hint_errors(endpoint.get("hints") or {}, f"{field}.hints")
    return errors


def _address_errors(kind: str, address: str, field: str, index: int) -> list[FieldError]:
    place = f"{field}[{index}]"
    if kind == _FQDN:
        return _domain_errors(address, place)
    if kind not in (IPV4, IPV6):
        return []
    errors = address_errors(place, address) if kind == IPV4 else canonical_address_errors(place, address)
    if errors:
        return errors
    wrong = [invalid(field, address, f"must be an {kind} address")] if address_family(address) != kind else []
    return wrong + endpoint_address_errors(place, address)


def _domain_errors(name: str, field: str) -> list[FieldError]:
    if not name:
        return [required(field)]
    name = name.removesuffix(".")
    if problems := subdomain_problems(name):
        return [invalid(field, name, ",".join(problems))]
    labels = name.split(".")
    if len(labels) < 2:
        return [invalid(field, name, "should be a domain with at least two segments separated by dots")]
    wrong = next((each for each in labels if label_problems(each)), None)
    return [invalid(field, wrong, ",".join(label_problems(wrong)))] if wrong is not None else []


def _hint_errors(hints: JsonObject, field: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for name, check in (("forZones", label_value_problems), ("forNodes", subdomain_problems)):
        listed = hints.get(name) or ()
        if len(listed) > _HINTS_MOST:
            return [*errors, too_many(f"{field}.{name}", len(listed), _HINTS_MOST)]
        seen: set[str] = set()
        for index, each in enumerate(listed):
            place, text = f"{field}.{name}[{index}].name", each["name"]
            if text in seen:
                errors.append(duplicate(place, text))
            seen.add(text)
            errors += [invalid(place, text, problem) for problem in check(text)]
    return errors
