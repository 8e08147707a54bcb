"""What commands share that ask a running server."""

from pathlib import Path

import pytest

from resolver.admin.address import TcpAddress, UnixAddress
from resolver.admin.client import AdminRefused, AdminUnreachable
from resolver.cli import admin_asking
from resolver.cli.spelling import Parser


def parser() -> Parser:
    made = Parser(prog="dualdns sample")
    admin_asking.add_flags(made)
    return made


@pytest.mark.parametrize(
    ("words", "environment", "address"),
    [
        (["--server", "8053"], "", TcpAddress("127.0.0.1", 8053)),
        (["--server", "unix:admin.sock"], "8054", UnixAddress("admin.sock")),
        ([], "8054", TcpAddress("127.0.0.1", 8054)),
    ],
)
def test_the_server_that_is_meant(
    words: list[str], environment: str, address: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUALDNS_ADMIN", environment)
    assert admin_asking.client_of(parser().parse_args(words), parser()).address == address


def test_the_usual_socket_is_asked_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DUALDNS_ADMIN", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    expected = UnixAddress(f"{tmp_path}/dualdns/admin.sock")
    assert admin_asking.client_of(parser().parse_args([]), parser()).address == expected


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--server", "nowhere"], "is no address of an admin API: write PORT"),
        (["--server", "8053", "--admin-token-file", "/there/is/none"], "No such file"),
    ],
)
def test_words_that_name_no_server_are_refused(
    words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        admin_asking.client_of(parser().parse_args(words), parser())
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("error", [AdminRefused(400, "that is wrong"), AdminUnreachable("that is wrong")])
def test_what_goes_wrong_is_told_on_standard_error(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise error

    assert admin_asking.asked(work) == 1
    assert capsys.readouterr() == ("", "dualdns: that is wrong\n")


def test_what_the_work_gives_is_the_status() -> None:
    assert admin_asking.asked(lambda: 7) == 7
