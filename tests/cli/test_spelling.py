"""The nearest words there are."""

import pytest

from resolver.cli.spelling import Parser, did_you_mean, nearest


@pytest.mark.parametrize(
    ("word", "near"), [("AAAAA", "AAAA"), ("srv", "SRV"), ("SVR", "SRV"), ("quite different", ""), ("", "")]
)
def test_the_nearest_word_is_found_letter_case_aside(word: str, near: str) -> None:
    assert nearest(word, ["A", "AAAA", "SRV"]) == near


def test_a_hint_is_a_question_or_nothing() -> None:
    assert did_you_mean("AAAAA", ["AAAA"]) == "; did you mean AAAA?"
    assert did_you_mean("x", ["AAAA"]) == ""


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--colour"], "did you mean --color?"),
        (["--colour=red"], "did you mean --color?"),
        (["--color", "gren"], "did you mean green?"),
        (["extra"], "unrecognized arguments: extra\n"),
        (["--zzzzzzz"], "unrecognized arguments: --zzzzzzz\n"),
        (["--color"], "expected one argument\n"),
    ],
)
def test_a_parsers_errors_name_the_nearest(words: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = Parser(prog="x")
    parser.add_argument("--color", choices=("red", "green"))
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(words)
    assert ended.value.code == 2
    assert hint in capsys.readouterr().err
