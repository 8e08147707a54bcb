import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resolver.controlplane.api.go_json import syntax_error


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "unexpected end of JSON input"),
        ("  ", "unexpected end of JSON input"),
        ("{", "unexpected end of JSON input"),
        ('{"a"', "unexpected end of JSON input"),
        ('{"a":', "unexpected end of JSON input"),
        ('{"a":1', "unexpected end of JSON input"),
        ('"a', "unexpected end of JSON input"),
        ("hello", "invalid character 'h' looking for beginning of value"),
        ("{a:1}", "invalid character 'a' looking for beginning of object key string"),
        ("{'a':1}", r"invalid character '\'' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 "b":2}', "invalid character '\"' after object key:value pair"),
        ('{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        ("[1 2]", "invalid character '2' after array element"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("1 2", "invalid character '2' after top-level value"),
        ('{"a":1}}', "invalid character '}' after top-level value"),
        ("trux", "invalid character 'x' in literal true (expecting 'e')"),
        ("nul", "invalid character ' ' in literal null (expecting 'l')"),
        ("-x", "invalid character 'x' in numeric literal"),
        ("01", "invalid character '1' after top-level value"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("1ex", "invalid character 'x' in exponent of numeric literal"),
        ('"a\nb"', r"invalid character '\n' in string literal"),
        (r'"\x"', "invalid character 'x' in string escape code"),
        (r'"\u00g0"', r"invalid character 'g' in \u hexadecimal character escape"),
        ("é", "invalid character 'Ã' looking for beginning of value"),
        ("\x00", r"invalid character '\x00' looking for beginning of value"),
    ],
)
def test_the_first_problem_is_told_in_the_words_of_go(text: str, problem: str) -> None:
    assert syntax_error(text.encode()) == problem


@pytest.mark.parametrize("text", ["0", "-1.5e+3", ' {"a": [1, {}, [], "\\u00e9\\n"], "b": null} ', "[[[]]]", '""'])
def test_json_has_no_problem(text: str) -> None:
    assert syntax_error(text.encode()) == ""


def test_depth_does_not_matter() -> None:
    assert syntax_error(b"[" * 100_000 + b"]" * 100_000) == ""


_JSON_LETTERS = st.text(alphabet='{}[],:"\\0123456789.eE+-truefalsn u ', max_size=12)


@given(_JSON_LETTERS)
@example("[{}]")
def test_a_problem_is_found_exactly_where_there_is_no_json(text: str) -> None:
    try:
        json.loads(text)
        valid = True
    except ValueError:
        valid = False
    assert (syntax_error(text.encode()) == "") == valid
