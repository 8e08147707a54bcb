"""Section 6 of the rules: service ranges, which addresses are handed out, and in which order."""

import re
from ipaddress import ip_address, ip_network

import pytest

from resolver.controlplane.control_plane import add_cluster_dns
from resolver.controlplane.resources import ENDPOINT_SLICES, ENDPOINTS, IP_ADDRESSES, SERVICE_CIDRS, SERVICES
from resolver.controlplane.service_ranges import BadRange, service_ranges
from tests.support.embedded_cluster import DUAL, ask, delete, new_embedded_cluster, post


@pytest.mark.parametrize(
    ("text", "cidrs"),
    [
        ("", ["10.0.0.0/24"]),
        ("10.43.0.0/16", ["10.43.0.0/16"]),
        ("fd43::/112,10.43.0.0/16", ["fd43::/112", "10.43.0.0/16"]),
        ("10.43.7.9/16,FD43:0::5/112", ["10.43.0.0/16", "fd43::/112"]),
    ],
)
def test_a1_one_or_two_ranges_the_first_is_primary(text: str, cidrs: list[str]) -> None:
    ranges = service_ranges(text)
    assert ranges.cidrs == cidrs
    assert ranges.families.primary == ("IPv6" if cidrs[0].startswith("fd") else "IPv4")


@pytest.mark.parametrize(
    ("text", "advertised", "words"),
    [
        (
            "10.0.0.0/24,10.1.0.0/24",
            "",
            "--service-cluster-ip-range[0] and --service-cluster-ip-range[1] must be of different IP family",
        ),
        (
            "10.0.0.0/24,fd00::/108,10.1.0.0/24",
            "",
            "--service-cluster-ip-range must not contain more than two entries",
        ),
        ("x", "", "service-cluster-ip-range[0] is not a valid cidr"),
        ("10.0.0.0/24, fd00::/112", "", "service-cluster-ip-range[1] is not an ip net"),
        ("10.0.0.0/24", "x", 'invalid argument "x" for "--advertise-address" flag: failed to parse IP: "x"'),
        (
            "10.0.0.0/24,10.1.0.0/24",
            "2001:db8::1",
            "[--service-cluster-ip-range[0] and --service-cluster-ip-range[1] must be of different IP family, "
            'service IP family "10.0.0.0/24" must match public address family "2001:db8::1"]',
        ),
    ],
)
def test_a1_other_ranges_are_refused_in_the_words_of_kube_apiserver(text: str, advertised: str, words: str) -> None:
    with pytest.raises(BadRange, match=f"^{re.escape(words)}$"):
        service_ranges(text, advertised)


@pytest.mark.parametrize("text", ["10.0.0.0/30", "fd00::/126", "0.0.0.0/0", "0.0.0.0/1", "::/1"])
def test_a2_the_first_range_needs_eight_addresses(text: str) -> None:
    with pytest.raises(BadRange, match="the service cluster IP range must be at least 8 IP addresses"):
        service_ranges(text)


@pytest.mark.parametrize("text", ["10.0.0.0/29", "fd00::/125", "10.0.0.0/24,fd00::/126", "10.0.0.0/8"])
def test_a2_ranges_that_start(text: str) -> None:
    assert post(new_embedded_cluster(text), {})[0] == 201


def test_a2_a_wider_ipv6_range_starts_and_hands_out_nothing() -> None:
    api = new_embedded_cluster("fd00::/63")
    assert api.store.get(SERVICES, "default", "kubernetes") is None
    assert post(api, {})[1]["message"].endswith("range is full")


def test_a3_the_advertised_address_has_the_family_of_the_first_range() -> None:
    with pytest.raises(BadRange, match=r'service IP family "fd00::/112" must match public address family "192.0.2.1"'):
        service_ranges("fd00::/112,10.0.0.0/24", "192.0.2.1")
    for unspecified in ("", "::", "0.0.0.0"):
        assert service_ranges("fd00::/112", unspecified).advertised == "2001:db8::1"


@pytest.mark.parametrize(
    ("address", "status"),
    [("10.43.0.0", 422), ("10.43.255.255", 422), ("10.43.255.254", 201), ("fd43::", 422), ("fd43::ffff", 201)],
)
def test_a4_network_and_broadcast_addresses_are_never_handed_out(address: str, status: int) -> None:
    assert post(new_embedded_cluster(), {"clusterIP": address})[0] == status


@pytest.mark.parametrize(("ranges", "usable"), [("10.43.0.0/29", 6), ("fd43::/125", 7)])
def test_a5_every_usable_address_is_handed_out_once(ranges: str, usable: int) -> None:
    api = new_embedded_cluster(ranges)
    picked = {post(api, {}, f"s{number}")[1]["spec"]["clusterIP"] for number in range(usable - 1)}
    assert len(picked) == usable - 1
    assert post(api, {}, "late")[0] == 500


def test_a5_an_ipv6_range_is_used_far_beyond_its_first_65535_addresses() -> None:
    api = new_embedded_cluster("fd43::/108")
    picked = [ip_address(post(api, {}, f"s{number}")[1]["spec"]["clusterIP"]) for number in range(20)]
    assert max(picked) > ip_address("fd43::1:0")


