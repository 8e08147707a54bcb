"""A Corefile as a value: where it is read from, its keys, and what is wrong with it."""

from pathlib import Path

import pytest

from resolver.corefile.tokens import BadConfig
from resolver.server.configuration import Configuration, Source, read_configuration

SHOP = "shop.example:1053 {\n    whoami\n}\n"


def read(text: str, port: int = 53) -> Configuration:
    return read_configuration(Source("Corefile", text, port), pytest.fail)


KEYS = [
    (".", ["dns://.:53"]),
    (".:1053", ["dns://.:1053"]),
    ("dns://.", ["dns://.:53"]),
    ("a.example b.example:54, c.example", ["dns://a.example.:53", "dns://b.example.:54", "dns://c.example.:53"]),
    ("10.0.0.0/15", ["dns://0.10.in-addr.arpa.:53", "dns://1.10.in-addr.arpa.:53"]),
    ("fd00::/16 .:0", ["dns://0.0.d.f.ip6.arpa.:53", "dns://.:0"]),
]


@pytest.mark.parametrize(("words", "keys"), KEYS)
def test_keys_of_a_block(words: str, keys: list[str]) -> None:
    (block,) = read(f"{words} {{\nwhoami\n}}\n").blocks
    assert [f"{key.scheme}://{key.zone}:{key.port}" for key in block.keys] == keys
    assert [directive.plugin for directive in block.block.directives] == ["whoami"]


def test_the_default_port_is_for_keys_without_one() -> None:
    configuration = read("a.example b.example:54 {\nwhoami\n}\n", port=1053)
    assert [key.port for key in configuration.blocks[0].keys] == [1053, 54]


@pytest.mark.parametrize("text", ["", "# nothing\n", "\ufeff", "(snippet) {\nerrors\n}\n"])
def test_a_corefile_without_blocks_answers_who_asks(text: str) -> None:
    (block,) = read(text, port=1053).blocks
    assert [key.text for key in block.keys] == [".:1053"]
    assert [directive.plugin for directive in block.block.directives] == ["whoami", "log"]


def test_a_file_is_read_with_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text("import blocks/*.conf\n")
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "shop.conf").write_text(SHOP)
    source = Source(str(tmp_path / "Corefile"))
    assert source.is_file
    (block,) = read_configuration(source, pytest.fail).blocks
    assert [key.text for key in block.keys] == ["shop.example.:1053"]


def test_the_environment_is_put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZONE", "blue.example")
    (block,) = read("{$ZONE} {\nwhoami\n}\n").blocks
    assert [key.zone for key in block.keys] == ["blue.example."]


def test_a_pattern_without_a_match_is_warned_of(tmp_path: Path) -> None:
    warnings: list[str] = []
    read_configuration(Source("Corefile", f"import {tmp_path}/*.conf\n{SHOP}"), warnings.append)
    assert len(warnings) == 1
    assert str(tmp_path) in warnings[0]


@pytest.mark.parametrize(
    ("text", "equal"),
    [
        (SHOP, True),
        (SHOP.replace("    ", "\t"), True),
        (SHOP.replace("1053", "1054"), False),
        (SHOP.replace("whoami", "whoami\n    log"), False),
        ("\n" + SHOP, False),
    ],
)
def test_the_fingerprint_is_of_the_words_and_their_lines(text: str, equal: bool) -> None:
    assert (read(text).fingerprint == read(SHOP).fingerprint) is equal


BAD = [
    (SHOP.replace("whoami", "whoareyou"), ["Corefile:2", "'whoareyou'", "whoami"]),
    (SHOP.replace("}", ""), ["Corefile:2", "expecting '}'"]),
    (SHOP.replace("shop.example:1053", "shop..example"), ["Corefile:1", "shop..example"]),
    ("\n\n" + SHOP.replace("shop", "tls://shop"), ["Corefile:3", "tls:// is not served; dns:// (UDP and TCP) is"]),
    (SHOP.replace("shop", "https://shop"), ["https:// is not served"]),
    (SHOP.replace("shop", "quic://shop"), ["quic:// is not served"]),
    (SHOP.replace("shop", "grpc://shop"), ["grpc:// is not served"]),
    (SHOP.replace("shop.example:1053", ".:65536"), ["Corefile:1", "65536"]),
    ("import nowhere\n", ["Corefile:1", "nowhere"]),
    (SHOP.replace("whoami", "who\udcffami"), ["Corefile:2"]),
]


@pytest.mark.parametrize(("text", "words"), BAD)
def test_what_is_wrong_is_told_with_its_place(text: str, words: list[str]) -> None:
    with pytest.raises(BadConfig) as caught:
        read(text)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(("name", "reason"), [("none", "No such file or directory"), (".", "Is a directory")])
def test_a_corefile_that_cannot_be_read_is_told_with_the_flag(tmp_path: Path, name: str, reason: str) -> None:
    path = str(tmp_path / name)
    with pytest.raises(BadConfig) as caught:
        read_configuration(Source(path), pytest.fail)
    assert str(caught.value) == f"cannot read the Corefile {path}: {reason}; name another one with -conf FILE"
