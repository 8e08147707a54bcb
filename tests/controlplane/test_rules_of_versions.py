"""Section 1 of the rules: the embedded cluster is a 1.37, in which dual-stack is nobody's choice."""

from pathlib import Path
from typing import Any

import pytest

from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.controlplane.resources import ENDPOINTS, IP_ADDRESSES, SERVICE_CIDRS, SERVICES
from tests.support.commands import refused
from tests.support.embedded_cluster import new_embedded_cluster, post
from tests.support.served_cluster import served_cluster

GATED = """apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
featureGates: {IPv6DualStack: GATE}
networking: {serviceSubnet: "10.96.0.0/16,fd00:10:96::/112"}
"""


@pytest.mark.parametrize("gate", ["true", "false"])
async def test_v1_the_gate_of_an_old_kubeadm_file_decides_nothing(gate: str, tmp_path: Path) -> None:
    file = tmp_path / "kubeadm.yaml"
    file.write_text(GATED.replace("GATE", gate))
    async with EmbeddedCluster.from_kubeadm(file, simulate=False) as cluster:
        spec = {"ipFamilyPolicy": "RequireDualStack", "ports": [{"port": 80}]}
        document = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}
        (service,) = await cluster.apply([document])
        assert service["spec"]["ipFamilies"] == ["IPv4", "IPv6"]


async def test_v1_no_program_knows_the_gate_any_more() -> None:
    status, said = await refused("cluster", "--api", "0", "--feature-gates=IPv6DualStack=true")
    assert status == 2
    assert "--feature-gates=IPv6DualStack=true" in said


@pytest.mark.parametrize(
    ("spec", "name", "status"),
    [
        ({}, "1web", 201),  # RelaxedServiceNameValidation
        ({"clusterIP": "10.43.000.9"}, "web", 422),  # StrictIPCIDRValidation
        ({"trafficDistribution": "PreferSameNode"}, "web", 201),
    ],
)
def test_v2_gates_that_are_on_by_now_are_on(spec: dict[str, Any], name: str, status: int) -> None:
    assert post(new_embedded_cluster(), spec, name)[0] == status


def test_v2_addresses_are_objects_and_the_low_ones_are_left_to_those_who_name_them() -> None:
    """MultiCIDRServiceAllocator and ServiceIPStaticSubrange."""
    api = new_embedded_cluster()
    picked = post(api, {})[1]["spec"]["clusterIP"]
    assert api.store.get(IP_ADDRESSES, "", picked) is not None
    assert api.store.get(SERVICE_CIDRS, "", "kubernetes") is not None
    assert int(picked.split(".")[2]) > 0


def test_v2_the_api_server_itself_has_one_family_only() -> None:
    """DualStackAPIServer never came."""
    api = new_embedded_cluster()
    assert api.get(SERVICES, "default", "kubernetes").object["spec"]["ipFamilyPolicy"] == "SingleStack"
    addresses = api.get(ENDPOINTS, "default", "kubernetes").object["subsets"][0]["addresses"]
    assert len(addresses) == 1


async def test_v2_endpoints_are_served_and_deprecated() -> None:
    async with served_cluster() as served:
        answer = await served.ask("GET", "/api/v1/namespaces/default/endpoints/kubernetes")
    words = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
    assert (answer.status, answer.warnings) == (200, [f'299 - "{words}"'])
