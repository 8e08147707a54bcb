"""A fault: which questions, how often, for how long, and what goes wrong with their answers."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final, Self

from resolver import limits
from resolver.faults import values
from resolver.faults.bad_fault import BadFault, unknown
from resolver.faults.draws import draw
from resolver.faults.effects import GROUPS, NONE, WORDS, Effects, kind_text, kinds, words_of
from resolver.faults.pattern import DEFAULT_ZONE, BadPattern, Pattern
from resolver.faults.values import Network, Seconds, SecondsRange
from resolver.wire import codes

FAMILIES: Final = {"4": codes.A, "6": codes.AAAA, "ipv4": codes.A, "ipv6": codes.AAAA}
PROTOCOLS: Final = ("udp", "tcp")
CONDITIONS: Final = (
    "qtype", "family", "client", "protocol", "times", "every", "probability", "seed", "duration", "zone",
)  # fmt: skip
"""What `Fault.make` takes beside the pattern and the kinds."""


@dataclass(slots=True, eq=False)
class Fault:
    """Made by `make` or `from_words`; a FaultList gives it its `id` and counts for it.

    It concerns questions whose name fits the pattern, of one of `types` (empty: all), asked from an address within
    `client` over `protocol` (empty: both). Of these every `every`-th fires, with this `probability`, at most `times`
    times and within `duration` seconds from when it was added. `seed` makes chance repeatable; without one the id is
    the seed. `seen` counts the questions it concerned, `count` those it fired for.
    """

    pattern: Pattern
    effects: Effects
    types: tuple[int, ...] = ()
    client: Network | None = None
    protocol: str = ""
    times: int | None = None
    every: int = 1
    probability: float | None = None
    seed: int | None = None
    duration: float | None = None
    id: int = 0
    origin: str = ""
    """Where it was written (``Corefile:7``); empty where it was added by hand."""
    count: int = 0
    seen: int = 0
    over: bool = False
    """Its duration has passed."""

    @classmethod
    def make(
        cls,
        pattern: str | Pattern,
        *,
        qtype: str | int | Iterable[str | int] | None = None,
        family: int | str | None = None,
        client: object | None = None,
        protocol: str | None = None,
        times: int | str | None = None,
        every: int | str | None = None,
        probability: float | str | None = None,
        seed: int | str | None = None,
        duration: Seconds | None = None,
        drop: bool = False,
        delay: SecondsRange | None = None,
        rcode: str | int | None = None,
        nodata: bool = False,
        truncate: bool = False,
        wrong_id: bool = False,
        wrong_question: bool = False,
        garbage: bool = False,
        duplicate: bool = False,
        tcp_slow: Seconds | bool | None = None,
        tcp_reset: bool = False,
        stale: Seconds | bool | None = None,
        ttl: int | str | None = None,
        only: object | None = None,
        replace: object | None = None,
        order: object | None = None,
        zone: str = DEFAULT_ZONE,
        **others: object,
    ) -> Self:
        """Values may be texts, as the words of `from_words` have them. Raises BadFault, which tells what there is.

        `family` 4 or 6 stands for the type A or AAAA. `delay` and `duration` in seconds, a delay of two values is one
        at random between them. `stale` True answers what was answered before the fault, a number what was that many
        seconds ago. `tcp_slow`: seconds the reply takes. `only`: how many addresses, or which addresses or networks.
        `replace`: addresses in place of those of their family. `order`: ``fixed``, ``ascending``, ``descending`` or
        the addresses that come first.
        """
        if others:
            raise unknown("setting of a fault", next(iter(others)), (*WORDS, *CONDITIONS))
        code = None if rcode is None else values.rcode(rcode)
        slow = _optional(tcp_slow, limits.FAULT_SLOW)
        lag = _optional(stale, math.inf)
        effects = Effects(
            drop=bool(drop),
            rcode=code or None,
            nodata=bool(nodata) or code == codes.NOERROR,
            stale=lag if lag in (None, math.inf) else values.seconds(lag, "stale", limits.FAULT_DURATION_MOST),
            only=None if only is None else values.only(only),
            replace=() if replace is None else values.addresses(replace, "replace"),
            order=None if order is None else values.order(order),
            ttl=None if ttl is None else values.whole(ttl, "ttl", 0, limits.FAULT_TTL_MOST),
            truncate=bool(truncate),
            garbage=bool(garbage),
            wrong_id=bool(wrong_id),
            wrong_question=bool(wrong_question),
            duplicate=bool(duplicate),
            tcp_slow=None if slow is None else values.seconds(slow, "tcp-slow", limits.FAULT_SLOW_MOST),
            tcp_reset=bool(tcp_reset),
            delay=None if delay is None else values.seconds_range(delay, "delay", limits.FAULT_DELAY_MOST),
        )
        fault = cls(
            _pattern(pattern, zone),
            effects,
            _types(qtype, family),
            None if client is None else values.network(client, "client"),
            _protocol(protocol),
            None if times is None else values.whole(times, "times", 1, limits.FAULT_TIMES_MOST),
            1 if every is None else values.whole(every, "every", 1, limits.FAULT_TIMES_MOST),
            None if probability is None else values.share(probability, "probability"),
            None if seed is None else values.whole(seed, "seed", 0, limits.FAULT_TIMES_MOST),
            None if duration is None else values.seconds(duration, "duration", limits.FAULT_DURATION_MOST),
        )
        _check(fault)
        return fault

    @classmethod
    def from_words(cls, words: Sequence[str], *, zone: str = DEFAULT_ZONE, **settings: Any) -> Self:
        """``web.shop AAAA drop times 3``: see resolver/faults/words.py. `settings`: more of the same, as `make` takes
        them, and none of them twice. Raises BadFault.
        """
        from resolver.faults.words import arguments  # that module reads this one's names

        return arguments(words, lambda pattern, **found: cls.make(pattern, **{"zone": zone, **_both(found, settings)}))

    # -- while it is in a list

    @property
    def exhausted(self) -> bool:
        """It will not fire again."""
        return self.over or (self.times is not None and self.count >= self.times)

    def may_concern(self, name: bytes, qtype: int) -> bool:
        """Whether it could fire for questions of this lower-case wire name and type, whoever asks."""
        return (not self.types or qtype in self.types) and self.pattern.matches(name)

    def concerns(self, client: str, protocol: str) -> bool:
        """Whether it is about questions from this address over this protocol."""
        if self.protocol and protocol != self.protocol:
            return False
        return self.client is None or ip_address(client) in self.client

    def fires(self) -> bool:
        """Counts a question that it concerns; whether it fires for that one."""
        self.seen += 1
        if self.exhausted or self.seen % self.every:
            return False
        if self.probability is not None and self.chance("probability") >= self.probability:
            return False
        self.count += 1
        return True

    def chance(self, purpose: str) -> float:
        """A draw for the question counted last: from 0 to below 1."""
        return draw(self.id if self.seed is None else self.seed, self.seen, purpose)

    # -- as text

    def words(self) -> tuple[str, ...]:
        """What `from_words` makes the same fault of."""
        found = [self.pattern.text, *(codes.type_text(each) for each in self.types)]
        for name in kinds(self.effects):
            found += words_of(name, self.effects)
        conditions: dict[str, object] = {
            "times": self.times,
            "every": self.every if self.every > 1 else None,
            "probability": None if self.probability is None else values.probability_text(self.probability),
            "seed": self.seed,
            "for": None if self.duration is None else values.seconds_text(self.duration),
            "client": None if self.client is None else values.network_text(self.client),
            "protocol": self.protocol or None,
            "zone": self.pattern.zone if self.pattern.zone != DEFAULT_ZONE else None,
        }
        for word, value in conditions.items():
            found += () if value is None else (word, str(value))
        return tuple(found)

    def describe(self) -> str:
        """Its words in one line."""
        return " ".join(self.words())

    def as_json(self) -> dict[str, Any]:
        """Plain values; what is not set is null. `words` make the same fault again."""
        return {
            "id": self.id,
            "pattern": self.pattern.text,
            "zone": self.pattern.zone,
            "types": [codes.type_text(each) for each in self.types],
            "kinds": [kind_text(name, self.effects) for name in kinds(self.effects)],
            "client": None if self.client is None else values.network_text(self.client),
            "protocol": self.protocol or None,
            "times": self.times,
            "every": self.every,
            "probability": self.probability,
            "seed": self.seed,
            "duration": self.duration,
            "origin": self.origin,
            "seen": self.seen,
            "count": self.count,
            "exhausted": self.exhausted,
            "words": list(self.words()),
        }


def _both(words: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """All of them. Raises BadFault for what both say."""
    for name in words.keys() & settings.keys():
        raise BadFault(f"{name} is there twice, as a word and as a setting", name)
    return {**words, **settings}


def _optional(value: Seconds | bool | None, default: float) -> Seconds | None:
    """A value that True stands for."""
    if isinstance(value, bool):
        return default if value else None
    return value


def _pattern(pattern: str | Pattern, zone: str) -> Pattern:
    if isinstance(pattern, Pattern):
        return pattern
    try:
        return Pattern(pattern, zone)
    except BadPattern as error:
        raise BadFault(str(error), pattern) from None


def _types(qtype: str | int | Iterable[str | int] | None, family: int | str | None) -> tuple[int, ...]:
    types = values.record_types(qtype)
    if family is None:
        return types
    of_family = FAMILIES.get(str(family).lower())
    if of_family is None:
        raise unknown("address family", str(family), ("4", "6"))
    if types not in ((), (of_family,)):
        asked = codes.type_text(of_family)
        raise BadFault(
            f"family {family} is about {asked} questions only: leave the type out, or the family", str(family)
        )
    return (of_family,)


def _protocol(protocol: str | None) -> str:
    if not protocol:
        return ""
    if protocol.lower() not in PROTOCOLS:
        raise unknown("protocol", protocol, PROTOCOLS)
    return protocol.lower()


def _check(fault: Fault) -> None:
    """Raises BadFault where it does nothing, or what cannot be done together."""
    found = kinds(fault.effects)
    if not found:
        raise BadFault(f"the fault says nothing of what goes wrong; there are {', '.join(WORDS.values())}")
    for name in found:
        others = [WORDS[other] for other in found if other != name and (other in GROUPS[name] or name == "drop")]
        if others:
            raise BadFault(f"{WORDS[name]} and {others[0]} exclude each other: make two faults of them", others[0])
    only_udp, only_tcp = fault.effects.truncate, fault.effects.tcp_reset or fault.effects.tcp_slow is not None
    if only_udp and fault.protocol == "tcp":
        raise BadFault("truncate is for UDP: nothing is cut over TCP", "truncate")
    if only_tcp and fault.protocol == "udp":
        raise BadFault("tcp-slow and tcp-reset are for TCP: a datagram is neither slow nor reset", "udp")
    if fault.seed is not None and fault.probability is None and NONE.delay == fault.effects.delay:
        raise BadFault("seed makes chance repeatable, and there is none here: give a probability or a delay", "seed")
