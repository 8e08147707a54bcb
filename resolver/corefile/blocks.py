"""Server blocks: the grammar of the Corefile, as CoreDNS 1.15.0 reads it (caddyfile parser of caddy v1.1.4)."""

import difflib
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from resolver.corefile.directives import Directive, Option, follows_on_line, split_uses
from resolver.corefile.environment import substitute
from resolver.corefile.imports import FileReader, Imports, import_patterns
from resolver.corefile.tokens import BadConfig, Token, tokenize

__all__ = ["Directive", "FileReader", "Option", "ServerBlock", "check_directives", "fingerprint", "parse_corefile"]


@dataclass(frozen=True, slots=True)
class ServerBlock:
    """Keys and the directives that serve them.

    `keys` are as written, environment put in, commas taken off. `directives` are in file order, but for all uses of
    one plugin standing together where it was first used. `file` is the Corefile (imported words name their own files),
    `line` that of the first key.
    """

    keys: tuple[Token, ...]
    directives: tuple[Directive, ...]
    file: str
    line: int

    def uses(self, plugin: str) -> tuple[Directive, ...]:
        """The plugin's uses in this block, in order; none if it is not loaded."""
        return tuple(directive for directive in self.directives if directive.plugin == plugin)


def parse_corefile(
    text: str,
    file: str,
    *,
    reader: FileReader | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
    warn: Callable[[str], None],
    known: Collection[str] | None = None,
) -> list[ServerBlock]:
    """Parse a Corefile. Raises BadConfig, and nothing else, whatever the text.

    `file` names the text in errors. `reader` gives imported files (without one, no file exists). `warn` takes the one
    warning there is: a glob pattern without a match. With `known`, the first directive not in it is refused as the
    parser reaches it, so before anything wrong further down; without, see `check_directives`.

    An empty list means that nothing is configured: CoreDNS then serves its default block.
    """
    return _Parser(text, file, Imports(reader, warn), environment, known).parse()


