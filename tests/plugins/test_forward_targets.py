from collections.abc import Callable, Mapping

import pytest

from resolver.corefile.tokens import BadConfig, Token
from resolver.plugins.forward_targets import (
    Endpoint,
    HostName,
    Target,
    check_count,
    distinct,
    name_servers,
    read_targets,
)


def reader(files: Mapping[str, str]) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return files[path].encode()

    return read


def read_one(text: str, **files: str) -> Target:
    (target,) = read_targets([Token(text, "Corefile", 3)], reader(files))
    return target


ADDRESSES = [
    ("10.0.0.1", "10.0.0.1", 53),
    ("10.0.0.1:5353", "10.0.0.1", 5353),
    ("dns://10.0.0.1", "10.0.0.1", 53),
    ("dns://10.0.0.1:5353", "10.0.0.1", 5353),
    ("2001:db8::1", "2001:db8::1", 53),
    ("[2001:db8::1]", "2001:db8::1", 53),
    ("[2001:db8::1]:5353", "2001:db8::1", 5353),
    ("dns://[2001:db8::1]:5353", "2001:db8::1", 5353),
    ("fe80::1%eth0", "fe80::1", 53),
]


@pytest.mark.parametrize(("text", "host", "port"), ADDRESSES)
def test_addresses_may_have_a_port_and_a_scheme(text: str, host: str, port: int) -> None:
    assert read_one(text) == (Endpoint(host, port),)


@pytest.mark.parametrize(("host", "text"), [("10.0.0.1", "10.0.0.1:53"), ("2001:db8::1", "[2001:db8::1]:53")])
def test_an_endpoint_is_written_as_go_does(host: str, text: str) -> None:
    assert str(Endpoint(host, 53)) == text


def test_a_file_gives_its_name_servers() -> None:
    text = "# local\nsearch shop\nnameserver 10.0.0.1 trailing\n nameserver\tfe80::1%eth0\nnameserver\noptions rotate\n"
    assert read_one("resolv", resolv=text) == (Endpoint("10.0.0.1", 53), Endpoint("fe80::1", 53))
    assert name_servers("nameserver 10.0.0.1\r\n") == ["10.0.0.1"]


def test_a_file_without_name_servers_counts_for_nothing() -> None:
    assert read_targets([Token("resolv", "Corefile", 3)], reader({"resolv": "search shop\n"})) == []


def test_a_folder_counts_for_nothing() -> None:
    def read(path: str) -> bytes:
        raise IsADirectoryError(21, "Is a directory", path)

    assert read_targets([Token("/etc", "Corefile", 3)], read) == []


@pytest.mark.parametrize(
    ("text", "name", "port"),
    [("dns.shop", "dns.shop", 53), ("dns.shop.:5353", "dns.shop.", 5353), ("dns://a", "a", 53)],
)
def test_other_words_are_host_names(text: str, name: str, port: int) -> None:
    assert read_one(text) == HostName(name, port, Token(text, "Corefile", 3))


REFUSED = [
    ("tls://10.0.0.1", "tls:// upstreams are not supported yet: use UDP and TCP, as in `10.0.0.1`"),
    ("tls://10.0.0.1%dns.shop", "tls:// upstreams are not supported yet: use UDP and TCP, as in `10.0.0.1`"),
    ("https://10.0.0.1", "https:// upstreams are not supported yet: use UDP and TCP, as in `10.0.0.1`"),
    ("quic://10.0.0.1", "quic:// upstreams are not supported yet: use UDP and TCP, as in `10.0.0.1`"),
    ("grpc://10.0.0.1", "'grpc' is not supported as a destination protocol in forward: grpc://10.0.0.1 (use dns://)"),
    ("unix:///run/x", "'unix' is not supported as a destination protocol in forward: unix:///run/x (use dns://)"),
    ("udp://10.0.0.1", "'udp' is no protocol of an upstream: udp://10.0.0.1 (use dns://)"),
    ("DNS://10.0.0.1", "'DNS' is no protocol of an upstream: DNS://10.0.0.1 (use dns://)"),
    ("dns://", 'invalid address: "dns://"'),
    ("/etc/none", 'not an IP address, file, or valid domain: "/etc/none" (no such file)'),
    ("a..b", 'not an IP address, file, or valid domain: "a..b"'),
    ("10.0.0.1:99999", "address 99999: invalid port"),
    ("10.0.0.1:0", 'upstream "10.0.0.1:0" has no port to send to: write one, or no colon'),
    ("10.0.0.1:", 'upstream "10.0.0.1:" has no port to send to: write one, or no colon'),
    ("named", 'nameserver "dns.shop" of named is not an IP address'),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_cannot_be_asked_is_refused_where_it_stands(text: str, message: str) -> None:
    with pytest.raises(BadConfig) as raised:
        read_one(text, named="nameserver dns.shop\n")
    assert (raised.value.message, raised.value.line) == (message, 3)


def test_equal_endpoints_count_once_in_the_order_first_seen() -> None:
    one, two = Endpoint("10.0.0.1", 53), Endpoint("10.0.0.2", 53)
    assert distinct([two, one, two], Token("x", "Corefile", 1)) == (two, one)
    with pytest.raises(BadConfig, match="no valid upstream addresses found"):
        distinct([], Token("x", "Corefile", 1))


def test_fifteen_upstreams_are_the_most() -> None:
    check_count([()] * 15, Token("x", "Corefile", 1))
    with pytest.raises(BadConfig, match="more than 15 TOs configured: 16"):
        check_count([()] * 16, Token("x", "Corefile", 1))
