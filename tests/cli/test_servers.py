"""Servers as words."""

import pytest

from resolver.cli.servers import BadServer, addresses, server_words


@pytest.mark.parametrize(
    ("text", "port", "expected"),
    [
        ("127.0.0.1", None, ("127.0.0.1", 1053)),
        ("127.0.0.1", 53, ("127.0.0.1", 53)),
        ("127.0.0.1:5300", 53, ("127.0.0.1", 5300)),
        ("::1", None, ("::1", 1053)),
        ("fe80::1%lo", None, ("fe80::1%lo", 1053)),
        ("[::1]", 53, ("::1", 53)),
        ("[::1]:5300", None, ("::1", 5300)),
        ("localhost:5300", None, ("localhost", 5300)),
    ],
)
def test_a_server_is_a_host_and_a_port(text: str, port: int | None, expected: tuple[str, int]) -> None:
    assert server_words(text, port) == expected


@pytest.mark.parametrize("text", ["", ":", ":53", "host:0", "host:65536", "host:x", "[]:53", "1:2:3", "[::1]:0"])
def test_other_words_are_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(BadServer, match=r"write HOST, HOST:PORT or \[IPV6\]:PORT"):
        server_words(text)


async def test_a_name_stands_for_its_addresses_each_once() -> None:
    found = await addresses(server_words("localhost"))
    assert "127.0.0.1" in found
    assert len(set(found)) == len(found)


async def test_a_name_nobody_knows_is_refused() -> None:
    with pytest.raises(BadServer, match=r"nowhere\.invalid"):
        await addresses(server_words("nowhere.invalid"))
