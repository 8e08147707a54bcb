"""From what somebody types to a whole question: short names completed, addresses turned round, types checked."""

from collections.abc import Sequence
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Final, NamedTuple

from resolver import limits
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import wire_label
from resolver.plugins.kubernetes import Kubernetes
from resolver.wire import codes
from resolver.wire.names import ROOT, BadName, closest_zone, labels_of, name_from_text, name_to_text

DEFAULT_NAMESPACE: Final = "default"
_SVC: Final = b"\x03svc"
_BRANCHES: Final = (b"svc", b"pod")


class BadQuestion(ValueError):
    """What cannot be asked; the message says why, and what may have been meant."""


class Asked(NamedTuple):
    """A question in wire form. `note` says how the name was completed, empty where it was whole."""

    name: bytes
    qtype: int
    note: str = ""


def whole_question(
    text: str, qtype: str, plugins: Sequence[Kubernetes], served: Sequence[bytes], namespace: str = DEFAULT_NAMESPACE
) -> Asked:
    """The question that is meant. `served` are the zones of all blocks; `namespace` is that of names without one.

    A name that ends in a dot, or in a zone of the plugins, is whole. An address stands for its reverse name. Any other
    is a name of the cluster, unless another block serves it and it does not end in a namespace. Raises BadQuestion.
    """
    number = type_of(qtype)
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        pass
    else:
        name = name_from_text(address.reverse_pointer)
        return Asked(name, codes.PTR, f"an address: its reverse name {name_to_text(name)} is asked for PTR")
    try:
        name = name_from_text(text)
    except BadName as error:
        raise BadQuestion(str(error)) from error
    zones = _zones(plugins)
    if (
        text.endswith(".")
        or name == ROOT
        or not zones
        or closest_zone(name.lower(), [z for plugin in plugins for z in plugin.zones])
    ):
        return Asked(name, number)
    completed, why = _completed(name, zones[0], plugins, served, namespace)
    try:
        whole = name_from_text(name_to_text(completed))
    except BadName as error:
        raise BadQuestion(f"{text} with the zone behind it: {error}") from error
    return Asked(whole, number, why and f"{text} {why}: asked for {name_to_text(whole)}")


def _completed(
    name: bytes, zone: bytes, plugins: Sequence[Kubernetes], served: Sequence[bytes], namespace: str
) -> tuple[bytes, str]:
    """The whole name, and a word about what it was; no word where it is left as it is."""
    labels, front = labels_of(name.lower()), name[:-1]
    if labels and labels[-1] in _BRANCHES:
        return front + zone, "lacks the zone"
    if len(labels) == 1:
        return front + wire_label(namespace) + _SVC + zone, f"is taken for a Service of the namespace {namespace}"
    here = any(bytes((len(labels[-1]),)) + labels[-1] in plugin.inventory.namespaces for plugin in plugins)
    if not here and closest_zone(name.lower(), list(served)) is not None:
        return name, ""
    return front + _SVC + zone, "lacks svc and the zone"


def _zones(plugins: Sequence[Kubernetes]) -> list[bytes]:
    """The zones that names are completed with."""
    return list(dict.fromkeys(plugin.options.primary_zone for plugin in plugins))


def type_of(text: str) -> int:
    """The number of a record type. Raises BadQuestion with the nearest one."""
    number = codes.type_number(text)
    if number is None:
        near = get_close_matches(text.upper(), _TYPES, 1, 0.4)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise BadQuestion(
            f"no record type is called {text}{meant} Known are {', '.join(_TYPES)}, and TYPE1 to TYPE65535"
        )
    return number


_TYPES: Final = ("A", "AAAA", "SRV", "PTR", "CNAME", "TXT", "NS", "SOA", "MX", "ANY", "HTTPS", "SVCB", "CAA", "NAPTR")


def near(text: str, names: Sequence[str]) -> list[str]:
    """Names spelt nearly so, the nearest first."""
    return get_close_matches(text, names[: limits.EXPLAINED_NAMES], limits.NEAR_NAMES)


def services_called(inventory: Inventory, label: bytes) -> list[bytes]:
    """The keys of Services of this name in whatever namespace; `label` in wire form."""
    return [key for key, entry in inventory.services.items() if entry.service is not None and key.startswith(label)]
