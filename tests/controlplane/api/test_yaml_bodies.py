from typing import Any

import pytest

from resolver import limits
from resolver.controlplane.api.yaml_bodies import BadYaml, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("a: yes\nb: 'yes'\nc: ~", {"a": True, "b": "yes", "c": None}),
        ("1: a\ntrue: b\n1.5: c", {"1": "a", "true": "b", "1.5": "c"}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3", {"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2}}),
        ("d:\n  <<: [{a: 1}, {a: 2, b: 2}]", {"d": {"a": 1, "b": 2}}),
        ("--- {a: 1}\n--- {b: 2}", {"a": 1}),
        ('{"a": [1, {}]}', {"a": [1, {}]}),
        ("", None),
    ],
)
def test_yaml_is_read_as_the_json_it_stands_for(text: str, value: Any) -> None:
    assert read_yaml(text.encode()).value == value


def test_keys_that_are_there_twice_are_told_by_line() -> None:
    found = read_yaml(b"a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    assert found.value == {"a": 3, "b": {"c": 2}}
    assert found.duplicates == ['line 4: key "c" already set in map', 'line 5: key "a" already set in map']


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"a: [1", "did not find expected ',' or ']'"),
        (b"a: *x", "yaml: unknown anchor 'x' referenced"),
        (b"a: &x [*x]", "yaml: anchor 'x' value contains itself"),
        (b"a: .inf", r"json: unsupported value: \+Inf"),
        (b"a: !!int x", "yaml: cannot decode !!str `x` as a !!int"),
        (b"[a]: 1", "yaml: invalid map key"),
        (b"~: 1", "unsupported map key of type"),
        (b"<<: 1", "yaml: map merge requires map or sequence of maps as the value"),
        (b"a: \x00", "yaml: control characters are not allowed"),
        (b"a: \xff", "yaml: invalid leading UTF-8 octet"),
    ],
)
def test_what_is_no_yaml_is_refused(text: bytes, problem: str) -> None:
    with pytest.raises(BadYaml, match=problem):
        read_yaml(text)


def test_aliases_of_aliases_are_bounded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(BadYaml, match="excessive aliasing"):
        read_yaml("\n".join(lines).encode())


def test_depth_is_bounded() -> None:
    with pytest.raises(BadYaml, match="exceeded max depth"):
        read_yaml(b"[" * (limits.MANIFEST_DEPTH + 2) + b"]" * (limits.MANIFEST_DEPTH + 2))
