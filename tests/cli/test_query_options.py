"""The words of `dualdns query`."""

import pytest

from resolver.cli.query_options import parse
from resolver.cli.servers import ServerWords

ADDRESS = "10.0.96.10.in-addr.arpa."


@pytest.mark.parametrize(
    ("words", "name", "qtype", "qclass", "server"),
    [
        ("web", "web", 1, 1, ("127.0.0.1", 1053)),
        ("web aaaa", "web", 28, 1, ("127.0.0.1", 1053)),
        ("AAAA web", "web", 28, 1, ("127.0.0.1", 1053)),
        ("web TYPE65280 CH", "web", 65280, 3, ("127.0.0.1", 1053)),
        ("web any", "web", 255, 1, ("127.0.0.1", 1053)),
        ("@::1 web -p 53", "web", 1, 1, ("::1", 53)),
        ("web @localhost:5300 SRV", "web", 33, 1, ("localhost", 5300)),
        ("web @[::1]:5300", "web", 1, 1, ("::1", 5300)),
        ("web @[::1]", "web", 1, 1, ("::1", 1053)),
        ("-x 10.96.0.10", ADDRESS, 12, 1, ("127.0.0.1", 1053)),
        ("-x 10.96.0.10 TXT", ADDRESS, 16, 1, ("127.0.0.1", 1053)),
        ("a", "a", 1, 1, ("127.0.0.1", 1053)),
        (".", ".", 1, 1, ("127.0.0.1", 1053)),
    ],
)
def test_words_make_a_question(words: str, name: str, qtype: int, qclass: int, server: tuple[str, int]) -> None:
    options = parse(words.split())
    assert (options.name, options.qtype, options.qclass) == (name, qtype, qclass)
    assert options.server == ServerWords(*server)


def test_the_defaults_are_digs() -> None:
    options = parse(["web"])
    assert (options.edns_size, options.do, options.cookie, options.recurse) == (1232, False, None, True)
    assert (options.timeout, options.tries, options.tcp, options.output) == (5, 3, False, "text")


def test_flags_change_them() -> None:
    words = "web --bufsize 512 --dnssec --cookie 0102030405060708 --no-recurse --timeout 0.5 --tries 1 --tcp --short"
    options = parse(words.split())
    assert (options.edns_size, options.do, options.cookie, options.recurse) == (512, True, bytes(range(1, 9)), False)
    assert (options.timeout, options.tries, options.tcp, options.output) == (0.5, 1, True, "short")
    assert parse(["web", "--no-edns"]).edns_size is None
    assert parse(["web", "--no-cookie"]).cookie == b""


REFUSED = [
    ("", "give a NAME"),
    ("web AAAAB", "did you mean AAAA?"),
    ("web SVR", "did you mean SRV?"),
    ("web TYPE70000", "no record type or class 'TYPE70000'"),
    ("web +short", "write --short"),
    ("web +bufsize=512", "write --bufsize 512"),
    ("web +trace", "a flag of `dualdns query --help`"),
    ("web --shrot", "did you mean --short?"),
    ("web --output jason", "did you mean json?"),
    ("web @", "no server"),
    ("web @:", "no server"),
    ("web AXFR", "dig AXFR"),
    ("web -p 0", "port from 1 to 65535"),
    ("web -p x", "invalid int value"),
    ("-x web", "no IP address"),
    ("web --bufsize 70000", "65535 bytes"),
    ("web --no-edns --dnssec", "--no-edns leaves out"),
    ("web --cookie xyz", "no hexadecimal number"),
    ("web --cookie 01", "1 bytes"),
    ("web --timeout 0", "above 0"),
    ("web --tries -1", "above 0"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED)
def test_words_without_sense_are_refused_with_what_there_is(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words.split())
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
