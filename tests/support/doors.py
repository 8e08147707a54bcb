"""A door with a kubernetes plugin behind it, and nothing else: no sockets, no server, no clock."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import dns.flags
import dns.message
import dns.rdatatype

from resolver import limits
from resolver.answers.door import Door
from resolver.answers.memo import AnswerMemo
from resolver.answers.observation import Counter
from resolver.answers.outcome import Answer, Failure, no_next_plugin
from resolver.cluster.decoding import Decoder
from resolver.cluster.dns_records import View
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import KINDS, ClusterObject
from resolver.cluster.reading import Detail
from resolver.plugins.kubernetes import Kubernetes, Options
from resolver.wire import codes
from resolver.wire.names import closest_zone, name_from_text
from resolver.wire.peer import KeptPeer, Network
from resolver.wire.query import Query
from tests.support.cluster_objects import Object

ZONES = ("cluster.local.", "in-addr.arpa.", "ip6.arpa.")
CLOCK = 1_700_000_000


class World:
    """An inventory, a kubernetes plugin over it, and a door per transport; names outside `served` are refused.

    `problems` are the objects that could not be read, `panics` the plugins that raised. Both make tests fail that do
    not look at them: see `calm`.
    """

    def __init__(
        self,
        objects: Iterable[Object] = (),
        *,
        zones: Sequence[str] = ZONES,
        served: Sequence[str] = (".",),
        primary: str = "",
        view: View | None = None,
        synced: bool = True,
        local: Sequence[str] = (),
        **options: Any,
    ) -> None:
        self.problems: list[str] = []
        self.panics: list[str] = []
        view = view or View()
        names = tuple(name_from_text(zone) for zone in zones)
        self.inventory = Inventory(KINDS.values(), lambda: float(CLOCK))
        self.options = Options(names, name_from_text(primary or zones[0]), view=view, **options)
        self._detail = Detail(view.endpoint_pod_names, view.zonal)
        self._decoder = Decoder(lambda problem: self.problems.append(str(problem)), self._detail)
        self.plugin = Kubernetes(self.options, self.inventory, self.ask_itself, lambda: list(local))
        self._served = frozenset(name_from_text(zone) for zone in served)
        self.memo = AnswerMemo()
        self.inventory.subscribe(self.memo.forget)
        self.server, self.any_class, self.stacktraces = "dns://:53", False, True
        self.doors: dict[Network, Door] = {"udp": self.door(), "tcp": self.door()}
        if synced:
            self.relist(*objects)
        else:
            self.change("ADDED", *objects)

    def door(self) -> Door:
        """One more door to the same memo."""
        return Door(self, self.memo, count().__next__, self.panics.append)

    # -- the router ---------------------------------------------------------------------------------------------------

    def route(self, query: Query, /) -> Answer:
        if closest_zone(query.name, self._served) is None:
            return Failure(codes.REFUSED)
        return self.plugin.answer(query, lambda _: no_next_plugin("kubernetes"))

    def ask_itself(self, query: Query) -> Answer:
        """The server's questions to itself, as deep as it goes."""
        return Failure(codes.SERVFAIL) if query.lookups > limits.SELF_LOOKUPS else self.route(query)

    def refused(self) -> tuple[Counter, ...]:
        return ()

    # -- the cluster --------------------------------------------------------------------------------------------------

    def relist(self, *objects: Object) -> None:
        """Makes these all there is, as fresh lists of every kind would."""
        for kind in KINDS:
            self.relist_kind(kind, [item for item in objects if item["kind"] == kind])

    def relist_kind(self, kind: str, objects: Sequence[Object]) -> None:
        """A fresh list of one kind."""
        page = self._decoder.page(KINDS[kind], json.dumps({"items": objects}).encode())
        self.inventory.replace(KINDS[kind], page.objects)

    def change(self, change: str, *objects: Object) -> None:
        """One batch: ADDED, MODIFIED or DELETED."""
        for item in objects:
            self.apply([(change, item)])

    def apply(self, changes: Sequence[tuple[str, Object]]) -> None:
        """A batch of changes of one kind, as a watch brings them."""
        if changes:
            kind = KINDS[changes[0][1]["kind"]]
            self.inventory.apply(kind, [(change, self.read(item)) for change, item in changes])

    def read(self, item: Object) -> ClusterObject:
        found = self._decoder.manifest(KINDS[item["kind"]], item)
        assert found is not None, self.problems[-1]
        return found

    # -- questions ----------------------------------------------------------------------------------------------------

    def raw(self, packet: bytes, protocol: Network = "udp") -> bytes | None:
        """The reply to one packet, as bytes."""
        reply = self.doors[protocol].answer(packet, asker(protocol))
        assert reply is None or isinstance(reply, bytes), "nothing here has to wait"
        self.calm()
        return reply

    def ask(
        self, name: str | bytes, qtype: str = "A", *, edns: int | None = None, do: bool = False, flags: int = codes.RD,
        protocol: Network = "udp",
    ) -> dns.message.Message:  # fmt: skip
        """The reply to one question, strictly parsed."""
        packet = query_packet(name, qtype, edns=edns, do=do, flags=flags)
        reply = self.raw(packet, protocol)
        assert reply is not None
        return dns.message.from_wire(reply)

    def calm(self) -> None:
        """Fails where a plugin raised."""
        assert not self.panics, self.panics


def asker(protocol: Network = "udp") -> KeptPeer:
    return KeptPeer(protocol, 4, "127.0.0.1", 40_000, "127.0.0.1", 53)


def query_packet(
    name: str | bytes, qtype: str | int = "A", *, edns: int | None = None, do: bool = False, flags: int = codes.RD,
    id: int = 4_711, qclass: int = codes.IN,
) -> bytes:  # fmt: skip
    """A plain query as a stub resolver sends it."""
    asked = name if isinstance(name, bytes) else name_from_text(name)
    number = qtype if isinstance(qtype, int) else dns.rdatatype.from_text(qtype)
    head = b"".join(part.to_bytes(2, "big") for part in (id, flags, 1, 0, 0, int(edns is not None)))
    opt = b""
    if edns is not None:
        opt = b"\0\0\x29" + edns.to_bytes(2, "big") + (0x8000 if do else 0).to_bytes(4, "big") + b"\0\0"
    return head + asked + int(number).to_bytes(2, "big") + qclass.to_bytes(2, "big") + opt


def records(section: Iterable[Any]) -> list[str]:
    """A section as sorted lines ``OWNER TTL TYPE DATA``."""
    return sorted(
        f"{group.name} {group.ttl} {dns.rdatatype.to_text(group.rdtype)} {data.to_text()}"
        for group in section
        for data in group
    )


def data(section: Iterable[Any]) -> list[str]:
    """The record data of a section, in order."""
    return [item.to_text() for group in section for item in group]


def outcome(reply: dns.message.Message) -> str:
    """What a reply says in a word: its rcode, or ``NODATA`` for no error and no answer."""
    if reply.rcode() == 0 and not reply.answer:
        return "NODATA"
    return str(reply.rcode().name)


def is_authoritative(reply: dns.message.Message) -> bool:
    return bool(reply.flags & dns.flags.AA)


def with_view(view: View, **changes: Any) -> View:
    return replace(view, **changes)
