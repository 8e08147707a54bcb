import pytest

from resolver import limits
from resolver.plugins.patterns import compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"timeout$", "i/o timeout", True),
        (r"timeout\z", "i/o timeout", True),
        (r"timeout\z", "timeouts", False),
        (r"[[:digit:]]+ [^[:space:]]", "12 x", True),
        (r"^(?<name>a)(?P<other>b)$", "ab", True),
        (r"\\z", r"\z", True),
        (r"^\d$", "\u0663", False),
        (r"\[:alpha:\]", "[:alpha:]", True),
    ],
)
def test_gos_patterns_find_what_they_find_in_go(pattern: str, text: str, found: bool) -> None:
    assert bool(compile_pattern(pattern).search(text)) is found


@pytest.mark.parametrize("pattern", ["(", "[a", "a{2,1}", "*", "(?P<n>a)(?P<n>b)", "a(?i)b", "[[a]"])
def test_a_bad_pattern_is_told_as_gos_errors_begin(pattern: str) -> None:
    with pytest.raises(ValueError, match="error parsing regexp: "):
        compile_pattern(pattern)


def test_a_pattern_may_have_so_many_characters_and_no_more() -> None:
    compile_pattern("a" * limits.PATTERN_SIZE)
    with pytest.raises(ValueError, match="regex pattern too long: 10001 > 10000"):
        compile_pattern("a" * (limits.PATTERN_SIZE + 1))
