"""The addresses of one service range: which are taken, and which is picked next (kube-apiserver ipallocator; A4 to A9).

Pure and flat: a pick costs the same in an empty range and in one with 100,000 addresses taken.
"""

from socket import AF_INET, AF_INET6, inet_ntop
from typing import Final

from resolver import limits
from resolver.controlplane.ip_text import IPV4, Prefix

_FREE: Final = b"\0"


class AddressRange:
    """Addresses are counted from 1 to `usable`; 0 is the network address, which is never handed out."""

    def __init__(self, prefix: Prefix) -> None:
        self.prefix = prefix
        self._network = int.from_bytes(prefix.network)
        self._bytes = len(prefix.network)
        host_bits = self._bytes * 8 - prefix.length
        reserved = 2 if prefix.family == IPV4 else 1  # an IPv4 range has a broadcast address too
        self.usable = max(0, (1 << host_bits) - reserved)
        self.band = _static_band(1 << host_bits)
        small = self.usable <= limits.ADDRESS_MAP
        self._taken: bytearray | None = bytearray(self.usable + 1) if small else None
        self._taken_numbers: set[int] = set()

    def contains(self, packed: bytes) -> bool:
        """It is an address that may be handed out."""
        return len(packed) == self._bytes and 1 <= int.from_bytes(packed) - self._network <= self.usable

    def mark(self, packed: bytes, taken: bool) -> None:
        """Takes an address, or gives it back. One outside the range is left alone."""
        if not self.contains(packed):
            return
        number = int.from_bytes(packed) - self._network
        if self._taken is not None:
            self._taken[number] = taken
        elif taken:
            self._taken_numbers.add(number)
        else:
            self._taken_numbers.discard(number)

    def pick(self, seed: int) -> str | None:
        """A free address, always the same one for the same seed and the same addresses taken; None if there is none.

        Those of the static band come last.
        """
        dynamic = self.usable - self.band
        number = self._free_from(self.band + 1 + seed % dynamic, self.band + 1, self.usable + 1) if dynamic > 0 else 0
        if not number and self.band:
            number = self._free_from(1 + seed % self.band, 1, self.band + 1)
        return self.address(number) if number else None

    def address(self, number: int) -> str:
        """The text of an address by its number."""
        packed = (self._network + number).to_bytes(self._bytes)
        return inet_ntop(AF_INET if self._bytes == 4 else AF_INET6, packed)

    def _free_from(self, start: int, first: int, end: int) -> int:
        """The first free number from `start` up to `end`, then from `first`; 0 if there is none."""
        if self._taken is not None:
            found = self._taken.find(_FREE, start, end)
            if found < 0:
                found = self._taken.find(_FREE, first, start)
            return max(found, 0)
        taken = self._taken_numbers
        for number in range(start, end):
            if number not in taken:
                return number
        return next((number for number in range(first, start) if number not in taken), 0)


def _static_band(size: int) -> int:
    """How many addresses at the start of a range of that size are left to those who name theirs (KEP-3070; A8)."""
    if size <= limits.STATIC_BAND_LEAST:
        return 0
    return min(max(limits.STATIC_BAND_LEAST, size // limits.STATIC_BAND_SHARE), limits.STATIC_BAND_MOST)
