"""What faults do to a finished message: another id, another question, noise, twice, slowly, a reset connection."""

from resolver import limits
from resolver.faults.draws import noise
from resolver.faults.effects import Effects
from resolver.wire.delivery import Delivery

_WRONG_ID = 0x5555  # what is put over the id: never the same as before
_QUESTION = limits.HEADER_SIZE


def deliver(effects: Effects, message: bytes, seed: int, number: int) -> Delivery:
    """How the message leaves; `seed` and `number` make the noise repeatable."""
    if effects.garbage:
        message = garbage(message, seed, number)
    if effects.wrong_id:
        message = wrong_id(message)
    if effects.wrong_question:
        message = wrong_question(message)
    if effects.tcp_reset:
        return Delivery((), reset=True)
    return Delivery((message,) * (2 if effects.duplicate else 1), effects.tcp_slow or 0.0)


def wrong_id(message: bytes) -> bytes:
    """The message as the reply to another query of the same asker."""
    return (int.from_bytes(message[:2], "big") ^ _WRONG_ID).to_bytes(2, "big") + message[2:]


def wrong_question(message: bytes) -> bytes:
    """The message as the reply to another question: another first letter, or another type where the root was asked.

    Records keep their places, and owners that point to the question point to the other name.
    """
    changed = bytearray(message)
    if len(changed) > _QUESTION + 4:
        letter = _QUESTION + 1 if changed[_QUESTION] else _QUESTION + 2  # of the root: the low byte of the type
        changed[letter] = _other(changed[letter])
    return bytes(changed)


def garbage(message: bytes, seed: int, number: int) -> bytes:
    """What claims to be the reply and cannot be read: the id, a header that promises 65,535 of everything, noise."""
    head = message[:2] + b"\x81\x80" + b"\xff" * 8
    return head + noise(seed, number, max(len(message) - len(head), 1))


def _other(byte: int) -> int:
    """Another byte that is a letter where this one is."""
    return byte - 1 if byte in b"zZ" else byte + 1 if byte < 0xFF else 0
