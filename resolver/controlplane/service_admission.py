"""Services as kube-apiserver takes them: the order of work, and what is allocated and released when (P1 to P10)."""

from functools import partial
from hashlib import blake2b
from typing import Any

from resolver.controlplane.field_errors import FieldError, invalid
from resolver.controlplane.ip_families import (
    NONE,
    ClusterFamilies,
    fill_families_of_stored,
    is_left_alone,
    keep_cluster_ips,
    needs_address,
    settle_families,
    sync_cluster_ips,
)
from resolver.controlplane.ip_text import address_warnings
from resolver.controlplane.names import label_problems
from resolver.controlplane.node_ports import NodePorts, PortRefused, PortRequest
from resolver.controlplane.resources import SERVICES
from resolver.controlplane.service_fields import (
    clear_what_the_type_lacks,
    default_service,
    gets_node_ports,
    has_node_ports,
    keep_node_ports,
    needs_health_check,
    service_warnings,
)
from resolver.controlplane.service_ips import CannotAllocate, RangeFull, ServiceIps
from resolver.controlplane.service_rules import service_errors, service_status_errors, service_update_errors
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.strategy import Strategy
from resolver.controlplane.write_request import Write

JsonObject = dict[str, Any]


class ServiceStrategy(Strategy):
    """`cluster`: the families of ``--service-cluster-ip-range``."""

    create_on_update = True

    def __init__(self, cluster: ClusterFamilies, ips: ServiceIps, ports: NodePorts) -> None:
        super().__init__(SERVICES)
        self._cluster = cluster
        self._ips = ips
        self._ports = ports
        self._hidden: dict[str, str] = {}  # uid to the internalTrafficPolicy of an ExternalName Service

    def recalled(self, value: JsonObject) -> JsonObject:
        """With the internalTrafficPolicy it was given, which comes back when its type changes."""
        policy = self._hidden.get(value["metadata"]["uid"])
        return value | {"spec": value["spec"] | {"internalTrafficPolicy": policy}} if policy else value

    def _hide_later(self, spec: JsonObject, uid: str, write: Write) -> None:
        policy = spec.get("internalTrafficPolicy")
        hidden = policy if policy and not needs_address(spec) else ""
        if hidden or uid in self._hidden:
            write.release.append(partial(self._hide, uid, hidden))

    def _hide(self, uid: str, policy: str) -> None:
        if policy:
            self._hidden[uid] = policy
        else:
            self._hidden.pop(uid, None)

    def name_problems(self, name: str) -> list[str]:
        return label_problems(name)

    def default(self, value: JsonObject) -> None:
        default_service(value)

    # -- creating

    def begin_create(self, value: JsonObject, write: Write) -> None:
        spec = value["spec"]
        self._hide_later(spec, value["metadata"]["uid"], write)
        sync_cluster_ips(spec, None)
        self._settle_families(value, None)
        if needs_address(spec) and spec.get("clusterIPs") != [NONE]:
            self._allocate_all(value, write)
        ports = PortRequest(self._ports, _seed(value), dry_run=write.dry_run)
        if has_node_ports(spec):
            self._allocate_node_ports(value, ports)
        if needs_health_check(spec):
            self._allocate_health_check(spec, ports)

    def validate(self, value: JsonObject) -> list[FieldError]:
        return service_errors(value, None)

    def warnings(self, value: JsonObject, old: JsonObject | None) -> list[str]:
        return service_warnings(value)

    def canonicalize(self, value: JsonObject) -> None:
        if not needs_address(value["spec"]):  # never shown, whatever was said
            value["spec"].pop("internalTrafficPolicy", None)

    # -- updating

    def begin_update(self, value: JsonObject, old: JsonObject, write: Write) -> None:
        spec, old_spec = value["spec"], old["spec"]
        self._hide_later(spec, old["metadata"]["uid"], write)
        fill_families_of_stored(old_spec, self._cluster)
        keep_cluster_ips(spec, old_spec)
        keep_node_ports(spec, old_spec)
        sync_cluster_ips(spec, old_spec)
        self._settle_families(value, old_spec)
        self._change_addresses(value, old_spec, write)
        ports = PortRequest(self._ports, _seed(value), dry_run=write.dry_run)
        if has_node_ports(spec):
            self._change_node_ports(value, old_spec, ports)
        if needs_health_check(spec) and not needs_health_check(old_spec):
            self._allocate_health_check(spec, ports)

    def prepare_update(self, value: JsonObject, old: JsonObject) -> None:
        super().prepare_update(value, old)
        clear_what_the_type_lacks(value, old)

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        return service_update_errors(value, old)

    def validate_subresource(self, subresource: str, value: JsonObject, old: JsonObject) -> list[FieldError]:
        return service_status_errors(value, old)

    def subresource_warnings(self, subresource: str, value: JsonObject) -> list[str]:
        warnings = []
        for index, ingress in enumerate(value["status"]["loadBalancer"].get("ingress", ())):
            warnings += address_warnings(f"status.loadBalancer.ingress[{index}]", ingress.get("ip", ""))
        return warnings

    def after_delete(self, value: JsonObject, write: Write) -> None:
        self._hidden.pop(value["metadata"]["uid"], None)
        for address in value["spec"].get("clusterIPs", ()):
            self._ips.release(address)

    # -- addresses

    def _settle_families(self, value: JsonObject, old: JsonObject | None) -> None:
        if errors := settle_families(value["spec"], old, self._cluster):
            raise _invalid(value, errors)

    def _allocate_all(self, value: JsonObject, write: Write) -> None:
        spec = value["spec"]
        families = spec["ipFamilies"]
        addresses = list(spec.get("clusterIPs", []))
        addresses += [""] * (len(families) - len(addresses))
        found = [self._allocate(value, addresses, index, write) for index in range(len(families))]
        spec["clusterIPs"] = found
        spec["clusterIP"] = found[0]

    def _change_addresses(self, value: JsonObject, old: JsonObject, write: Write) -> None:
        spec = value["spec"]
        if is_left_alone(spec, old):
            return
        if not needs_address(old) and needs_address(spec):
            if spec.get("clusterIPs") != [NONE]:
                self._allocate_all(value, write)
            return
        before = old.get("clusterIPs", [])
        if before[:1] == [NONE] or not needs_address(old):
            return
        if not needs_address(spec):
            self._release_later(before, write)
            return
        families, old_families = spec.get("ipFamilies", []), old.get("ipFamilies", [])
        if len(old_families) == 1 and len(families) == 2:
            addresses = list(spec.get("clusterIPs", []))
            addresses += [""] * (2 - len(addresses))
            addresses[1] = self._allocate(value, addresses, 1, write)
            spec["clusterIPs"] = addresses
        elif len(old_families) == 2 and len(families) == 1:
            self._release_later(before[1:2], write)

    def _allocate(self, value: JsonObject, addresses: list[str], index: int, write: Write) -> str:
        """The named address, or one that is picked where `addresses[index]` is empty."""
        address = addresses[index]
        name = value["metadata"].get("name", "")
        try:
            if not address:
                return self._ips.pick(value["metadata"], value["spec"]["ipFamilies"][index], write)
            self._ips.allocate(value["metadata"], address, write)
        except RangeFull:
            problem = f'failed to allocate a serviceIP for Service "{name}": range is full'
            raise StatusError.internal(problem) from None
        except CannotAllocate as error:
            problem = f"failed to allocate IP {address}: {error}" if address else f"failed to allocate IP: {error}"
            raise _invalid(value, [invalid("spec.clusterIPs", addresses, problem)]) from None
        return address

    def _release_later(self, addresses: list[str], write: Write) -> None:
        write.release += [partial(self._ips.release, each) for each in addresses]

    # -- node ports

    def _allocate_node_ports(self, value: JsonObject, request: PortRequest) -> None:
        """One node port for each port number: ports that differ only in protocol share it (C18)."""
        ports = value["spec"].get("ports", ())
        by_number: dict[int, int] = {}
        for index, port in enumerate(ports):
            if "nodePort" not in port and not gets_node_ports(value["spec"]):
                continue
            shared = by_number.get(port["port"], 0)
            if not shared:
                wanted = next((p["nodePort"] for p in ports if p["port"] == port["port"] and "nodePort" in p), 0)
                number = self._take(value, index, wanted, request) if wanted else self._pick_port(request)
                port["nodePort"] = by_number[port["port"]] = number
            elif "nodePort" not in port:
                port["nodePort"] = shared
            elif port["nodePort"] != shared:
                self._take(value, index, port["nodePort"], request)

    def _change_node_ports(self, value: JsonObject, old: JsonObject, request: PortRequest) -> None:
        before = {port["nodePort"] for port in old.get("ports", ()) if "nodePort" in port}
        allocated: set[int] = set()
        seen: set[tuple[str, int]] = set()
        for index, port in enumerate(value["spec"].get("ports", ())):
            number = port.get("nodePort", 0)
            if not number and not gets_node_ports(value["spec"]):
                continue
            if not number:
                number = port["nodePort"] = self._pick_port(request)
            elif number not in before and number not in allocated:
                self._take(value, index, number, request)
                allocated.add(number)
            if (port["protocol"], number) in seen:
                raise StatusError(500, "", f"duplicate nodePort: {{{port['protocol']} {number}}}")
            seen.add((port["protocol"], number))

    def _take(self, value: JsonObject, index: int, number: int, request: PortRequest) -> int:
        try:
            request.allocate(number)
        except PortRefused as error:
            raise _invalid(value, [invalid(f"spec.ports[{index}].nodePort", number, str(error))]) from None
        return number

    def _pick_port(self, request: PortRequest) -> int:
        try:
            return request.pick()
        except PortRefused as error:
            raise StatusError.internal(f"failed to allocate a nodePort: {error}") from None

    def _allocate_health_check(self, spec: JsonObject, request: PortRequest) -> None:
        wanted = spec.get("healthCheckNodePort", 0)
        try:
            if wanted:
                request.allocate(wanted)
            else:
                spec["healthCheckNodePort"] = request.pick()
        except PortRefused as error:
            requested = "requested" if wanted else "a"
            problem = f"failed to allocate {requested} HealthCheck NodePort {wanted}: {error}"
            raise StatusError.internal(problem) from None


def _invalid(value: JsonObject, errors: list[FieldError]) -> StatusError:
    return StatusError.invalid(SERVICES, value["metadata"].get("name", ""), errors)


def _seed(value: JsonObject) -> int:
    """The same Service gets the same node ports in every run, as long as they are free."""
    owner = f"{value['metadata']['namespace']}/{value['metadata'].get('name', '')}"
    return int.from_bytes(blake2b(owner.encode(), digest_size=8).digest())
