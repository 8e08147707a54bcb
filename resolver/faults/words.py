"""Faults as words: one grammar for the command line, the Corefile and the admin API.

    PATTERN [TYPE...] KIND... [CONDITION...]

    web.shop AAAA drop times 3
    *.shop ipv6 delay 100ms-2s probability 30% seed 7
    db.shop A only 1 order fixed for 10m client 10.0.0.0/8
    **.example.com servfail every 2 protocol udp

KIND: drop, delay TIME[-TIME], nodata, rcode NAME or the name itself (servfail, refused, nxdomain...), truncate,
wrong-id, wrong-question, garbage, duplicate, tcp-slow [TIME], tcp-reset, stale [TIME], ttl SECONDS,
only COUNT|ADDRESS,..., replace ADDRESS,..., order fixed|ascending|descending|ADDRESS,...
CONDITION: times N, every N, probability P, seed N, for TIME, client NETWORK, protocol udp|tcp, family 4|6, ipv4, ipv6,
zone ZONE. A value may also stand behind an equals sign (``times=3``); letter case does not matter, and ``_`` is ``-``.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from resolver.faults.bad_fault import BadFault, unknown
from resolver.wire import codes

_FLAGS: Final = ("drop", "nodata", "truncate", "wrong-id", "wrong-question", "garbage", "duplicate", "tcp-reset")
_VALUES: Final = (
    "delay", "rcode", "ttl", "only", "replace", "order", "times", "every", "probability", "seed", "for", "client",
    "protocol", "family", "zone",
)  # fmt: skip
_MAYBE: Final = ("stale", "tcp-slow")
_OTHER_NAMES: Final = {"for": "duration", "duration": "duration", "type": "qtype", "qtype": "qtype"}
_RCODES: Final = tuple(name.lower() for name in codes.RCODES.values())
KNOWN: Final = (*_FLAGS, *_MAYBE, *_VALUES, "ipv4", "ipv6", "servfail", "refused", "nxdomain")

_Made = TypeVar("_Made")


class _Reader:
    """Goes through the words; `found` are the keyword arguments of Fault.make."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._at = 0
        self._types: list[str] = []
        self.found: dict[str, object] = {}

    @property
    def more(self) -> bool:
        return self._at < len(self._words)

    def read(self) -> None:
        """Takes the next word, and its value with it."""
        written = self._words[self._at]
        self._at += 1
        name, equals, value = written.partition("=")
        word = name.lower().replace("_", "-")
        given = value if equals else None
        if word in _FLAGS and given is None:
            self._put(word, True, written)
        elif word in _VALUES or word in _OTHER_NAMES:
            self._put(word, self._value(word) if given is None else given, written)
        elif word in _MAYBE:
            self._put(word, self._time_if_any() if given is None else given, written)
        elif word in ("ipv4", "ipv6") and given is None:
            self._put("family", word, written)
        elif word in _RCODES and given is None:
            self._put("rcode", word, written)
        elif codes.type_number(word) is not None and given is None:
            if not self._types:
                self._put("qtype", self._types, written)
            self._types.append(name)
        else:
            raise unknown("word of a fault", written, KNOWN)

    def _put(self, word: str, value: object, written: str) -> None:
        name = _OTHER_NAMES.get(word, word).replace("-", "_")
        if name in self.found:
            raise BadFault(f"{written}: {word} is there twice", written)
        self.found[name] = value

    def _value(self, word: str) -> str:
        if not self.more:
            raise BadFault(f"{word} needs a value behind it", word)
        self._at += 1
        return self._words[self._at - 1]

    def _time_if_any(self) -> object:
        """The time that may follow; True where none does."""
        if self.more and self._words[self._at][:1].isdigit():
            self._at += 1
            return self._words[self._at - 1]
        return True


def arguments(words: Sequence[str], make: Callable[..., _Made]) -> _Made:
    """Calls `make` with the pattern and what else the words say. Raises BadFault, whose `word` is one of the words
    where one of them is to blame."""
    if not words:
        raise BadFault("a fault begins with a name, such as web.shop, *.shop or **")
    reader = _Reader(words[1:])
    try:
        while reader.more:
            reader.read()
        return make(words[0], **reader.found)
    except BadFault as error:
        wrong = error.word.lower()
        error.word = next((word for word in words if wrong and word.lower() == wrong), "") or next(
            (word for word in words if wrong and wrong in word.lower()), ""
        )
        raise
