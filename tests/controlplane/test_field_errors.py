import pytest

from resolver.controlplane import field_errors as fields
from resolver.controlplane.field_errors import FieldError, TypedText

ERRORS = (
    (fields.required("a"), "FieldValueRequired", "a: Required value"),
    (fields.required("a", "why"), "FieldValueRequired", "a: Required value: why"),
    (fields.forbidden("a", "why"), "FieldValueForbidden", "a: Forbidden: why"),
    (fields.invalid("a", "x", "why"), "FieldValueInvalid", 'a: Invalid value: "x": why'),
    (fields.invalid("a", 5, "why"), "FieldValueInvalid", "a: Invalid value: 5: why"),
    (fields.invalid("a", None, "why"), "FieldValueInvalid", "a: Invalid value: null: why"),
    (fields.invalid("a", ["x", "y"], "why"), "FieldValueInvalid", 'a: Invalid value: ["x","y"]: why'),
    (fields.invalid("a", TypedText("<x>"), "why"), "FieldValueInvalid", 'a: Invalid value: "\\u003cx\\u003e": why'),
    (fields.type_invalid("a", 5, "why"), "FieldValueTypeInvalid", "a: Invalid value: 5: why"),
    (fields.duplicate("a", "x"), "FieldValueDuplicate", 'a: Duplicate value: "x"'),
    (fields.not_found("a", "x"), "FieldValueNotFound", 'a: Not found: "x"'),
    (
        fields.not_supported("a", "x", ["b", "c"]),
        "FieldValueNotSupported",
        'a: Unsupported value: "x": supported values: "b", "c"',
    ),
    (fields.not_supported("a", "x", []), "FieldValueNotSupported", 'a: Unsupported value: "x"'),
    (fields.too_long("a", 5), "FieldValueTooLong", "a: Too long: may not be more than 5 bytes"),
    (fields.too_long("a", 1, "character"), "FieldValueTooLong", "a: Too long: may not be more than 1 character"),
    (fields.too_many("a", 3, 2), "FieldValueTooMany", "a: Too many: 3: must have at most 2 items"),
    (fields.internal("a", "why"), "InternalError", "a: Internal error: why"),
)


@pytest.mark.parametrize(("error", "reason", "text"), ERRORS, ids=lambda each: each if isinstance(each, str) else "")
def test_an_error_names_its_field_and_value_in_the_words_of_the_api(error: FieldError, reason: str, text: str) -> None:
    assert (error.field, error.reason, str(error)) == ("a", reason, text)
