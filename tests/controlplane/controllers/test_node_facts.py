"""What is read of a Node."""

from resolver.controlplane.controllers.node_facts import node_facts
from resolver.controlplane.resources import NODES
from resolver.controlplane.stored_object import stored


def test_a_bare_node_says_nothing() -> None:
    found = node_facts(stored(NODES, {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "a"}}, 1))
    assert (found.name, found.zone, found.cidrs, found.ips) == ("a", "", (), ())
    assert (found.simulated, found.schedulable) == (False, True)


def test_a_full_one_says_all() -> None:
    addresses = [{"type": "InternalIP", "address": "10.0.0.1"}, {"type": "Hostname", "address": "a"}]
    value = {
        "kind": "Node",
        "apiVersion": "v1",
        "metadata": {
            "name": "a",
            "labels": {"topology.kubernetes.io/zone": "z"},
            "annotations": {"dualdns.dev/simulated": "true"},
        },
        "spec": {"podCIDRs": ["10.1.0.0/24", "fd00::/64"], "unschedulable": True},
        "status": {"addresses": addresses},
    }
    found = node_facts(stored(NODES, value, 1))
    assert (found.zone, found.cidrs, found.ips) == ("z", ("10.1.0.0/24", "fd00::/64"), ("10.0.0.1",))
    assert (found.simulated, found.schedulable) == (True, False)
