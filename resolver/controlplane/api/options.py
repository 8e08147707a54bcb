"""The query parameters of a request, and what is wrong with them (apimachinery pkg/apis/meta)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from resolver import limits
from resolver.controlplane.api.field_selection import Matches as FieldsMatch
from resolver.controlplane.api.field_selection import parse_field_selector
from resolver.controlplane.api.label_selection import Matches as LabelsMatch
from resolver.controlplane.api.label_selection import label_matcher
from resolver.controlplane.decoding import WARN
from resolver.controlplane.field_errors import FieldError, forbidden, invalid, not_supported, required, too_long
from resolver.controlplane.go_text import go_quote
from resolver.controlplane.resources import Resource
from resolver.controlplane.shapes import Mismatch, Unknown, reader
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject
from resolver.controlplane.write_request import DeleteOptions, WriteOptions

Query = Mapping[str, Sequence[str]]

EXACT: Final = "Exact"
NOT_OLDER: Final = "NotOlderThan"
_META: Final = "meta.k8s.io"
_INT64: Final = range(-(1 << 63), 1 << 63)
_VALIDATIONS: Final = ("", "Ignore", "Strict", "Warn")
_UNCONTINUED: Final = "resourceVersionMatch is forbidden when continue is provided"


@dataclass(frozen=True, slots=True)
class Matches:
    """What a list or a watch is about. `labels` and `fields` are None where they do not matter."""

    labels: LabelsMatch | None = None
    fields: FieldsMatch | None = None

    def __call__(self, item: StoredObject) -> bool:
        if self.labels is not None and not self.labels(item.labels):
            return False
        return self.fields is None or self.fields(item)

    @property
    def all(self) -> bool:
        return self.labels is None and self.fields is None


_EVERYTHING: Final = Matches()


@dataclass(frozen=True, slots=True)
class ListOptions:
    """Of a list or a watch. `limit` 0: none. `timeout`: seconds, None where not said.

    `name`: of the only object that can match, else empty.
    """

    matches: Matches = _EVERYTHING
    name: str = ""
    watch: bool = False
    bookmarks: bool = False
    initial_events: bool | None = None
    version: str = ""
    match: str = ""
    limit: int = 0
    continue_token: str = ""
    timeout: int | None = None


def parse_query(text: str) -> Query:
    """The parameters, each with all its values."""
    query: dict[str, list[str]] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        query.setdefault(key, []).append(value)
    return query


def list_options(resource: Resource, query: Query, *, watch: bool = False, name: str = "") -> ListOptions:
    """`watch` and `name` are what the path says already. Raises StatusError 400 or 422."""
    limit, timeout = _integer(query, "limit"), _integer(query, "timeoutSeconds")
    labels = label_matcher(_first(query, "labelSelector"))
    fields = parse_field_selector(resource, _first(query, "fieldSelector"))
    if name:
        if fields.terms and fields.name != name:
            raise StatusError.bad_request("fieldSelector metadata.name doesn't match requested name")
        fields = fields if fields.terms else parse_field_selector(resource, f"metadata.name={name}")
    initial = _flag(query, "sendInitialEvents") if "sendInitialEvents" in query else None
    options = ListOptions(
        matches=Matches(labels, fields.matcher()),
        name=fields.name,
        watch=watch or _flag(query, "watch"),
        bookmarks=_flag(query, "allowWatchBookmarks"),
        initial_events=initial,
        version=_first(query, "resourceVersion"),
        match=_first(query, "resourceVersionMatch"),
        limit=max(limit or 0, 0),
        continue_token=_first(query, "continue"),
        timeout=timeout,
    )
    errors = _watch_errors(options) if options.watch else _list_errors(options)
    if errors:
        raise StatusError.invalid_kind(_META, "ListOptions", "", errors)
    return options


def write_options(query: Query, kind: str, user_agent: str, subresource: str = "") -> WriteOptions:
    """`kind`: CreateOptions or UpdateOptions. Raises StatusError 422."""
    if not query:
        return WriteOptions(manager=user_agent_manager(user_agent), subresource=subresource)
    if errors := _write_errors(query):
        raise StatusError.invalid_kind(_META, kind, "", errors)
    return WriteOptions(*_written(query, user_agent), subresource)


def patch_options(query: Query, user_agent: str, subresource: str, *, apply: bool) -> tuple[WriteOptions, bool]:
    """The options, and whether the patch is to be forced. Raises StatusError 422."""
    errors = []
    if apply and not _first(query, "fieldManager"):
        errors.append(required("fieldManager", "is required for apply patch"))
    elif not apply and "force" in query:
        errors.append(forbidden("force", "may not be specified for non-apply patch"))
    if errors := errors + _write_errors(query):
        raise StatusError.invalid_kind(_META, "PatchOptions", "", errors)
    return WriteOptions(*_written(query, user_agent), subresource), _flag(query, "force")


def delete_options(query: Query, document: dict[str, Any] | None) -> DeleteOptions:
    """Of the body where there is one, else of the query. Raises StatusError 400 or 422."""
    if document is None:
        orphan = _flag(query, "orphanDependents") if "orphanDependents" in query else None
        options = DeleteOptions(
            propagation=_first(query, "propagationPolicy") or None,
            orphan_dependents=orphan,
            grace_period=_integer(query, "gracePeriodSeconds"),
        )
        dry_run = list(query.get("dryRun", ()))
    else:
        value = _delete_document(document)
        conditions = value.get("preconditions") or {}
        options = DeleteOptions(
            uid=conditions.get("uid"),
            version=conditions.get("resourceVersion"),
            propagation=value.get("propagationPolicy"),
            orphan_dependents=value.get("orphanDependents"),
            grace_period=value.get("gracePeriodSeconds"),
        )
        dry_run = value.get("dryRun") or []
    if errors := _dry_run_errors(dry_run):
        raise StatusError.invalid_kind(_META, "DeleteOptions", "", errors)
    return DeleteOptions(
        bool(dry_run),
        options.uid,
        options.version,
        options.propagation,
        options.orphan_dependents,
        options.grace_period,
    )


def include_object(query: Query) -> str:
    """Of a table: Metadata, Object or None. Raises StatusError 400."""
    value = _first(query, "includeObject")
    if value not in ("", "Metadata", "Object", "None"):
        error = invalid("includeObject", value, "must be 'Metadata', 'Object', 'None', or empty")
        raise StatusError.bad_request(f"Unable to convert to Table as requested: {error}")
    return value or "Metadata"


def read_version(query: Query) -> str:
    """The version a GET asks for."""
    return _first(query, "resourceVersion")


def parse_version(text: str) -> int:
    """A resourceVersion as a number. Raises ValueError with the API's message."""
    problem = "invalid syntax"
    if text.isascii() and text.isdigit():
        version = int(text[-limits.VERSION_DIGITS - 2 :])
        if len(text.lstrip("0")) <= limits.VERSION_DIGITS + 1 and version < 1 << 64:
            return version
        problem = "value out of range"
    raise ValueError(str(invalid("resourceVersion", text, f"strconv.ParseUint: parsing {go_quote(text)}: {problem}")))


