import socket

import pytest

from resolver.testing import running
from resolver.testing.host_lookups import Elsewhere, HostLookups, error, is_numeric
from resolver.wire import codes
from tests.support.dns_servers import DEPLOYMENT, WEB, addresses, ask

BOTH = (codes.A, codes.AAAA)


@pytest.fixture(scope="module")
def shared():
    with running(WEB, DEPLOYMENT) as server:
        yield server


def lookups(server, namespace="default", options=("timeout:1", "attempts:1"), elsewhere=False):
    conf = server.resolv_conf_in(namespace, options)
    return HostLookups(server._thread, server.address, conf, server.domain, elsewhere)


@pytest.mark.parametrize("host", ["web", "web.default", "web.default.svc", "web.default.svc.cluster.local", "WEB."])
def test_the_search_path_makes_names_whole(shared, host):
    if host == "WEB.":
        host = "WEB.default.svc.cluster.local."
    found = lookups(shared).addresses(host, BOTH)
    assert found.name.lower().removesuffix(".") == "web.default.svc.cluster.local"
    assert found.addresses == addresses(ask(shared, "web.default", "AAAA")) + addresses(ask(shared, "web.default", "A"))


def test_it_is_that_of_the_namespace(shared):
    with pytest.raises(socket.gaierror, match="Name or service not known"):
        lookups(shared, "shop").addresses("web", BOTH)
    assert lookups(shared, "shop").addresses("web.default", BOTH)


@pytest.mark.parametrize(("qtypes", "types"), [(BOTH, ["A", "AAAA"]), (BOTH[:1], ["A"]), (BOTH[1:], ["AAAA"])])
def test_no_more_is_asked_than_is_needed(qtypes, types):
    with running(WEB) as server:
        found = lookups(server).addresses("web", qtypes)
        assert server.queries().types == types
        assert len(found.addresses) == len(types)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"rcode": "NXDOMAIN"}, socket.EAI_NONAME),
        ({"nodata": True}, socket.EAI_NODATA),
        ({"rcode": "SERVFAIL"}, socket.EAI_AGAIN),
        ({"rcode": "REFUSED"}, socket.EAI_AGAIN),
    ],
)
def test_errors_are_those_of_glibc(shared, settings, code):
    with shared.fault("web.default", **settings), pytest.raises(socket.gaierror) as caught:
        lookups(shared).addresses("web.default.svc.cluster.local.", BOTH)
    assert caught.value.errno == code


def test_a_family_without_addresses_does_not_harm_the_other(shared):
    with shared.fault("web.default", qtype="AAAA", nodata=True):
        assert lookups(shared).addresses("web", BOTH).addresses == addresses(ask(shared, "web.default", "A"))


def test_silence_ends_when_the_pods_options_say(shared):
    with shared.fault("**", drop=True) as fault, pytest.raises(socket.gaierror) as caught:
        lookups(shared).addresses("web.default.svc.cluster.local.", BOTH)
    assert caught.value.errno == socket.EAI_AGAIN
    assert fault.count == 2


def test_names_of_the_world_do_not_exist_unless_asked_for_elsewhere(shared):
    with pytest.raises(socket.gaierror) as caught:
        lookups(shared).addresses("example.com", BOTH)
    assert caught.value.errno == socket.EAI_NONAME
    with pytest.raises(Elsewhere):
        lookups(shared, elsewhere=True).addresses("example.com", BOTH)
    with pytest.raises(socket.gaierror):
        lookups(shared, elsewhere=True).addresses("nix.default.svc.cluster.local.", BOTH)


def test_a_server_that_has_ended_is_no_server():
    with running() as server:
        found = lookups(server)
    with pytest.raises(RuntimeError, match="does not run"):
        found.addresses("web", BOTH)


def test_addresses_have_names(shared):
    for address in lookups(shared).addresses("web", BOTH).addresses:
        assert lookups(shared).name_of(address) == "web.default.svc.cluster.local"
    assert lookups(shared).name_of("10.96.255.254") is None
    assert lookups(shared).name_of("198.51.100.1") is None
    with shared.fault("**.in-addr.arpa.", rcode="SERVFAIL"), pytest.raises(socket.gaierror) as caught:
        lookups(shared).name_of("198.51.100.1")
    assert caught.value.errno == socket.EAI_AGAIN


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "1", "::", "::1", "fe80::1%eth0", "::ffff:1.2.3.4"])
def test_addresses_are_numeric(host):
    assert is_numeric(host)


@pytest.mark.parametrize("host", ["web", "1.2.3.4.5", "::g", "1a", "wéb", "10-0-0-1.shop.pod"])
def test_names_are_not(host):
    assert not is_numeric(host)


def test_errors_have_the_words_of_glibc():
    assert str(error("EAI_AGAIN")) == f"[Errno {socket.EAI_AGAIN}] Temporary failure in name resolution"
