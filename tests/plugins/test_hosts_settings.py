from dataclasses import asdict

import pytest

from resolver.corefile.tokens import BadConfig
from resolver.plugins.hosts_settings import Options, read_options
from resolver.wire.names import name_from_text
from tests.support.fake_host import FakeHost, directives

FILES = {"/etc/hosts": b"", "other": b""}


def names(*zones: str) -> frozenset[bytes]:
    return frozenset(name_from_text(zone) for zone in zones)


def read(text: str, *zones: str) -> Options:
    return read_options(directives(text)[0], FakeHost(*zones, files=FILES))


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("hosts", {}),
        ("hosts other", {"path": "other"}),
        ("hosts other org 10.0.0.0/8", {"path": "other", "zones": names("org", "10.in-addr.arpa")}),
        ("hosts {\nfallthrough\n}", {"fall_through": names(".")}),
        ("hosts {\nfallthrough a.org 10.0.0.0/8\n}", {"fall_through": names("a.org", "10.in-addr.arpa")}),
        ("hosts {\nfallthrough a.org\nfallthrough b.org\n}", {"fall_through": names("b.org")}),
        (
            "hosts {\nfallthrough\nfallthrough_unsupported\n}",
            {"fall_through": names("."), "fall_through_unsupported": True},
        ),
        ("hosts {\nno_reverse\n}", {"reverse": False}),
        ("hosts {\nttl 1\n}", {"ttl": 1}),
        ("hosts {\nttl 65535 more\n}", {"ttl": 65_535}),
        ("hosts {\nreload 0\n}", {"reload": 0.0}),
        ("hosts {\nreload 1m\n}", {"reload": 60.0}),
        (
            "hosts {\n10.0.0.1 a.org b.org\n::1 c\nfallthrough\n}",
            {"inline": b"10.0.0.1 a.org b.org\n::1 c", "fall_through": names(".")},
        ),
    ],
)
def test_options_are_read(text: str, changes: dict[str, object]) -> None:
    expected = {**asdict(Options(zones=names("shop", "lab"))), **changes}
    assert asdict(read(text, "shop", "lab")) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hosts {\nfallthrough\n10.0.0.1 a.org\n}", "unknown property '10.0.0.1'"),
        ("hosts {\nttl\n}", "ttl needs a time in second"),
        ("hosts {\nttl 1m\n}", "ttl needs a number of second"),
        ("hosts {\nttl 0\n}", "ttl provided is invalid"),
        ("hosts {\nttl 65536\n}", "ttl provided is invalid"),
        ("hosts {\nreload\n}", "reload needs a duration"),
        ("hosts {\nreload 5\n}", "invalid duration for reload '5'"),
        ("hosts {\nreload -5s\n}", "invalid negative duration for reload '-5s'"),
        ("hosts {\nfallthrough_unsupported\n}", "fallthrough_unsupported requires fallthrough"),
        ("hosts {\nfallthrough\nfallthrough_unsupported x\n}", "Wrong argument count"),
    ],
)
def test_other_settings_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        read(text)


class OddFiles(FakeHost):
    """Files that are there and cannot be read."""

    def __init__(self, error: OSError, *, on_stamp: bool) -> None:
        super().__init__(files=FILES)
        self._error, self._on_stamp = error, on_stamp

    def file_stamp(self, path: str) -> tuple[int, int] | None:
        if self._on_stamp:
            raise self._error
        return super().file_stamp(path)

    def read_file(self, path: str) -> bytes:
        raise self._error


@pytest.mark.parametrize(
    ("host", "line"),
    [
        (FakeHost(), "[WARNING] plugin/hosts: File does not exist: other"),
        (
            OddFiles(IsADirectoryError(21, "Is a directory"), on_stamp=False),
            '[WARNING] plugin/hosts: Hosts file "other" is a directory',
        ),
        (
            OddFiles(PermissionError(13, "Permission denied"), on_stamp=False),
            "[WARNING] plugin/hosts: cannot read other: Permission denied",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_worth_a_warning(host: FakeHost, line: str) -> None:
    read_options(directives("hosts other")[0], host)
    assert host.lines == [line]


def test_a_file_that_cannot_even_be_looked_at_stops_the_start() -> None:
    host = OddFiles(PermissionError(13, "Permission denied"), on_stamp=True)
    with pytest.raises(BadConfig, match="unable to access hosts file 'other': Permission denied"):
        read_options(directives("hosts other")[0], host)
