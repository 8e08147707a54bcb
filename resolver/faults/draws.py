"""Chance that can be repeated: the nth draw of a seed is always the same, on every system and Python."""

from hashlib import blake2b


def draw(seed: int, number: int, purpose: str = "") -> float:
    """The nth draw of this seed for one purpose: from 0, included, to 1, excluded; all equally likely."""
    return int.from_bytes(_digest(seed, number, purpose)[:8], "big") / 2**64


def noise(seed: int, number: int, size: int) -> bytes:
    """So many bytes of noise."""
    blocks = (_digest(seed, number, f"noise {block}") for block in range(-(-size // 32)))
    return b"".join(blocks)[:size]


def _digest(seed: int, number: int, purpose: str) -> bytes:
    return blake2b(f"{seed} {number} {purpose}".encode(), digest_size=32).digest()
