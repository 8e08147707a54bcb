import errno

import pytest

from resolver import limits
from resolver.corefile.imports import Imports, import_patterns
from resolver.corefile.tokens import BadConfig, Token, tokenize
from tests.support.corefiles import MemoryFiles

HERE = Token("pattern", "Corefile", 3)
FILES: dict[str, str | OSError] = {
    "/etc/coredns/one": "errors\nlog",
    "/etc/coredns/sites/a": "a {\n}",
    "/etc/coredns/sites/b": "b {\n}",
    "/etc/coredns/folder": IsADirectoryError(errno.EISDIR, "Is a directory"),
    "/etc/coredns/secret": PermissionError(errno.EACCES, "Permission denied"),
    "/elsewhere/far": "far",
}


def imports() -> tuple[Imports, list[str]]:
    warnings: list[str] = []
    return Imports(MemoryFiles(FILES), warnings.append), warnings


@pytest.mark.parametrize(
    ("pattern", "at", "words"),
    [
        ("one", HERE, [("errors", "/etc/coredns/one", 1), ("log", "/etc/coredns/one", 2)]),
        ("/elsewhere/far", HERE, [("far", "/elsewhere/far", 1)]),
        (
            "../one",
            Token("x", "/etc/coredns/sites/a", 1),
            [("errors", "/etc/coredns/one", 1), ("log", "/etc/coredns/one", 2)],
        ),
        (
            "sites/*",
            HERE,
            [
                (word, f"/etc/coredns/sites/{name}", line)
                for name in "ab"
                for word, line in ((name, 1), ("{", 1), ("}", 2))
            ],
        ),
        ("?ne", HERE, [("errors", "/etc/coredns/one", 1), ("log", "/etc/coredns/one", 2)]),
    ],
    ids=["beside the Corefile", "absolute", "relative to an imported file", "all that match, in order", "one letter"],
)
def test_files_come_as_words_that_name_them(pattern: str, at: Token, words: list[tuple[str, str, int]]) -> None:
    assert imports()[0].words(pattern, at) == [Token(*word) for word in words]


def test_a_snippet_comes_before_a_file_of_its_name() -> None:
    known, _ = imports()
    known.define("one", tokenize("cache 30", "Corefile"), HERE, [])
    assert known.defined("one")
    assert [word.text for word in known.words("one", HERE)] == ["cache", "30"]


def test_an_empty_snippet_is_a_snippet() -> None:
    known, _ = imports()
    known.define("one", [], HERE, [])
    assert known.words("one", HERE) == []


REFUSED = {
    "no such file": ("none", "File to import not found: none"),
    "what no file can be called": ("a\0b", "File to import not found: a\0b"),
    "a folder": ("folder", "Could not import /etc/coredns/folder: is a directory"),
    "a file that cannot be read": (
        "secret",
        "Could not import /etc/coredns/secret: open /etc/coredns/secret: permission denied",
    ),
    "two stars": ("*/*", "Glob pattern may only contain one wildcard (*), but has others: /etc/coredns/*/*"),
    "two question marks": ("??", "Glob pattern may only contain one wildcard (*), but has others: /etc/coredns/??"),
    "a set of letters": ("[ab]", "Glob pattern may only contain one wildcard (*), but has others: /etc/coredns/[ab]"),
    "half a set": ("[ab", "Failed to use import pattern [ab: syntax error in pattern"),
    "an escape of nothing": ("ab\\", "Failed to use import pattern ab\\: syntax error in pattern"),
}


@pytest.mark.parametrize(("pattern", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_imported_is_said_at_the_import(pattern: str, message: str) -> None:
    with pytest.raises(BadConfig) as refusal:
        imports()[0].words(pattern, HERE)
    assert str(refusal.value) == f"Corefile:3 - Error during parsing: {message}"


def test_a_pattern_without_a_match_is_only_warned_about() -> None:
    known, warnings = imports()
    assert known.words("none*", HERE) == []
    assert warnings == ["No files matching import glob pattern: none*"]


def test_without_a_reader_there_are_no_files() -> None:
    with pytest.raises(BadConfig, match="File to import not found: one"):
        Imports(None, print).words("one", HERE)


def test_a_file_is_read_once_however_often_it_is_imported() -> None:
    files = MemoryFiles(FILES)
    known = Imports(files, print)
    assert known.words("one", HERE) == known.words("./one", HERE)
    assert files.reads == ["/etc/coredns/one"]


def test_a_snippet_that_imports_itself_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"maximum snippet import depth \(10000\) exceeded"):
        imports()[0].define("s", tokenize("import s", "Corefile"), HERE, ["s"])


@pytest.mark.parametrize(
    ("limit", "pattern", "message"),
    [
        ("SNIPPET_IMPORTS", "s", "maximum snippet import depth (2) exceeded"),
        ("FILE_IMPORTS", "one", "maximum file import depth (2) exceeded"),
        ("IMPORTED_TOKENS", "one", "imports bring in more than 2 words"),
    ],
)
def test_imports_are_limited(monkeypatch: pytest.MonkeyPatch, limit: str, pattern: str, message: str) -> None:
    monkeypatch.setattr(limits, limit, 2)
    known, _ = imports()
    known.define("s", tokenize("log", "Corefile"), HERE, [])
    for _ in range(2 if pattern == "s" or limit == "FILE_IMPORTS" else 1):
        known.words(pattern, HERE)
    with pytest.raises(BadConfig) as refusal:
        known.words(pattern, HERE)
    assert refusal.value.message == message


def test_only_imports_at_the_start_of_a_line_count() -> None:
    body = tokenize("import a\nlog import b\nimport c\nimport", "Corefile")
    assert [word.text for word in import_patterns(body)] == ["a", "c"]
