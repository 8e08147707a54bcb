"""The lexer's rules as data; every row was checked against caddy v1.1.4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.corefile.tokens import BadConfig, Token, tokenize

SPLIT = {
    "nothing": ("", []),
    "blanks alone": (" \t\r\n\v\f\u00a0\u2028\u3000 ", []),
    "words and lines": ("a b\nc\n\nd", [("a", 1), ("b", 1), ("c", 2), ("d", 4)]),
    "all that Go calls white space separates": ("a\u00a0b\u2003c\u0085d\ve", [(c, 1) for c in "abcde"]),
    "what only Python calls white space does not": ("a\x1cb\x1fc", [("a\x1cb\x1fc", 1)]),
    "carriage returns vanish even in words": ("a\rb\r\nc", [("ab", 1), ("c", 2)]),
    "a byte order mark is skipped at the start": ("\ufeffa", [("a", 1)]),
    "and kept elsewhere": ("a \ufeffb", [("a", 1), ("\ufeffb", 1)]),
    "quotes keep blanks": ('"a b" c', [("a b", 1), ("c", 1)]),
    "quotes may be empty": ('""', [("", 1)]),
    "quotes span lines and count them": ('"a\nb" c\nd', [("a\nb", 1), ("c", 2), ("d", 3)]),
    "quotes keep carriage returns": ('"a\r\nb"', [("a\r\nb", 1)]),
    "quotes keep number signs": ('"a # b"', [("a # b", 1)]),
    "a quote in the middle of a word is a letter": ('a"b c"', [('a"b', 1), ('c"', 1)]),
    "a closing quote ends the word": ('"a"b', [("a", 1), ("b", 1)]),
    "and the next may begin at once": ('"a""b"', [("a", 1), ("b", 1)]),
    "an escaped quote is a quote": (r'"a\"b"', [('a"b', 1)]),
    "other backslashes stay": (r'"\d\\ \n"', [(r"\d\\ \n", 1)]),
    "a doubled backslash does not escape the quote": (r'"a\\" b', [("a\\\\", 1), ("b", 1)]),
    "backslashes outside quotes are letters": (r"a\"b", [(r"a\"b", 1)]),
    "an open quote runs to the end": ('"a b\nc', [("a b\nc", 1)]),
    "an open quote with nothing in it is nothing": ('a "', [("a", 1)]),
    "a backslash before the end is lost": ('"a\\', [("a", 1)]),
    "a comment goes to the end of the line": ('a # b "c\nd', [("a", 1), ("d", 2)]),
    "a comment needs no blank after its sign": ("#a b\nc", [("c", 2)]),
    "in a word a comment goes to the next blank": ("a#b c\nd", [("a", 1), ("c", 1), ("d", 2)]),
    "and takes carriage returns with it": ("a#b\rc d", [("a", 1), ("d", 1)]),
    "after a quote it begins a word": ('"a"#b c', [("a", 1)]),
    "braces are words only when they stand alone": (
        "a{ { b} } {}",
        [("a{", 1), ("{", 1), ("b}", 1), ("}", 1), ("{}", 1)],
    ),
}


@pytest.mark.parametrize(("text", "words"), SPLIT.values(), ids=SPLIT)
def test_a_text_is_split_into_words_with_their_lines(text: str, words: list[tuple[str, int]]) -> None:
    assert tokenize(text, "Corefile") == [Token(word, "Corefile", line) for word, line in words]


@given(st.text())
def test_every_text_can_be_split_and_lines_only_grow(text: str) -> None:
    tokens = tokenize(text, "Corefile")
    lines = [token.line for token in tokens]
    assert lines == sorted(lines)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)


@given(st.lists(st.text(alphabet=st.characters(exclude_characters='"\\', exclude_categories=["Cs"]))))
def test_quoted_words_come_back_as_they_were(words: list[str]) -> None:
    assert [token.text for token in tokenize(" ".join(f'"{word}"' for word in words), "Corefile")] == words


def test_a_word_knows_the_line_on_which_it_ends() -> None:
    assert Token("a\nb\nc", "Corefile", 3).last_line == 5


def test_an_error_says_where_it_is() -> None:
    error = BadConfig.at(Token("x", "Corefile", 3), "no such thing")
    assert str(error) == "Corefile:3 - Error during parsing: no such thing"
    assert (error.file, error.line, error.message) == ("Corefile", 3, "no such thing")


def test_an_error_without_a_place_is_its_message() -> None:
    assert str(BadConfig("no such thing")) == "no such thing"


def test_an_error_of_a_plugin_begins_with_its_name() -> None:
    error = BadConfig.at(Token("x", "Corefile", 3), "no such thing").of_plugin("kubernetes")
    assert str(error) == "plugin/kubernetes: Corefile:3 - Error during parsing: no such thing"
    assert str(BadConfig("once").of_plugin("cache")) == "plugin/cache: once"


def test_an_unexpected_word_is_a_syntax_error() -> None:
    error = BadConfig.unexpected(Token("x", "Corefile", 3), "}")
    assert str(error) == "Corefile:3 - Syntax error: Unexpected token 'x', expecting '}'"
    assert str(error.of_plugin("errors")).startswith("plugin/errors: Corefile:3 - Syntax error: ")
