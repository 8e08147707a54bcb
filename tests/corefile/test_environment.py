import pytest

from resolver import limits
from resolver.corefile.environment import substitute
from resolver.corefile.tokens import BadConfig, Token

ENVIRONMENT = {"A": "one", "B": "two words", "BRACE": "{", "NESTED": "{$A}-{%B%}", "A B": "blank", "LINES": "x\ny"}
SUBSTITUTED = {
    "a Unix reference": ("{$A}", "one"),
    "a Windows reference": ("{%A%}", "one"),
    "within a word, more than once": ("x{$A}y{%A%}{$A}", "xoneyoneone"),
    "an unset name": ("x{$NONE}y{%NONE%}", "xy"),
    "a value with blanks stays one word": ("{$B}", "two words"),
    "a name with blanks": ("{$A B}", "blank"),
    "a value with a reference": ("{$NESTED}", "one-{%B%}"),
    "a Windows value may hold both kinds": ("{%NESTED%}", "one-two words"),
    "a brace": ("{$BRACE}", "{"),
    "line breaks": ("{$LINES}", "x\ny"),
    "no name": ("{$}", "{$}"),
    "no name, Windows": ("{%%}", "{%%}"),
    "overlapping marks": ("{%}", "{%}"),
    "no name ends the search": ("{$}{$A}", "{$}{$A}"),
    "but not the one of the other kind": ("{$}{%A%}", "{$}one"),
    "unterminated": ("{$A", "{$A"),
    "unterminated, Windows": ("{%A}", "{%A}"),
    "the name goes to the first closing mark": ("{$A{$A}", ""),
    "other braces": ("{A}${A}", "{A}${A}"),
}


@pytest.mark.parametrize(("text", "result"), SUBSTITUTED.values(), ids=SUBSTITUTED)
def test_references_are_replaced(text: str, result: str) -> None:
    assert substitute(Token(text, "Corefile", 7), ENVIRONMENT) == Token(result, "Corefile", 7)


@pytest.mark.parametrize(
    "values",
    [
        {"X": "{$X}"},
        {"X": "{$Y}", "Y": "{$X}"},
        {"X": "{$X}{$X}"},
        {"X": "x" * limits.ENVIRONMENT_TEXT},
    ],
    ids=["itself", "a circle", "doubling", "huge"],
)
def test_references_without_end_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(BadConfig, match=r"Corefile:7 .* environment variables of '\{\$X\}' make it too long, or"):
        substitute(Token("{$X}", "Corefile", 7), values)
