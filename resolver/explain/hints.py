"""What may have been meant, and what would help."""

from collections.abc import Iterator
from typing import Final

from resolver import limits
from resolver.cluster.dns_names import Part, Request, parse
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import Service, ServiceKind, labels_text
from resolver.explain.asking import near, services_called
from resolver.explain.notes import Notes
from resolver.plugins.kubernetes import Kubernetes
from resolver.wire import codes
from resolver.wire.names import closest_zone, name_to_text

_NAMED: Final = (Part.SERVICE, Part.POD)


def hints(
    name: bytes, qtype: int, outcome: str, notes: Notes, plugin: Kubernetes | None, plugins: list[Kubernetes]
) -> Iterator[str]:
    """Sentences for whoever asked; none for an answer. `name` in wire form, lower case; `plugin` is the zone's."""
    if outcome == "answer":
        return
    for each in plugins:
        yield from _of_search_path(name, each)
    if plugin is None:
        yield from (hint for each in plugins for hint in _zone_left_off(name, each))
        return
    zone = _shown(plugin.options.primary_zone)
    for lookup in notes.lookups[-1:]:
        if lookup.request.part is Part.SERVICE and not lookup.multicluster:
            yield from _of_service(lookup.request, qtype, outcome, plugin, zone)
        elif lookup.request.part in (Part.NAMESPACE, Part.POD_NAMESPACE, Part.POD):
            yield from _of_namespace(lookup.request.namespace, plugin.inventory)


def _zone_left_off(name: bytes, plugin: Kubernetes) -> Iterator[str]:
    """The name would be one of the cluster if its zone were there."""
    zone = plugin.options.primary_zone
    for middle in (b"", b"\x03svc"):
        whole = name[:-1] + middle + zone
        request = parse(whole, len(zone), zonal=plugin.options.view.zonal) if len(whole) <= limits.NAME_SIZE else None
        if request is not None and request.part in _NAMED and plugin.records.find(request) is not None:
            yield f"the name is not below {_shown(zone)}: did you mean {_shown(whole)}?"
            return


def _of_search_path(name: bytes, plugin: Kubernetes) -> Iterator[str]:
    """A whole name with something of a search path behind it."""
    zone = plugin.options.primary_zone
    at = name.find(zone[:-1])
    if 0 <= at < len(name) - len(zone):
        meant = name[:at] + zone
        yield (
            f"a search path has been put behind {_shown(meant)} (ndots is more than its dots): "
            "write the name with a dot at its end"
        )


def _of_service(request: Request, qtype: int, outcome: str, plugin: Kubernetes, zone: str) -> Iterator[str]:
    inventory = plugin.inventory
    if request.namespace not in inventory.namespaces:
        yield from _of_namespace(request.namespace, inventory)
    entry = inventory.services.get(request.key)
    service = entry.service if entry is not None else None
    if entry is None or service is None:
        yield from _near_services(request, inventory, zone)
        return
    if request.port or request.protocol:
        ports = dict.fromkeys(
            f"_{port.name.decode()}._{port.protocol.decode()}"
            for of in (service.ports, *(each.ports for each in entry.slices))
            for port in of
            if port.name
        )
        asked = f"_{request.port.decode()}._{request.protocol.decode()}"
        if outcome == "NXDOMAIN" and ports.keys() - {asked}:
            yield f"its ports are {', '.join(ports)}"
    if request.endpoint:
        names = [label.decode() for each in entry.slices for _, _, label in plugin.records.endpoint_names(each)]
        found = near(request.endpoint.decode("utf-8", "replace"), list(dict.fromkeys(names))) or names[:3]
        if found:
            yield f"ready endpoints of it are called {', '.join(found)}"
    if outcome == "NODATA" and qtype in (codes.A, codes.AAAA):
        yield from _of_family(service, qtype)


def _of_family(service: Service, qtype: int) -> Iterator[str]:
    if service.kind is not ServiceKind.EXTERNAL_NAME:
        other = "A" if qtype == codes.AAAA else "AAAA"
        yield (
            f"ask for {other}; or let the Service have both families: ipFamilyPolicy PreferDualStack, "
            "where cluster and Pods have both"
        )


def _near_services(request: Request, inventory: Inventory, zone: str) -> Iterator[str]:
    label = request.key[: 1 + request.key[0]]
    others = [key for key in services_called(inventory, label) if key != request.key]
    if others:
        listed = ", ".join(f"{labels_text(key)}.svc.{zone}" for key in sorted(others)[:3])
        yield f"there is a Service of this name in another namespace: {listed}"
        return
    here = [
        labels_text(key).partition(".")[0]
        for key, entry in inventory.services.items()
        if entry.service is not None and key.endswith(request.namespace) and key[1 + key[0] :] == request.namespace
    ]
    for name in near(labels_text(label), sorted(here))[:1]:
        yield f"did you mean {name}.{labels_text(request.namespace)}.svc.{zone}?"


def _of_namespace(label: bytes, inventory: Inventory) -> Iterator[str]:
    if label in inventory.namespaces:
        return
    for name in near(labels_text(label), sorted(labels_text(each) for each in inventory.namespaces))[:1]:
        yield f"there is a namespace {name}"


def plugin_of(name: bytes, plugins: list[Kubernetes]) -> Kubernetes | None:
    """The plugin whose zone the lower-case name is in."""
    return next((each for each in plugins if closest_zone(name, each.zones) is not None), None)


def _shown(name: bytes) -> str:
    """Without the last dot, as people write names."""
    return name_to_text(name).removesuffix(".") or "."
