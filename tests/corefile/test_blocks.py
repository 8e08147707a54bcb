"""The parser's rules as data; texts and line numbers of errors were compared with CoreDNS 1.15.0."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.corefile.blocks import ServerBlock, check_directives, fingerprint, parse_corefile
from resolver.corefile.tokens import BadConfig
from tests.support.corefiles import MemoryFiles

FILES: dict[str, str | OSError] = {
    "/etc/coredns/one": "errors\nlog",
    "/etc/coredns/options": "ttl 5\npods insecure",
    "/etc/coredns/site": "a.example {\n import plugins/mine\n}",
    "/etc/coredns/plugins/mine": "cache {\n import ../options\n}",
    "/etc/coredns/keys": "k1 k2,",
    "/etc/coredns/snippets": "(quiet) {\n errors\n}",
    "/etc/coredns/empty": "",
    "/etc/coredns/circle": "log\nimport circle",
}
ENVIRONMENT = {"ZONE": "lab.local", "PLUGIN": "errors", "TWO": "a b", "OPEN": "{", "CLOSE": "}", "IMPORT": "import"}


def parse(text: str, warnings: list[str] | None = None) -> list[ServerBlock]:
    warn = (warnings if warnings is not None else []).append
    return parse_corefile(text, "Corefile", reader=MemoryFiles(FILES), environment=ENVIRONMENT, warn=warn)


def shape(blocks: list[ServerBlock]) -> list[str]:
    """Each block in a line: its keys, and all words of each use of a plugin."""
    return [
        " ".join(f"<{key.text}>" for key in block.keys)
        + "".join(f" | {' '.join(word.text for word in use.tokens)}" for use in block.directives)
        for block in blocks
    ]


PARSED = {
    "nothing": ("", []),
    "comments alone": ("# nothing\n", []),
    "an empty block": (". {\n}", ["<.>"]),
    "an empty block on one line": (". { }", ["<.>"]),
    "keys alone": ("a b:1053", ["<a> <b:1053>"]),
    "keys alone, over two lines": ("a,\nb", ["<a> <b>"]),
    "keys with blanks and commas": ("a b, c,d {\n}", ["<a> <b> <c,d>"]),
    "a trailing comma": ("a,\n\nb {\n}", ["<a> <b>"]),
    "a comma alone is an empty key": (", a {\n}", ["<> <a>"]),
    "a key in quotes": ('"a b" {\n}', ["<a b>"]),
    "an empty word is no key": ('"" a {\n}', ["<a>"]),
    "a block without keys is nothing": ("{\nwhoami\n}\n. {\n}", ["<.>"]),
    "a brace in a word is part of it": ("a{\nlog", ["<a{> | log"]),
    "the brace on the next line": (".\n{\nlog\n}", ["<.> | log"]),
    "no braces": (".:53\nerrors\ncache {\n ttl\n}\nlog a", ["<.:53> | errors | cache { ttl } | log a"]),
    "a closing brace ends a block without braces": (". \nlog\n}\na {\n}", ["<.> | log", "<a>"]),
    "two blocks": ("a {\nlog\n}\nb {\nerrors\n}", ["<a> | log", "<b> | errors"]),
    "two blocks, the second on the line of the brace": ("a {\nlog\n} b {\n}", ["<a> | log", "<b>"]),
    "the plugin's brace serves as the block's at the end": (". {\ncache {\n}\n", ["<.> | cache { }"]),
    "a quoted brace is a brace": ('. "{"\nlog\n"}"', ["<.> | log"]),
    "a directive on the line of the brace": (". { log\n}", ["<.> | log"]),
    "uses of one plugin stand together": (". {\nlog a\nerrors\nlog b\n}", ["<.> | log a | log b | errors"]),
    "braces nest": (". {\ncache {\n x {\n y {\n }\n}\n}\n}", ["<.> | cache { x { y { } | } }"]),
    "a brace after a directive's line belongs to it": (". {\nlog\n{\nx\n}\n}", ["<.> | log | { | x | }"]),
    "a quoted word over lines goes on": ('. {\nlog "a\nb" c\n}', ["<.> | log a\nb c"]),
    "a variable as key": ("{$ZONE}:53 {%ZONE%} {\n}", ["<lab.local:53> <lab.local>"]),
    "an unset variable as only key leaves nothing": ("{$NONE} {\nlog\n}", []),
    "a variable as directive": (". {\n{$PLUGIN} x\n}", ["<.> | {$PLUGIN} x"]),
    "a variable stays one word": (". {\nlog {$TWO}\n}", ["<.> | log a b"]),
    "a variable's brace opens no block for the parser": (". {\nlog {$OPEN}\n}", ["<.> | log {"]),
    "a snippet": ("(s) {\nlog a\n}\n. {\nimport s\n}", ["<.> | log a"]),
    "a snippet with a block": ("(s) {\ncache {\nttl\n}\n}\n. {\nimport s\n}", ["<.> | cache { ttl }"]),
    "a snippet of options": ("(s) {\nttl 5\n}\n. {\ncache {\nimport s\n}\n}", ["<.> | cache { ttl 5 }"]),
    "a snippet of blocks": ("(s) {\na {\nlog\n}\n}\nimport s\nimport s", ["<a> | log", "<a> | log"]),
    "a snippet within a snippet": ("(s) {\nlog\n}\n(t) {\nimport s\n}\n. {\nimport t\n}", ["<.> | log"]),
    "a snippet with a variable": ("(s) {\nlog {$ZONE}\n}\n. {\nimport s\n}", ["<.> | log lab.local"]),
    "the name of a snippet alone is a key": ("(s)", ["<(s)>"]),
    "a snippet among keys is a key": ("(s) a {\n}", ["<(s)> <a>"]),
    "snippets alone": ("(s) {\nlog\n}", []),
    "a file outside of blocks": ("import site", ["<a.example> | cache { ttl 5 pods insecure }"]),
    "a file in a block": (". {\nimport one\ncache\n}", ["<.> | errors | log | cache"]),
    "a file in a plugin's block": (". {\ncache {\nimport options\n}\n}", ["<.> | cache { ttl 5 pods insecure }"]),
    "a file of keys": ("import keys\nk3 {\n}", ["<k1> <k2> <k3>"]),
    "a file of snippets": ("import snippets\n. {\nimport quiet\n}", ["<.> | errors"]),
    "an empty file": ("import empty\n. {\nimport empty\n}", ["<.>"]),
    "a variable as pattern": (". {\nimport {$NONE}one\n}", ["<.> | errors | log"]),
    "a variable as import, but only for keys": ("{$IMPORT} site", ["<a.example> | cache { ttl 5 pods insecure }"]),
    "import within a line is a word": (". {\nlog import one\n}", ["<.> | log import one"]),
    "import among keys is a key": ("a import {\n}", ["<a> <import>"]),
}


@pytest.mark.parametrize(("text", "expected"), PARSED.values(), ids=PARSED)
def test_a_corefile_is_parsed(text: str, expected: list[str]) -> None:
    assert shape(parse(text)) == expected


REFUSED = {
    "a block on one line": (
        ". { whoami }",
        "1 - Error during parsing: Unexpected '}' because no matching opening brace",
    ),
    "a comma before the brace": (
        "a, {\n}",
        "1 - Error during parsing: Expected another address but had '{' - check for extra comma",
    ),
    "a comma at the end": ("a,", "1 - Error during parsing: Unexpected EOF"),
    "a comma, and an import of nothing": ("a,\nimport empty", "1 - Error during parsing: Unexpected EOF"),
    "a block left open": (". {\nlog", "2 - Syntax error: Unexpected token 'log', expecting '}'"),
    "a plugin's block left open": (". {\ncache {\nttl", "3 - Error during parsing: Unexpected EOF"),
    "a brace too many on a line": (
        ". {\nlog }\n}",
        "2 - Error during parsing: Unexpected '}' because no matching opening brace",
    ),
    "a snippet without braces": ("(s)\nlog", "2 - Syntax error: Unexpected token 'log', expecting '{'"),
    "a snippet left open": ("(s) {\nlog {\n}\n", "3 - Syntax error: Unexpected token '}', expecting '}'"),
    "a snippet twice": (
        "(s) {\n}\n(s) {\n}",
        "3 - Error during parsing: redeclaration of previously declared snippet s",
    ),
    "a snippet before it is defined": (
        ". {\nimport s\n}\n(s) {\n}",
        "2 - Error during parsing: File to import not found: s",
    ),
    "a snippet that imports itself": (
        "(s) {\nlog\nimport s\n}",
        "4 - Error during parsing: maximum snippet import depth (10000) exceeded: 's' imports itself",
    ),
    "snippets that import each other": (
        "(s) {\nimport t\n}\n(t) {\nimport s\n}\n. {\nimport s\n}",
        "2 - Error during parsing: maximum snippet import depth (10000) exceeded: 't' imports itself",
    ),
    "import of nothing": (
        "import",
        "1 - Error during parsing: Wrong argument count or unexpected line ending after 'import'",
    ),
    "import of an empty word": ('import ""', "1 - Error during parsing: Import requires a non-empty filepath"),
    "import of two": (
        ". {\nimport one\nimport one two\n}",
        "3 - Error during parsing: Import takes only one argument (glob pattern or file)",
    ),
    "import of a missing file": ("log {\nimport none\n}", "2 - Error during parsing: File to import not found: none"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_corefile_is_refused_where_it_is_wrong(text: str, message: str) -> None:
    with pytest.raises(BadConfig) as refusal:
        parse(text)
    assert str(refusal.value) == f"Corefile:{message}"


def test_a_snippet_may_be_imported_again_and_again() -> None:
    text = "(s) {\nimport one\n}\n(t) {\nimport s\nimport s\n}\n. {\nimport t\nimport s\n}"
    assert shape(parse(text)) == ["<.> | errors errors errors | log log log"]  # one use each: all stand on one line


def test_files_that_import_themselves_are_refused() -> None:
    with pytest.raises(
        BadConfig,
        match=r"^/etc/coredns/circle:2 .* maximum file import depth \(100000\) exceeded: 'circle' imports itself",
    ):
        parse(". {\nimport circle\n}")


def test_imported_words_name_their_file() -> None:
    (block,) = parse("import site")
    (cache,) = block.directives
    assert (block.file, block.line, block.keys[0].file) == ("Corefile", 1, "/etc/coredns/site")
    assert (cache.name.file, cache.options[0].name.file) == ("/etc/coredns/plugins/mine", "/etc/coredns/options")


def test_a_glob_without_a_match_is_warned_about() -> None:
    warnings: list[str] = []
    assert shape(parse("import sites/*\n. {\n}", warnings)) == ["<.>"]
    assert warnings == ["No files matching import glob pattern: sites/*"]


def test_a_directive_written_as_a_variable_is_known_by_its_value() -> None:
    (block,) = parse(". {\n{$PLUGIN}\n}")
    assert block.directives[0].plugin == block.directives[0].name.text == "errors"


def test_a_block_gives_the_uses_of_a_plugin() -> None:
    (block,) = parse(". {\nlog a\nerrors\nlog b\n}")
    assert [use.arguments[0].text for use in block.uses("log")] == ["a", "b"]
    assert block.uses("cache") == ()


KNOWN = {"cache", "kubernetes", "errors", "log"}


@pytest.mark.parametrize(
    ("directive", "message"),
    [
        (
            "kubernets",
            "Unknown directive 'kubernets' (known: cache, errors, kubernetes, log); did you mean 'kubernetes'?",
        ),
        ("xyz", "Unknown directive 'xyz' (known: cache, errors, kubernetes, log)"),
    ],
)
def test_an_unknown_directive_is_refused_with_what_there_is(directive: str, message: str) -> None:
    text = f"a {{\nlog\n}}\nb {{\nerrors\n\n{directive} x\n}}"
    with pytest.raises(BadConfig) as after:
        check_directives(parse(text), KNOWN)
    with pytest.raises(BadConfig) as during:
        parse_corefile(text, "Corefile", warn=print, known=KNOWN)
    assert str(after.value) == str(during.value) == f"Corefile:7 - Error during parsing: {message}"


def test_known_directives_pass() -> None:
    check_directives(parse(". {\nlog\nerrors\n}"), KNOWN)


def test_an_unknown_directive_comes_before_an_error_further_down_if_the_parser_knows() -> None:
    with pytest.raises(BadConfig, match=r"Corefile:2 .*Unknown directive 'foo'"):
        parse_corefile(". {\nfoo\nlog }", "Corefile", warn=print, known=KNOWN)


# What a running CoreDNS 1.15.0 printed as "Running configuration SHA512" for these files.
FINGERPRINTS = {
    ".:10553\nreload\nwhoami": "e76d87243eaae0bd4d6180411a64bf00a4e7d6b006fb6b4f485c7862ca642d97"
    "4a7f87d62985740e6d05826732365d8525ee4a8aad6b8a230f53a2cbcf68ffb6",
    """# a comment
