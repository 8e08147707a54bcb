from typing import Any

import pytest

from resolver import limits
from resolver.controlplane.api.options import (
    delete_options,
    include_object,
    list_options,
    parse_query,
    parse_version,
    patch_options,
    user_agent_manager,
    write_options,
)
from resolver.controlplane.resources import SERVICES
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.write_request import DeleteOptions


def _refusal(call: Any, *arguments: Any, **named: Any) -> tuple[int, str]:
    with pytest.raises(StatusError) as refused:
        call(*arguments, **named)
    return refused.value.code, refused.value.message


def test_a_query_keeps_all_values() -> None:
    assert parse_query("a=1&b=&a=%202+x") == {"a": ["1", " 2 x"], "b": [""]}


@pytest.mark.parametrize(("value", "flag"), [("1", True), ("", True), ("no", True), ("0", False), ("False", False)])
def test_a_flag_is_set_unless_it_says_no(value: str, flag: bool) -> None:
    assert list_options(SERVICES, {"watch": [value]}).watch is flag


def test_a_limit_below_one_is_none() -> None:
    assert list_options(SERVICES, {"limit": ["-1"]}).limit == 0


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("limit=x", (400, 'strconv.ParseInt: parsing "x": invalid syntax')),
        ("limit=9223372036854775808", (400, 'strconv.ParseInt: parsing "9223372036854775808": value out of range')),
        ("timeoutSeconds=", (400, 'strconv.ParseInt: parsing "": invalid syntax')),
        (
            "resourceVersionMatch=Exact",
            (
                422,
                'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: '
                "resourceVersionMatch is forbidden unless resourceVersion is provided",
            ),
        ),
        (
            "sendInitialEvents=1",
            (
                422,
                'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: '
                "sendInitialEvents is forbidden for list",
            ),
        ),
        (
            "watch=1&sendInitialEvents=1",
            (
                422,
                'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: '
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
            ),
        ),
    ],
)
def test_options_of_lists_that_cannot_be_are_refused(query: str, refusal: tuple[int, str]) -> None:
    assert _refusal(list_options, SERVICES, parse_query(query)) == refusal


def test_a_watch_of_one_object_may_only_select_that_one() -> None:
    query = {"fieldSelector": ["metadata.name=other"]}
    words = "fieldSelector metadata.name doesn't match requested name"
    assert _refusal(list_options, SERVICES, query, watch=True, name="web") == (400, words)
    assert list_options(SERVICES, {}, watch=True, name="web").name == "web"


def test_writes_are_by_the_user_agent_where_no_manager_is_said() -> None:
    assert write_options({}, "CreateOptions", "kubectl/v1.37 (linux)").manager == "kubectl"
    assert write_options({"fieldManager": ["me"]}, "CreateOptions", "kubectl/v1").manager == "me"


@pytest.mark.parametrize(
    ("agent", "manager"), [("", ""), ("curl/8", "curl"), ("a" * 200, "a" * limits.FIELD_MANAGER), ("é" * 100, "é" * 64)]
)
def test_a_manager_is_as_much_of_the_user_agent_as_fits(agent: str, manager: str) -> None:
    assert user_agent_manager(agent) == manager


def test_everything_wrong_with_a_write_is_told_at_once() -> None:
    query = {"dryRun": ["Some"], "fieldValidation": ["Maybe"], "fieldManager": ["a\x01"]}
    assert _refusal(write_options, query, "UpdateOptions", "") == (
        422,
        'UpdateOptions.meta.k8s.io "" is invalid: ['
        r'fieldManager: Invalid value: "a\x01": invalid character U+0001 (at position 1), '
        'dryRun: Unsupported value: ["Some"]: supported values: "All", '
        'fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"]',
    )


@pytest.mark.parametrize(
    ("query", "applies", "message"),
    [
        ({}, True, "fieldManager: Required value: is required for apply patch"),
        ({"force": ["0"]}, False, "force: Forbidden: may not be specified for non-apply patch"),
        (
            {"fieldManager": ["a" * 129]},
            False,
            "fieldManager: Too long: may not be more than 128 bytes",
        ),
    ],
)
def test_a_patch_says_who_applies_and_only_then_whether_by_force(
    query: dict[str, list[str]], applies: bool, message: str
) -> None:
    code, found = _refusal(patch_options, query, "", "", apply=applies)
    assert (code, found) == (422, f'PatchOptions.meta.k8s.io "" is invalid: {message}')


def test_options_of_a_delete_are_in_its_query_or_in_its_body() -> None:
    query = {"propagationPolicy": ["Foreground"], "dryRun": ["All"], "gracePeriodSeconds": ["5"]}
    assert delete_options(query, None) == DeleteOptions(dry_run=True, propagation="Foreground", grace_period=5)
    body = {"kind": "DeleteOptions", "preconditions": {"uid": "u", "resourceVersion": "3"}}
    assert delete_options(query, body) == DeleteOptions(uid="u", version="3")


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            {"gracePeriodSeconds": "x"},
            400,
            "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64",
        ),
        (
            {"dryRun": ["No"]},
            422,
            'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["No"]: supported values: "All"',
        ),
    ],
)
def test_options_of_a_delete_that_cannot_be_are_refused(body: dict[str, Any], code: int, message: str) -> None:
    assert _refusal(delete_options, {}, body) == (code, message)


def test_a_table_may_hold_objects() -> None:
    assert include_object({}) == "Metadata"
    assert include_object({"includeObject": ["Object"]}) == "Object"
    code, message = _refusal(include_object, {"includeObject": ["All"]})
    assert code == 400
    assert message.startswith('Unable to convert to Table as requested: includeObject: Invalid value: "All"')


@pytest.mark.parametrize(("text", "version"), [("0", 0), ("007", 7), ("18446744073709551615", (1 << 64) - 1)])
def test_a_version_is_a_number_of_64_bits(text: str, version: int) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x", "invalid syntax"),
        ("-1", "invalid syntax"),
        ("", "invalid syntax"),
        ("18446744073709551616", "value out of range"),
        ("9" * 5000, "value out of range"),
    ],
)
def test_other_versions_are_none(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_version(text)