@pytest.mark.parametrize(
    ("ranges", "address", "advertised"),
    [(DUAL, "10.43.0.1", "192.0.2.1"), ("fd43::/112,10.43.0.0/16", "fd43::1", "2001:db8::1")],
)
def test_a6_the_first_address_is_that_of_kubernetes(ranges: str, address: str, advertised: str) -> None:
    api = new_embedded_cluster(ranges)
    spec = api.get(SERVICES, "default", "kubernetes").object["spec"]
    family = "IPv6" if ":" in address else "IPv4"
    assert (spec["clusterIPs"], spec["ipFamilyPolicy"], spec["ipFamilies"]) == ([address], "SingleStack", [family])
    assert spec["ports"] == [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}]
    endpoints = api.get(ENDPOINTS, "default", "kubernetes").object
    assert endpoints["subsets"][0]["addresses"] == [{"ip": advertised}]
    endpoint_slice = api.get(ENDPOINT_SLICES, "default", "kubernetes").object
    assert endpoint_slice["addressType"] == family
    assert endpoint_slice["endpoints"] == [{"addresses": [advertised], "conditions": {"ready": True}}]


def test_a7_the_tenth_address_is_anybodys_unless_the_cluster_has_dns() -> None:
    assert post(new_embedded_cluster(), {"clusterIP": "10.43.0.10"})[0] == 201
    api = new_embedded_cluster()
    add_cluster_dns(api, service_ranges(DUAL))
    spec = api.get(SERVICES, "kube-system", "kube-dns").object["spec"]
    assert spec["clusterIPs"] == ["10.43.0.10", "fd43::a"]
    assert post(api, {"clusterIP": "10.43.0.10"})[0] == 422


@pytest.mark.parametrize(
    ("ranges", "band"),
    [
        ("10.43.0.0/24", 16),
        ("10.43.0.0/23", 32),
        ("10.43.0.0/16", 256),
        ("10.43.0.0/27", 16),
        ("10.43.0.0/28", 0),
        ("fd43::/112", 256),
    ],
)
def test_a8_picks_come_from_above_the_static_band_first(ranges: str, band: int) -> None:
    api = new_embedded_cluster(ranges)
    network = ip_network(ranges)
    usable = network.num_addresses - (2 if network.version == 4 else 1)
    count = min(usable - band - 1, 40)  # one is that of kubernetes
    picks = [int(ip_address(post(api, {}, f"s{n}")[1]["spec"]["clusterIP"])) - int(network[0]) for n in range(count)]
    assert min(picks) > band


def test_a8_the_band_is_used_when_the_rest_is_full() -> None:
    api = new_embedded_cluster("10.43.0.0/27")
    picks = [post(api, {}, f"s{number}")[1]["spec"]["clusterIP"] for number in range(29)]
    assert sorted(int(each.rpartition(".")[2]) for each in picks) == list(range(2, 31))
    assert [int(each.rpartition(".")[2]) > 16 for each in picks] == [True] * 14 + [False] * 15


def test_a9_a_released_address_can_be_had_again_at_once() -> None:
    api = new_embedded_cluster()
    post(api, {"clusterIP": "10.43.0.77"})
    delete(api)
    assert post(api, {"clusterIP": "10.43.0.77"})[0] == 201


def test_a10_the_same_name_gets_the_same_address_in_another_run() -> None:
    picks = [
        post(new_embedded_cluster(seed=seed), {"ipFamilyPolicy": "RequireDualStack"})[1]["spec"]["clusterIPs"]
        for seed in (1, 2)
    ]
    assert picks[0] == picks[1]


def test_a11_the_later_of_two_that_name_one_address_fails() -> None:
    api = new_embedded_cluster()
    assert post(api, {"clusterIP": "10.43.0.77"}, "first")[0] == 201
    assert post(api, {"clusterIP": "10.43.0.77"}, "second")[0] == 422


def test_an_address_object_stands_for_each_address() -> None:
    api = new_embedded_cluster()
    post(api, {"clusterIP": "FD43::00AB"})
    kept = api.get(IP_ADDRESSES, "", "fd43::ab").object
    assert kept["spec"] == {"parentRef": {"resource": "services", "namespace": "shop", "name": "cart"}}
    assert kept["metadata"]["labels"] == {
        "ipaddress.kubernetes.io/ip-family": "IPv6",
        "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
    }


def test_an_address_object_made_by_hand_reserves_its_address() -> None:
    api = new_embedded_cluster()
    body = {"metadata": {"name": "10.43.0.77"}, "spec": {"parentRef": {"resource": "things", "name": "mine"}}}
    assert ask(api, "POST", "/apis/networking.k8s.io/v1/ipaddresses", body)[0] == 201
    assert "already allocated" in post(api, {"clusterIP": "10.43.0.77"})[1]["message"]
    ask(api, "DELETE", "/apis/networking.k8s.io/v1/ipaddresses/10.43.0.77")
    assert post(api, {"clusterIP": "10.43.0.77"})[0] == 201


def test_the_default_service_cidr_tells_the_ranges() -> None:
    cidr = new_embedded_cluster().get(SERVICE_CIDRS, "", "kubernetes").object
    assert cidr["spec"] == {"cidrs": ["10.43.0.0/16", "fd43::/112"]}
    assert [(each["type"], each["status"]) for each in cidr["status"]["conditions"]] == [("Ready", "True")]


def test_another_service_cidr_adds_addresses_until_it_is_deleted() -> None:
    api = new_embedded_cluster()
    path = "/apis/networking.k8s.io/v1/servicecidrs"
    assert post(api, {"clusterIP": "10.55.0.9"})[0] == 422
    ask(api, "POST", path, {"metadata": {"name": "more"}, "spec": {"cidrs": ["10.55.0.0/24"]}})
    assert post(api, {"clusterIP": "10.55.0.9"})[0] == 201
    ask(api, "DELETE", f"{path}/more")
    assert post(api, {"clusterIP": "10.55.0.10"}, "late")[0] == 422