.:10553 example.org:10553,
10.0.0.0/27:10553 {
    reload 30s 15s
    errors {
        consolidate 5m "a <b> & \\"c\\" \\d\té" warning   # tail
    }
    log . "{remote} {$PW}
second line"
    {$PW}
    template ANY A {
        rcode NXDOMAIN
    }
    template ANY AAAA {
        rcode NXDOMAIN
    }
}
""": "1b206f5e909614f53936472420c827350161dc2482f4ba3c8bdd4ab2d711b149"
    "3b13cccfccd5ae17c5dfac6d73e2e4119715dea8e8a0371f9f24ae5ff80b0b41",
}


@pytest.mark.parametrize(("text", "sha512"), FINGERPRINTS.items(), ids=["plain", "with all that needs care"])
def test_the_fingerprint_is_that_of_coredns(text: str, sha512: str) -> None:
    blocks = parse_corefile(text, "Corefile", environment={"PW": "whoami"}, warn=print)
    assert fingerprint(blocks) == sha512


def test_the_fingerprint_tells_lines_but_not_blanks_or_comments() -> None:
    plain = fingerprint(parse(". {\nlog a\n}"))
    assert fingerprint(parse(".  {  # all\n\tlog a # names\n}\n\n")) == plain
    assert fingerprint(parse(". {\n\nlog a\n}")) != plain
    assert fingerprint(parse(". {\nlog b\n}")) != plain


def test_the_fingerprint_tells_where_words_come_from() -> None:
    (imported,) = parse("a {\nimport one\n}")
    written = parse("a {\nerrors\nlog\n}")
    assert [use.name.text for use in imported.directives] == [use.name.text for use in written[0].directives]
    assert fingerprint([imported]) != fingerprint(written)


PIECES = [
    *["{", "}", "\n", " ", ",", '"', "\\", "#", "\r", "(s)", "a", "a,", "errors", "log {\n", "}\n", ". {\n", "(s) {\n"],
    *["import", "import s\n", "import one\n", "import circle\n", "import *\n", "import [\n", "import site\n"],
    *["{$ZONE}", "{%ZONE%}", "{$", "{$}", "{$OPEN}", "{$CLOSE}", "{$TWO}", "{$IMPORT}", "{$PLUGIN}"],
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join))
def test_any_text_is_parsed_or_refused_as_a_bad_configuration(text: str) -> None:
    try:
        blocks = parse(text)
    except BadConfig:
        return
    assert len(fingerprint(blocks)) == 128
    assert all(block.keys and block.line for block in blocks)
