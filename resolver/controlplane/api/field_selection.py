"""The query parameter ``fieldSelector`` (apimachinery pkg/fields, and the fields each kind can be selected by)."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from resolver.controlplane.resources import EVENTS, JOBS, NAMESPACES, NODES, PODS, SECRETS, SERVICES, Resource
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject

JsonObject = dict[str, Any]
Matches = Callable[[StoredObject], bool]

_METADATA: Final = ("metadata.name", "metadata.namespace")
_NOT_SUPPORTED: Final = "field label not supported: {field}"
_INVOLVED: Final = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")

SELECTABLE: Final[Mapping[Resource, tuple[str, ...]]] = {
    PODS: (
        *_METADATA,
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    NODES: ("metadata.name", "spec.unschedulable"),
    NAMESPACES: ("metadata.name", "status.phase"),
    SECRETS: (*_METADATA, "type"),
    SERVICES: (*_METADATA, "spec.clusterIP", "spec.type"),
    JOBS: (*_METADATA, "status.successful"),
    EVENTS: (
        *_METADATA,
        *(f"involvedObject.{each}" for each in _INVOLVED),
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
}
"""Of kinds that are not here: metadata.name and metadata.namespace."""


class Term(NamedTuple):
    """One condition. `equal`: the field has the value, else it has another one."""

    field: str
    equal: bool
    value: str


class FieldSelector(NamedTuple):
    """All terms must hold. `name`: the one name they allow, where metadata.name must equal something."""

    terms: tuple[Term, ...] = ()
    name: str = ""

    def matcher(self) -> Matches | None:
        """None where everything matches."""
        if not self.terms:
            return None
        checks = [(_reader(each.field), each.equal, each.value) for each in self.terms]
        return lambda item: all((read(item) == value) == equal for read, equal, value in checks)


def parse_field_selector(resource: Resource, text: str) -> FieldSelector:
    """Raises StatusError 400."""
    terms = []
    for part in sorted(_split(text)):
        if part:
            terms.append(_term(text, part))
    terms = [each._replace(field=_checked(resource, each.field)) for each in terms if each.field or each.value]
    names = [each.value for each in terms if each.field == "metadata.name" and each.equal]
    return FieldSelector(tuple(terms), names[0] if names else "")


def _split(text: str) -> list[str]:
    """At commas, unless a backslash stands before them."""
    parts, start, escaped = [], 0, False
    for at, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == ",":
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _term(text: str, part: str) -> Term:
    for at in range(len(part)):
        for operator in ("!=", "==", "="):
            if part.startswith(operator, at):
                return Term(part[:at], operator != "!=", _unescaped(part[at + len(operator) :]))
    raise StatusError.bad_request(f"invalid selector: '{text}'; can't understand '{part}'")


def _unescaped(text: str) -> str:
    result, escaped = [], False
    for character in text:
        if escaped:
            if character not in "\\,=":
                raise StatusError.bad_request(f"invalid field selector: invalid escape sequence: \\{character}")
            result.append(character)
            escaped = False
        elif character == "\\":
            escaped = True
        elif character in ",=":
            words = "invalid field selector: unescaped character in value"
            raise StatusError.bad_request(f"{words}: {ord(character)}")
        else:
            result.append(character)
    if escaped:
        raise StatusError.bad_request("invalid field selector: invalid escape sequence: \\")
    return "".join(result)


def _checked(resource: Resource, field: str) -> str:
    if resource is PODS and field == "spec.host":
        return "spec.nodeName"
    if field in SELECTABLE.get(resource, _METADATA):
        return field
    if resource is JOBS:
        problem = f'field label "{field}" not supported for Job'
    elif resource in SELECTABLE:
        problem = _NOT_SUPPORTED.format(field=field)
    else:
        problem = f'"{field}" is not a known field selector: only "metadata.name", "metadata.namespace"'
    raise StatusError.bad_request(problem)


def _reader(field: str) -> Callable[[StoredObject], str]:
    if field == "metadata.name":
        return lambda item: item.name
    if field == "metadata.namespace":
        return lambda item: item.namespace
    special = _SPECIAL.get(field)
    if special is not None:
        return lambda item: special(item.object)
    path = field.split(".")
    return lambda item: _at(item.object, path)


def _at(value: Any, path: list[str]) -> str:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return "" if value is None else str(value)


def _flag(section: str, name: str) -> Callable[[JsonObject], str]:
    return lambda value: "true" if (value.get(section) or {}).get(name) else "false"


def _first_address(pod: JsonObject) -> str:
    addresses = (pod.get("status") or {}).get("podIPs") or [{}]
    address: str = addresses[0].get("ip", "")
    return address


def _event_source(event: JsonObject) -> str:
    source: str = (event.get("source") or {}).get("component") or event.get("reportingComponent", "")
    return source


_SPECIAL: Final[Mapping[str, Callable[[JsonObject], str]]] = {
    "spec.hostNetwork": _flag("spec", "hostNetwork"),
    "spec.unschedulable": _flag("spec", "unschedulable"),
    "status.podIP": _first_address,
    "status.podIPs": lambda _: "",
    "status.successful": lambda job: str((job.get("status") or {}).get("succeeded", 0)),
    "source": _event_source,
}
