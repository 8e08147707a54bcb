"""Sockets of listeners: one number for all that have none, all or nothing, and what stays open over reloads."""

import contextlib
import resource
import socket
from collections.abc import AsyncIterator, Sequence

import dns.asyncquery
import dns.message
import pytest

from resolver import limits
from resolver.server.instance import Instance
from resolver.server.listeners import Listeners, _connection_cap
from resolver.transports import listening as transport_listening
from resolver.transports.listening import AddressMissing, PortTaken, SharedPort, open_pair, open_pairs, shown
from tests.support.hosts import needs_ipv6, rows
from tests.support.instances import Lab


class Open(Lab):
    """Listeners, and instances to serve."""

    def __init__(self) -> None:
        super().__init__()
        self.listeners = Listeners(self.output.log)

    async def serve(self, instance: Instance) -> Instance:
        """What the server does with an instance that could be started."""
        self.listeners.number(instance)
        self.listeners.bind(instance)
        await self.listeners.serve(instance)
        await self.listeners.retire(instance)
        return instance


@pytest.fixture
async def lab() -> AsyncIterator[Open]:
    world = Open()
    yield world
    await world.listeners.close()


def corefile(*blocks: tuple[str, str]) -> str:
    """Blocks by keys and addresses; without an address they listen on all."""
    texts = (f"{keys} {{\n{f'bind {addresses}' if addresses else ''}\nwhoami\n}}\n" for keys, addresses in blocks)
    return "".join(texts)


async def outcome(port: int, address: str = "127.0.0.1", name: str = "a.example.", *, tcp: bool = False) -> str:
    """Asks, and says what the answer is."""
    send = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
    reply = await send(dns.message.make_query(name, "A"), address, timeout=5, port=port)
    return reply.rcode().name


def is_free(port: int, address: str = "127.0.0.1") -> bool:
    try:
        udp, tcp = open_pair(address, port)
    except PortTaken:
        return False
    udp.close()
    tcp.close()
    return True


# -- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tcp", [False, True])
async def test_one_number_is_picked_for_all_keys_without_one(lab: Open, tcp: bool) -> None:
    text = corefile(("a.example:0", "127.0.0.1"), ("b.example:0", "127.0.0.2"), ("c.example:0", "127.0.0.1"))
    instance = await lab.serve(lab.set_up(text))
    (port,) = lab.listeners.ports()
    assert [listening.server for listening in instance.listening] == [
        f"dns://127.0.0.1:{port}",
        f"dns://127.0.0.2:{port}",
    ]
    for address, name in (("127.0.0.1", "a."), ("127.0.0.2", "b."), ("127.0.0.1", "c.")):
        assert await outcome(port, address, f"{name}example.", tcp=tcp) == "NOERROR"


@pytest.mark.parametrize("address", rows(["127.0.0.1", "::1"]))
@pytest.mark.parametrize("tcp", [False, True])
async def test_all_addresses_are_those_of_both_families(lab: Open, address: str, tcp: bool) -> None:
    await lab.serve(lab.set_up(corefile((".:0", ""))))
    (port,) = lab.listeners.ports()
    assert await outcome(port, address, tcp=tcp) == "NOERROR"


async def test_a_number_is_held_until_it_is_served(lab: Open) -> None:
    instance = lab.set_up(corefile((".:0", "127.0.0.1")))
    lab.listeners.number(instance)
    port = instance.listening[0].port
    assert port > 0
    assert lab.listeners.ports() == []
    assert not is_free(port)
    lab.listeners.release()
    assert is_free(port)


async def test_a_reload_keeps_the_number(lab: Open) -> None:
    await lab.serve(lab.set_up(corefile((".:0", "127.0.0.1"))))
    (port,) = lab.listeners.ports()
    await lab.serve(lab.set_up(corefile((".:0", "127.0.0.1 127.0.0.2"))))
    assert lab.listeners.ports() == [port]
    assert await outcome(port, "127.0.0.2") == "NOERROR"
    await lab.serve(lab.set_up(corefile((".:0", "127.0.0.2"))))
    assert lab.listeners.ports() == [port]
    assert is_free(port)


