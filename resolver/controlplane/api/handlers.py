"""What each verb does (apiserver pkg/endpoints/handlers). Nothing here waits: a watch is only begun here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

from resolver.controlplane.api import patching
from resolver.controlplane.api.bodies import Document, read_object, read_options
from resolver.controlplane.api.exchange import Reply, Request, WatchStart
from resolver.controlplane.api.listing import check_reached, list_page
from resolver.controlplane.api.negotiation import TABLE, check_stream
from resolver.controlplane.api.options import (
    Query,
    delete_options,
    include_object,
    list_options,
    patch_options,
    read_version,
    write_options,
)
from resolver.controlplane.api.paths import SCALE, Target
from resolver.controlplane.api.rendering import Renderer
from resolver.controlplane.api.scaling import SCALES, ScaleWrite, scale_of
from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.decoding import IGNORE, Decoded, decode
from resolver.controlplane.patches.managed_fields import AppliedOptions, FieldRecorder
from resolver.controlplane.patches.server_side_apply import Application
from resolver.controlplane.resources import ENDPOINTS, NAMESPACES, PODS, SERVICE_ACCOUNTS, SERVICES
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject
from resolver.controlplane.write_request import Outcome, WriteOptions

JsonObject = dict[str, Any]

_SHOWN_WHEN_DELETED: Final = frozenset((SERVICES, PODS, NAMESPACES, SERVICE_ACCOUNTS))
"""Of other kinds a delete tells only that it has happened."""

_DEPRECATED: Final = {ENDPOINTS: ("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",)}


def method_not_allowed() -> StatusError:
    words = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", words, details=True)


class Handlers:
    """`clock`: metav1.Time text, for managedFields. `now`: the time, for ages."""

    def __init__(self, api: ClusterApi, clock: Callable[[], str], now: Callable[[], datetime]) -> None:
        self._api = api
        self._clock = clock
        self._now = now
        self._record = FieldRecorder(clock)

    def handle(self, target: Target, request: Request) -> Reply | WatchStart:
        """Raises StatusError."""
        run = self._verb(target, request.method)
        if run is None:
            raise method_not_allowed()
        return run(target, request)

    def warnings(self, target: Target) -> tuple[str, ...]:
        """What every answer about this kind warns of."""
        return _DEPRECATED.get(target.resource, ())

    def _verb(self, target: Target, method: str) -> Callable[[Target, Request], Reply | WatchStart] | None:
        if target.watch:
            return self._list if method == "GET" else None
        if target.subresource == SCALE:
            return {"GET": self._get_scale, "PUT": self._update_scale, "PATCH": self._patch_scale}.get(method)
        if target.name:
            delete = None if target.subresource else self._delete
            return {"GET": self._get, "PUT": self._update, "PATCH": self._patch, "DELETE": delete}.get(method)
        if method == "GET":
            return self._list
        if target.resource.namespaced and not target.namespace:
            return None
        if method == "DELETE" and "deletecollection" in target.resource.verbs:
            return self._delete_collection
        return self._create if method == "POST" else None

    # -- reading

    def _renderer(self, request: Request, query: Query) -> Renderer:
        answer = request.answer()
        include = include_object(query) if answer.kind == TABLE else ""
        return Renderer(answer, include, self._now)

    def _get(self, target: Target, request: Request) -> Reply:
        renderer = self._renderer(request, request.parameters)
        check_reached(self._api.store, read_version(request.parameters))
        found = self._api.get(target.resource, target.namespace, target.name)
        return Reply(200, renderer.one(found), renderer.content_type)

    def _list(self, target: Target, request: Request) -> Reply | WatchStart:
        query = request.parameters
        answer = request.answer()
        options = list_options(target.resource, query, watch=target.watch, name=target.name)
        if options.watch:
            check_stream(answer)
            return WatchStart(target, options, self._renderer(request, query), self.warnings(target))
        renderer = self._renderer(request, query)
        page, metadata = list_page(self._api.store, target.resource, target.namespace, options)
        return Reply(200, renderer.many(target.resource, page.items, metadata), renderer.content_type)

    # -- writing

    def _create(self, target: Target, request: Request) -> Reply:
        renderer = self._renderer(request, request.parameters)
        options = write_options(request.parameters, "CreateOptions", request.user_agent)
        document, options = self._read(target, request, options)
        with _telling(document.warnings):
            outcome = self._api.create(target.resource, target.namespace, document.value, options)
        return self._written(renderer, outcome, document.warnings)

    def _update(self, target: Target, request: Request) -> Reply:
        renderer = self._renderer(request, request.parameters)
        options = write_options(request.parameters, "UpdateOptions", request.user_agent, target.subresource)
        document, options = self._read(target, request, options)
        with _telling(document.warnings):
            outcome = self._api.update(target.resource, target.namespace, target.name, document.value, options)
        return self._written(renderer, outcome, document.warnings)

    def _patch(self, target: Target, request: Request) -> Reply:
        kind = patching.patch_type(request.content_type)
        renderer = self._renderer(request, request.parameters)
        applies = kind == patching.APPLY_PATCH
        options, force = patch_options(request.parameters, request.user_agent, target.subresource, apply=applies)
        if applies:
            application = Application(target.resource, options.manager, force, self._clock(), target.subresource)
            produce = patching.apply_producer(application, request.body, options.field_validation)
            options = _applied(options)
        else:
            produce = patching.patch_producer(target.resource, kind, request.body, options.field_validation)
        creates = applies and not target.subresource
        outcome = self._api.patch(target.resource, target.namespace, target.name, produce, options, create=creates)
        return self._written(renderer, outcome)

    def _read(self, target: Target, request: Request, options: WriteOptions) -> tuple[Document, WriteOptions]:
        """The document, and the options with which to decode it: what it brings warnings of is not told twice."""
        document = read_object(target.resource, request.body, request.content_type, options.field_validation)
        patching.drop_record(document.value)
        if document.warnings is not None:
            options = replace(options, field_validation=IGNORE)
        return document, options

    @staticmethod
    def _written(renderer: Renderer, outcome: Outcome, warnings: tuple[str, ...] | None = None) -> Reply:
        status = 201 if outcome.created else 200
        body = renderer.one(outcome.stored)
        return Reply(status, body, renderer.content_type, (warnings or ()) + outcome.warnings)

    # -- deleting

    def _delete(self, target: Target, request: Request) -> Reply:
        renderer = self._renderer(request, {})
        document = read_options(request.body, request.content_type) if request.body else None
        options = delete_options(request.parameters, document)
        outcome = self._api.delete(target.resource, target.namespace, target.name, options)
        return Reply(200, self._deleted(renderer, outcome), renderer.content_type, outcome.warnings)

    @staticmethod
    def _deleted(renderer: Renderer, outcome: Outcome) -> bytes:
        stored = outcome.stored
        if not outcome.deleted or stored.resource in _SHOWN_WHEN_DELETED:
            return renderer.one(stored)
        return renderer.value(_success(stored))

    def _delete_collection(self, target: Target, request: Request) -> Reply:
        renderer = self._renderer(request, request.parameters)
        chosen = list_options(target.resource, request.parameters)
        document = read_options(request.body, request.content_type) if request.body else None
        options = delete_options(request.parameters, document)
        matches = None if chosen.matches.all else chosen.matches
        outcomes = self._api.delete_collection(target.resource, target.namespace, options, matches)
        items = [each.stored for each in outcomes]
        metadata = {"resourceVersion": str(self._api.store.version)}
        return Reply(200, renderer.many(target.resource, items, metadata), renderer.content_type)

    # -- the subresource scale

    def _get_scale(self, target: Target, request: Request) -> Reply:
        renderer = self._renderer(request, request.parameters)
        found = self._api.get(target.resource, target.namespace, target.name)
        return Reply(200, renderer.value(scale_of(found.object)), renderer.content_type)

    def _update_scale(self, target: Target, request: Request) -> Reply:
        renderer = self._renderer(request, request.parameters)
        options = write_options(request.parameters, "UpdateOptions", request.user_agent)
        validation = options.field_validation
        document = read_object(SCALES, request.body, request.content_type, validation)
        decoded = decode(SCALES, document.value, validation if document.warnings is None else IGNORE)
        warnings = list(document.warnings or ()) + decoded.warnings
        return self._scale(target, options, renderer, lambda _: Decoded(decoded.value, warnings))

    def _patch_scale(self, target: Target, request: Request) -> Reply:
        kind = patching.patch_type(request.content_type)
        renderer = self._renderer(request, request.parameters)
        applies = kind == patching.APPLY_PATCH
        options, force = patch_options(request.parameters, request.user_agent, "", apply=applies)
        if applies:
            application = Application(SCALES, options.manager, force, self._clock(), SCALE)
            produce = patching.apply_producer(application, request.body, options.field_validation)
        else:
            produce = patching.patch_producer(SCALES, kind, request.body, options.field_validation)
        return self._scale(target, options, renderer, produce)

    def _scale(
        self, target: Target, options: WriteOptions, renderer: Renderer, make: Callable[[JsonObject], Decoded]
    ) -> Reply:
        workload = self._api.get(target.resource, target.namespace, target.name)
        produce = ScaleWrite(workload, options, self._record).produce(make)
        outcome = self._api.patch(target.resource, target.namespace, target.name, produce, _applied(options))
        body = renderer.value(scale_of(outcome.object))
        return Reply(200, body, renderer.content_type, outcome.warnings)


@contextmanager
def _telling(warnings: tuple[str, ...] | None) -> Iterator[None]:
    """What the document was warned of is told with a refusal too."""
    try:
        yield
    except StatusError as error:
        error.warnings = (*(warnings or ()), *error.warnings)
        raise


def _applied(options: WriteOptions) -> AppliedOptions:
    return AppliedOptions(**{each.name: getattr(options, each.name) for each in fields(options)})


def _success(stored: StoredObject) -> JsonObject:
    """The Status of an object that is gone."""
    metadata, resource = stored.object["metadata"], stored.resource
    about = {"name": stored.name, "group": resource.group, "kind": resource.plural, "uid": metadata.get("uid", "")}
    details = {key: value for key, value in about.items() if value}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
