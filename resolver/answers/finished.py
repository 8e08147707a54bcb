"""Replies in wire form, ready but for what differs from asker to asker: id, flags, OPT, size, turn, SOA serial."""

from itertools import accumulate
from struct import Struct
from typing import Final

from resolver import limits
from resolver.answers.observation import Observation
from resolver.answers.outcome import Reply
from resolver.wire import codes
from resolver.wire.edns import opt_record
from resolver.wire.peer import Peer
from resolver.wire.query import PASSED_FLAGS, Query
from resolver.wire.reply import SERIAL_FROM_END, Record, uncompressed_size, write

_HEAD: Final = Struct("!HHHHH")  # the header after the id: flags and counts
_QUESTION: Final = Struct("!HH")
_ID: Final = Struct("!H")
_ADDRESS_TYPES: Final = (codes.A, codes.AAAA)


class Kept:
    """A finished reply to one packet, byte for byte but the id: what the packet memo holds.

    `plain` is all after the id where nothing in it moves and nobody listens. Else the reply is `before`, what moves,
    `after`: the serial of the day, or a stretch of `ring` that begins at another record each time. `ring` is the run
    of records twice over, `starts` where in it each begins, `window` how many bytes of it a reply carries.
    """

    __slots__ = ("after", "before", "count", "finished", "observation", "plain", "ring", "starts", "window")

    def __init__(self, finished: "Finished", observation: Observation, before: bytes, after: bytes = b"") -> None:
        self.finished = finished
        self.observation = observation
        self.count = 0
        self.plain: bytes | None = None
        self.before = before
        self.after = after
        self.ring = b""
        self.starts: tuple[int, ...] = ()
        self.window = 0

    def reply(self, packet: bytes, client: Peer) -> bytes:
        """The reply to this packet; tells the listeners."""
        finished = self.finished
        if self.ring:
            finished.turn = turn = finished.turn + 1
            start = self.starts[turn % len(self.starts)]
            message = packet[:2] + self.before + self.ring[start : start + self.window] + self.after
        elif finished.serial is not None:
            message = packet[:2] + self.before + finished.serial.wire + self.after
        else:
            message = packet[:2] + self.before
        for listener in finished.reply.listeners:
            listener.hear(self.observation, _ID.unpack_from(packet)[0], client, limits.KEPT_REPLY_SECONDS)
        return message


class Finished:
    """One reply in wire form for one question.

    `pieces` are its records; `ring` is the run of them (from, to) that may be turned round. `live` ends when something
    the reply depends on changes. `case_free`: none of the question's letters are in the records, so that the same name
    in other letters has the same ones.
    """

    __slots__ = (
        "case_free", "counts", "flags", "live", "pieces", "reply", "ring", "serial", "serial_place", "size", "turn",
    )  # fmt: skip

    def __init__(self, reply: Reply, asked: bytes) -> None:
        sections = reply.sections
        written = write(asked, sections, limits.MESSAGE_SIZE)
        self.reply = reply
        self.live = True
        self.flags = codes.QR | reply.flags | (codes.TC if written.truncated else 0) | reply.rcode & codes.RCODE
        self.counts = written.counts
        self.pieces = written.pieces
        self.size = uncompressed_size(asked, sections) + reply.opt_size
        self.serial = reply.serial
        self.serial_place = -1 if reply.serial is None else _place_of_soa(sections)
        start = limits.HEADER_SIZE + len(asked) + _QUESTION.size
        self.ring = _longest_ring(written.pieces, sections, start) if reply.rotate else None
        self.turn = 0
        self.case_free = not reply.own_letters and _is_case_free(asked, sections)

    def message(self, query: Query) -> bytes:
        """The whole reply to this question, cut to what its asker takes."""
        pieces = self._turned()
        if self.serial is not None and self.serial_place >= 0:
            pieces = list(pieces)
            pieces[self.serial_place] = _with_serial(pieces[self.serial_place], self.serial.wire)
        question, opt, budget = self._frame(query)
        pieces, counts, cut = _fitting(pieces, self.counts, budget)
        head = self._head(query, counts, cut, bool(opt))
        return b"".join((_ID.pack(query.id), head, question, *pieces, opt))

    def keep(self, query: Query, observation: Observation) -> Kept | None:
        """The reply to this packet for the packet memo; None where each has to be cut anew."""
        question, opt, budget = self._frame(query)
        pieces, counts, cut = _fitting(self.pieces, self.counts, budget)
        head = self._head(query, counts, cut, bool(opt)) + question
        if self.serial is not None and self.serial_place >= 0:
            if cut:
                return None
            place = self.serial_place
            soa = pieces[place]
            before = head + b"".join(pieces[:place]) + soa[:-SERIAL_FROM_END]
            return Kept(self, observation, before, soa[4 - SERIAL_FROM_END :] + b"".join(pieces[place + 1 :]) + opt)
        if self.ring is None:
            kept = Kept(self, observation, head + b"".join(pieces) + opt)
            if not self.reply.listeners:
                kept.plain = kept.before
            return kept
        return self._keep_ring(self.ring, observation, head, pieces, opt, cut=cut)

    def _keep_ring(
        self,
        ring: tuple[int, int],
        observation: Observation,
        head: bytes,
        pieces: list[bytes],
        opt: bytes,
        *,
        cut: bool,
    ) -> Kept | None:
        first, last = ring
        run = self.pieces[first:last]
        if cut and (len({len(piece) for piece in run}) > 1 or len(pieces) < first):
            return None
        kept = Kept(self, observation, head + b"".join(pieces[:first]), b"".join(pieces[last:]) + opt)
        kept.ring = b"".join(run) * 2
        kept.starts = tuple(accumulate((len(piece) for piece in run[:-1]), initial=0))
        kept.window = sum(len(piece) for piece in pieces[first:last])
        return kept

    def _turned(self) -> list[bytes]:
        if self.ring is None:
            return self.pieces
        first, last = self.ring
        self.turn += 1
        turn = first + self.turn % (last - first)
        return [*self.pieces[:first], *self.pieces[turn:last], *self.pieces[first:turn], *self.pieces[last:]]

    def _frame(self, query: Query) -> tuple[bytes, bytes, int]:
        """The question echoed, the OPT, and the bytes that records may take."""
        question = query.asked + _QUESTION.pack(query.qtype, query.qclass)
        edns, reply = query.edns, self.reply
        limit, opt = query.limit, b""
        if edns is not None:
            size = min(edns.size, reply.size_cap)
            opt = opt_record(size, edns.do, reply.options + reply.reason, reply.rcode >> 4)
            if query.client.protocol == "udp":
                limit = max(limits.UDP_REPLY_SIZE, size)
        elif reply.options or reply.rcode > codes.RCODE:
            opt = opt_record(limits.UDP_QUERY_SIZE, False, reply.options, reply.rcode >> 4)
        return question, opt, limit - limits.HEADER_SIZE - len(question) - len(opt)

    def _head(self, query: Query, counts: tuple[int, int, int], cut: bool, opt: bool) -> bytes:
        flags = self.flags | query.flags & PASSED_FLAGS | (codes.TC if cut else 0)
        return _HEAD.pack(flags, 1, counts[0], counts[1], counts[2] + opt)


