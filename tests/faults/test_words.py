"""The grammar of faults."""

from pathlib import Path
from typing import Any

import pytest

from resolver.faults.bad_fault import BadFault
from resolver.faults.words import KNOWN, arguments

READ: list[tuple[str, dict[str, Any]]] = [
    ("web.shop drop", {"drop": True}),
    ("web.shop AAAA drop times 3", {"qtype": ["AAAA"], "drop": True, "times": "3"}),
    ("web.shop A AAAA SERVFAIL", {"qtype": ["A", "AAAA"], "rcode": "servfail"}),
    ("web.shop type AAAA drop", {"qtype": "AAAA", "drop": True}),
    ("web.shop rcode NOTIMP", {"rcode": "NOTIMP"}),
    ("web.shop ipv6 delay 100ms-2s", {"family": "ipv6", "delay": "100ms-2s"}),
    ("web.shop family 6 delay=2s", {"family": "6", "delay": "2s"}),
    ("web.shop Wrong_Id duplicate", {"wrong_id": True, "duplicate": True}),
    ("web.shop stale", {"stale": True}),
    ("web.shop stale 30s ttl 3", {"stale": "30s", "ttl": "3"}),
    ("web.shop stale times 3", {"stale": True, "times": "3"}),
    ("web.shop tcp-slow=2s", {"tcp_slow": "2s"}),
    ("web.shop only 1 order fixed for 10m", {"only": "1", "order": "fixed", "duration": "10m"}),
    ("web.shop drop client 10.0.0.0/8 protocol udp zone corp.test every 2 probability 30% seed 7",
     {"drop": True, "client": "10.0.0.0/8", "protocol": "udp", "zone": "corp.test", "every": "2",
      "probability": "30%", "seed": "7"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), READ)
def test_words_are_read(text: str, expected: dict[str, Any]) -> None:
    assert arguments(text.split(), lambda pattern, **found: (pattern, found)) == ("web.shop", expected)


@pytest.mark.parametrize("word", KNOWN)
def test_every_word_is_in_the_documentation(word: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "faults.md").read_text()
    assert f"`{word}" in text or f" {word} " in text, word


REFUSED = [
    ("", "begins with a name", ""),
    ("web.shop dorp", "did you mean drop", "dorp"),
    ("web.shop drop tims 3", "did you mean times", "tims"),
    ("web.shop drop=yes", "there is no word", "drop=yes"),
    ("web.shop drop times", "times needs a value", "times"),
    ("web.shop drop drop", "drop is there twice", "drop"),
    ("web.shop servfail refused", "refused: rcode is there twice", "refused"),
    ("web.shop type A AAAA drop", "AAAA: qtype is there twice", "AAAA"),
]


@pytest.mark.parametrize(("text", "part", "word"), REFUSED)
def test_bad_words_are_refused(text: str, part: str, word: str) -> None:
    with pytest.raises(BadFault, match=part) as refused:
        arguments(text.split(), lambda pattern, **found: None)
    assert refused.value.word == word


@pytest.mark.parametrize(("wrong", "word"), [("10.0.0.300", "only=10.0.0.1,10.0.0.300"), ("absent", "")])
def test_what_the_maker_refuses_is_put_down_to_a_word(wrong: str, word: str) -> None:
    def make(pattern: str, **found: object) -> None:
        raise BadFault("no", wrong)

    with pytest.raises(BadFault) as refused:
        arguments(["web.shop", "only=10.0.0.1,10.0.0.300"], make)
    assert refused.value.word == word
