"""The door: the one function that every packet of every transport goes through.

`answer` is the hot path. A packet seen before is one lookup; a question seen before is put together from its finished
reply; only what is new goes down the chain. Nothing here waits: what must wait comes back as an awaitable.
"""

import traceback
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from resolver import limits
from resolver.answers.finished import Finished, Kept, denial
from resolver.answers.memo import AnswerMemo
from resolver.answers.observation import Counter, Observation, observe
from resolver.answers.outcome import Answer, Disturbed, Failure, Outcome, Pending, Reply, Settled, Transfer, tell
from resolver.wire import codes
from resolver.wire.admission import admit
from resolver.wire.delivery import Delivery
from resolver.wire.edns import opt_record
from resolver.wire.peer import Peer
from resolver.wire.query import PASSED_FLAGS, Query
from resolver.wire.reply import Record, header, uncompressed_size

_WRITTEN: Final[list[Record]] = []
"""Stands for the records of a reply that is kept: they are in wire form now, and twice is too much."""

Message = bytes | list[bytes] | Delivery | None
"""A reply, the several messages of a zone transfer, what leaves in place of a reply, or silence."""


class Router(Protocol):
    """Chooses the server block of a question and runs its chain."""

    server: str
    """The listener as CoreDNS's metrics name it: ``dns://:53``."""
    any_class: bool
    """Whether classes other than IN are let in (a block of the listener forwards)."""

    stacktraces: bool
    """Whether a plugin that raised is reported with its traceback (errors: `stacktrace`)."""

    def route(self, query: Query, /) -> Answer:
        """Runs the chain of the block that serves the name."""

    def refused(self) -> tuple[Counter, ...]:
        """Who counts the questions that reach no block."""


