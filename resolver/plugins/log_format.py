"""The query log's lines: format strings with placeholders (CoreDNS plugin/log, plugin/pkg/replacer).

A format is compiled once into a row of functions. What depends on the observation alone is made once for equal ones.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple, TypeAlias

from resolver import limits
from resolver.answers.observation import Observation
from resolver.wire import codes
from resolver.wire.names import name_to_text
from resolver.wire.peer import Peer
from resolver.wire.query import PASSED_FLAGS

COMMON: Final = (
    '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}"'
    " {rcode} {>rflags} {rsize} {duration}"
)
COMBINED: Final = COMMON + ' "{>opcode}"'
EMPTY: Final = "-"

_FLAGS: Final = (
    (codes.QR, "qr"), (codes.AA, "aa"), (codes.TC, "tc"), (codes.RD, "rd"),
    (codes.RA, "ra"), (codes.Z, "z"), (codes.AD, "ad"), (codes.CD, "cd"),
)  # fmt: skip
_BRACES: Final = re.compile(r"\{[^{}]*\}")


class Reported(NamedTuple):
    """What a line tells beside the observation: the query's id, who asked, and how long the reply took."""

    query_id: int
    client: Peer
    seconds: float


Part: TypeAlias = Callable[[Observation, Reported], str]
FixedPart: TypeAlias = Callable[[Observation], str]


def query_size(observation: Observation, *, bare: bool) -> int:
    """Bytes of the query as CoreDNS logs them: replying takes the EDNS options off the query first, the server's bare
    replies come after the log."""
    return observation.request_size - (0 if bare else observation.options_size)


def flags_text(flags: int) -> str:
    """``qr,aa,rd``."""
    return ",".join(text for bit, text in _FLAGS if flags & bit)


def class_text(qclass: int) -> str:
    """The name of a class, ``CLASS3`` style where it has none or, as ANY, is the name of a type too."""
    return "CLASS255" if qclass == codes.ANY else codes.class_text(qclass)


def rcode_text(rcode: int) -> str:
    """The name of a response code, the bare number where it has none."""
    return codes.RCODES.get(rcode) or str(rcode)


def duration_text(seconds: float) -> str:
    """Seconds to the nanosecond, without an exponent and without zeros at the end."""
    return f"{seconds:.9f}".rstrip("0").rstrip(".")


def _address_text(address: str) -> str:
    return f"[{address}]" if ":" in address else address


_FIXED: Final[dict[str, FixedPart]] = {
    "{type}": lambda seen: codes.type_text(seen.qtype),
    "{name}": lambda seen: name_to_text(seen.qname),
    "{class}": lambda seen: class_text(seen.qclass),
    "{proto}": lambda seen: seen.protocol,
    "{>opcode}": lambda seen: str((seen.query_flags & codes.OPCODE) >> 11),
    "{>do}": lambda seen: "true" if seen.do else "false",
    "{>bufsize}": lambda seen: str(seen.bufsize),
    "{rcode}": lambda seen: rcode_text(seen.rcode) if seen.written else EMPTY,
    "{>rflags}": lambda seen: flags_text(seen.flags | seen.query_flags & PASSED_FLAGS) if seen.written else EMPTY,
    "{rsize}": lambda seen: str(seen.size),
}
_MOVING: Final[dict[str, Part]] = {
    "{remote}": lambda seen, reported: _address_text(reported.client.address),
    "{port}": lambda seen, reported: str(reported.client.port),
    "{local}": lambda seen, reported: _address_text(reported.client.local_address),
    "{>id}": lambda seen, reported: str(reported.query_id),
    "{duration}": lambda seen, reported: duration_text(reported.seconds) + "s",
}


def compile_format(text: str, *, bare: bool = False) -> Callable[[Observation, Reported], str]:
    """The function that makes a line of this format. Unknown placeholders stay as they are; metadata (``{/...}``) is
    ``-``. `bare`: the lines are about replies that the server itself writes."""
    fixed = {**_FIXED, "{size}": lambda seen: str(query_size(seen, bare=bare))}
    parts: list[Part] = []
    for moving, run in groupby(_nodes(text), key=lambda node: node in _MOVING):
        if moving:
            parts += [_MOVING[node] for node in run]
        else:
            parts.append(_remembered([fixed.get(node, node) for node in run]))
    return lambda seen, reported: "".join([part(seen, reported) for part in parts])


def _nodes(text: str) -> list[str]:
    """The format cut at its placeholders."""
    nodes, at = [], 0
    for found in _BRACES.finditer(text):
        nodes += [text[at : found.start()], EMPTY if found[0].startswith("{/") else found[0]]
        at = found.end()
    return [node for node in (*nodes, text[at:]) if node]


def _remembered(nodes: list[FixedPart | str]) -> Part:
    """A part whose text depends on the observation alone. The last ones are remembered: clients repeat themselves."""
    texts = [node for node in nodes if isinstance(node, str)]
    if len(texts) == len(nodes):
        constant = "".join(texts)
        return lambda seen, reported: constant

    @lru_cache(limits.LOG_RENDERINGS)
    def rendered(seen: Observation) -> str:
        return "".join([node if isinstance(node, str) else node(seen) for node in nodes])

    return lambda seen, reported: rendered(seen)
