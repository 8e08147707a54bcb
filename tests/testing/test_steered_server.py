import dns.message
import dns.query
import pytest

from resolver.testing import RefusedByApi, running
from tests.support.dns_servers import DEPLOYMENT, WEB, addresses, ask, service


@pytest.fixture(scope="module")
def shared():
    """A server for tests that read only."""
    with running(WEB) as server:
        yield server


def test_a_server_answers_for_its_manifests_in_both_families_and_over_udp_and_tcp(shared):
    for at in range(len(shared.addresses)):
        for tcp in (False, True):
            assert len(addresses(ask(shared, "web.default", "A", tcp=tcp, at=at))) == 1
            assert len(addresses(ask(shared, "web.default", "AAAA", tcp=tcp, at=at))) == 1


def test_its_address_is_host_and_port(shared):
    assert shared.address == (shared.host, shared.port) == ("127.0.0.1", shared.port)
    assert {port for _, port in shared.addresses} == {shared.port}
    assert repr(shared).startswith(f"<DnsServer {shared.number} at 127.0.0.1 port {shared.port}")


def test_names_outside_its_zones_are_refused(shared):
    assert ask(shared, "example.com.").rcode() == dns.rcode.REFUSED


def test_the_dns_service_of_the_cluster_is_there(shared):
    assert addresses(ask(shared, "kube-dns.kube-system")) == ["10.96.0.10"]


def test_what_is_applied_is_answered_at_once():
    with running() as server:
        assert ask(server, "web.default").rcode() == dns.rcode.NXDOMAIN
        stored = server.apply(WEB)
        for _ in range(3):
            assert addresses(ask(server, "web.default")) == [stored[0]["spec"]["clusterIP"]]
            server.delete("service/web")
            assert ask(server, "web.default").rcode() == dns.rcode.NXDOMAIN
            stored = server.apply(WEB)


def test_manifests_come_as_files_folders_text_objects_and_lists(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "web.yaml").write_text(WEB)
    (tmp_path / "b.yaml").write_text(WEB.replace("web", "b"))
    with running(tmp_path / "folder", folders=[tmp_path]) as server:
        server.apply(
            "b.yaml", [service("c"), service("d")], {"apiVersion": "v1", "kind": "List", "items": [service("e")]}
        )
        server.apply(service("f"), namespace="shop")
        for name in ("web.default", "b.default", "c.default", "d.default", "e.default", "f.shop"):
            assert addresses(ask(server, name)), name


@pytest.mark.parametrize(
    "arguments", [("service/web",), ("Service", "web"), ("svc/web",), (WEB,), (service("web"),), ([WEB],)]
)
def test_objects_are_deleted_by_name_or_by_manifest(arguments):
    with running(WEB) as server:
        server.delete(*arguments)
        assert ask(server, "web.default").rcode() == dns.rcode.NXDOMAIN


def test_an_object_is_had_as_it_is_stored(shared):
    for words in (("service/web",), ("Service", "web"), ("svc", "web")):
        found = shared.get(*words)
        assert found["spec"]["clusterIPs"] == addresses(ask(shared, "web.default")) + addresses(
            ask(shared, "web.default", "AAAA")
        )
        found["spec"].clear()
    assert shared.get("service/kube-dns", namespace="kube-system")["spec"]["clusterIP"] == "10.96.0.10"
    assert shared.get("Namespace", "default")["metadata"]["name"] == "default"


@pytest.mark.parametrize(
    ("words", "error", "part"),
    [
        (("service/nix",), RefusedByApi, 'services "nix" not found'),
        (("Sevrice", "web"), RefusedByApi, "Sevrice"),
        (("web",), TypeError, "get takes"),
    ],
)
def test_an_object_that_is_not_there_is_refused_in_the_apis_words(shared, words, error, part):
    with pytest.raises(error, match=part):
        shared.get(*words)


def test_deleting_a_deployment_takes_its_pods_along():
    with running(DEPLOYMENT) as server:
        assert len(addresses(ask(server, "db.default"))) == 2
        server.delete("deployment/db")
        assert ask(server, "db.default").rcode() == dns.rcode.NXDOMAIN


@pytest.mark.parametrize("what", [("db",), ("deployment/db",), ("Deployment", "db"), ("deploy/db",)])
def test_scaling_is_answered_at_once(what):
    with running(DEPLOYMENT) as server:
        for replicas in (3, 1, 5):
            server.scale(*what, replicas)
            assert len(addresses(ask(server, "db.default", "AAAA"))) == replicas
            assert len(addresses(ask(server, "db.default", "A"))) == replicas


def test_what_the_api_refuses_fails_with_its_words_file_and_line(tmp_path):
    file = tmp_path / "web.yaml"
    file.write_text(WEB.replace("port: 80", "port: 0"))
    with running() as server:
        with pytest.raises(RefusedByApi) as caught:
            server.apply(file)
        assert str(caught.value) == (
            f"{file}:8: Service default/web: spec.ports[0].port: Invalid value: 0: "
            "must be between 1 and 65535, inclusive\n"
            f"{file}:8: Service default/web: spec.ports[0].targetPort: Invalid value: 0: "
            "must be between 1 and 65535, inclusive"
        )
        assert server.running
    with pytest.raises(AssertionError, match="must be between 1 and 65535, inclusive"), running(file):
        pytest.fail("unreachable")


def test_a_kind_that_is_not_there_is_refused_with_its_place(tmp_path):
    file = tmp_path / "things.yaml"
    file.write_text(f"{WEB}---\napiVersion: x/v1\nkind: Thing\nmetadata: {{name: a}}\n")
    with running() as server, pytest.raises(RefusedByApi) as caught:
        server.apply(file)
    assert str(caught.value).startswith(f"{file}:11: Thing a: kind: no such kind here: Thing; there are")


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda server: server.delete("service/wbe"), 'services "wbe" not found'),
        (lambda server: server.delete("thing/web"), 'the server has no resource type "thing"'),
        (lambda server: server.scale("deployment/db", 2), 'deployments.apps "db" not found'),
        (lambda server: server.scale("db", 2), 'nothing in the namespace "default" is called "db" and can be scaled'),
        (lambda server: server.apply("nix.yaml"), "nix.yaml: there is no such file or folder"),
        (lambda server: server.apply("a: b: c\n"), "<text>:1"),
    ],
)
def test_what_is_not_there_is_told_in_the_words_of_the_api(shared, work, words):
    with pytest.raises(RefusedByApi) as caught:
        work(shared)
    assert words in str(caught.value)


@pytest.mark.parametrize("arguments", [("a", "b"), (1,), ("a/b/c", 1), (1, 2), ("a", "b", "c", 1)])
def test_scale_says_what_it_takes(shared, arguments):
    with pytest.raises(TypeError, match="scale takes"):
        shared.scale(*arguments)


def test_after_the_end_it_says_so():
    with running() as server:
        pass
    assert repr(server) == f"<DnsServer {server.number}, ended>"
    with pytest.raises(RuntimeError, match="answers no more"):
        server.apply(WEB)
