import socket

import pytest

from resolver.testing import running
from tests.support.dns_servers import WEB, addresses, ask

TCP = socket.SOCK_STREAM


@pytest.fixture(scope="module")
def server():
    with running(WEB) as made:
        yield made


@pytest.fixture(autouse=True)
def redirected(server):
    with server.as_process_resolver():
        yield


@pytest.fixture(scope="module")
def v4(server):
    return addresses(ask(server, "web.default", "A"))[0]


@pytest.fixture(scope="module")
def v6(server):
    return addresses(ask(server, "web.default", "AAAA"))[0]


def test_both_families_come_as_glibc_orders_them(v4, v6):
    assert socket.getaddrinfo("web", 80, type=TCP) == [
        (socket.AF_INET6, TCP, 6, "", (v6, 80, 0, 0)),
        (socket.AF_INET, TCP, 6, "", (v4, 80)),
    ]


@pytest.mark.parametrize("host", ["web", b"web", "web.default", "WEB.default.svc.cluster.local."])
def test_hosts_may_be_text_or_bytes(host, v4):
    assert socket.getaddrinfo(host, 80, socket.AF_INET, TCP) == [(socket.AF_INET, TCP, 6, "", (v4, 80))]


def test_services_types_and_protocols_are_those_of_the_system(v4):
    rows = socket.getaddrinfo("web", "domain", socket.AF_INET)
    assert {(row[1], row[4]) for row in rows} >= {(TCP, (v4, 53)), (socket.SOCK_DGRAM, (v4, 53))}
    assert [row[2] for row in socket.getaddrinfo("web", None, socket.AF_INET, proto=17)] == [17]
    with pytest.raises(socket.gaierror) as caught:
        socket.getaddrinfo("web", "no-such-service", socket.AF_INET)
    assert caught.value.errno == socket.EAI_SERVICE


def test_the_whole_name_comes_when_it_is_asked_for(v6):
    rows = socket.getaddrinfo("web", 80, type=TCP, flags=socket.AI_CANONNAME)
    assert [row[3] for row in rows] == ["web.default.svc.cluster.local", ""]


def test_ipv4_addresses_are_mapped_where_asked_for(server, v4, v6):
    def found(flags):
        return [row[4][0] for row in socket.getaddrinfo("web", 80, socket.AF_INET6, TCP, flags=flags)]

    assert found(socket.AI_V4MAPPED) == [v6]
    assert found(socket.AI_V4MAPPED | socket.AI_ALL) == [v6, f"::ffff:{v4}"]
    with server.fault("web.default", qtype="AAAA", nodata=True):
        assert found(socket.AI_V4MAPPED) == [f"::ffff:{v4}"]
        with pytest.raises(socket.gaierror) as caught:
            found(0)
    assert caught.value.errno == socket.EAI_NODATA


def test_addrconfig_leaves_both_families_as_in_a_dual_stack_pod(v4, v6):
    rows = socket.getaddrinfo("web", 80, type=TCP, flags=socket.AI_ADDRCONFIG)
    assert [row[4][0] for row in rows] == [v6, v4]


