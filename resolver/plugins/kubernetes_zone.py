"""A zone that `kubernetes` serves: what of it stays the same from question to question."""

from struct import Struct
from typing import Final

from resolver import limits
from resolver.answers.outcome import Serial, Soa
from resolver.cluster.dns_names import HOSTMASTER, IN_ADDR_ARPA, IP6_ARPA, NS_DNS
from resolver.wire import codes
from resolver.wire.names import ROOT, is_at_or_below, name_to_text
from resolver.wire.reply import Record

_SOA_TIMERS: Final = Struct("!IIIII")
_ARPA: Final = (IN_ADDR_ARPA, IP6_ARPA)


class Zone:
    """One zone: its serial, and its SOA in the letters it has been typed in.

    `falls`: there are names in it that fall through when they are missing. `names_services`: names in it are those of
    Services and all below them, and of nothing else.
    """

    __slots__ = (
        "_soas", "falls", "holds_reverse", "multicluster", "name", "names_services", "nameserver", "serial", "size",
        "timers", "ttl",
    )  # fmt: skip

    def __init__(self, name: bytes, serial: Serial, ttl: int, fall: frozenset[bytes], *, multicluster: bool) -> None:
        self.name = name
        self.size = len(name)
        self.serial = serial
        self.multicluster = multicluster
        self.holds_reverse = any(is_at_or_below(arpa, name) or is_at_or_below(name, arpa) for arpa in _ARPA)
        self.names_services = not multicluster and not self.holds_reverse
        self.falls = any(is_at_or_below(zone, name) or is_at_or_below(name, zone) for zone in fall)
        self.nameserver = _nameserver_start(name)
        self.ttl = min(ttl, limits.SOA_TTL)
        self.timers = _SOA_TIMERS.pack(0, 7200, 1800, 86_400, ttl)
        self._soas: dict[bytes, Soa] = {}

    def soa(self, typed: bytes) -> Soa:
        """The SOA, its names ending in the zone as typed; the serial in its data is zero until a reply is sent."""
        soa = self._soas.get(typed)
        if soa is None:
            if len(self._soas) >= limits.TYPED_ZONES:
                self._soas.clear()
            data = NS_DNS + typed + HOSTMASTER + typed + self.timers
            soa = self._soas[typed] = Soa(Record(typed, codes.SOA, codes.IN, self.ttl, data), self.serial)
        return soa


def _nameserver_start(zone: bytes) -> bytes:
    """What names begin with that CoreDNS takes for `ns.dns` of the zone; empty for zones where it takes none.

    It looks for the zone's text right behind `ns.dns.` and nowhere before (isDefaultNS), so that a search path makes
    `ns.dns.cluster.local.svc.cluster.local` one more name of it, and the root zone has none.
    """
    text = name_to_text(zone)
    front = name_to_text(NS_DNS + ROOT)
    return NS_DNS + zone[:-1] if (front + text).index(text) == len(front) else b""
