"""Which updates move the SOA serials, as CoreDNS's controller judges them (plugin/kubernetes/controller.go)."""

from resolver.cluster.objects import EndpointSlice, Service, ServiceImport


def service_differs(old: Service, new: Service) -> tuple[bool, bool]:
    """(internal, external): ports move both, externalName the first, external addresses the second, clusterIPs none."""
    if old.version == new.version and old.version != "":
        return False, False
    if old.ports != new.ports:
        return True, True
    return old.external_name != new.external_name, old.external_ips != new.external_ips


def endpoints_differ(old: EndpointSlice, new: EndpointSlice) -> bool:
    """Ready addresses, hostnames, ports, zones, in order."""
    if old.version == new.version and old.version != "":
        return False
    return (old.addresses, old.hostnames, old.ports, old.zones) != (new.addresses, new.hostnames, new.ports, new.zones)


def service_import_differs(old: ServiceImport, new: ServiceImport) -> bool:
    """Type and ports; not the addresses."""
    if old.version == new.version and old.version != "":
        return False
    return (old.headless, old.ports) != (new.headless, new.ports)
