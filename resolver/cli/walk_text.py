"""A walk along a search path as text and as JSON."""

from collections.abc import Iterator, Sequence
from json import dumps
from typing import Final, NamedTuple

from resolver.client.address_order import ordered
from resolver.client.exchange import shown
from resolver.client.resolv_conf import ResolvConf
from resolver.client.walking import Step, Walked
from resolver.wire.codes import rcode_text, type_text

_ERRORS: Final = {
    "EAI_NONAME": "the name is not known",
    "EAI_NODATA": "the name is known and has no address",
    "EAI_AGAIN": "a server failed or did not reply; worth another try",
}


class Told(NamedTuple):
    """What there is to tell. `subject` is whose walk it is, `sources` are its own addresses."""

    libc: str
    name: str
    subject: str
    conf: ResolvConf
    walk: Walked
    sources: Sequence[str]

    def addresses(self) -> list[str]:
        """In the order getaddrinfo gives them."""
        return ordered(self.walk.verdict.addresses, self.libc, self.sources)


def lines(told: Told) -> Iterator[str]:
    """For people."""
    walk = told.walk
    yield f"resolv.conf of {told.subject}:"
    yield from (f"  {line}" for line in told.conf.text().splitlines())
    yield ""
    if walk.steps:
        yield f"{told.libc} asks {' and '.join(shown(*server) for server in walk.servers)}:"
        yield from _table(walk.steps, len(walk.servers) > 1)
        yield ""
        yield f"{_count(len(walk.steps), 'question')} in {_count(walk.rounds, 'round')}, {_milliseconds(walk.seconds)}"
    else:
        yield f"{told.libc} asks nothing: the name is an address, in /etc/hosts, or no host name"
    yield from _verdict_lines(told)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _table(steps: Sequence[Step], several: bool) -> Iterator[str]:
    """One line a question; the number of its round where that begins."""
    rows, last = [], 0
    for step in sorted(steps, key=lambda step: (step.round, step.started)):
        number = str(step.round) if step.round != last else ""
        last = step.round
        way = (f" @{shown(*step.server)}" if several else "") + (" over TCP" if step.tcp else "")
        heard = _heard_text(step) + way
        rows.append(
            (number, f"{step.lookup.name}.", type_text(step.lookup.qtype), heard, _milliseconds(step.heard.seconds))
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, *texts, time in rows:
        cells = [text.ljust(width) for text, width in zip(texts, widths[1:], strict=False)]
        yield "  ".join(["", number.rjust(widths[0]), *cells, time.rjust(widths[-1])])


def _heard_text(step: Step) -> str:
    heard = step.heard
    if heard.rcode is None:
        return "nobody listens" if heard.refused else "no reply"
    if heard.truncated:
        return "truncated"
    if heard.rcode:
        return rcode_text(heard.rcode)
    return ", ".join(heard.addresses) or ("CNAME, no address" if heard.answers else "NODATA")


def _verdict_lines(told: Told) -> Iterator[str]:
    error = told.walk.verdict.error
    if error:
        yield f"getaddrinfo fails: {error}, {_ERRORS[error]}"
        return
    yield "getaddrinfo gives, in this order:"
    yield from (f"  {address}" for address in told.addresses())
    if len(told.walk.verdict.addresses) > 1:
        yield f"(RFC 6724 with the table of {told.libc}, from {' and '.join(told.sources)})"


def json_lines(told: Told) -> Iterator[str]:
    """One object."""
    conf, walk = told.conf, told.walk
    members = {
        "name": told.name,
        "libc": told.libc,
        "resolv_conf": {"nameservers": conf.nameservers, "searches": conf.searches, "options": conf.options},
        "questions": [_step_json(step) for step in walk.steps],
        "seconds": round(walk.seconds, 6),
        "addresses": told.addresses(),
        "sources": list(told.sources),
        "error": walk.verdict.error or None,
    }
    yield dumps(members, indent=2)


def _step_json(step: Step) -> dict[str, object]:
    heard = step.heard
    return {
        "round": step.round,
        "name": f"{step.lookup.name}.",
        "type": type_text(step.lookup.qtype),
        "server": step.server.address,
        "port": step.server.port,
        "protocol": "tcp" if step.tcp else "udp",
        "rcode": None if heard.rcode is None else rcode_text(heard.rcode),
        "addresses": heard.addresses,
        "truncated": heard.truncated,
        "started": round(step.started, 6),
        "seconds": round(heard.seconds, 6),
    }