class _Parser:
    """A row of words with a cursor: `_taken[-1]` is the current word, `_ahead[-1]` the next."""

    def __init__(
        self, text: str, file: str, imports: Imports, environment: Mapping[str, str], known: Collection[str] | None
    ) -> None:
        self._file = file
        self._imports = imports
        self._environment = environment
        self._known = known
        self._taken: list[Token] = []
        self._ahead = tokenize(text, file)[::-1]
        self._expansions: list[tuple[Token, int]] = []  # imports whose words are being read, and how many follow them

    def parse(self) -> list[ServerBlock]:
        blocks = []
        while self._advance():
            block = self._block()
            if block is not None:
                blocks.append(block)
        return blocks

    # -- the cursor ---------------------------------------------------------------------------------------------------

    @property
    def _current(self) -> Token:
        return self._taken[-1] if self._taken else Token("", self._file, 0)

    def _advance(self) -> bool:
        if not self._ahead:
            return False
        self._taken.append(self._ahead.pop())
        return True

    def _go_back(self) -> None:
        self._ahead.append(self._taken.pop())

    def _begins_line(self) -> bool:
        """Whether the current word stands on a later line, or in another file, than the one before it."""
        if len(self._taken) < 2:
            return True
        before, word = self._taken[-2:]
        return before.file != word.file or before.last_line < word.line

    def _advance_on_line(self) -> bool:
        return bool(self._ahead) and follows_on_line(self._ahead[-1], self._current) and self._advance()

    def _substituted(self, token: Token) -> Token:
        return substitute(token, self._environment)

    def _error(self, message: str) -> BadConfig:
        return BadConfig.at(self._current, message)

    # -- the grammar --------------------------------------------------------------------------------------------------

    def _block(self) -> ServerBlock | None:
        """Read a server block or a snippet from its first word on; None if nothing comes of it."""
        keys, at_end = self._keys()
        directives: tuple[Directive, ...] = ()
        if not at_end:
            if len(keys) == 1 and keys[0].text.startswith("(") and keys[0].text.endswith(")"):
                self._snippet(keys[0].text[1:].removesuffix(")"))
                return None
            directives = self._contents()
        return ServerBlock(tuple(keys), directives, self._file, keys[0].line) if keys else None

    def _keys(self) -> tuple[list[Token], bool]:
        """Read keys up to `{` or the first word of another line. The flag says that the file ended instead."""
        keys: list[Token] = []
        expecting = False
        here = True
        while True:
            word = self._substituted(self._current) if here else Token("", self._file, 0)
            if word.text == "import" and self._begins_line():
                self._import()
                here = self._advance()
                continue
            if word.text == "{":
                if expecting:
                    raise self._error("Expected another address but had '{' - check for extra comma")
                return keys, False
            if word.text:
                expecting = word.text.endswith(",")
                keys.append(replace(word, text=word.text[:-1]) if expecting else word)
            if not self._advance():
                if expecting:
                    raise self._error("Unexpected EOF")
                return keys, True
            here = True
            if not expecting and self._begins_line():
                return keys, False

    def _snippet(self, name: str) -> None:
        if self._imports.defined(name):
            raise self._error(f"redeclaration of previously declared snippet {name}")
        if self._current.text != "{":
            raise BadConfig.unexpected(self._current, "{")
        body = []
        depth = 1
        while self._advance():
            depth += {"{": 1, "}": -1}.get(self._current.text, 0)
            if depth == 0:
                break
            body.append(self._current)
        if depth:
            raise BadConfig.unexpected(self._current, "}")
        patterns = [self._substituted(pattern).text for pattern in import_patterns(body)]
        self._imports.define(name, body, self._current, patterns)

    def _contents(self) -> tuple[Directive, ...]:
        """Read the directives from the `{` on, or from the first of them where a single block omits its braces."""
        braces = self._current.text == "{"
        if not braces:
            self._go_back()
        words: dict[str, list[Token]] = {}
        names: dict[str, Token] = {}
        while self._advance() and self._current.text != "}":
            if self._current.text == "import":
                self._import()
                continue
            name = self._substituted(self._current)
            if self._known is not None and name.text not in self._known:
                raise _unknown_directive(name, self._known)
            names.setdefault(name.text, name)
            words.setdefault(name.text, []).extend(self._directive())
        if braces and self._current.text != "}":
            raise BadConfig.unexpected(self._current, "}")
        return tuple(use for plugin, row in words.items() for use in split_uses(plugin, names[plugin], row))

    def _directive(self) -> list[Token]:
        """Read a directive's words: to the end of its line, or of the line on which its last brace closes."""
        words = [self._current]
        depth = 0
        while self._advance():
            text = self._current.text
            if text == "{":
                depth += 1
            elif depth == 0 and self._begins_line():
                self._go_back()
                break
            elif text == "}":
                if depth == 0:
                    raise self._error("Unexpected '}' because no matching opening brace")
                depth -= 1
            elif text == "import" and self._begins_line():
                self._import()
                continue
            self._taken[-1] = self._substituted(self._current)
            words.append(self._current)
        if depth:
            raise self._error("Unexpected EOF")
        return words

    def _import(self) -> None:
        """Put what the current `import` names in its place; the current word is then the one before it."""
        if not self._advance_on_line():
            raise self._error(f"Wrong argument count or unexpected line ending after '{self._current.text}'")
        at = self._current
        pattern = self._substituted(at).text
        if not pattern:
            raise self._error("Import requires a non-empty filepath")
        if self._advance_on_line():
            raise self._error("Import takes only one argument (glob pattern or file)")
        while self._expansions and self._expansions[-1][1] >= len(self._ahead) + 2:
            self._expansions.pop()
        if any(token == at for token, _ in self._expansions):
            raise self._imports.circle(pattern, at)
        self._expansions.append((at, len(self._ahead)))
        imported = self._imports.words(pattern, at)
        del self._taken[-2:]
        self._ahead.extend(reversed(imported))


def check_directives(blocks: Iterable[ServerBlock], known: Collection[str]) -> None:
    """Raise BadConfig for the first directive that is not among the known ones."""
    for block in blocks:
        for directive in block.directives:
            if directive.plugin not in known:
                raise _unknown_directive(directive.name, known)


def _unknown_directive(name: Token, known: Collection[str]) -> BadConfig:
    message = f"Unknown directive '{name.text}' (known: {', '.join(sorted(known))})"
    nearest = difflib.get_close_matches(name.text, known, n=1)
    return BadConfig.at(name, f"{message}; did you mean '{nearest[0]}'?" if nearest else message)


def fingerprint(blocks: Iterable[ServerBlock]) -> str:
    """The SHA-512 (hex) that CoreDNS's reload plugin gives the same configuration.

    It is that of Go's JSON of the parsed blocks: keys, and by plugin the words with file (empty for the Corefile
    itself) and line. So comments and blanks at the ends of lines do not change it, added lines do.
    """
    described = [_described(block) for block in blocks]
    text = json.dumps(described or None, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return hashlib.sha512(text.encode(errors="replace")).hexdigest()


def _described(block: ServerBlock) -> dict[str, object]:
    words: dict[str, list[dict[str, object]]] = {}
    for directive in block.directives:
        words.setdefault(directive.plugin, []).extend(
            {"File": "" if token.file == block.file else token.file, "Line": token.line, "Text": token.text}
            for token in directive.tokens
        )
    return {"Keys": [key.text for key in block.keys], "Tokens": {name: words[name] for name in sorted(words)}}
