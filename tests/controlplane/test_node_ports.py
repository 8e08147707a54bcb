import pytest

from resolver.controlplane.node_ports import NodePorts, PortRange, PortRefused, PortRequest, held_ports
from resolver.controlplane.object_store import ObjectStore
from tests.support.embedded_cluster import new_embedded_cluster, post


def _ports(first: int, last: int) -> NodePorts:
    return NodePorts(ObjectStore(), PortRange(first, last))


def test_a_range_is_used_up_to_its_last_port_and_its_start_comes_last() -> None:
    request = PortRequest(_ports(30_000, 30_099), 0, dry_run=False)
    picked = [request.pick() for _ in range(100)]
    assert sorted(picked) == list(range(30_000, 30_100))
    assert min(picked[:84]) == 30_016
    with pytest.raises(PortRefused, match="range is full"):
        request.pick()


def test_a_seed_decides_where_picking_begins() -> None:
    ports = _ports(30_000, 32_767)
    assert {PortRequest(ports, 5, dry_run=False).pick() for _ in range(3)} == {30_091}


def test_one_request_does_not_take_a_port_twice() -> None:
    request = PortRequest(_ports(30_000, 30_099), 0, dry_run=False)
    request.allocate(30_005)
    with pytest.raises(PortRefused, match="provided port is already allocated"):
        request.allocate(30_005)


def test_a_port_outside_is_refused_but_not_in_a_dry_run() -> None:
    ports = _ports(30_000, 30_099)
    with pytest.raises(PortRefused, match="The range of valid ports is 30000-30099"):
        PortRequest(ports, 0, dry_run=False).allocate(80)
    PortRequest(ports, 0, dry_run=True).allocate(80)


def test_a_dry_run_answers_ports_nobody_could_get() -> None:
    request = PortRequest(_ports(30_000, 32_767), 0, dry_run=True)
    assert [request.pick(), request.pick()] == [32_769, 32_770]


def test_what_is_stored_is_taken_until_it_goes() -> None:
    api = new_embedded_cluster()
    body = post(api, {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30_100}]})[1]
    assert held_ports(body["spec"]) == {30_100}
    refused = post(api, {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30_100}]}, "other")[1]
    assert "provided port is already allocated" in refused["message"]


def test_the_port_for_health_checks_counts() -> None:
    spec = {"healthCheckNodePort": 30_001, "ports": [{"port": 80, "nodePort": 30_002}, {"port": 81}]}
    assert held_ports(spec) == {30_001, 30_002}
