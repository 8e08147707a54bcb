"""The questions that were asked: listed, followed, forgotten."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from resolver import limits
from resolver.admin.operation import Answer, Desk, Lines, Nothing, Refused
from resolver.server.history import Block, History
from resolver.server.history_entry import Asked, Entry
from resolver.server.history_filter import BadFilter, Wanted

_T = TypeVar("_T")


class QuestionsWanted(msgspec.Struct, forbid_unknown_fields=True):
    """All have to fit."""

    name: (
        Annotated[str, Meta(description="A name, with or without the zone; * is one label, ** any number.")] | None
    ) = None
    type: Annotated[str, Meta(description="A record type, such as AAAA.")] | None = None
    client: Annotated[str, Meta(description="An address or a network, such as 10.0.0.0/8.")] | None = None
    protocol: Annotated[str, Meta(description="udp or tcp.")] | None = None
    rcode: Annotated[str, Meta(description="Such as NXDOMAIN; none for questions without a reply.")] | None = None
    since: Annotated[float, Meta(description="Seconds since 1970.")] | None = None
    limit: Annotated[int, Meta(ge=0, le=limits.ADMIN_QUESTIONS, description="How many at the most, the last ones.")] = (
        limits.ADMIN_QUESTIONS_DEFAULT
    )
    follow: Annotated[bool, Meta(description="JSON lines: these questions, then all that fit as they are asked.")] = (
        False
    )

    def wanted(self, zone: str) -> Wanted:
        """Raises Refused."""
        try:
            return Wanted.make(
                name=self.name,
                type=self.type,
                client=self.client,
                protocol=self.protocol,
                rcode=self.rcode,
                since=self.since,
                zone=zone,
            )
        except BadFilter as error:
            raise Refused(400, str(error)) from None


class Questions(msgspec.Struct):
    """Oldest first. `kept`: how many the history holds; `total`: how many were asked since the start."""

    questions: list[Asked]
    kept: int
    total: int


class Forgotten(msgspec.Struct):
    """How many questions were forgotten."""

    forgotten: int


class Lost(msgspec.Struct):
    """A line for a follower that was too slow: so many questions were forgotten before it could read them."""

    lost: int


async def list_questions(desk: Desk, parameters: QuestionsWanted, body: None) -> Answer:
    history = _history(desk)
    wanted = parameters.wanted(history.zone)
    total = history.total
    blocks = history.blocks()
    if parameters.follow:
        if desk.followers >= limits.ADMIN_FOLLOWERS:
            raise Refused(503, f"{limits.ADMIN_FOLLOWERS} are following already: end one of them")
        return Lines(_followed(desk, history, blocks, total, wanted, parameters.limit))
    found = await _last(history, blocks, wanted, parameters.limit)
    return Questions(found, len(history), total)


async def forget_questions(desk: Desk, parameters: Nothing, body: None) -> Answer:
    return Forgotten(_history(desk).clear())


async def _last(history: History, blocks: list[Block], wanted: Wanted, limit: int) -> list[Asked]:
    """The last ones that fit, oldest first; others get their turn while it looks."""
    found: list[Entry] = []
    for block in reversed(blocks):
        if len(found) >= limit:
            break
        found += [entry for entry in reversed(list(history.entries(block))) if wanted.takes(entry)]
        await asyncio.sleep(0)
    del found[limit:]
    found.sort(key=lambda entry: entry.at)
    asked = []
    for number, entry in enumerate(found, 1):
        asked.append(entry.asked())
        if number % limits.HISTORY_BLOCK == 0:
            await asyncio.sleep(0)
    return asked


async def _followed(
    desk: Desk, history: History, blocks: list[Block], total: int, wanted: Wanted, limit: int
) -> AsyncGenerator[bytes, None]:
    desk.followers += 1
    news = history.follow(wanted, total)
    try:
        yield _lines(await _last(history, blocks, wanted, limit))
        async for asked, lost in _until(desk.stopping, news):
            yield (msgspec.json.encode(Lost(lost)) + b"\n" if lost else b"") + _lines(asked)
    finally:
        desk.followers -= 1
        await news.aclose()


def _lines(asked: list[Asked]) -> bytes:
    return b"".join(msgspec.json.encode(each) + b"\n" for each in asked)


async def _until(stopping: asyncio.Event, news: AsyncIterator[_T]) -> AsyncIterator[_T]:
    """What comes until it is time to stop."""
    ended = asyncio.ensure_future(stopping.wait())
    try:
        while True:
            step = asyncio.ensure_future(anext(news))
            try:
                await asyncio.wait((step, ended), return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not step.done():
                    step.cancel()
                    await asyncio.wait((step,))
            if step.cancelled():
                return
            yield step.result()
    finally:
        ended.cancel()


def _history(desk: Desk) -> History:
    if desk.history is None:
        raise Refused(409, "no history is kept: start the server without `--history 0`")
    return desk.history