def user_agent_manager(user_agent: str) -> str:
    """Who owns the fields of a write that does not say: the User-Agent up to its first slash."""
    name = user_agent.partition("/")[0]
    return "".join(filter(str.isprintable, name.encode()[: limits.FIELD_MANAGER].decode("utf-8", "ignore")))


def _list_errors(options: ListOptions) -> list[FieldError]:
    errors, match = [], options.match
    if match:
        if not options.version:
            words = "resourceVersionMatch is forbidden unless resourceVersion is provided"
            errors.append(forbidden("resourceVersionMatch", words))
        if options.continue_token:
            errors.append(forbidden("resourceVersionMatch", _UNCONTINUED))
        if match not in (EXACT, NOT_OLDER):
            errors.append(not_supported("resourceVersionMatch", match, (EXACT, NOT_OLDER, "")))
        if match == EXACT and options.version == "0":
            words = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
            errors.append(forbidden("resourceVersionMatch", words))
    if options.initial_events is not None:
        errors.append(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    return errors


def _watch_errors(options: ListOptions) -> list[FieldError]:
    errors, match = [], options.match
    if options.initial_events is not None and match != NOT_OLDER:
        words = f"sendInitialEvents requires setting resourceVersionMatch to {NOT_OLDER}"
        errors.append(forbidden("resourceVersionMatch", words))
    if match:
        if options.initial_events is None:
            words = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            errors.append(forbidden("resourceVersionMatch", words))
        if match != NOT_OLDER:
            errors.append(not_supported("resourceVersionMatch", match, (NOT_OLDER,)))
        if options.continue_token:
            errors.append(forbidden("resourceVersionMatch", _UNCONTINUED))
    return errors


def _write_errors(query: Query) -> list[FieldError]:
    errors = []
    manager = _first(query, "fieldManager")
    if len(manager.encode()) > limits.FIELD_MANAGER:
        errors.append(too_long("fieldManager", limits.FIELD_MANAGER))
    for at, character in enumerate(manager):
        if not character.isprintable():
            words = f"invalid character U+{ord(character):04X} (at position {len(manager[:at].encode())})"
            errors.append(invalid("fieldManager", manager, words))
    errors += _dry_run_errors(query.get("dryRun", ()))
    validation = _first(query, "fieldValidation")
    if validation not in _VALIDATIONS:
        errors.append(not_supported("fieldValidation", validation, _VALIDATIONS))
    return errors


def _dry_run_errors(values: Sequence[str]) -> list[FieldError]:
    return [not_supported("dryRun", list(values), ("All",))] if set(values) - {"All"} else []


def _written(query: Query, user_agent: str) -> tuple[bool, str, str]:
    manager = _first(query, "fieldManager") or user_agent_manager(user_agent)
    return bool(query.get("dryRun")), _first(query, "fieldValidation") or WARN, manager


def _delete_document(document: dict[str, Any]) -> dict[str, Any]:
    try:
        value: dict[str, Any] = reader("meta.DeleteOptions")(document, Unknown())
    except Mismatch:
        raise StatusError.bad_request(_delete_mismatch(document)) from None
    return value


def _delete_mismatch(document: dict[str, Any]) -> str:
    kinds = {"gracePeriodSeconds": "int64", "orphanDependents": "bool", "dryRun": "[]string"}
    kinds |= {"preconditions": "v1.Preconditions", "propagationPolicy": "v1.DeletionPropagation"}
    for name, wanted in kinds.items():
        try:
            reader("meta.DeleteOptions")({name: document.get(name)}, Unknown())
        except Mismatch:
            found = _JSON_TYPES.get(type(document[name]), "number")
            return f"json: cannot unmarshal {found} into Go struct field DeleteOptions.{name} of type {wanted}"
    return "json: cannot unmarshal value"


_JSON_TYPES: Final = {dict: "object", list: "array", str: "string", bool: "bool"}


def _first(query: Query, name: str) -> str:
    values = query.get(name)
    return values[0] if values else ""


def _flag(query: Query, name: str) -> bool:
    """Only an absent parameter, ``0`` and ``false`` are false."""
    values = query.get(name)
    return values is not None and values[0] != "0" and values[0].lower() != "false"


def _integer(query: Query, name: str) -> int | None:
    values = query.get(name)
    if not values:
        return None
    text = values[0]
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        raise StatusError.bad_request(f"strconv.ParseInt: parsing {go_quote(text)}: invalid syntax")
    if len(digits) > limits.VERSION_DIGITS or int(text) not in _INT64:
        raise StatusError.bad_request(f"strconv.ParseInt: parsing {go_quote(text)}: value out of range")
    return int(text)
