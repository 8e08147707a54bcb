from tests.support.embedded_cluster import ask, new_embedded_cluster

ENDPOINTS = "/api/v1/namespaces/shop/endpoints"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"


def test_f7_ports_of_endpoints_are_tcp() -> None:
    subset = {"addresses": [{"ip": "10.1.0.5"}], "ports": [{"port": 80}]}
    body = ask(new_embedded_cluster(), "POST", ENDPOINTS, {"metadata": {"name": "e"}, "subsets": [subset]})[1]
    assert body["subsets"][0]["ports"] == [{"port": 80, "protocol": "TCP"}]


def test_f7_ports_of_slices_are_tcp_and_have_a_name() -> None:
    document = {"metadata": {"name": "s"}, "addressType": "IPv4", "endpoints": [], "ports": [{"port": 80}]}
    assert ask(new_embedded_cluster(), "POST", SLICES, document)[1]["ports"] == [
        {"name": "", "protocol": "TCP", "port": 80}
    ]


def test_a_slice_has_one_family() -> None:
    document = {"metadata": {"name": "s"}, "addressType": "IPv6", "endpoints": [{"addresses": ["10.1.0.5"]}]}
    status, body, _ = ask(new_embedded_cluster(), "POST", SLICES, document)
    assert (status, body["details"]["causes"][0]["field"]) == (422, "endpoints[0].addresses")


def test_the_family_of_a_slice_never_changes() -> None:
    api = new_embedded_cluster()
    body = ask(api, "POST", SLICES, {"metadata": {"name": "s"}, "addressType": "IPv4", "endpoints": []})[1]
    status, body, _ = ask(api, "PUT", f"{SLICES}/s", {**body, "addressType": "IPv6"})
    assert (status, body["details"]["causes"][0]["field"]) == (422, "addressType")


def test_a_slice_holds_a_thousand_endpoints_of_a_hundred_addresses() -> None:
    api = new_embedded_cluster()
    endpoint = {"addresses": ["10.1.0.5"]}
    for name, endpoints, status in (
        ("full", [endpoint] * 1_000, 201),
        ("more", [endpoint] * 1_001, 422),
        ("many", [{"addresses": [f"10.1.0.{number}" for number in range(1, 102)]}], 422),
    ):
        document = {"metadata": {"name": name}, "addressType": "IPv4", "endpoints": endpoints}
        assert ask(api, "POST", SLICES, document)[0] == status
