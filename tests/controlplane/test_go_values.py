from typing import Any

import pytest

from resolver.controlplane.go_values import go_syntax, go_type_of, go_value


@pytest.mark.parametrize(
    ("value", "type", "shown", "syntax"),
    [
        ("a b", "string", "a b", '"a b"'),
        (1, "int64", "1", "1"),
        (1.5, "float64", "1.5", "1.5"),
        (True, "bool", "true", "true"),
        (None, "<nil>", "<nil>", "interface {}(nil)"),
        ([1, "a"], "[]interface {}", "[1 a]", '[]interface {}{1, "a"}'),
        (
            {"b": 1, "a": [None]},
            "map[string]interface {}",
            "map[a:[<nil>] b:1]",
            'map[string]interface {}{"a":[]interface {}{interface {}(nil)}, "b":1}',
        ),
    ],
)
def test_values_look_as_go_prints_them(value: Any, type: str, shown: str, syntax: str) -> None:
    assert (go_type_of(value), go_value(value), go_syntax(value)) == (type, shown, syntax)