class Door:
    """One per listening socket, so that protocol, family and blocks are the same for all its packets.

    `monotonic` is a clock in seconds; `report` takes a line about a plugin that raised.
    """

    __slots__ = ("_kept", "_memo", "_monotonic", "_report", "_router", "panics")

    def __init__(
        self, router: Router, memo: AnswerMemo, monotonic: Callable[[], float], report: Callable[[str], None]
    ) -> None:
        self._router = router
        self._memo = memo
        self._monotonic = monotonic
        self._report = report
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()
        self.panics = 0

    def answer(self, packet: bytes, client: Peer) -> Message | Awaitable[Message]:
        """The reply to one packet. Never raises, whatever the bytes."""
        rest = packet[2:]
        kept = self._kept.get(rest)
        if kept is not None and kept.finished.live:
            kept.count += 1
            plain = kept.plain
            if plain is not None:
                return packet[:2] + plain
            return kept.reply(packet, client)
        return self._answer_new(packet, client)

    def _answer_new(self, packet: bytes, client: Peer) -> Message | Awaitable[Message]:
        query = admit(packet, client)
        if not isinstance(query, Query):
            return query
        start = self._monotonic()
        query.router = router = self._router
        edns = query.edns
        if query.qclass != codes.IN and not router.any_class:
            failure = Failure(codes.REFUSED)
            failure.counters = router.refused()
            return self._fail(query, failure, start)
        if edns is not None and edns.version:
            return _bad_version(query)
        at = limits.HEADER_SIZE + len(query.name)
        question = query.name + packet[at : at + 4]
        finished = self._memo.get(question)
        if finished is not None and (finished.case_free or query.asked == query.name):
            return self._send_finished(query, finished, start)
        try:
            answer = router.route(query)
        except Exception as error:  # noqa: BLE001 - a plugin's bug costs its question and nothing else
            answer = self._panic(error)
        if type(answer) is Reply:
            return self._send_reply(query, answer, start, question)
        if isinstance(answer, Pending):
            query.client = client.keep()
            return self._settle(query, answer, start)
        return self._send(query, answer, start, question)

    async def _settle(self, query: Query, pending: Pending, start: float) -> Message:
        try:
            answer = await pending
        except Exception as error:  # noqa: BLE001 - as above
            answer = self._panic(error)
        return self._send(query, answer, start, b"")

    def _panic(self, error: Exception) -> Failure:
        self.panics += 1
        if self._router.stacktraces:
            self._report(f"Recovered from panic in server: {''.join(traceback.format_exception(error))}")
            return Failure(codes.SERVFAIL)
        self._report(f"Recovered from panic in server: {type(error).__name__}: {error}"[: limits.LOG_LINE])
        return Failure(codes.SERVFAIL)

    def _send(self, query: Query, answer: Settled, start: float, question: bytes) -> Message:
        """Settled answer to bytes; `question` is its key in the memo, empty where it may not be kept."""
        if isinstance(answer, Transfer):
            return self._transfer(query, answer, start)
        if isinstance(answer, Disturbed):
            return answer.disturb(self._send_reply(query, answer, start, b""))
        if isinstance(answer, Reply):
            return self._send_reply(query, answer, start, question)
        if answer is None:
            return None
        return self._fail(query, answer, start)

    def _send_reply(self, query: Query, reply: Reply, start: float, question: bytes) -> bytes:
        if reply.depends is not None and question and query.asked == query.name:
            memo = self._memo
            if memo.wants(question, reply.rcode):
                finished = Finished(reply, query.asked)
                memo.put(question, finished)
                reply.answer = reply.authority = reply.additional = _WRITTEN
                return self._send_finished(query, finished, start)
        message = denial(query, reply)
        if message is not None:
            if reply.counters or reply.listeners:
                flags = codes.QR | reply.flags | reply.rcode
                size = reply.soa.size + len(query.asked) if reply.soa is not None else 0
                observation = observe(query, reply.rcode, flags, size, written=True)
                self._observe(query, reply, observation, start)
            return message
        finished = Finished(reply, query.asked)
        message = finished.message(query)
        if reply.counters or reply.listeners:
            flags = finished.flags | message[2] << 8 & codes.TC
            observation = observe(query, reply.rcode, flags, finished.size, written=True)
            if reply.opt_size:  # only making an OPT for the reply takes the options off the query
                observation = observation._replace(options_size=0)
            self._observe(query, reply, observation, start)
        return message

    def _send_finished(self, query: Query, finished: Finished, start: float) -> bytes:
        edns, cap = query.edns, finished.reply.size_cap
        if edns is not None and edns.size > cap:
            edns.size = cap  # as the plugin that caps it leaves it on a question's first way through the chain
        message = finished.message(query)
        flags = finished.flags | message[2] << 8 & codes.TC
        observation = observe(query, finished.reply.rcode, flags, finished.size, written=True)
        packet = query.packet
        if len(packet) <= limits.KEPT_PACKET_SIZE and len(message) <= limits.KEPT_REPLY_SIZE:
            kept = finished.keep(query, observation)
            if kept is not None:
                self._keep(packet, kept)
        self._observe(query, finished.reply, observation, start)
        return message

    def _keep(self, packet: bytes, kept: Kept) -> None:
        """Keeps a reply for its packet; it takes the place of an earlier one, or of that kept longest."""
        rest, all_kept = packet[2:], self._kept
        gone = all_kept.pop(rest, None)
        if gone is None and len(all_kept) >= limits.KEPT_PACKETS:
            _, gone = all_kept.popitem(last=False)
        if gone is not None:
            _report_count(gone)
        all_kept[rest] = kept

    def _observe(self, query: Query, answer: Outcome, observation: Observation, start: float) -> None:
        tell(query, answer, observation, self._monotonic() - start)

    def _fail(self, query: Query, failure: Failure, start: float) -> bytes:
        """What the server writes itself: the rcode, the question, an OPT if there was one."""
        message = bare(query, failure.rcode)
        if failure.counters or failure.listeners:
            flags = codes.QR | failure.rcode & codes.RCODE
            observation = observe(query, failure.rcode, flags, len(message), written=False)
            self._observe(query, failure, observation, start)
        return message

    def _transfer(self, query: Query, transfer: Transfer, start: float) -> list[bytes]:
        sent = []
        for records in transfer.messages:
            part = Reply(codes.NOERROR, transfer.flags, records)
            sent.append(Finished(part, query.asked).message(query))
        size = sum(uncompressed_size(query.asked, (records, [], [])) for records in transfer.messages)
        observation = observe(query, transfer.rcode, codes.QR | transfer.flags, size, written=True)
        self._observe(query, transfer, observation, start)
        return sent

    def serve(self, router: Router, memo: AnswerMemo) -> None:
        """Answers from another configuration from now on; nothing kept from the last one is used again."""
        self.flush_counts()
        self._router, self._memo = router, memo
        self._kept = OrderedDict()

    def flush_counts(self) -> None:
        """Reports the kept replies sent since the last time to their counters."""
        for kept in self._kept.values():
            if kept.count:
                _report_count(kept)


def _report_count(kept: Kept) -> None:
    """Tells a kept reply's counters of the times it was sent since they last heard of it."""
    times, kept.count = kept.count, 0
    if times:
        for counter in kept.finished.reply.counters:
            counter.count(kept.observation, times, times * limits.KEPT_REPLY_SECONDS)


def bare(query: Query, rcode: int) -> bytes:
    """A reply of an rcode and nothing else."""
    edns = query.edns
    opt = opt_record(edns.size, edns.do, b"", rcode >> 4) if edns is not None else b""
    flags = codes.QR | query.flags & PASSED_FLAGS | rcode & codes.RCODE
    at = limits.HEADER_SIZE + len(query.asked) + 4
    return header(query.id, flags, 0, 0, 1 if opt else 0) + query.packet[limits.HEADER_SIZE : at] + opt


def _bad_version(query: Query) -> bytes:
    """BADVERS with an OPT of version 0 and size 0 (RFC 6891 §6.1.3; CoreDNS plugin/pkg/edns)."""
    at = limits.HEADER_SIZE + len(query.asked) + 4
    head = header(query.id, codes.QR | query.flags & PASSED_FLAGS, 0, 0, 1)
    return head + query.packet[limits.HEADER_SIZE : at] + opt_record(0, False, b"", codes.BADVERS >> 4)
