"""Rules A1 to A3 are tested with those of allocation; here are the flags beside them."""

import pytest

from resolver.controlplane.service_ranges import NODE_PORTS, BadRange, node_port_range, service_ranges


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("", *NODE_PORTS),
        ("30000-32767", 30_000, 32_767),
        ("30000+100", 30_000, 30_100),
        ("30000", 30_000, 30_000),
        (" 5 ", 5, 5),
    ],
)
def test_node_ports_are_a_range_a_start_with_a_size_or_one_port(text: str, first: int, last: int) -> None:
    assert node_port_range(text) == (first, last)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("5-1", "end port cannot be less than start port: 5-1"),
        ("70000", "the port range cannot be greater than 65535: 70000"),
        ("30000-70000", "the port range cannot be greater than 65535: 30000-70000"),
        ("a-b", 'strconv.Atoi: parsing "a": invalid syntax'),
        ("1+x", 'strconv.Atoi: parsing "x": invalid syntax'),
        ("-5", 'strconv.Atoi: parsing "": invalid syntax'),
        ("1-2-3", 'strconv.Atoi: parsing "2-3": invalid syntax'),
        ("1+2-3", "unable to parse port range: 1+2-3"),
    ],
)
def test_other_node_ports_are_refused_in_the_words_of_kube_apiserver(text: str, words: str) -> None:
    with pytest.raises(BadRange) as refused:
        node_port_range(text)
    assert str(refused.value) == f'invalid argument "{text}" for "--service-node-port-range" flag: {words}'


def test_without_a_range_there_is_the_one_of_kube_apiserver() -> None:
    assert service_ranges("").cidrs == ["10.0.0.0/24"]


@pytest.mark.parametrize(
    ("ranges", "address", "words"),
    [
        ("10.0.0.0/24", "127.0.0.1", "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        ("10.0.0.0/24", "169.254.1.1", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
        ("10.0.0.0/24", "224.0.0.1", "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
        ("fd00::/112", "::1", "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        ("fd00::/112", "fe80::1", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
    ],
)
def test_an_address_nobody_else_reaches_is_not_advertised(ranges: str, address: str, words: str) -> None:
    with pytest.raises(BadRange) as refused:
        service_ranges(ranges, address)
    told = f'cannot use public IP {address} with endpoint reconciler: <nil>: Invalid value: "{address}": {words}'
    assert str(refused.value) == told


@pytest.mark.parametrize("address", ["240.0.0.1", "255.255.255.255", "::ffff:192.0.2.1"])
def test_other_odd_addresses_are_advertised(address: str) -> None:
    assert service_ranges("10.0.0.0/24", address).advertised == address.removeprefix("::ffff:")
