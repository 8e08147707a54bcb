"""The history: the last questions that were asked and what was said to them, bounded by number and by bytes.

It is for looking on; nothing is answered from it. Where a server has one, each door is wrapped in `recording`, so that
what is kept is what really left: after faults, silence and malformed packets included. Where it has none, nothing is
wrapped. On the hot path a question costs one run of bytes; they are taken apart when somebody reads them.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Sequence
from threading import Lock
from typing import Any, NamedTuple

from resolver import limits
from resolver.faults.pattern import DEFAULT_ZONE
from resolver.server.history_entry import HEAD, Asked, Channel, Entry, entries_of
from resolver.server.history_filter import Wanted
from resolver.transports.answering import AnswerFunction, Reply, abandon
from resolver.wire.delivery import Delivery
from resolver.wire.peer import Family, Network, Peer


class Block(NamedTuple):
    """Questions kept one after the other; `first` is the number of the first one, counted from the start."""

    first: int
    held: int
    kept: bytes


class History:
    """Keeps at most `capacity` questions, and of them at most `limits.HISTORY_BYTES`.

    `zone`: the cluster's domain, for names to look for that are written without it. `clock`: seconds since 1970.
    Written in the event loop's thread only; reading is safe in any.
    """

    def __init__(
        self,
        capacity: int = limits.HISTORY,
        *,
        zone: str = DEFAULT_ZONE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.capacity = capacity
        self.zone = zone
        self._clock = clock
        self._channels: list[Channel] = []
        self._blocks: deque[Block] = deque()
        self._bytes = 0
        self._last: list[bytes] = []
        self._before_last = 0
        """Questions recorded before the first of `_last`."""
        self._turn_at = limits.HISTORY_BLOCK
        """So many in `_last` need looking after: a whole block, or one more than there are where somebody waits."""
        self._more: asyncio.Event | None = None
        self._moving = Lock()  # held while questions move from `_last` to `_blocks`

    def __len__(self) -> int:
        """How many are kept."""
        first = self._blocks[0].first if self._blocks else self._before_last
        return min(self.capacity, self.total - first)

    @property
    def total(self) -> int:
        """How many have been recorded since the start, also those that are kept no more."""
        return self._before_last + len(self._last)

    # -- recording

    def recording(self, answer: AnswerFunction, protocol: Network, family: Family, port: int) -> AnswerFunction:
        """The same function, whose questions are recorded. `port` is the one it is asked at."""
        number = self._channel(Channel(protocol, family, port))
        last, add, join, pack, clock = self._last, self._last.append, b"".join, HEAD.pack, self._clock
        most_asked, most_said = limits.HISTORY_QUESTION, limits.HISTORY_REPLY

        def record(packet: bytes, client: Peer) -> Reply | Awaitable[Reply]:
            reply = answer(packet, client)
            if type(reply) is bytes and (said := len(reply)) <= most_said and (asked := len(packet)) <= most_asked:
                add(join((pack(clock(), asked, number, 1, said), client.sockaddr, packet, reply)))
                if len(last) >= self._turn_at:
                    self._turn()
                return reply
            return self._record_apart(reply, packet, client, number)

        return record

    def record(self, packet: bytes, client: Peer, reply: Reply) -> None:
        """Records one question that came another way than through `recording`."""
        number = self._channel(Channel(client.protocol, client.family, client.local_port))
        self._add(self._clock(), number, bytes(client.sockaddr), packet, reply)

    def _record_apart(
        self, reply: Reply | Awaitable[Reply], packet: bytes, client: Peer, number: int
    ) -> Reply | Awaitable[Reply]:
        """Silence, several messages, what is too long, what is still to come."""
        at, sockaddr = self._clock(), bytes(client.sockaddr)
        if isinstance(reply, Awaitable):
            return _Coming(reply, lambda settled: self._add(at, number, sockaddr, packet, settled))
        self._add(at, number, sockaddr, packet, reply)
        return reply

    def _add(self, at: float, number: int, sockaddr: bytes, packet: bytes, reply: Reply) -> None:
        messages = _messages(reply)
        asked = packet[: limits.HISTORY_QUESTION]
        size = sum(map(len, messages))
        head = HEAD.pack(at, len(asked), number, min(len(messages), 0xFF), size)
        self._last.append(b"".join((head, sockaddr, asked, b"".join(messages)[: limits.HISTORY_REPLY])))
        if len(self._last) >= self._turn_at:
            self._turn()

    def _channel(self, channel: Channel) -> int:
        """Its number; there is one for each port and family, so they are few."""
        if channel not in self._channels:
            self._channels.append(channel)
        return self._channels.index(channel)

    def _turn(self) -> None:
        """Tells those who wait; makes a full block one piece, for which the oldest ones make room."""
        if self._more is not None:
            self._more.set()
            self._more = None
        self._turn_at = limits.HISTORY_BLOCK
        count = len(self._last)
        if count < limits.HISTORY_BLOCK:
            return
        kept, blocks = b"".join(self._last), self._blocks
        with self._moving:
            blocks.append(Block(self._before_last, count, kept))
            self._bytes += len(kept)
            self._before_last += count
            self._last.clear()
            floor = self._before_last - self.capacity
            while blocks and (self._bytes > limits.HISTORY_BYTES or blocks[0].first + blocks[0].held <= floor):
                self._bytes -= len(blocks.popleft().kept)

    def clear(self) -> int:
        """Forgets all of them; how many there were. `total` goes on."""
        held = len(self)
        with self._moving:
            self._before_last += len(self._last)
            self._last.clear()
            self._blocks.clear()
            self._bytes = 0
        return held

    # -- reading

    def blocks(self, after: int = 0) -> list[Block]:
        """All that are kept of those behind the first `after` recorded, oldest first; the first block may begin sooner.

        What is recorded or forgotten meanwhile changes nothing of it.
        """
        with self._moving:
            found, last, first = list(self._blocks), list(self._last), self._before_last
        if last:
            found.append(Block(first, len(last), b"".join(last)))
        floor = max(after, first + len(last) - self.capacity)
        return [block for block in found if block.first + block.held > floor]

    def entries(self, block: Block, after: int = 0) -> Iterator[Entry]:
        """Those of one block that are kept still and behind the first `after` recorded."""
        floor = max(after, self.total - self.capacity)
        for number, entry in enumerate(entries_of(block.kept, self._channels), block.first):
            if number >= floor:
                yield entry

    def questions(
        self,
        *,
        name: str | None = None,
        type: str | None = None,
        client: str | None = None,
        protocol: str | None = None,
        rcode: str | None = None,
        since: float | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> list[Asked]:
        """Those that fit, oldest first; the last `limit` of them. `after`: behind so many of `total`.

        The others are as in `Wanted.make`. Raises BadFilter.
        """
        wanted = Wanted.make(
            name=name, type=type, client=client, protocol=protocol, rcode=rcode, since=since, zone=self.zone
        )
        found: list[Entry] = []
        for block in reversed(self.blocks(after)):
            found += [entry for entry in reversed(list(self.entries(block, after))) if wanted.takes(entry)]
            if limit is not None and len(found) >= limit:
                del found[limit:]
                break
        found.sort(key=lambda entry: entry.at)  # one that had to be waited for was recorded later than it was asked
        return [entry.asked() for entry in found]

    async def more(self, seen: int) -> None:
        """Returns when more than `seen` have been recorded since the start."""
        while self.total <= seen:
            if self._more is None:
                self._more = asyncio.Event()
            self._turn_at = 0
            await self._more.wait()

    async def follow(self, wanted: Wanted, after: int) -> AsyncGenerator[tuple[list[Asked], int], None]:
        """Each time there is more: what fits of it, and how many were lost because it came faster than it was read."""
        while True:
            await self.more(after)
            for block in self.blocks(after):
                entries = list(self.entries(block, after))
                end = block.first + block.held
                lost, after = end - len(entries) - after, end
                yield [entry.asked() for entry in entries if wanted.takes(entry)], lost


def _messages(reply: Reply) -> Sequence[bytes]:
    if reply is None:
        return ()
    return (reply,) if isinstance(reply, bytes) else reply.messages if isinstance(reply, Delivery) else reply


class _Coming:
    """A reply still to come. `note` is told of it when it is there, and of silence where it never comes."""

    __slots__ = ("_note", "_reply")

    def __init__(self, reply: Awaitable[Reply], note: Callable[[Reply], None]) -> None:
        self._reply = reply
        self._note = note

    def __await__(self) -> Generator[Any, Any, Reply]:
        return self._settle().__await__()

    async def _settle(self) -> Reply:
        try:
            reply = await self._reply
        except BaseException:
            self._note(None)
            raise
        self._note(reply)
        return reply

    def close(self) -> None:
        """It will not be awaited."""
        abandon(self._reply)
        self._note(None)
