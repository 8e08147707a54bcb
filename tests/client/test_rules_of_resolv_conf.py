"""Section 10 of the rules: a Pod's resolv.conf, rule by rule."""

import pytest

from resolver.client.resolv_conf import DnsConfig, ResolvConf, read_resolv_conf, resolv_conf

NODE = "nameserver 192.0.2.53\nsearch example.net\noptions rotate\n"
OWN = DnsConfig(("192.0.2.1",), ("own.example",), (("ndots", "2"),))
OF_NODE = ("192.0.2.53",)
OF_CLUSTER = ("10.96.0.10",)


@pytest.mark.parametrize(
    ("policy", "host_network", "nameservers"),
    [
        ("ClusterFirst", False, OF_CLUSTER),
        ("ClusterFirst", True, OF_NODE),
        ("ClusterFirstWithHostNet", True, OF_CLUSTER),
        ("Default", False, OF_NODE),
    ],
)
def test_d1_the_policy_and_the_network_of_the_host_decide(
    policy: str, host_network: bool, nameservers: tuple[str, ...]
) -> None:
    assert resolv_conf("shop", policy=policy, host_network=host_network, node_file=NODE).nameservers == nameservers


def test_d1_none_is_the_pods_own_config_and_nothing_else() -> None:
    found = resolv_conf("shop", policy="None", dns_config=OWN, node_file=NODE)
    assert found == ResolvConf(("192.0.2.1",), ("own.example",), ("ndots:2",))


def test_d2_the_kubelets_addresses_count_and_no_service_range() -> None:
    both = ["fd00::a", "10.0.0.10"]
    assert resolv_conf("shop", cluster_dns=both, service_ranges=["10.96.0.0/16"]).nameservers == tuple(both)
    assert resolv_conf("shop", service_ranges=["fd00:10:96::/112", "10.96.0.0/16"]).nameservers == ("fd00:10:96::a",)


def test_d3_three_domains_of_the_cluster_and_then_the_nodes() -> None:
    node = "search example.net cluster.local\n"
    found = resolv_conf("shop", node_file=node).searches
    assert found == ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.net")
    assert resolv_conf("shop", node_file=node, cluster_domain="").searches == ("example.net", "cluster.local")


def test_d4_the_nodes_options_are_not_inherited() -> None:
    assert resolv_conf("shop", node_file=NODE).options == ("ndots:5",)


def test_d5_without_addresses_of_the_cluster_the_node_counts_and_an_event_says_so() -> None:
    found = resolv_conf("shop", cluster_dns=[], node_file=NODE)
    assert (found.nameservers, found.searches) == (OF_NODE, ("example.net",))
    assert [each.reason for each in found.events] == ["MissingClusterDNS"]


def test_d6_the_pods_own_config_is_added_and_its_options_win() -> None:
    own = DnsConfig(("10.96.0.10", "192.0.2.1"), ("cluster.local", "own.example"), (("ndots", "2"), ("edns0", None)))
    found = resolv_conf("shop", dns_config=own)
    assert found.nameservers == ("10.96.0.10", "192.0.2.1")
    assert found.searches[2:] == ("cluster.local", "own.example")
    assert found.options == ("ndots:2", "edns0")


@pytest.mark.parametrize(
    ("own", "nameservers", "searches"),
    [
        (DnsConfig(tuple(f"192.0.2.{number}" for number in range(4))), 3, 3),
        (DnsConfig(searches=tuple(f"s{number}.example" for number in range(40))), 1, 32),
        (DnsConfig(searches=tuple(f"s{number}.{'a' * 63}.{'b' * 63}.example" for number in range(20))), 1, 17),
        (DnsConfig(searches=(".".join(["a" * 50] * 5) + ".ab",)), 1, 3),
    ],
)
def test_d7_what_goes_beyond_the_limits_is_left_out(own: DnsConfig, nameservers: int, searches: int) -> None:
    found = resolv_conf("shop", dns_config=own)
    assert (len(found.nameservers), len(found.searches)) == (nameservers, searches)
    assert [each.reason for each in found.events] == ["DNSConfigForming"]


@pytest.mark.parametrize(
    ("addresses", "nameservers"),
    [
        (["192.0.2.9", "2001:db8::9"], ("127.0.0.1", "::1")),
        (["2001:db8::9", "192.0.2.9"], ("::1", "127.0.0.1")),
        (["2001:db8::9"], ("::1",)),
    ],
)
def test_d8_a_kubelet_without_a_file_names_loopback_in_the_nodes_families(
    addresses: list[str], nameservers: tuple[str, ...]
) -> None:
    found = resolv_conf("shop", policy="Default", node_file="", node_addresses=addresses)
    assert found == ResolvConf(nameservers, (".",))


def test_d9_of_the_nodes_file_the_last_search_counts_and_options_are_merged() -> None:
    text = "search one.example\noptions ndots:1 rotate\nsearch two.example. .\noptions ndots:3\n"
    assert read_resolv_conf(text) == ResolvConf((), ("two.example",), ("ndots:3", "rotate"))
    assert read_resolv_conf("search .\n").searches in ((), (".",))
