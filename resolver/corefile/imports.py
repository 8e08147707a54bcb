"""`import` in a Corefile: snippets defined in it, files and glob patterns."""

from collections.abc import Callable
from typing import Protocol

from resolver import limits
from resolver.corefile.tokens import BadConfig, Token, tokenize


class FileReader(Protocol):
    """The files a Corefile may import."""

    def read(self, path: str) -> str:
        """The text of a file (undecodable bytes replaced). Raises OSError, IsADirectoryError for a folder."""
        ...

    def glob(self, pattern: str) -> list[str]:
        """The existing absolute paths that match, sorted; `*` and `?` do not match `/`.

        A pattern without wildcards gives itself if it exists.
        """
        ...

    def resolve(self, importing_file: str, pattern: str) -> str:
        """The absolute pattern for one written in `importing_file`: relative ones start in that file's folder."""
        ...


class _NoFiles:
    """The reader of those who have none: no file exists."""

    def read(self, path: str) -> str:
        raise FileNotFoundError(path)

    def glob(self, pattern: str) -> list[str]:
        return []

    def resolve(self, importing_file: str, pattern: str) -> str:
        return pattern


class Imports:
    """What `import` can bring into one Corefile, and how much of it has been brought."""

    def __init__(self, reader: FileReader | None, warn: Callable[[str], None]) -> None:
        self._reader = reader or _NoFiles()
        self._warn = warn
        self._snippets: dict[str, list[Token]] = {}
        self._files: dict[str, list[Token]] = {}
        self._snippet_imports = 0
        self._file_imports = 0
        self._tokens = 0

    def define(self, name: str, body: list[Token], at: Token, own_imports: list[str]) -> None:
        """Keep the snippet whose body ends at `at`; `own_imports` are what the body imports, and may not hold it."""
        if name in own_imports:
            raise BadConfig.at(at, f"{_too_deep('snippet', limits.SNIPPET_IMPORTS)}: '{name}' imports itself")
        self._snippets[name] = body

    def defined(self, name: str) -> bool:
        """Whether there is a snippet of this name."""
        return name in self._snippets

    def circle(self, pattern: str, at: Token) -> BadConfig:
        """The error for an import that is met again in what it brought in; CoreDNS goes round until its cap."""
        snippet = pattern in self._snippets
        kind, limit = ("snippet", limits.SNIPPET_IMPORTS) if snippet else ("file", limits.FILE_IMPORTS)
        return BadConfig.at(at, f"{_too_deep(kind, limit)}: '{pattern}' imports itself")

    def words(self, pattern: str, at: Token) -> list[Token]:
        """The words to put in place of `import PATTERN`, whose pattern (environment put in) stands at `at`."""
        snippet = self._snippets.get(pattern)
        if snippet is None:
            self._file_imports += 1
            if self._file_imports > limits.FILE_IMPORTS:
                raise BadConfig.at(at, _too_deep("file", limits.FILE_IMPORTS))
            words = [word for path in self._matching_paths(pattern, at) for word in self._file(path, at)]
        else:
            self._snippet_imports += 1
            if self._snippet_imports > limits.SNIPPET_IMPORTS:
                raise BadConfig.at(at, _too_deep("snippet", limits.SNIPPET_IMPORTS))
            words = snippet
        self._tokens += len(words)
        if self._tokens > limits.IMPORTED_TOKENS:
            raise BadConfig.at(at, f"imports bring in more than {limits.IMPORTED_TOKENS} words")
        return words

    def _matching_paths(self, pattern: str, at: Token) -> list[str]:
        absolute = self._reader.resolve(at.file, pattern)
        if absolute.count("*") > 1 or absolute.count("?") > 1 or ("[" in absolute and "]" in absolute):
            raise BadConfig.at(at, f"Glob pattern may only contain one wildcard (*), but has others: {absolute}")
        if "[" in absolute or absolute.endswith("\\"):
            raise BadConfig.at(at, f"Failed to use import pattern {pattern}: syntax error in pattern")
        paths = self._reader.glob(absolute) if "\0" not in absolute else []  # no file's name holds a NUL
        if not paths and any(wildcard in absolute for wildcard in "*?]"):
            self._warn(f"No files matching import glob pattern: {pattern}")
        elif not paths:
            raise BadConfig.at(at, f"File to import not found: {pattern}")
        return paths

    def _file(self, path: str, at: Token) -> list[Token]:
        if path not in self._files:
            try:
                self._files[path] = tokenize(self._reader.read(path), path)
            except IsADirectoryError:
                raise BadConfig.at(at, f"Could not import {path}: is a directory") from None
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise BadConfig.at(at, f"Could not import {path}: open {path}: {reason}") from error
        return self._files[path]


def import_patterns(body: list[Token]) -> list[Token]:
    """The words after each `import` that begins a line of a snippet's body."""
    return [
        body[index + 1]
        for index in range(len(body) - 1)
        if body[index].text == "import"
        and (index == 0 or body[index - 1].file != body[index].file or body[index - 1].line != body[index].line)
    ]


def _too_deep(kind: str, limit: int) -> str:
    return f"maximum {kind} import depth ({limit}) exceeded"
