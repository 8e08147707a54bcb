"""What a walk along a search path is made of: rounds of questions, what is heard to them, a verdict. Pure."""

from collections.abc import Generator, Sequence
from typing import Final, NamedTuple

from resolver.wire import codes


class Lookup(NamedTuple):
    """A name as it is asked, without a last dot, and the type: A or AAAA."""

    name: str
    qtype: int


class Heard(NamedTuple):
    """What came back to one lookup.

    `rcode` None: nothing came; then `refused` tells that nobody listens there. `answers` counts all records of the
    answer section, `addresses` are those of the type asked for. `lame`: an empty answer from a server that neither
    owns the name nor recurses. `seconds` run from the start of the round, `server` is a number.
    """

    rcode: int | None = None
    addresses: tuple[str, ...] = ()
    answers: int = 0
    truncated: bool = False
    lame: bool = False
    refused: bool = False
    seconds: float = 0.0
    server: int = 0


class Round(NamedTuple):
    """Questions that leave together: each to each of the `servers` (numbers), for at most `seconds`.

    Without lookups: time that passes. `accepts`: codes that end the waiting for a lookup; empty, any reply does.
    `resends`: how many SERVFAIL replies are met by asking that server again at once. `new_socket`: not that of before.
    """

    lookups: tuple[Lookup, ...]
    servers: tuple[int, ...]
    seconds: float
    tcp: bool = False
    accepts: tuple[int, ...] = ()
    resends: int = 0
    new_socket: bool = False


class Verdict(NamedTuple):
    """What getaddrinfo returns: addresses in the order they came in, or the error's name (``EAI_NONAME``)."""

    addresses: tuple[str, ...] = ()
    error: str = ""


Walk = Generator[Round, tuple[Heard, ...], Verdict]
BOTH_FAMILIES: Final = (codes.A, codes.AAAA)


def option_number(options: Sequence[str], name: str, default: int, most: int) -> int:
    """The value of an option such as ``ndots:5``; the last one counts."""
    for option in reversed(options):
        key, _, value = option.partition(":")
        if key == name:
            digits = value[: next((at for at, c in enumerate(value) if not c.isdecimal()), len(value))]
            return min(int(digits or 0), most)
    return default
