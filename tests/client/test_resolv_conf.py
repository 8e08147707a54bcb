"""A Pod's resolv.conf, held against the kubelet's rules D1 to D9 and the cases of its own tests."""

import pytest

from resolver.client.resolv_conf import (
    BadResolvConf,
    DnsConfig,
    Event,
    ResolvConf,
    cluster_dns_address,
    read_resolv_conf,
    resolv_conf,
)

NODE = (
    "# the node's\nnameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch example.net corp.example.\noptions rotate\n"
)
SHOP = ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local")


def test_a_pod_asks_the_first_familys_tenth_address_and_searches_three_domains() -> None:
    found = resolv_conf("shop")
    assert found == ResolvConf(("10.96.0.10",), SHOP, ("ndots:5",))
    assert found.text() == (
        "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n"
    )


@pytest.mark.parametrize(
    ("policy", "host_network", "nameservers", "searches", "options"),
    [
        ("ClusterFirst", False, ("10.96.0.10",), (*SHOP, "example.net", "corp.example"), ("ndots:5",)),
        ("ClusterFirstWithHostNet", True, ("10.96.0.10",), (*SHOP, "example.net", "corp.example"), ("ndots:5",)),
        ("ClusterFirst", True, ("192.0.2.53", "2001:db8::53"), ("example.net", "corp.example"), ("rotate",)),
        ("Default", False, ("192.0.2.53", "2001:db8::53"), ("example.net", "corp.example"), ("rotate",)),
        ("Default", True, ("192.0.2.53", "2001:db8::53"), ("example.net", "corp.example"), ("rotate",)),
    ],
)
def test_the_policy_says_whose_settings_count(
    policy: str, host_network: bool, nameservers: tuple[str, ...], searches: tuple[str, ...], options: tuple[str, ...]
) -> None:
    found = resolv_conf("shop", policy=policy, host_network=host_network, node_file=NODE)
    assert found == ResolvConf(nameservers, searches, options)


def test_none_takes_nothing_but_what_the_pod_says() -> None:
    own = DnsConfig(("192.0.2.1",), ("example",), (("ndots", "2"), ("edns0", None)))
    found = resolv_conf("shop", policy="None", dns_config=own, node_file=NODE)
    assert found == ResolvConf(("192.0.2.1",), ("example",), ("ndots:2", "edns0"))


@pytest.mark.parametrize("own", [None, DnsConfig(searches=("example",))])
def test_none_needs_a_nameserver_of_the_pod(own: DnsConfig | None) -> None:
    with pytest.raises(BadResolvConf, match="dnsConfig"):
        resolv_conf("shop", policy="None", dns_config=own)


def test_all_addresses_of_the_clusters_dns_are_taken_in_order_whatever_their_family() -> None:
    found = resolv_conf("shop", cluster_dns=["fd00:10:96::A", "10.96.0.10"])
    assert found.nameservers == ("fd00:10:96::a", "10.96.0.10")


def test_the_pods_own_settings_are_added_and_its_options_win() -> None:
    own = DnsConfig(
        ("10.96.0.10", "192.0.2.1"), ("svc.cluster.local", "example"), (("ndots", "2"), ("timeout", "1"), ("x", ""))
    )
    found = resolv_conf("shop", dns_config=own)
    assert found.nameservers == ("10.96.0.10", "192.0.2.1")
    assert found.searches == (*SHOP, "example")
    assert found.options == ("ndots:2", "timeout:1", "x")


@pytest.mark.parametrize(
    ("domain", "node", "searches"),
    [
        ("", "search a b\n", ("a", "b")),
        ("example", "", ("shop.svc.example", "svc.example", "example")),
        ("example", "search svc.example. z\n", ("shop.svc.example", "svc.example", "example", "z")),
    ],
)
def test_search_domains_are_the_clusters_then_the_nodes(domain: str, node: str, searches: tuple[str, ...]) -> None:
    assert resolv_conf("shop", cluster_domain=domain, node_file=node).searches == searches


def test_without_an_address_of_the_clusters_dns_the_node_decides_and_an_event_says_so() -> None:
    found = resolv_conf("shop", cluster_dns=[], node_file=NODE)
    assert found.nameservers == ("192.0.2.53", "2001:db8::53")
    assert [event.reason for event in found.events] == ["MissingClusterDNS"]


@pytest.mark.parametrize(
    ("addresses", "nameservers"),
    [
        ((), ("127.0.0.1",)),
        (("192.0.2.7",), ("127.0.0.1",)),
        (("2001:db8::7", "192.0.2.7"), ("::1", "127.0.0.1")),
    ],
)
def test_a_kubelet_without_a_file_points_to_the_nodes_loopback(
    addresses: tuple[str, ...], nameservers: tuple[str, ...]
) -> None:
    found = resolv_conf("shop", policy="Default", node_file="", node_addresses=addresses)
    assert found == ResolvConf(nameservers, (".",))


