"""What faults do, as values: the kinds there are, which of them exclude each other, and how several come together."""

from dataclasses import dataclass, fields, replace
from typing import Final

from resolver.faults.values import Only, Order, addresses_text, network_text, seconds_text
from resolver.wire import codes
from resolver.wire.peer import Network as Protocol


@dataclass(frozen=True, slots=True)
class Effects:
    """What happens to the answer to one question. Times in seconds; `stale` infinite: what was said before the fault.

    `delay` is (least, most) in a fault, and both the same once it has been drawn for a question.
    """

    drop: bool = False
    rcode: int | None = None
    nodata: bool = False
    stale: float | None = None
    only: Only | None = None
    replace: tuple[bytes, ...] = ()
    order: Order | None = None
    ttl: int | None = None
    truncate: bool = False
    garbage: bool = False
    wrong_id: bool = False
    wrong_question: bool = False
    duplicate: bool = False
    tcp_slow: float | None = None
    tcp_reset: bool = False
    delay: tuple[float, float] | None = None

    @property
    def changes_bytes(self) -> bool:
        """Whether something happens to the finished message."""
        return (
            self.garbage
            or self.wrong_id
            or self.wrong_question
            or self.duplicate
            or self.tcp_reset
            or self.tcp_slow is not None
        )


NONE: Final = Effects()

WORDS: Final = {each.name: each.name.replace("_", "-") for each in fields(Effects)}
"""The word of each kind, by field."""

_ANSWERS: Final = ("drop", "rcode", "nodata", "stale", "only", "replace")
_BYTES: Final = ("garbage", "wrong_id", "wrong_question")
GROUPS: Final = {name: (_ANSWERS if name in _ANSWERS else _BYTES if name in _BYTES else (name,)) for name in WORDS}
"""The kinds that exclude each other, by field: a question gets one of each group."""
_UDP_ONLY: Final = frozenset(("truncate",))
_TCP_ONLY: Final = frozenset(("tcp_slow", "tcp_reset"))


def kinds(effects: Effects) -> tuple[str, ...]:
    """The fields that say something."""
    return tuple(name for name in WORDS if getattr(effects, name) != getattr(NONE, name))


def on(effects: Effects, protocol: Protocol) -> Effects:
    """Those that there are over this protocol: nothing is truncated over TCP, and TCP only is slow or reset."""
    gone = (_TCP_ONLY if protocol == "udp" else _UDP_ONLY).intersection(kinds(effects))
    return replace(effects, **{name: getattr(NONE, name) for name in gone}) if gone else effects


def joined(first: Effects, second: Effects) -> Effects:
    """Both; of what they exclude in each other the first's. `first` itself where the second adds nothing.

    What is dropped has no other effects.
    """
    taken = frozenset(other for name in kinds(first) for other in GROUPS[name])
    added = {name: getattr(second, name) for name in kinds(second) if name not in taken}
    if first.drop or not added:
        return first
    return replace(first, **added)


def kind_text(name: str, effects: Effects) -> str:
    """What firings of a kind are counted under: its word, an rcode's own name in lower case."""
    if name == "rcode" and effects.rcode is not None:
        return codes.rcode_text(effects.rcode).lower()
    return WORDS[name]


def words_of(name: str, effects: Effects) -> tuple[str, ...]:
    """A kind as words: ``delay 100ms-2s``."""
    value = getattr(effects, name)
    word = WORDS[name]
    match value:
        case True:
            return (word,)
        case Only(count=None, networks=networks):
            return word, ",".join(map(network_text, networks))
        case Only(count=count):
            return word, str(count)
        case Order(rule="", first=first):
            return word, addresses_text(first)
        case Order(rule=rule):
            return word, rule
    if name == "rcode":
        return word, codes.rcode_text(value)
    if name == "delay":
        least, most = value
        return word, seconds_text(least) if least == most else f"{seconds_text(least)}-{seconds_text(most)}"
    if name == "replace":
        return word, addresses_text(value)
    if name == "stale" and value == float("inf"):
        return (word,)
    return word, str(value) if name == "ttl" else seconds_text(value)
