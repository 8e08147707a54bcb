import socket
import threading
from types import SimpleNamespace

import pytest

from resolver.client.resolv_conf import ResolvConf
from resolver.testing.host_lookups import HostLookups
from resolver.testing.redirection import Target, current, current_for, redirected


def lookups(name="cluster.local"):
    runner = SimpleNamespace(thread=threading.Thread())
    return HostLookups(runner, ("127.0.0.1", 53), ResolvConf(), name)


class Owner:
    kept = "before"


class Heir(Owner):
    pass


def targets():
    yield Target(Owner, "kept", lambda before: f"after {before}")
    yield Target(Heir, "kept", lambda before: f"heir {before}")


def test_attributes_are_replaced_while_the_block_lasts():
    with redirected(lookups(), targets):
        assert (Owner.kept, Heir.kept) == ("after before", "heir after before")
    assert (Owner.kept, Heir.kept) == ("before", "before")
    assert "kept" not in vars(Heir)


def test_everything_is_put_back_after_an_exception():
    with pytest.raises(KeyError), redirected(lookups(), targets):
        raise KeyError
    assert (Owner.kept, current()) == ("before", None)


def test_of_several_the_latest_answers_and_the_last_puts_back():
    one, two = lookups("one"), lookups("two")
    first, second = redirected(one, targets), redirected(two, targets)
    first.__enter__()
    with second:
        assert current() is two
        assert Owner.kept == "after before"
        first.__exit__(None, None, None)  # they need not end in turn
        assert current() is two
        assert Owner.kept == "after before"
    assert (Owner.kept, current()) == ("before", None)


def test_what_somebody_else_has_put_there_since_stays():
    with redirected(lookups(), lambda: [Target(Owner, "kept", lambda _: "ours")]):
        Owner.kept = "theirs"
    assert Owner.kept == "theirs"
    Owner.kept = "before"
    with redirected(lookups(), lambda: [Target(Owner, "kept", lambda _: "ours", always=True)]):
        Owner.kept = "theirs"
    assert Owner.kept == "before"


def test_a_start_that_fails_leaves_nothing_replaced():
    def failing():
        yield from targets()
        raise KeyError

    with pytest.raises(KeyError), redirected(lookups(), failing):
        pytest.fail("unreachable")
    assert (Owner.kept, Heir.kept, current()) == ("before", "before", None)


@pytest.mark.parametrize("host", ["web", b"web", bytearray(b"web"), "web.shop", "WEB.", "1a", "localhost.shop", "wéb"])
def test_names_are_looked_up_here(host):
    assert current_for(host) is None
    with redirected(lookups(), targets):
        found = current_for(host)
        assert found is not None
        assert found[1] == (host if isinstance(host, str) else bytes(host).decode())


HERE = [None, "", b"", 7, "127.0.0.1", "::1", "fe80::1%lo", "127.1", "localhost", "LOCALHOST", "ip6-localhost"]


@pytest.mark.parametrize("host", [*HERE, socket.gethostname()])
def test_addresses_and_names_of_this_machine_are_left_to_the_system(host):
    with redirected(lookups(), targets):
        assert current_for(host) is None


def test_the_threads_of_the_server_itself_look_names_up_as_ever():
    own = HostLookups(SimpleNamespace(thread=threading.current_thread()), ("127.0.0.1", 53), ResolvConf(), "x")
    with redirected(own, targets):
        assert current_for("web") is None