def test_a_fourth_nameserver_is_left_out_with_an_event() -> None:
    found = resolv_conf("shop", dns_config=DnsConfig(("192.0.2.1", "192.0.2.2", "192.0.2.3")))
    assert found.nameservers == ("10.96.0.10", "192.0.2.1", "192.0.2.2")
    assert found.events == (
        Event(
            "DNSConfigForming",
            "Nameserver limits were exceeded, some nameservers have been omitted,"
            " the applied nameserver line is: 10.96.0.10 192.0.2.1 192.0.2.2",
        ),
    )


SEARCH_LIMITS = [
    ([f"d{number}" for number in range(29)], 29, False),
    ([f"d{number}" for number in range(30)], 29, True),
    (["a" * 253], 1, False),
    (["a" * 254, "b"], 1, True),
    (["a" * 253] * 1 + [f"{'b' * 250}{number}" for number in range(7)], 7, True),
]


@pytest.mark.parametrize(("extra", "kept", "told"), SEARCH_LIMITS)
def test_search_domains_end_at_the_kubelets_limits(extra: list[str], kept: int, told: bool) -> None:
    found = resolv_conf("shop", dns_config=DnsConfig(searches=tuple(extra)))
    assert len(found.searches) == 3 + kept
    assert len(" ".join(found.searches)) <= 2048
    assert [event.reason for event in found.events] == ["DNSConfigForming"] * told
    assert all(event.message.endswith(": " + " ".join(found.searches)) for event in found.events)


NODE_FILES = [
    ("", (), (), ()),
    ("#comment\n #comment\n\t\n", (), (), ()),
    ("nameserver \t 1.2.3.4 #comment", ("1.2.3.4",), (), ()),
    ("nameserver 1.2.3.4\nsearch foo\nnameserver 5.6.7.8\nsearch bar", ("1.2.3.4", "5.6.7.8"), ("bar",), ()),
    ("search foo .  bar.", (), ("foo", "bar"), ()),
    ("search .", (), (), ()),
    ("search a\nsearch", (), (), ()),
    ("options ndots:1 ndots:5 attempts:2", (), (), ("ndots:5", "attempts:2")),
    ("options ndots:1 edns0\noptions ndots:5", (), (), ("ndots:5", "edns0")),
    ("domain example\n; nameserver 1.2.3.4\nsortlist 10.0.0.0", (), (), ()),
]


@pytest.mark.parametrize(("text", "nameservers", "searches", "options"), NODE_FILES)
def test_a_nodes_file_is_read_as_the_kubelet_reads_it(
    text: str, nameservers: tuple[str, ...], searches: tuple[str, ...], options: tuple[str, ...]
) -> None:
    assert read_resolv_conf(text) == ResolvConf(nameservers, searches, options)


@pytest.mark.parametrize(
    ("ranges", "address"),
    [
        (("10.96.0.0/12", "fd00::/108"), "10.96.0.10"),
        (("fd00:10:96::/112", "10.96.0.0/16"), "fd00:10:96::a"),
        ((" 10.0.0.7/28",), "10.0.0.10"),
    ],
)
def test_the_clusters_dns_is_the_tenth_address_of_the_first_range(ranges: tuple[str, ...], address: str) -> None:
    assert cluster_dns_address(ranges) == address


REFUSED = [
    ({"policy": "clusterfirst"}, "did you mean ClusterFirst?"),
    ({"policy": "Nope"}, "ClusterFirst, ClusterFirstWithHostNet, Default, None"),
    ({"policy": "Default"}, "node's file"),
    ({"node_file": "search x\nnameserver\n"}, "line 2"),
    ({"cluster_dns": ["kube-dns"]}, "no IP address"),
    ({"service_ranges": ()}, "no Service range"),
    ({"service_ranges": ("10.0.0.0/29",)}, "no tenth address"),
    ({"service_ranges": ("10.0.0.0.0/29",)}, "no address range"),
    ({"policy": "Default", "node_file": "", "node_addresses": ["x"]}, "no IP address for the node"),
]


@pytest.mark.parametrize(("settings", "words"), REFUSED)
def test_settings_that_make_no_file_are_refused(settings: dict[str, object], words: str) -> None:
    with pytest.raises(BadResolvConf) as raised:
        resolv_conf("shop", **settings)  # type: ignore[arg-type]
    assert words in str(raised.value)
