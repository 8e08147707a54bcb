import pytest

from resolver.corefile.tokens import BadConfig
from resolver.plugins.bind import setup
from tests.support.fake_host import FakeHost, directives

MACHINE = [("lo", "127.0.0.1"), ("lo", "::1"), ("eth0", "10.0.0.2"), ("eth0", "2001:db8::2"), ("eth0", "fe80::2%eth0")]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("bind 127.0.0.1", ["127.0.0.1"]),
        ("bind ::1 10.0.0.2", ["::1", "10.0.0.2"]),
        ("bind lo", ["127.0.0.1", "::1"]),
        ("bind eth0", ["10.0.0.2", "2001:db8::2", "fe80::2%eth0"]),
        ("bind lo\nbind 10.0.0.9", ["127.0.0.1", "::1", "10.0.0.9"]),
        ("bind lo eth0 {\nexcept fe80::2%eth0 127.0.0.1\n}", None),
        ("bind lo eth0 {\nexcept 127.0.0.1 10.0.0.2\n}", ["::1", "2001:db8::2", "fe80::2%eth0"]),
        ("bind lo eth0 {\nexcept eth0\n}", ["127.0.0.1", "::1"]),
        ("bind 127.0.0.1 127.0.0.1", ["127.0.0.1", "127.0.0.1"]),
    ],
)
def test_addresses_and_interfaces_are_listened_on(text: str, addresses: list[str] | None) -> None:
    host = FakeHost()
    host.machine = MACHINE
    if addresses is None:
        with pytest.raises(BadConfig, match=r'not a valid IP address or interface name: "fe80::2%eth0"'):
            setup(directives(text), host)
    else:
        setup(directives(text), host)
        assert list(host.bound_addresses) == addresses


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bind", "at least one address or interface name is expected"),
        ("bind {\nexcept lo\n}", "at least one address or interface name is expected"),
        ("bind eth9", 'not a valid IP address or interface name: "eth9"'),
        ("bind lo {\nexcept\n}", "at least one address or interface must be given to except subdirective"),
        ("bind lo {\nbut 127.0.0.1\n}", 'invalid option "but"'),
        ("bind lo {\nexcept lo\n}", "no address is left to listen on"),
    ],
)
def test_what_cannot_be_listened_on_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message) as refused:
        setup(directives(text), FakeHost())
    assert refused.value.line > 1
