"""``dualdns cluster``: the API without DNS, as a process of its own."""

import signal
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme

from tests.support.commands import refused, running


async def _get(url: str, path: str, **options: Any) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(url + path, **options) as response:
        is_json = response.content_type == "application/json"
        return response.status, await (response.json() if is_json else response.text())


def _text(path: str) -> str:
    return Path(path).read_text()


def _is_there(path: str) -> bool:
    return Path(path).exists()


async def _names(url: str, path: str) -> list[str]:
    _, found = await _get(url, path)
    return [each["metadata"]["name"] for each in found["items"]]


async def test_an_empty_cluster_is_what_a_bare_api_server_makes() -> None:
    async with running("cluster", "--api", "0") as command:
        path = await command.kubeconfig()
        url = (await command.until(r"^Kubernetes API at (\S+), kubeconfig"))[1]
        assert url.startswith("http://127.0.0.1:")
        assert url in _text(path)
        assert await _get(url, "/readyz") == (200, "ok")
        namespaces = await _names(url, "/api/v1/namespaces")
        assert namespaces == ["default", "kube-node-lease", "kube-public", "kube-system"]
        assert await _names(url, "/api/v1/services") == ["kubernetes"]
        assert await command.end() == 0
        assert not _is_there(path)


async def test_flags_have_the_names_and_meaning_kube_apiserver_gives_them() -> None:
    flags = ["--service-cluster-ip-range", "fd00::/108,10.0.0.0/24", "--service-node-port-range=31000-31000"]
    async with running("cluster", "--api", "[::1]:0", *flags, "--advertise-address", "2001:db8::7") as command:
        url = (await command.until(r"^Kubernetes API at (\S+), kubeconfig"))[1]
        _, service = await _get(url, "/api/v1/namespaces/default/services/kubernetes")
        assert service["spec"]["clusterIPs"] == ["fd00::1"]
        _, endpoints = await _get(url, "/api/v1/namespaces/default/endpoints/kubernetes")
        assert endpoints["subsets"][0]["addresses"] == [{"ip": "2001:db8::7"}]
        assert await command.end(signal.SIGINT) == 0


async def test_a_kubeadm_file_gives_the_ranges_and_flags_win(tmp_path: Path) -> None:
    (tmp_path / "kubeadm.yaml").write_text("""apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
networking:
  podSubnet: 10.244.0.0/16,2001:db8:42:0::/56
  serviceSubnet: 10.96.0.0/16,2001:db8:42:1::/112
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: 10.100.0.1}
nodeRegistration:
  kubeletExtraArgs: {node-ip: "10.100.0.2,fd00:1:2:3::2"}
""")
    file = str(tmp_path / "kubeadm.yaml")
    async with running("cluster", "--api", "0", "--from-kubeadm", file, "--cluster-cidr", "10.9.0.0/16") as command:
        url = (await command.until(r"^Kubernetes API at (\S+), kubeconfig"))[1]
        _, ranges = await _get(url, "/apis/networking.k8s.io/v1/servicecidrs/kubernetes")
        assert ranges["spec"]["cidrs"] == ["10.96.0.0/16", "2001:db8:42:1::/112"]
        _, nodes = await _get(url, "/api/v1/nodes")
        assert nodes["items"][0]["spec"]["podCIDRs"] == ["10.9.0.0/24"]


async def test_the_state_file_outlives_a_kill(tmp_path: Path) -> None:
    flags = ("cluster", "--api", "0", "--state", str(tmp_path / "state"))
    async with running(*flags) as command:
        url = (await command.until(r"^Kubernetes API at (\S+), kubeconfig"))[1]
        body = {"metadata": {"name": "kept"}}
        async with aiohttp.ClientSession() as session, session.post(url + "/api/v1/namespaces", json=body) as response:
            assert response.status == 201
        await command.end(signal.SIGKILL)
    async with running(*flags) as command:
        url = (await command.until(r"^Kubernetes API at (\S+), kubeconfig"))[1]
        assert "kept" in await _names(url, "/api/v1/namespaces")


async def test_other_addresses_need_a_token_and_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(str(tmp_path / "key"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "cert"))
    (tmp_path / "token").write_text("secret\n")
    files = ["--api-token-file", "token", "--api-cert", "cert", "--api-key", "key"]
    words = [str(tmp_path / word) if not word.startswith("--") else word for word in files]
    async with running("cluster", "--api", "0.0.0.0:0", *words) as command:
        port = (await command.until(r"^Kubernetes API at https://0.0.0.0:(\d+), kubeconfig"))[1]
        url = f"https://127.0.0.1:{port}"
        trusted: dict[str, Any] = {"ssl": _trusting(authority)}
        assert (await _get(url, "/api/v1/services", **trusted))[0] == 401
        headers = {"Authorization": "Bearer secret"}
        assert (await _get(url, "/api/v1/services", headers=headers, **trusted))[0] == 200


def _trusting(authority: trustme.CA) -> Any:
    import ssl

    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


REFUSED = [
    (("cluster",), 2, "give --api [HOST:]PORT; --api 0 picks a free port"),
    (("cluster", "--api", "no"), 2, "--api no: write PORT, HOST:PORT or [IPV6]:PORT"),
    (("cluster", "--api", "0", "--api-cert", "x"), 2, "--api-cert and --api-key belong together"),
    (("cluster", "--api", "0.0.0.0:0"), 1, "could be reached by others: give --api-token-file and --api-cert"),
    (("cluster", "--api", "0", "--api-token-file", "/nowhere"), 1, "--api-token-file /nowhere: No such file"),
    (
        ("cluster", "--api", "0", "--service-cluster-ip-range", "10.0.0.0/24,10.1.0.0/24"),
        1,
        "must be of different IP family",
    ),
    (("cluster", "--api", "0", "--cluster-cidr", "pods"), 1, "--cluster-cidr: 'pods' is no CIDR"),
    (
        ("cluster", "--api", "0", "--max-endpoints-per-slice", "0"),
        1,
        "--max-endpoints-per-slice takes 1 to 1000, not 0",
    ),
    (("cluster", "--api", "0", "--from-kubeadm", "/nowhere"), 1, "--from-kubeadm /nowhere: No such file"),
    (
        ("serve", "--kubeconfig", "x", "--api", "0"),
        2,
        "--api is about the embedded cluster, --kubeconfig names a real one: leave one of them out",
    ),
    (("serve", "--demo", "--api-token-file", "x"), 2, "--api-token-file is about the API: give --api [HOST:]PORT too"),
]


@pytest.mark.parametrize(("words", "status", "text"), REFUSED)
async def test_what_cannot_be_is_refused_with_the_reason(words: tuple[str, ...], status: int, text: str) -> None:
    ended, said = await refused(*words)
    assert (ended, text in " ".join(said.split())) == (status, True), said
