"""The one error of the embedded API: a Status object with kube-apiserver's own words (apimachinery pkg/api/errors)."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Self

from resolver.controlplane.field_errors import FieldError
from resolver.controlplane.resources import Resource

JsonObject = dict[str, Any]

MODIFIED: Final = "the object has been modified; please apply your changes to the latest version and try again"


class Cause(NamedTuple):
    """One of ``details.causes``. An empty reason or field is left out."""

    field: str
    reason: str
    message: str


class StatusError(Exception):
    """A refused request. `code` is the HTTP status; `name`, `group` and `kind` are those of ``details``.

    `kind` is a kind where an object is judged (422, preconditions) and a plural resource elsewhere, as in the real API.
    `warnings` are for ``Warning`` headers: what had been found when the request was refused.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        name: str = "",
        group: str = "",
        kind: str = "",
        uid: str = "",
        causes: Sequence[Cause] = (),
        retry_after: int = 0,
        details: bool = False,
        continue_token: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.name = name
        self.group = group
        self.kind = kind
        self.uid = uid
        self.causes = tuple(causes)
        self.retry_after = retry_after
        self.details = details
        self.continue_token = continue_token
        self.warnings: tuple[str, ...] = ()

    def to_status(self) -> JsonObject:
        """The Status object, keys in the API's order. `details` is shown where it says anything, or was asked for."""
        status: JsonObject = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {"continue": self.continue_token} if self.continue_token else {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        details: JsonObject = {
            key: value
            for key, value in (("name", self.name), ("group", self.group), ("kind", self.kind), ("uid", self.uid))
            if value
        }
        if self.causes:
            details["causes"] = [_cause(each) for each in self.causes]
        if self.retry_after:
            details["retryAfterSeconds"] = self.retry_after
        if details or self.details:
            status["details"] = details
        status["code"] = self.code
        return status

    @classmethod
    def not_found(cls, resource: Resource, name: str) -> Self:
        return cls(404, "NotFound", f'{resource.group_resource} "{name}" not found', **_named(resource, name))

    @classmethod
    def no_such_path(cls) -> Self:
        """Nothing is served there."""
        return cls(404, "NotFound", "the server could not find the requested resource", details=True)

    @classmethod
    def already_exists(cls, resource: Resource, name: str, *, generated: bool = False, deleting: bool = False) -> Self:
        """`generated`: the server had picked the name. `deleting`: the one that exists is being deleted."""
        message = f'{resource.group_resource} "{name}" already exists'
        if generated:
            message += ", the server was not able to generate a unique name for the object"
        if deleting:
            message = f"object is being deleted: {message}"
        return cls(409, "AlreadyExists", message, retry_after=int(generated), **_named(resource, name))

    @classmethod
    def conflict(cls, resource: Resource, name: str, why: str = MODIFIED) -> Self:
        message = f'Operation cannot be fulfilled on {resource.group_resource} "{name}": {why}'
        return cls(409, "Conflict", message, **_named(resource, name))

    @classmethod
    def precondition(cls, resource: Resource, name: str, why: str) -> Self:
        """A precondition of a delete does not hold: the kind is named, not the resource."""
        kind = resource.group_kind
        message = f'Operation cannot be fulfilled on {kind} "{name}": {why}'
        return cls(409, "Conflict", message, name=name, group=resource.group, kind=resource.kind)

    @classmethod
    def apply_conflict(cls, message: str, causes: Sequence[Cause]) -> Self:
        """Server-side apply met fields that others own."""
        return cls(409, "Conflict", message, causes=causes)

    @classmethod
    def forbidden(cls, resource: Resource, name: str, why: str, causes: Sequence[Cause] = ()) -> Self:
        named = f'{resource.group_resource} "{name}"' if name else resource.group_resource
        return cls(403, "Forbidden", f"{named} is forbidden: {why}", causes=causes, **_named(resource, name))

    @classmethod
    def invalid(cls, resource: Resource, name: str, errors: Sequence[FieldError]) -> Self:
        return cls.invalid_kind(resource.group, resource.kind, name, errors)

    @classmethod
    def invalid_kind(cls, group: str, kind: str, name: str, errors: Sequence[FieldError]) -> Self:
        """422 for what is no resource of ours: DeleteOptions, ListOptions, Scale."""
        qualified = f"{kind}.{group}" if group else kind
        lines = list(dict.fromkeys(str(each) for each in errors))
        message = f'{qualified} "{name}" is invalid'
        if lines:
            message += f": {lines[0]}" if len(lines) == 1 else f": [{', '.join(lines)}]"
        causes = [Cause(each.field, each.reason, each.message) for each in errors]
        return cls(422, "Invalid", message, name=name, group=group, kind=kind, causes=causes)

    @classmethod
    def bad_request(cls, message: str) -> Self:
        return cls(400, "BadRequest", message)

    @classmethod
    def unauthorized(cls) -> Self:
        return cls(401, "Unauthorized", "Unauthorized")

    @classmethod
    def gone(cls, message: str, continue_token: str = "") -> Self:
        """410 Expired: a version or a continue token that is too old."""
        return cls(410, "Expired", message, continue_token=continue_token)

    @classmethod
    def too_large(cls, message: str) -> Self:
        return cls(413, "RequestEntityTooLarge", f"Request entity too large: {message}")

    @classmethod
    def unsupported_media_type(cls, message: str) -> Self:
        return cls(415, "UnsupportedMediaType", message)

    @classmethod
    def not_acceptable(cls, message: str) -> Self:
        return cls(406, "NotAcceptable", message)

    @classmethod
    def method_not_allowed(cls, resource: Resource, action: str) -> Self:
        message = f'{action} is not supported on resources of kind "{resource.group_resource}"'
        return cls(405, "MethodNotAllowed", message, group=resource.group, kind=resource.plural)

    @classmethod
    def version_too_large(cls, wanted: int, current: int) -> Self:
        """504: a read asked for a version that has not been reached."""
        return cls(
            504,
            "Timeout",
            f"Timeout: Too large resource version: {wanted}, current: {current}",
            causes=[Cause("", "ResourceVersionTooLarge", "Too large resource version")],
            retry_after=1,
        )

    @classmethod
    def internal(cls, message: str) -> Self:
        return cls(500, "InternalError", f"Internal error occurred: {message}", causes=[Cause("", "", message)])


def _named(resource: Resource, name: str) -> dict[str, Any]:
    return {"name": name, "group": resource.group, "kind": resource.plural}


def _cause(cause: Cause) -> JsonObject:
    shown = (("reason", cause.reason), ("message", cause.message), ("field", cause.field))
    return {key: value for key, value in shown if value}