def test_what_is_no_name_is_left_to_the_system(server):
    server.forget_queries()
    assert socket.getaddrinfo("127.0.0.1", 80, type=TCP)[0][4] == ("127.0.0.1", 80)
    assert socket.getaddrinfo("localhost", 80, socket.AF_INET, TCP)[0][4] == ("127.0.0.1", 80)
    assert socket.getaddrinfo(None, 80, socket.AF_INET, TCP)[0][4] == ("127.0.0.1", 80)
    assert socket.gethostbyname("127.0.0.1") == "127.0.0.1"
    assert socket.gethostbyname_ex("127.0.0.1")[2] == ["127.0.0.1"]
    assert socket.getnameinfo(("127.0.0.1", 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV) == ("127.0.0.1", "80")
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("web", 80, flags=socket.AI_NUMERICHOST)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("web", 80, socket.AF_UNIX)
    assert not server.queries()


@pytest.mark.parametrize("host", ["nix", "nix.default.svc.cluster.local", "example.com", "-x", "a..b"])
@pytest.mark.parametrize("function", ["gethostbyname", "gethostbyname_ex", "gethostbyaddr"])
def test_names_that_do_not_exist_are_errors(function, host):
    with pytest.raises((socket.gaierror, UnicodeError)):
        getattr(socket, function)(host)


def test_the_older_functions_know_ipv4(v4, v6):
    assert socket.gethostbyname("web") == v4
    assert socket.gethostbyname_ex("web.default") == ("web.default.svc.cluster.local", [], [v4])
    assert socket.getfqdn("web") == "web.default.svc.cluster.local"


def test_addresses_have_names(v4, v6):
    whole = "web.default.svc.cluster.local"
    assert socket.gethostbyaddr(v4) == (whole, [], [v4])
    assert socket.gethostbyaddr(v6) == (whole, [], [v6])
    assert socket.gethostbyaddr("web")[0] == whole
    assert socket.getnameinfo((v4, 80), 0) == (whole, "http")
    assert socket.getnameinfo((v6, 80), socket.NI_NUMERICSERV) == (whole, "80")
    assert socket.getnameinfo((v4, 80), socket.NI_NUMERICHOST) == (v4, "http")


def test_addresses_without_a_name_stay_addresses():
    assert socket.getnameinfo(("198.51.100.1", 80), 0) == ("198.51.100.1", "http")
    with pytest.raises(socket.gaierror) as caught:
        socket.getnameinfo(("198.51.100.1", 80), socket.NI_NAMEREQD)
    assert caught.value.errno == socket.EAI_NONAME
    with pytest.raises(socket.herror, match="Unknown host"):
        socket.gethostbyaddr("198.51.100.1")


def test_loopback_is_this_machine(server):
    server.forget_queries()
    assert socket.gethostbyaddr("127.0.0.1")[2] == ["127.0.0.1"]
    assert socket.getnameinfo(("127.0.0.1", 80), 0)[1] == "http"
    assert not server.queries()


def test_sockets_connect_and_send_to_names(server):
    with server.fault("web.default", replace=["127.0.0.1"]):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            with socket.socket() as client:
                client.connect(("web", port))
                assert client.getpeername() == ("127.0.0.1", port)
            with socket.socket() as client:
                assert client.connect_ex(("web", port)) == 0
            with socket.create_connection(("web", port)) as client:
                assert client.getpeername() == ("127.0.0.1", port)
        with socket.socket(type=socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
            receiver.bind(("127.0.0.1", 0))
            sender.sendto(b"one", ("web", receiver.getsockname()[1]))
            sender.sendto(b"two", 0, ("web", receiver.getsockname()[1]))
            assert (receiver.recv(9), receiver.recv(9)) == (b"one", b"two")


def test_sockets_of_other_kinds_are_left_alone(tmp_path):
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as client:
        listening.bind(path)
        listening.listen()
        client.connect(path)
        with pytest.raises(TypeError):
            client.connect()


def test_names_of_the_world_go_to_the_system_where_asked_for(server, monkeypatch):
    with server.as_process_resolver(otherwise="system"):
        assert socket.gethostbyname("web")
        for function, arguments in [
            (socket.getaddrinfo, ("nix.invalid", 80)),
            (socket.gethostbyname, ("nix.invalid",)),
            (socket.gethostbyname_ex, ("nix.invalid",)),
            (socket.gethostbyaddr, ("nix.invalid",)),
        ]:
            with pytest.raises(socket.gaierror):  # the system says it in its own way
                function(*arguments)
        assert socket.getnameinfo(("198.51.100.1", 80), socket.NI_NUMERICSERV)[1] == "80"
    with pytest.raises(ValueError, match="otherwise is"), server.as_process_resolver(otherwise="sytem"):
        pytest.fail("unreachable")
