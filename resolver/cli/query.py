"""``dualdns query``: one question, and the reply as dig prints it."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from resolver import __version__
from resolver.cli.event_loop import run_fastest
from resolver.cli.query_options import QueryOptions, parse
from resolver.cli.servers import START_ONE, BadServer, addresses

if TYPE_CHECKING:
    from resolver.client.exchange import Reply
    from resolver.wire.message import Question
    from resolver.wire.reply import Record

_NO_REPLY: Final = 9
"""The exit status dig has for it."""


def run(arguments: Sequence[str]) -> int:
    """Asks and prints. Returns 0 where a reply came, 9 where none did."""
    return run_fastest(_query(parse(arguments)))


async def ask_and_print(arguments: Sequence[str]) -> int:
    """The same within an event loop."""
    return await _query(parse(arguments))


async def _query(options: QueryOptions) -> int:
    from resolver.client.exchange import NoReply, NoServer
    from resolver.wire.names import BadName

    try:
        cookie = _cookie(options)
        questions = list(_questions(options))
        reply, found = await _first_known(options, questions, cookie)
    except (BadName, BadServer) as error:
        print(f"dualdns query: {error}", file=sys.stderr)
        return 2
    except NoServer as error:
        print(f"dualdns query: {error}: {START_ONE}", file=sys.stderr)
        return _NO_REPLY
    except NoReply as error:
        print(f"dualdns query: {error}", file=sys.stderr)
        return _NO_REPLY
    for line in _lines(options, reply, found, cookie):
        print(line)
    return 0


def _cookie(options: QueryOptions) -> bytes:
    import secrets

    from resolver import limits

    return secrets.token_bytes(limits.CLIENT_COOKIE) if options.cookie is None else options.cookie


def _questions(options: QueryOptions) -> Iterator["Question"]:
    """One, or those of a search path in order. Raises BadName."""
    from resolver.client.resolv_conf import resolv_conf
    from resolver.client.search import candidates
    from resolver.wire.message import Question
    from resolver.wire.names import name_from_text

    names = [options.name]
    if options.search:
        searches = resolv_conf(options.search, cluster_domain=options.domain).searches
        names = candidates(options.name, searches, options.ndots)
    for name in names:
        yield Question(name_from_text(name), options.qtype, options.qclass)


async def _first_known(
    options: QueryOptions, questions: "Sequence[Question]", cookie: bytes
) -> tuple["Reply", Sequence[str]]:
    """The first reply that is not NXDOMAIN, else the last; and the server's addresses. Raises NoReply, BadServer."""
    from resolver.wire import codes

    found = await addresses(options.server)
    for question in questions:
        reply = await _ask(options, question, found, cookie)
        if reply.message.rcode != codes.NXDOMAIN:
            break
    return reply, found


async def _ask(options: QueryOptions, question: "Question", found: Sequence[str], cookie: bytes) -> "Reply":
    """Asks the server's addresses one after the other until one replies. Raises NoReply."""
    from resolver.client.exchange import NoReply, exchange
    from resolver.client.message import AskedEdns
    from resolver.wire import codes

    edns = None if options.edns_size is None else AskedEdns(options.edns_size, options.do, cookie)
    flags = codes.AD | (codes.RD if options.recurse else 0)
    for number, address in enumerate(found, 1):
        try:
            return await exchange(
                question,
                address,
                options.server.port,
                tcp=options.tcp,
                edns=edns,
                flags=flags,
                seconds=options.timeout,
                tries=options.tries,
                retry_tcp=not options.keep_truncated,
            )
        except NoReply:
            if number == len(found):
                raise
    raise BadServer(f"the server's name {options.server.host!r} has no address")


def _lines(options: QueryOptions, reply: "Reply", found: Sequence[str], cookie: bytes) -> Iterator[str]:
    from resolver.client import dig_text

    if options.output == "json":
        from json import dumps

        yield dumps(_as_json(options, reply), indent=2)
        return
    if options.output == "short":
        yield from dig_text.short_lines(reply.message)
        return
    if dig_text.cookie_differs(reply.message, cookie):
        yield ";; Warning: Client COOKIE mismatch"
    for note in reply.notes:
        yield f";; {note}"
    yield ""
    yield f"; <<>> dualdns {__version__} <<>> {' '.join(options.words)}"
    yield f"; ({len(found)} server{'s' * (len(found) != 1)} found)"
    yield ";; global options: +cmd"
    received = dig_text.Received(
        reply.message, reply.address, reply.port, options.server.host, reply.protocol, len(reply.packet),
        reply.seconds, _now(), cookie,
    )  # fmt: skip
    yield from dig_text.reply_lines(received)


def _now() -> str:
    from time import localtime, strftime

    return strftime("%a %b %d %H:%M:%S %Z %Y", localtime())


def _as_json(options: QueryOptions, reply: "Reply") -> dict[str, Any]:
    from resolver.client import dig_text
    from resolver.wire import codes
    from resolver.wire.record_text import name_text, type_text

    message = reply.message
    members: dict[str, Any] = {
        "server": {"name": options.server.host, "address": reply.address, "port": reply.port},
        "protocol": reply.protocol,
        "milliseconds": round(reply.seconds * 1000, 3),
        "size": len(reply.packet),
        "notes": list(reply.notes),
        "id": message.id,
        "rcode": dig_text.rcode_text(message.rcode),
        "flags": dig_text.flag_texts(message.flags),
        "question": [
            {"name": name_text(name), "type": type_text(qtype), "class": codes.class_text(qclass)}
            for name, qtype, qclass in message.questions
        ],
        "answer": [_record_json(record) for record in message.answer],
        "authority": [_record_json(record) for record in message.authority],
        "additional": [_record_json(record) for record in message.additional],
    }
    if message.opt is not None:
        members["edns"] = dig_text.edns_json(message.opt)
    return members


def _record_json(record: "Record") -> dict[str, Any]:
    from resolver.wire import codes
    from resolver.wire.record_text import name_text, rdata_text, type_text

    return {
        "name": name_text(record.owner),
        "ttl": record.ttl,
        "class": codes.class_text(record.rclass),
        "type": type_text(record.rtype),
        "data": rdata_text(record.rtype, record.rdata),
    }