async def test_a_number_that_is_written_is_never_taken_for_one_that_was_picked(lab: Open) -> None:
    await lab.serve(lab.set_up(corefile(("a.example:0", "127.0.0.1"))))
    (written,) = lab.listeners.ports()
    both = corefile((f"a.example:{written}", "127.0.0.1"), ("a.example:0", "127.0.0.2"))
    await lab.serve(lab.set_up(both))
    picked = lab.listeners.ports()
    await lab.serve(lab.set_up(both))
    assert lab.listeners.ports() == picked


async def test_a_number_that_is_no_longer_open_is_picked_anew(lab: Open) -> None:
    await lab.serve(lab.set_up(corefile((".:0", "127.0.0.1"))))
    (picked,) = lab.listeners.ports()
    await lab.serve(lab.set_up(""))
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):  # then another program has it already, which is as good
            held.enter_context(socket.create_server(("127.0.0.1", picked)))
        await lab.serve(lab.set_up(corefile((".:0", "127.0.0.1"))))
        assert lab.listeners.ports() != [picked]


async def test_a_number_taken_on_one_address_is_tried_anew_on_all(lab: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[str, int]] = []

    def taken_once(addresses: Sequence[str], port: int, *, reuse_port: bool) -> SharedPort:
        opened.append((addresses[0], port))
        if len(opened) == 2:
            raise PortTaken(addresses[0], port, "udp", None)
        return open_pairs(addresses, port, reuse_port=reuse_port)

    monkeypatch.setattr("resolver.server.listeners.open_pairs", taken_once)
    lab.listeners.number(lab.set_up(corefile((".:0", "127.0.0.1 127.0.0.2"))))
    assert [(address, bool(port)) for address, port in opened] == [
        ("127.0.0.1", False), ("127.0.0.2", True), ("127.0.0.1", False), ("127.0.0.2", True),
    ]  # fmt: skip


