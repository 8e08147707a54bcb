from typing import Any

import pytest

from resolver.controlplane.field_errors import duplicate, required
from resolver.controlplane.resources import DEPLOYMENTS, SERVICES
from resolver.controlplane.status_error import Cause, StatusError

ERRORS: tuple[tuple[StatusError, dict[str, Any]], ...] = (
    (
        StatusError.not_found(SERVICES, "cart"),
        {
            "message": 'services "cart" not found',
            "reason": "NotFound",
            "details": {"name": "cart", "kind": "services"},
            "code": 404,
        },
    ),
    (
        StatusError.no_such_path(),
        {
            "message": "the server could not find the requested resource",
            "reason": "NotFound",
            "details": {},
            "code": 404,
        },
    ),
    (
        StatusError.already_exists(DEPLOYMENTS, "shop"),
        {
            "message": 'deployments.apps "shop" already exists',
            "reason": "AlreadyExists",
            "details": {"name": "shop", "group": "apps", "kind": "deployments"},
            "code": 409,
        },
    ),
    (
        StatusError.already_exists(SERVICES, "a-x", generated=True, deleting=True),
        {
            "message": 'object is being deleted: services "a-x" already exists, the server was not able to generate a '
            "unique name for the object",
            "reason": "AlreadyExists",
            "details": {"name": "a-x", "kind": "services", "retryAfterSeconds": 1},
            "code": 409,
        },
    ),
    (
        StatusError.conflict(SERVICES, "cart"),
        {
            "message": 'Operation cannot be fulfilled on services "cart": the object has been modified; please apply '
            "your changes to the latest version and try again",
            "reason": "Conflict",
            "details": {"name": "cart", "kind": "services"},
            "code": 409,
        },
    ),
    (
        StatusError.precondition(DEPLOYMENTS, "shop", "no"),
        {
            "message": 'Operation cannot be fulfilled on Deployment.apps "shop": no',
            "reason": "Conflict",
            "details": {"name": "shop", "group": "apps", "kind": "Deployment"},
            "code": 409,
        },
    ),
    (
        StatusError.forbidden(SERVICES, "cart", "no", [Cause("metadata.namespace", "NamespaceTerminating", "going")]),
        {
            "message": 'services "cart" is forbidden: no',
            "reason": "Forbidden",
            "details": {
                "name": "cart",
                "kind": "services",
                "causes": [{"reason": "NamespaceTerminating", "message": "going", "field": "metadata.namespace"}],
            },
            "code": 403,
        },
    ),
    (StatusError.bad_request("why"), {"message": "why", "reason": "BadRequest", "code": 400}),
    (StatusError.unauthorized(), {"message": "Unauthorized", "reason": "Unauthorized", "code": 401}),
    (StatusError.unsupported_media_type("why"), {"message": "why", "reason": "UnsupportedMediaType", "code": 415}),
    (StatusError.not_acceptable("why"), {"message": "why", "reason": "NotAcceptable", "code": 406}),
    (
        StatusError.too_large("limit is 3145728"),
        {
            "message": "Request entity too large: limit is 3145728",
            "reason": "RequestEntityTooLarge",
            "code": 413,
        },
    ),
    (
        StatusError.method_not_allowed(SERVICES, "delete"),
        {
            "message": 'delete is not supported on resources of kind "services"',
            "reason": "MethodNotAllowed",
            "details": {"kind": "services"},
            "code": 405,
        },
    ),
    (
        StatusError.version_too_large(9, 5),
        {
            "message": "Timeout: Too large resource version: 9, current: 5",
            "reason": "Timeout",
            "details": {
                "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
                "retryAfterSeconds": 1,
            },
            "code": 504,
        },
    ),
    (
        StatusError.internal("disk full"),
        {
            "message": "Internal error occurred: disk full",
            "reason": "InternalError",
            "details": {"causes": [{"message": "disk full"}]},
            "code": 500,
        },
    ),
    (StatusError(500, "", "plain"), {"message": "plain", "code": 500}),
)


@pytest.mark.parametrize(("error", "shown"), ERRORS, ids=lambda each: getattr(each, "reason", ""))
def test_an_error_is_a_status_object_in_the_words_of_the_api(error: StatusError, shown: dict[str, Any]) -> None:
    status = error.to_status()
    assert status == {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", **shown}
    order = ["kind", "apiVersion", "metadata", "status", "message", "reason", "details", "code"]
    assert list(status) == [key for key in order if key in status]
    assert str(error) == shown["message"]


def test_an_old_continue_token_comes_with_a_new_one() -> None:
    assert StatusError.gone("too old", "abc").to_status()["metadata"] == {"continue": "abc"}


def test_one_problem_stands_alone_and_several_in_brackets() -> None:
    one = StatusError.invalid(DEPLOYMENTS, "shop", [required("spec.selector")])
    assert one.message == 'Deployment.apps "shop" is invalid: spec.selector: Required value'
    both = StatusError.invalid(SERVICES, "cart", [required("a"), duplicate("b", "x")])
    assert both.message == 'Service "cart" is invalid: [a: Required value, b: Duplicate value: "x"]'
    assert [each.reason for each in both.causes] == ["FieldValueRequired", "FieldValueDuplicate"]


def test_the_same_problem_twice_is_told_once_and_counted_twice() -> None:
    error = StatusError.invalid(SERVICES, "cart", [required("a"), required("a")])
    assert error.message == 'Service "cart" is invalid: a: Required value'
    assert len(error.causes) == 2
