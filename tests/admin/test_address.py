"""Where an admin API is, from text."""

import os
from pathlib import Path

import pytest

from resolver import limits
from resolver.admin.address import (
    BadAddress,
    TcpAddress,
    UnixAddress,
    client_address,
    default_address,
    parse_address,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("8053", TcpAddress("127.0.0.1", 8053)),
        (":8053", TcpAddress("127.0.0.1", 8053)),
        ("0", TcpAddress("127.0.0.1", 0)),
        ("localhost:8053", TcpAddress("localhost", 8053)),
        ("0.0.0.0:8053", TcpAddress("0.0.0.0", 8053)),
        ("[::1]:8053", TcpAddress("::1", 8053)),
        ("http://[::1]:8053/", TcpAddress("::1", 8053)),
        ("http://127.0.0.1:8053", TcpAddress("127.0.0.1", 8053)),
        ("unix:/run/dualdns/admin.sock", UnixAddress("/run/dualdns/admin.sock")),
        ("unix:admin.sock", UnixAddress("admin.sock")),
    ],
)
def test_an_address_is_read(text: str, address: TcpAddress | UnixAddress) -> None:
    assert parse_address(text) == address
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "write PORT, HOST:PORT"),
        ("admin", "write PORT"),
        ("localhost:", "write PORT"),
        ("localhost:65536", "write PORT"),
        ("localhost:-1", "write PORT"),
        ("localhost:٣", "write PORT"),
        ("::1:8053", "write PORT"),
        ("[shop]:8053", "write PORT"),
        ("https://host:1", "write PORT"),
        ("a b:1", "write PORT"),
        ("unix:", "names no socket"),
        ("unix:a\0b", "names no socket"),
        (f"unix:/{'a' * limits.SOCKET_PATH}", f"longer than the {limits.SOCKET_PATH} bytes"),
    ],
)
def test_other_text_is_refused_with_what_to_write(text: str, reason: str) -> None:
    with pytest.raises(BadAddress, match=reason):
        parse_address(text)


def test_the_usual_socket_is_in_the_users_own_folder(tmp_path: Path) -> None:
    assert default_address({"XDG_RUNTIME_DIR": str(tmp_path)}) == UnixAddress(f"{tmp_path}/dualdns/admin.sock")


@pytest.mark.parametrize("folder", ["", "relative", "/there/is/none"])
def test_without_such_a_folder_it_is_below_tmp(folder: str) -> None:
    assert default_address({"XDG_RUNTIME_DIR": folder}) == UnixAddress(f"/tmp/dualdns-{os.getuid()}/admin.sock")


def test_a_client_is_told_then_looks_around_then_takes_the_usual(tmp_path: Path) -> None:
    environment = {"DUALDNS_ADMIN": "8054", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert client_address("8053", environment) == TcpAddress("127.0.0.1", 8053)
    assert client_address(None, environment) == TcpAddress("127.0.0.1", 8054)
    assert client_address(None, {"XDG_RUNTIME_DIR": str(tmp_path)}) == default_address(environment)
    with pytest.raises(BadAddress):
        client_address("", environment)
