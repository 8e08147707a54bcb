"""Explains one question: asks it of the server's own chain, reads the notes, looks at the objects behind the answer.

The question goes through the same door, router and plugins as any other. No observer hears of it, the memo of finished
replies does not keep it, and faults are told of and not fired. What is forwarded for it the cache may keep.
"""

import random
import time
from collections import Counter
from collections.abc import Awaitable
from typing import Final, Protocol

from resolver import limits
from resolver.answers.door import Door, Message
from resolver.answers.memo import AnswerMemo
from resolver.cluster.dns_names import Part, reverse_address
from resolver.cluster.dns_records import Candidate
from resolver.cluster.objects import ServiceKind, labels_text, service_key
from resolver.cluster.reading import Detail
from resolver.explain.asking import DEFAULT_NAMESPACE, Asked, whole_question
from resolver.explain.explanation import ExplainedRecord, Explanation, LeftOut
from resolver.explain.facts import ServiceFacts, gather
from resolver.explain.hints import hints, plugin_of
from resolver.explain.left_out import Finder, cut, in_order
from resolver.explain.notes import Notes, key_of
from resolver.explain.raw_objects import ApiObjects, EmbeddedObjects, RawObjects
from resolver.explain.rules import RULES
from resolver.explain.sources import Sources
from resolver.explain.sources import key_of as service_of
from resolver.explain.verdict import outcome_of, settled_by, steps, verdict
from resolver.explain.watched import WatchedRouter
from resolver.faults.fault import Fault
from resolver.plugins.kubernetes import Kubernetes
from resolver.server.api_feed import ApiFeed
from resolver.server.clusters import Cluster
from resolver.server.embedded_feed import EmbeddedFeed
from resolver.server.instance import Instance, Listening
from resolver.wire import codes
from resolver.wire import message as wire
from resolver.wire.edns import opt_record
from resolver.wire.names import closest_zone, name_to_text
from resolver.wire.peer import KeptPeer, Network
from resolver.wire.record_text import rdata_text, record_text
from resolver.wire.reply import Record, header, uncompressed_size

_FLAGS: Final = (("qr", codes.QR), ("aa", codes.AA), ("tc", codes.TC), ("rd", codes.RD), ("ra", codes.RA),
                 ("ad", codes.AD), ("cd", codes.CD))  # fmt: skip


class Explained(Protocol):
    """A server whose answers are explained."""

    @property
    def instance(self) -> Instance: ...


async def explain_question(
    server: Explained,
    name: str,
    qtype: str = "A",
    *,
    protocol: Network = "udp",
    bufsize: int = limits.EXPLAINED_BUFSIZE,
    client: str = "127.0.0.1",
    namespace: str = DEFAULT_NAMESPACE,
) -> Explanation:
    """Explains what the server answers to the question now.

    `name` may lack the zone, and for a single label the namespace; an address stands for its reverse name. `bufsize`
    is what EDNS asks for, 0 for a question without EDNS. Raises BadQuestion.
    """
    instance = server.instance
    plugins = [plugin for block in instance.blocks for plugin in block.host.plugins if isinstance(plugin, Kubernetes)]
    served = [zone for listening in instance.listening for zone in listening.zones]
    asked = whole_question(name, qtype, plugins, served, namespace)
    notes = Notes()
    listening = _listening(instance, asked.name.lower())
    router = WatchedRouter(instance, listening, notes, time.monotonic)
    peer = KeptPeer(protocol, 6 if ":" in client else 4, client, 0, "", listening.port)
    panics: list[str] = []
    door = Door(router, AnswerMemo(), time.monotonic, panics.append)
    answered = door.answer(_packet(asked, bufsize), peer)
    reply = await answered if isinstance(answered, Awaitable) else answered
    work = _Work(instance, asked, notes, router, plugins, panics)
    return await work.explanation(name, protocol, bufsize, reply)


