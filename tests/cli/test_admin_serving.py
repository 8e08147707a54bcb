"""The flags of the admin API, which `serve` and `scenario run` share. The API of a whole server: test_serve.py."""

import argparse
import shlex

import pytest

from resolver import limits
from resolver.cli import admin_serving
from resolver.cli.spelling import Parser


def options_of(words: str) -> argparse.Namespace:
    parser = Parser(prog="dualdns something")
    admin_serving.add_flags(parser)
    options = parser.parse_args(shlex.split(words))
    admin_serving.check(parser, options)
    return options


@pytest.mark.parametrize(
    ("words", "admin", "kept"),
    [
        ("", None, None),
        ("--admin", "", limits.HISTORY),
        ("--admin 8053 --history 7", "8053", 7),
        ("--admin unix:here --history 0", "unix:here", None),
    ],
)
def test_questions_are_kept_only_where_they_can_be_asked_for(words: str, admin: str | None, kept: int | None) -> None:
    options = options_of(words)
    history = admin_serving.history(options, "shop.example")
    assert options.admin == admin
    assert (None if history is None else history.capacity) == kept
    assert history is None or history.zone == "shop.example"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("--history 7", "--history is about the admin API: give --admin too"),
        ("--admin-token-file secret", "--admin-token-file is about the admin API"),
        ("--admin --history -1", "--history -1: from 0 (none) to"),
    ],
)
def test_flags_that_make_no_sense_are_refused(words: str, part: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options_of(words)
    assert part in capsys.readouterr().err
