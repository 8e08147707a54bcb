"""Which questions of the history are wanted."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from resolver.faults.pattern import DEFAULT_ZONE, BadPattern, Pattern
from resolver.server.history_entry import Entry
from resolver.wire import codes

PROTOCOLS: Final = ("udp", "tcp")
NO_REPLY: Final = "none"
"""What `rcode` is called where no reply was sent."""

_RCODES: Final = {text: number for number, text in codes.RCODES.items()}


class BadFilter(ValueError):
    """Something is asked for that cannot be; the message says what there is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """None: it does not matter. `client`: network and length of its prefix in bits, as numbers, by address length."""

    pattern: Pattern | None = None
    qtype: int | None = None
    client: tuple[int, int, int] | None = None
    protocol: str | None = None
    rcode: int | None = None
    silent: bool = False
    since: float | None = None

    @classmethod
    def make(
        cls,
        *,
        name: str | None = None,
        type: str | None = None,
        client: str | None = None,
        protocol: str | None = None,
        rcode: str | None = None,
        since: float | None = None,
        zone: str = DEFAULT_ZONE,
    ) -> "Wanted":
        """`name`: a pattern as faults have it. `client`: an address or a network. `rcode`: `none` for silence.

        `since`: seconds since 1970. Raises BadFilter.
        """
        if protocol is not None and protocol not in PROTOCOLS:
            raise BadFilter(f"there is no protocol {protocol!r}: there are {' and '.join(PROTOCOLS)}")
        silent = rcode is not None and rcode.lower() == NO_REPLY
        return cls(
            _pattern(name, zone) if name else None,
            _type(type) if type else None,
            _network(client) if client else None,
            protocol,
            _rcode(rcode) if rcode and not silent else None,
            silent,
            since,
        )

    def takes(self, entry: Entry) -> bool:
        """Whether it is wanted; what costs least is looked at first."""
        if self.since is not None and entry.at < self.since:
            return False
        if self.protocol is not None and entry.channel.protocol != self.protocol:
            return False
        if self.client is not None and not self._is_client(entry.address):
            return False
        if self.pattern is not None or self.qtype is not None:
            question = entry.question()
            if question is None or self.qtype not in (None, question[1]):
                return False
            if self.pattern is not None and not self.pattern.matches(question[0].lower()):
                return False
        if self.silent:
            return entry.messages == 0
        return self.rcode is None or entry.rcode() == self.rcode

    def _is_client(self, address: bytes) -> bool:
        if self.client is None:
            return True
        length, network, shift = self.client
        return len(address) == length and int.from_bytes(address, "big") >> shift == network


def _pattern(name: str, zone: str) -> Pattern:
    try:
        return Pattern(name, zone)
    except BadPattern as error:
        raise BadFilter(str(error)) from error


def _type(text: str) -> int:
    number = codes.type_number(text)
    if number is None:
        raise BadFilter(f"there is no record type {text!r}{nearest(text.upper(), codes.type_names())}")
    return number


def _rcode(text: str) -> int:
    number = _RCODES.get(text.upper())
    if number is None:
        known = (*_RCODES, NO_REPLY)
        raise BadFilter(f"there is no rcode {text!r}{nearest(text.upper(), known)}: there are {', '.join(known)}")
    return number


def _network(text: str) -> tuple[int, int, int]:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise BadFilter(f"{text!r} is neither an address nor a network: write 127.0.0.1, ::1 or 10.0.0.0/8") from None
    shift = network.max_prefixlen - network.prefixlen
    return network.max_prefixlen // 8, int(network.network_address) >> shift, shift


def nearest(word: str, known: Iterable[str]) -> str:
    """``, did you mean AAAA?``, or nothing."""
    found = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {found[0]}?)" if found else ""
