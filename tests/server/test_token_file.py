"""A token is the first line of its file."""

from pathlib import Path

import pytest

from resolver.corefile.tokens import BadConfig
from resolver.server.token_file import read_token

OPTION = "--api-token-file"


@pytest.mark.parametrize("text", ["secret", "secret\n", " secret \nmore\n"])
def test_the_first_line_counts(tmp_path: Path, text: str) -> None:
    (tmp_path / "token").write_text(text)
    assert read_token(str(tmp_path / "token"), OPTION) == "secret"


def test_no_file_is_no_token() -> None:
    assert read_token("", OPTION) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "its first line is empty"),
        (b"\nsecret", "its first line is empty"),
        (b"two words", "no blanks"),
        (b"\xc3\xa9", "visible ASCII"),
        (b"a\x01", "visible ASCII"),
        (b"\xff", "codec can't decode"),
    ],
)
def test_a_file_without_a_token_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(BadConfig, match=reason):
        read_token(str(tmp_path / "token"), OPTION)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"--api-token-file .*: No such file"):
        read_token(str(tmp_path / "none"), OPTION)
