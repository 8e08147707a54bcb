"""Words of a Corefile, where they stand, and the one error that speaks of them.

The rules are those of the lexer in github.com/coredns/caddy v1.1.4 (package caddyfile).
"""

import re
from dataclasses import dataclass
from typing import Self

# Go's unicode.IsSpace without the carriage return: that one separates nothing, it is dropped.
_SPACE = "\t\n\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_PIECE = re.compile(
    rf"(?P<blank>[{_SPACE}\r]+)"
    r"|(?P<comment>#[^\n]*)"
    r'|"(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)(?:(?P<closed>")|\\?\Z)'
    rf'|(?P<word>[^{_SPACE}\r#"][^{_SPACE}#]*)(?:#[^{_SPACE}]*)?',
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its text without quotes, its file as named to the parser, and the 1-based line on which it begins."""

    text: str
    file: str
    line: int

    @property
    def last_line(self) -> int:
        """The line on which the word ends: line breaks within quotes are part of its text."""
        return self.line + self.text.count("\n")


class BadConfig(ValueError):
    """A configuration that cannot be used.

    `message` says what is wrong, `file` and `line` say where (empty and 0 where no one place is to blame), `stage` is
    CoreDNS's name for the step that failed, and `plugin` the directive whose set-up refused it, where one did.
    """

    def __init__(
        self, message: str, *, file: str = "", line: int = 0, stage: str = "Error during parsing", plugin: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.stage = stage
        self.plugin = plugin

    @classmethod
    def at(cls, token: Token, message: str) -> Self:
        """The error for something wrong at `token`."""
        return cls(message, file=token.file, line=token.line)

    @classmethod
    def unexpected(cls, token: Token, expected: str) -> Self:
        """The error for `token` standing where only `expected` may."""
        message = f"Unexpected token '{token.text}', expecting '{expected}'"
        return cls(message, file=token.file, line=token.line, stage="Syntax error")

    def of_plugin(self, name: str) -> Self:
        """The same error as the set-up of directive `name` reports it: the text begins with `plugin/NAME: `."""
        return type(self)(self.message, file=self.file, line=self.line, stage=self.stage, plugin=name)

    def __str__(self) -> str:
        """The text CoreDNS prints: `[plugin/NAME: ][FILE:LINE - STAGE: ]MESSAGE`."""
        place = f"{self.file}:{self.line} - {self.stage}: " if self.file else ""
        plugin = f"plugin/{self.plugin}: " if self.plugin else ""
        return f"{plugin}{place}{self.message}"


def tokenize(text: str, file: str) -> list[Token]:
    r"""Split a Corefile's text into words; every text is accepted.

    White space separates. `"` begins a quoted word only where a word begins; it may span lines, ends at the next `"`
    (or with the file), `\"` is its only escape and other backslashes stay. `#` outside quotes drops what follows: to
    the end of the line where a word would begin, but only to the next white space when in the middle of a word (so
    `log#all errors` is `log errors`, as in CoreDNS). A byte order mark at the start and every unquoted carriage return
    are dropped.
    """
    tokens = []
    line = 1
    for piece in _PIECE.finditer(text.removeprefix("\ufeff")):
        match piece.lastgroup:
            case "word":
                tokens.append(Token(piece["word"].replace("\r", ""), file, line))
            case "quoted" | "closed":
                word = _ESCAPED.sub(_unescape, piece["quoted"])
                if word or piece["closed"]:
                    tokens.append(Token(word, file, line))
        line += piece[0].count("\n")
    return tokens


def _unescape(escape: re.Match[str]) -> str:
    return '"' if escape[1] == '"' else escape[0]