def denial(query: Query, reply: Reply) -> bytes | None:
    """The message of a denial and nothing else: what a flood of random names is met with, so by the shortest way.

    None where the reply is anything more, or has to be cut.
    """
    soa = reply.soa
    if soa is None or reply.answer or reply.additional or len(reply.authority) != 1 or reply.options:
        return None
    if reply.authority[0] is not soa.record or reply.size_cap != limits.MESSAGE_SIZE:
        return None
    asked, edns = query.asked, query.edns
    parts = soa.parts(asked)
    if parts is None:
        return None
    before, after = parts
    opt = opt_record(edns.size, edns.do) if edns is not None else b""
    head = _HEAD.pack(
        codes.QR | reply.flags | query.flags & PASSED_FLAGS | reply.rcode, 1, 0, 1, 1 if edns is not None else 0
    )
    packet = query.packet
    end = limits.HEADER_SIZE + len(asked) + 4
    message = b"".join((packet[:2], head, packet[12:end], before, soa.serial.wire, after, opt))
    return message if len(message) <= query.limit else None


def _fitting(
    pieces: list[bytes], counts: tuple[int, int, int], budget: int
) -> tuple[list[bytes], tuple[int, int, int], bool]:
    """As many whole records in order as fit; the first that does not ends it."""
    used = 0
    for fitting, piece in enumerate(pieces):
        used += len(piece)
        if used > budget:
            answer = min(counts[0], fitting)
            authority = min(counts[1], fitting - answer)
            return pieces[:fitting], (answer, authority, fitting - answer - authority), True
    return pieces, counts, False


def _with_serial(soa: bytes, serial: bytes) -> bytes:
    return soa[:-SERIAL_FROM_END] + serial + soa[4 - SERIAL_FROM_END :]


def _place_of_soa(sections: tuple[list[Record], list[Record], list[Record]]) -> int:
    types = [record.rtype for records in sections for record in records]
    return types.index(codes.SOA) if codes.SOA in types else -1


def _is_case_free(asked: bytes, sections: tuple[list[Record], list[Record], list[Record]]) -> bool:
    answer, authority, additional = sections
    return (
        not additional
        and all(record.rtype in _ADDRESS_TYPES and record.owner == asked for record in answer)
        and all(record.rtype == codes.SOA and _ends_in_its_zone(record, asked) for record in authority)
    )


def _ends_in_its_zone(soa: Record, asked: bytes) -> bool:
    """Whether all the SOA's names have in common with the question is the zone: `ns.dns.ZONE` behind `dns.ZONE` points
    to letters of the question that are not the zone's."""
    zone, at = len(asked) - len(soa.owner), 0
    if zone <= 0:
        return True
    while (end := at + asked[at] + 1) < zone:
        at = end
    return asked[at:] not in soa.rdata


def _longest_ring(
    pieces: list[bytes], sections: tuple[list[Record], list[Record], list[Record]], start: int
) -> tuple[int, int] | None:
    """The longest run of two or more addresses of one section whose owners are pointers to before the run.

    `start` is where the first piece begins in the message. Only addresses: nothing can point into what they hold.
    """
    best, at = None, 0
    for records in sections:
        places = [at + place for place, record in enumerate(records) if record.rtype in _ADDRESS_TYPES]
        at += len(records)
        if len(places) < 2 or places[-1] - places[0] >= len(places) or places[-1] >= len(pieces):
            continue
        first, last = places[0], places[-1] + 1
        if best is None or last - first > best[1] - best[0]:
            before = start + sum(len(piece) for piece in pieces[:first])
            if all(piece[0] >= 0xC0 and _target(piece) < before for piece in pieces[first:last]):
                best = (first, last)
    return best


def _target(piece: bytes) -> int:
    """Where the pointer that a piece begins with leads."""
    return (piece[0] & 0x3F) << 8 | piece[1]
