"""Shapes of names; the words are compared with the real server's in the recorded exchanges about metadata."""

from collections.abc import Callable

import pytest

from resolver.controlplane import names

GOOD: tuple[tuple[Callable[[str], list[str]], tuple[str, ...]], ...] = (
    (names.label_problems, ("a", "a-b", "0", "a" * 63)),
    (names.subdomain_problems, ("a", "a.b", "0.1", ".".join(["a" * 63] * 3))),
    (names.label_1035_problems, ("a", "a-0")),
    (names.wildcard_problems, ("*.a", "*.a.b")),
    (names.label_key_problems, ("a", "A_.b", "a.b/C", "a" * 63)),
    (names.label_value_problems, ("", "A", "a_b.c-d")),
    (names.config_key_problems, ("a", ".a", "A_b", "a..b")),
    (names.port_name_problems, ("http", "a-1", "1a")),
    (names.path_segment_problems, ("a", "A b", "...")),
)
BAD: tuple[tuple[Callable[[str], list[str]], tuple[str, ...]], ...] = (
    (names.label_problems, ("", "A", "-a", "a-", "a.b", "a_b", "a" * 64, "a\n", "ä")),
    (names.subdomain_problems, ("", "A", "a..b", ".a", "a.", "a" * 254)),
    (names.label_1035_problems, ("", "0a", "a.b")),
    (names.wildcard_problems, ("a", "*", "*a", "*.*.a")),
    (names.label_key_problems, ("", "/a", "a/", "a/b/c", "A/b", "-a", "a" * 64, "a b")),
    (names.label_value_problems, ("-", "a b", "a" * 64)),
    (names.config_key_problems, ("", "a b", ".", "..", "..a")),
    (names.port_name_problems, ("", "8080", "a--b", "-a", "a-", "A", "a" * 16)),
    (names.path_segment_problems, (".", "..", "a/b", "a%b")),
)


@pytest.mark.parametrize(
    ("check", "text"),
    [(check, text) for check, texts in GOOD for text in texts],
    ids=lambda each: getattr(each, "__name__", str(each)[:40]),
)
def test_what_may_be_a_name(check: Callable[[str], list[str]], text: str) -> None:
    assert check(text) == []


@pytest.mark.parametrize(
    ("check", "text"),
    [(check, text) for check, texts in BAD for text in texts],
    ids=lambda each: getattr(each, "__name__", str(each)[:40]),
)
def test_what_may_not(check: Callable[[str], list[str]], text: str) -> None:
    assert check(text)


@pytest.mark.parametrize(("number", "good"), [(0, False), (1, True), (65_535, True), (65_536, False), (-1, False)])
def test_port_numbers(number: int, good: bool) -> None:
    assert (names.port_number_problems(number) == []) == good
