"""Directives of a server block: a plugin's name, its arguments and the options between its braces."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from resolver.corefile.tokens import Token


@dataclass(frozen=True, slots=True)
class Option:
    """One line between a directive's braces: its first word, and the others up to the line's end or a `{`."""

    name: Token
    arguments: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Directive:
    """One use of a plugin in a server block.

    `plugin` is the plugin addressed; choose by it, never by `name`. `name` is the word that began this use: normally
    the same text, with environment variables put in. `has_block` tells that a brace was opened, even with nothing in
    it.

    CoreDNS hands all words of a plugin's directives over in one row, and words that do not fit the shape
    `NAME [ARGUMENT...] [{ OPTIONS }]` begin a *further use of the same plugin*, named after whatever word stands there.
    The same is done here. So a plugin that may be used once refuses all of these by counting its uses
    (`settings.only_once`), and others by their usual checks, with CoreDNS's texts:

    - options within options: `pods verified {` NEWLINE `ttl 5` NEWLINE `}` gives the options `pods verified` and
      `ttl 5`; the inner `}` ends the use and what follows is one more, whose name is the outer `}`;
    - a `{` that begins a line: as the first thing between the braces it is an option named `{`, else a further use;
    - words on the line of the closing brace, and a block whose `{` is not on the directive's line.
    """

    plugin: str
    name: Token
    arguments: tuple[Token, ...]
    options: tuple[Option, ...]
    has_block: bool
    tokens: tuple[Token, ...] = field(repr=False)  # all words of this use as written, braces too

    @property
    def end(self) -> Token:
        """The last word: the closing brace where there is one. CoreDNS reports what the options lack together there."""
        return self.tokens[-1]


def follows_on_line(word: Token, after: Token) -> bool:
    """Whether `word` stands on the line on which `after` ends."""
    return word.file == after.file and word.line == after.last_line


def split_uses(plugin: str, name: Token, tokens: Sequence[Token]) -> list[Directive]:
    """Split the words of all directives of one plugin in a server block into uses.

    `tokens[0]` is the plugin's name as written, `name` the same with environment variables put in.
    """
    reader = _Reader(tokens)
    uses: list[Directive] = []
    while reader.advance():
        start = reader.position
        arguments = reader.arguments()
        options = []
        while reader.enter_option():
            options.append(Option(reader.current, reader.arguments()))
        words = tuple(tokens[start : reader.position + 1])
        uses.append(
            Directive(
                plugin=plugin,
                name=words[0] if uses else name,
                arguments=arguments,
                options=tuple(options),
                has_block=any(word.text == "{" for word in words[1:]),
                tokens=words,
            )
        )
    return uses


class _Reader:
    """Walks a plugin's words as caddy's dispenser does in the loop that every CoreDNS plugin uses to read them."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.position = -1
        self.depth = 0

    @property
    def current(self) -> Token:
        return self.tokens[self.position]

    def advance(self) -> bool:
        if self.position + 1 >= len(self.tokens):
            return False
        self.position += 1
        return True

    def on_same_line(self) -> bool:
        """Whether a further word stands on the current word's line."""
        following = self.position + 1
        return following < len(self.tokens) and follows_on_line(self.tokens[following], self.current)

    def arguments(self) -> tuple[Token, ...]:
        """Take the rest of the line, up to a brace."""
        start = self.position + 1
        while self.on_same_line() and self.tokens[self.position + 1].text != "{":
            self.position += 1
        return tuple(self.tokens[start : self.position + 1])

    def enter_option(self) -> bool:
        """Step to the next option's name, through at most one opening brace; False when there is none."""
        if self.depth > 0 and (self.position + 1 >= len(self.tokens) or self.tokens[self.position + 1].text != "{"):
            if not self.advance():
                return False
            if self.current.text == "}":
                self.depth -= 1
                return False
            return True
        if not self.on_same_line() or self.tokens[self.position + 1].text != "{":
            return False
        self.position += 1
        if not self.advance() or self.current.text == "}":
            return False
        self.depth += 1
        return True