async def test_the_search_for_a_number_ends(lab: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = 0

    def taken(addresses: Sequence[str], port: int, *, reuse_port: bool) -> SharedPort:
        nonlocal tries
        tries += 1
        raise PortTaken(addresses[0], 4_711, "udp", None)

    monkeypatch.setattr("resolver.server.listeners.open_pairs", taken)
    with pytest.raises(PortTaken):
        lab.listeners.number(lab.set_up(corefile((".:0", "127.0.0.1"))))
    assert tries == limits.PORT_TRIES


# -- all or nothing ---------------------------------------------------------------------------------------------------


async def test_where_one_cannot_be_opened_none_is(lab: Open) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.2", 0))) as holder:
        port = holder.getsockname()[1]
        instance = lab.set_up(corefile((f".:{port}", "127.0.0.1 127.0.0.2")))
        with pytest.raises(PortTaken):
            lab.listeners.bind(instance)
        assert is_free(port)


@pytest.mark.parametrize(
    ("by_options", "words"),
    [
        (True, ["127.0.0.1:{port} (tcp) is taken by ", "`--port {other}`", "`--port 0`"]),
        (False, ["127.0.0.1:{port} (tcp) is taken by ", "in Corefile (`.:{other}`)", "`-dns.port {other}`"]),
    ],
)
async def test_a_port_that_is_taken_is_told_with_what_helps(lab: Open, by_options: bool, words: list[str]) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as holder:
        port = holder.getsockname()[1]
        instance = lab.set_up(corefile((f".:{port}", "127.0.0.1")), by_options=by_options)
        with pytest.raises(PortTaken) as caught:
            lab.listeners.bind(instance)
    for word in words:
        assert word.format(port=port, other=caught.value.another) in str(caught.value)


async def test_an_address_this_host_lacks_is_an_error(lab: Open) -> None:
    instance = lab.set_up(corefile((".:0", "127.0.0.1 203.0.113.9")))
    with pytest.raises(AddressMissing, match=r"203\.0\.113\.9"):
        lab.listeners.number(instance)
    assert [listening.port for listening in instance.listening] == [0, 0]


async def test_of_all_addresses_one_family_is_enough(lab: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_ipv6(address: str, *arguments: object, **options: object) -> socket.socket:
        if ":" in address:
            raise AddressMissing(address, "this host has no IPv6")
        return open_socket(address, *arguments, **options)  # type: ignore[arg-type]

    open_socket = transport_listening.open_socket
    monkeypatch.setattr(transport_listening, "open_socket", no_ipv6)
    await lab.serve(lab.set_up(corefile((".:0", ""))))
    (port,) = lab.listeners.ports()
    assert await outcome(port) == "NOERROR"
    assert lab.output.lines == ["[WARNING] cannot listen on ::: this host has no IPv6"]


@pytest.mark.parametrize("first", [0, 1])
async def test_one_address_may_be_served_beside_all(lab: Open, first: int) -> None:
    blocks = [("a.example:0", ""), ("b.example:0", "127.0.0.2")]
    await lab.serve(lab.set_up(corefile(blocks[first], blocks[1 - first])))
    (port,) = lab.listeners.ports()
    for tcp in (False, True):
        assert await outcome(port, "127.0.0.2", "b.example.", tcp=tcp) == "NOERROR"
        assert await outcome(port, "127.0.0.2", "a.example.", tcp=tcp) == "REFUSED"
        assert await outcome(port, "127.0.0.1", "a.example.", tcp=tcp) == "NOERROR"


# -- serving ----------------------------------------------------------------------------------------------------------


async def test_doors_that_are_open_answer_from_the_next_instance(lab: Open) -> None:
    await lab.serve(lab.set_up(corefile(("a.example:0", "127.0.0.1"))))
    (port,) = lab.listeners.ports()
    doors = list(lab.listeners.doors())
    assert len(doors) == 2
    await lab.serve(lab.set_up(corefile(("b.example:0", "127.0.0.1"))))
    assert list(lab.listeners.doors()) == doors
    assert await outcome(port, name="a.example.") == "REFUSED"
    assert await outcome(port, name="b.example.") == "NOERROR"


async def test_what_the_next_instance_does_not_serve_is_closed(lab: Open) -> None:
    await lab.serve(lab.set_up(corefile((".:0", "127.0.0.1 127.0.0.2"))))
    (port,) = lab.listeners.ports()
    await lab.serve(lab.set_up(corefile((".:0", "127.0.0.2"))))
    assert is_free(port, "127.0.0.1")
    assert await outcome(port, "127.0.0.2") == "NOERROR"


async def test_at_the_end_all_is_closed(lab: Open) -> None:
    await lab.serve(lab.set_up(corefile((".:0", "127.0.0.1 127.0.0.2"))))
    (port,) = lab.listeners.ports()
    await lab.listeners.close()
    assert lab.listeners.ports() == []
    assert list(lab.listeners.doors()) == []
    assert is_free(port, "127.0.0.1")
    assert is_free(port, "127.0.0.2")


@needs_ipv6
async def test_a_listener_is_named_as_it_is_bound(lab: Open) -> None:
    instance = await lab.serve(lab.set_up(corefile((".:0", "::1"))))
    (port,) = lab.listeners.ports()
    assert instance.blocks[0].host.servers == (f"dns://{shown('::1', port)}",)


async def test_counts_of_kept_replies_are_asked_of_every_door(lab: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[object] = []
    await lab.serve(lab.set_up(corefile((".:0", "127.0.0.1"))))
    monkeypatch.setattr("resolver.answers.door.Door.flush_counts", lambda door: flushed.append(door))
    lab.listeners.flush_counts()
    assert flushed == list(lab.listeners.doors())


async def test_what_goes_through_each_socket_is_told(lab: Open) -> None:
    await lab.serve(lab.set_up(corefile((".:0", "127.0.0.1"))))
    (port,) = lab.listeners.ports()
    for tcp in (False, False, True):
        await outcome(port, tcp=tcp)
    rows = {(row.name, dict(row.labels)["proto"]): row.value for row in lab.listeners.traffic()}
    assert rows == {
        ("dualdns_received_total", "udp"): 2,
        ("dualdns_sent_total", "udp"): 2,
        ("dualdns_dropped_total", "udp"): 0,
        ("dualdns_received_total", "tcp"): 1,
        ("dualdns_sent_total", "tcp"): 1,
        ("dualdns_dropped_total", "tcp"): 0,
    }
    assert {dict(row.labels)["server"] for row in lab.listeners.traffic()} == {f"dns://127.0.0.1:{port}"}


CAPS = [
    (1_024, 900),
    (65_536, limits.TCP_CONNECTIONS),
    (256, 132),
    (64, limits.TCP_CONNECTIONS_FLOOR),
]


@pytest.mark.parametrize(("descriptors", "connections"), CAPS)
def test_connections_leave_file_descriptors_for_all_else(
    monkeypatch: pytest.MonkeyPatch, descriptors: int, connections: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, descriptors))
    assert _connection_cap() == connections