def _listening(instance: Instance, name: bytes) -> Listening:
    """The listener that the question is put to: one that serves the name."""
    return next((each for each in instance.listening if closest_zone(name, each.zones)), instance.listening[0])


def _packet(asked: Asked, bufsize: int) -> bytes:
    """The query as a resolver sends it."""
    question = asked.name + asked.qtype.to_bytes(2) + codes.IN.to_bytes(2)
    head = header(random.getrandbits(16), codes.RD, 0, 0, 1 if bufsize else 0)
    return head + question + (opt_record(bufsize, False) if bufsize else b"")


class _Work:
    """One explanation in the making."""

    def __init__(
        self,
        instance: Instance,
        asked: Asked,
        notes: Notes,
        router: WatchedRouter,
        plugins: list[Kubernetes],
        panics: list[str],
    ) -> None:
        self._instance = instance
        self._asked = asked
        self._notes = notes
        self._router = router
        self._plugins = plugins
        self._panics = panics
        self._plugin = plugin_of(asked.name.lower(), plugins)
        self._cluster = self._cluster_of(self._plugin)
        self._objects = _objects(self._cluster)
        self._facts: dict[tuple[str, str], ServiceFacts] = {}
        self._address = reverse_address(asked.name.lower()) if asked.qtype == codes.PTR else ""

    def _cluster_of(self, plugin: Kubernetes | None) -> Cluster | None:
        if plugin is None:
            return None
        clusters = self._instance.clusters.clusters()
        return next((each for each in clusters if each.inventory is plugin.inventory), None)

    async def explanation(self, given: str, protocol: str, bufsize: int, reply: Message) -> Explanation:
        await self._gather()
        sources = Sources(self._objects, self._facts)
        name, qtype = self._asked.name, codes.type_text(self._asked.qtype)
        packet = reply[0] if isinstance(reply, list) else reply
        read = wire.parse_message(packet) if isinstance(packet, bytes) else None
        outcome = outcome_of(read.rcode if read else None, len(read.answer) if read else 0)
        decisions = settled_by(self._notes)
        said = "; ".join(self._panics) or (decisions[-1].text if decisions else "")
        types = Counter(codes.type_text(record.rtype) for record in (read.answer if read else ()))
        left_out = self._left_out(sources, outcome)
        whole = self._whole_size()
        size = len(packet) if isinstance(packet, bytes) else 0
        if read is not None and read.flags & codes.TC:
            left_out += cut(self._not_sent(read), size, whole)
        return Explanation(
            given=given,
            name=name_to_text(name),
            type=qtype,
            protocol=protocol,
            bufsize=bufsize,
            rcode=codes.rcode_text(read.rcode) if read is not None else None,
            outcome=outcome,
            verdict=verdict(outcome, qtype, name_to_text(name), types, said),
            size=size,
            whole_size=whole,
            flags=tuple(text for text, bit in _FLAGS if read is not None and read.flags & bit),
            rules=tuple((RULES[each.rule], each.text) for each in decisions),
            records=tuple(self._records(read, sources)) if read is not None else (),
            left_out=tuple(left_out),
            steps=steps(self._notes),
            hints=tuple(hints(name.lower(), self._asked.qtype, outcome, self._notes, self._plugin, self._plugins)),
            faults=tuple(_fault_said(fault) for fault in self._notes.faults),
            notes=self._said_apart(),
        )

    async def _gather(self) -> None:
        """Reads the objects of every Service that has been looked up, or that gave an address."""
        if self._objects is None or self._cluster is None:
            return
        detail = Detail(self._cluster.request.targets, self._cluster.request.zones)
        wanted: dict[tuple[str, str], str] = {}
        for request, multicluster in self._notes.lookups:
            if request.part is Part.SERVICE and not multicluster:
                service, _, namespace = labels_text(request.key).partition(".")
                wanted[namespace, service] = request.endpoint.decode("utf-8", "replace")
        items = [use.item for uses in self._notes.uses.values() for use in uses]
        for item in (*items, *(over.item for over in self._notes.over)):
            key = service_of(item)
            if key is not None:
                wanted.setdefault(key, "")
        if self._address and not items:
            wanted |= dict.fromkeys(await self._objects.services_of(self._address), "")
        for (namespace, service), endpoint in wanted.items():
            self._facts[namespace, service] = await gather(self._objects, namespace, service, detail, endpoint)

    def _records(self, read: wire.Message, sources: Sources) -> list[ExplainedRecord]:
        found = []
        for section in ("answer", "authority", "additional"):
            for record in getattr(read, section):
                found.append(self._record(section, record, sources))
        return found

    def _record(self, section: str, record: Record, sources: Sources) -> ExplainedRecord:
        decision = self._notes.record_rules.get(key_of(record))
        rule = RULES[decision.rule] if decision is not None else None
        if rule is None and section == "authority" and record.rtype == codes.SOA and self._plugin is not None:
            rule = RULES["A2"]
        return ExplainedRecord(
            section,
            record_text(record),
            name_to_text(record.owner),
            record.ttl,
            codes.type_text(record.rtype),
            rdata_text(record.rtype, record.rdata),
            codes.class_text(record.rclass),
            decision.text if decision is not None else "",
            rule,
            tuple(sources.of(use) for use in self._notes.sources(record)),
        )

    def _left_out(self, sources: Sources, outcome: str) -> list[LeftOut]:
        made = {candidate for each in self._notes.records.values() for candidate in each}
        answered = frozenset(each.address for each in made if isinstance(each, Candidate))
        plugin, cluster = self._plugin, self._cluster
        if plugin is None or cluster is None:
            return []
        finder = Finder(
            self._notes, sources, plugin.inventory, cluster.request.location, plugin.options.view, self._asked.qtype
        )
        found = list(finder.candidates(answered=outcome == "answer"))
        if self._address:
            lefts = [left for facts in self._facts.values() for left in finder.endpoints(facts, "", answered)]
            found += [left for left in lefts if left.what == self._address]
        for request, _ in self._notes.lookups:
            service, _, namespace = labels_text(request.key).partition(".")
            facts = self._facts.get((namespace, service))
            if facts is None:
                continue
            found += finder.hidden(facts)
            entry = plugin.inventory.services.get(service_key(service, namespace))
            headless = entry is not None and entry.service is not None and entry.service.kind is ServiceKind.HEADLESS
            endpoint = request.endpoint.decode("utf-8", "replace")
            if headless or endpoint or plugin.options.view.ignore_empty_service:
                found += finder.endpoints(facts, endpoint, answered)
            if headless and not endpoint:
                found += finder.pods(facts)
            if endpoint and outcome != "answer":
                found += finder.named_pod(facts, endpoint)
        return in_order(found)

    def _whole_size(self) -> int:
        """Bytes of the reply with all that the chain said, uncompressed."""
        said = self._router.said
        if said is None:
            return 0
        return uncompressed_size(self._asked.name, (list(said.answer), list(said.authority), list(said.additional)))

    def _not_sent(self, read: wire.Message) -> list[str]:
        said = self._router.said
        sent = {key_of(record) for record in (*read.answer, *read.authority, *read.additional)}
        return [record_text(each) for each in (said.records if said is not None else ()) if key_of(each) not in sent]

    def _said_apart(self) -> tuple[str, ...]:
        apart = [self._asked.note] if self._asked.note else []
        apart += [text for facts in self._facts.values() for text in facts.unreadable]
        return tuple(dict.fromkeys(apart))


def _fault_said(fault: Fault) -> str:
    times = f" of {fault.times}" if fault.times is not None else ""
    return f"fault {fault.id} `{fault.describe()}` (fired {fault.count}{times} times)"


def _objects(cluster: Cluster | None) -> RawObjects | None:
    feed = cluster.feed if cluster is not None else None
    if isinstance(feed, EmbeddedFeed):
        return EmbeddedObjects(feed.source)
    return ApiObjects(feed) if isinstance(feed, ApiFeed) else None
