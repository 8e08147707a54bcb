"""How the words of a plugin's directives fall into uses; every row was checked against caddy's dispenser, v1.1.4."""

from typing import Any

import pytest

from resolver.corefile.directives import Directive, split_uses
from resolver.corefile.tokens import tokenize


def uses_in(text: str) -> list[Directive]:
    tokens = tokenize(text, "Corefile")
    return split_uses(tokens[0].text, tokens[0], tokens)


def shape(use: Directive) -> tuple[str, list[str], list[list[str]]]:
    options = [[word.text for word in (option.name, *option.arguments)] for option in use.options]
    return use.name.text, [word.text for word in use.arguments], options


SPLIT: dict[str, tuple[str, list[Any]]] = {
    "a name alone": ("p", [("p", [], [])]),
    "arguments": ("p a b", [("p", ["a", "b"], [])]),
    "an empty block": ("p a {\n}", [("p", ["a"], [])]),
    "options": ("p a {\n x 1 2\n y\n}", [("p", ["a"], [["x", "1", "2"], ["y"]])]),
    "an option on the line of the brace": ("p { x 1\n y\n}", [("p", [], [["x", "1"], ["y"]])]),
    "an option over two lines by a quoted word": ('p {\n x "a\nb" c\n y\n}', [("p", [], [["x", "a\nb", "c"], ["y"]])]),
    "two uses": ("p a\np b {\n x\n}\np", [("p", ["a"], []), ("p", ["b"], [["x"]]), ("p", [], [])]),
    "a block within: its options join the others, the outer brace is a further use": (
        "p {\n x 1 {\n y 2\n }\n}",
        [("p", [], [["x", "1"], ["y", "2"]]), ("}", [], [])],
    ),
    "an empty block within": ("p {\n x {\n }\n y\n}", [("p", [], [["x"]]), ("y", [], [])]),
    "options after a block within go to the further use": (
        "p {\n x {\n y\n }\n z 1\n}",
        [("p", [], [["x"], ["y"]]), ("z", ["1"], [])],
    ),
    "a brace that begins the first line is an option": (
        "p {\n {\n x\n }\n}",
        [("p", [], [["{"], ["x"]]), ("}", [], [])],
    ),
    "a brace that begins a later line is a further use": (
        "p {\n x\n {\n y\n }\n}",
        [("p", [], [["x"]]), ("{", [], [["y"]]), ("}", [], [])],
    ),
    "words on the closing brace's line": ("p {\n x\n} q r", [("p", [], [["x"]]), ("q", ["r"], [])]),
    "a block whose brace is on the next line": (
        "p a\n{\n x\n}",
        [("p", ["a"], []), ("{", [], []), ("x", [], []), ("}", [], [])],
    ),
    "a block that never closes": ("p {\n x", [("p", [], [["x"]])]),
    "a block with nothing at all": ("p {", [("p", [], [])]),
}


@pytest.mark.parametrize(("text", "expected"), SPLIT.values(), ids=SPLIT)
def test_words_are_split_into_uses(text: str, expected: list[Any]) -> None:
    uses = uses_in(text)
    assert [shape(use) for use in uses] == expected
    assert {use.plugin for use in uses} == {"p"}


@pytest.mark.parametrize("text", [text for text, _ in SPLIT.values()], ids=SPLIT)
def test_no_word_is_lost(text: str) -> None:
    assert [word for use in uses_in(text) for word in use.tokens] == tokenize(text, "Corefile")


def test_a_directive_knows_whether_it_has_a_block_and_where_it_ends() -> None:
    plain, block, empty = uses_in("p a\np a {\n x\n}\np {\n}")
    assert (plain.has_block, block.has_block, empty.has_block) == (False, True, True)
    assert (plain.end.text, plain.end.line) == ("a", 1)
    assert (block.end.text, block.end.line) == ("}", 4)
    assert (empty.end.text, empty.end.line) == ("}", 6)


def test_an_option_knows_the_lines_of_its_words() -> None:
    option = uses_in("p {\n\n x 1\n}")[0].options[0]
    assert (option.name.line, option.arguments[0].line) == (3, 3)
