"""Identities the API server makes up."""

from random import Random
from typing import Final

_FREE_BITS: Final = ~((0xF << 76) | (0x3 << 62))
_VERSION: Final = (0x4 << 76) | (0x2 << 62)
_NAME_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
"""No vowels, nothing that looks alike: no words come out (apimachinery pkg/util/rand)."""


def new_uid(random: Random) -> str:
    """A UUID of RFC 9562 version 4."""
    bits = f"{(random.getrandbits(128) & _FREE_BITS) | _VERSION:032x}"
    return f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"


def random_suffix(random: Random, length: int) -> str:
    """What is put behind a generateName."""
    return "".join(random.choices(_NAME_LETTERS, k=length))
