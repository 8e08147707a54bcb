"""Single questions over one socket, for waiting until a server says something."""

import socket
import struct
import time
from collections.abc import Callable

from resolver.wire.names import name_from_text

_TYPES = {"A": 1, "AAAA": 28, "PTR": 12}


class NeverSaid(Exception):
    """The reply waited for did not come in time."""


class Asker:
    """Asks the server on a port of 127.0.0.1; replies that come late are not mistaken for the next."""

    def __init__(self, port: int, patience: float = 0.25) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(patience)
        self._address = ("127.0.0.1", port)
        self._id = 0

    def __enter__(self) -> "Asker":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, name: str, qtype: str) -> bytes | None:
        """The reply, None where none came."""
        self._id = (self._id + 1) & 0xFFFF
        packet = struct.pack("!HHHHHH", self._id, 0x0100, 1, 0, 0, 0) + name_from_text(name)
        try:
            self._socket.sendto(packet + struct.pack("!HH", _TYPES[qtype], 1), self._address)
            while True:
                reply = self._socket.recv(65_535)
                if reply[:2] == packet[:2]:
                    return reply
        except OSError:
            return None  # nothing listens yet, or it is busy

    def wait(
        self,
        name: str,
        qtype: str,
        wanted: Callable[[bytes], bool],
        seconds: float,
        between: Callable[[], None] = lambda: None,
    ) -> float:
        """Asks until the reply is as wanted; the moment of that reply (monotonic). Raises NeverSaid.

        `between` runs after each reply that is not: to pause, or to give up.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            reply = self.ask(name, qtype)
            if reply is not None and wanted(reply):
                return time.monotonic()
            between()
        raise NeverSaid(f"{name} {qtype} was not answered as expected within {seconds:g} s")


def rcode(reply: bytes) -> int:
    return reply[3] & 0x0F


def answers(reply: bytes) -> int:
    """How many records the answer section has."""
    return int.from_bytes(reply[6:8], "big")
