"""The C library's own getaddrinfo in a network and a mount namespace of its own, with a DNS server in it.

As a module it runs the child; as a program it is the child: it reads rows from standard input and writes what
getaddrinfo gave, and what it asked, to standard output.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from typing import Any, NamedTuple

SOURCES = ("10.244.0.5", "fd00:10:244::5")
_SETTINGS = ["link set lo up", f"addr add {SOURCES[0]} dev lo", f"addr add {SOURCES[1]} dev lo nodad"]
_SETTINGS += [f"-{'6' if ':' in each else '4'} route add default dev lo src {each}" for each in SOURCES]
_RCODES = {"NODATA": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5}

Said = dict[str, tuple[str, str]]
"""By name, what is said to A and to AAAA: a code's name, or addresses and ``CNAME`` with commas. Else NXDOMAIN."""


class Given(NamedTuple):
    """What getaddrinfo gave: addresses in order, or the error's number; and the (name, type) it asked for, in order."""

    addresses: list[str]
    error: int
    asked: list[tuple[str, int]]


def unavailable() -> str:
    """Why this cannot be had here; empty where it can."""
    if "CS_GNU_LIBC_VERSION" not in os.confstr_names:
        return "needs glibc"
    missing = [tool for tool in ("unshare", "ip", "mount") if shutil.which(tool) is None]
    if missing:
        return f"needs {' and '.join(missing)}"
    tried = subprocess.run(
        [*_unshared(), "sh", "-ec", "\n".join(f"ip {words}" for words in _SETTINGS)],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"needs namespaces of its own with both families: {tried.stderr.strip()}" if tried.returncode else ""


def getaddrinfo(rows: list[tuple[str, str, Said]]) -> list[Given]:
    """(name, text of resolv.conf, what the server says) of each row, all in one namespace."""
    ran = subprocess.run(
        [*_unshared(), sys.executable, "-P", __file__],
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        check=True,
    )
    return [Given(found, error, [tuple(each) for each in asked]) for found, error, asked in json.loads(ran.stdout)]


def _unshared() -> list[str]:
    return ["unshare", "-mn" if os.geteuid() == 0 else "-Urmn"]


class _Server(threading.Thread):
    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.said: Said = {}
        self.asked: list[tuple[str, int]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))

    def run(self) -> None:
        while True:
            query, asker = self._socket.recvfrom(4096)
            self._socket.sendto(self._reply(query), asker)

    def _reply(self, query: bytes) -> bytes:
        at, labels = 12, []
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length].decode())
            at += length + 1
        name, qtype = ".".join(labels), int.from_bytes(query[at + 1 : at + 3], "big")
        self.asked.append((name, qtype))
        said = self.said.get(name, ("NXDOMAIN", "NXDOMAIN"))[qtype == 28]
        records = [] if said in _RCODES else [_record(text) for text in said.split(",")]
        counts = b"\0\1" + len(records).to_bytes(2, "big") + bytes(4)
        flags = bytes([0x85, 0x80 | _RCODES.get(said, 0)])
        return query[:2] + flags + counts + query[12 : at + 5] + b"".join(records)


def _record(text: str) -> bytes:
    if text == "CNAME":
        rtype, data = 5, b"\1x\0"
    else:
        rtype = 28 if ":" in text else 1
        data = socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    return b"\xc0\x0c" + rtype.to_bytes(2, "big") + b"\0\1\0\0\0\5" + len(data).to_bytes(2, "big") + data


def _looked_up(name: str, found: list[Any]) -> None:
    try:
        given = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        found[:] = [[entry[4][0] for entry in given], 0]
    except socket.gaierror as error:
        found[:] = [[], error.errno]


def _child() -> None:
    for words in _SETTINGS:
        subprocess.run(["ip", *words.split()], check=True)
    server = _Server()
    server.start()
    found = []
    with tempfile.NamedTemporaryFile("w") as conf:
        subprocess.run(["mount", "--bind", conf.name, "/etc/resolv.conf"], check=True)
        for name, text, said in json.load(sys.stdin):
            conf.seek(0)
            conf.truncate()
            conf.write(text)
            conf.flush()
            server.said, server.asked = said, []
            given: list[Any] = []
            thread = threading.Thread(target=_looked_up, args=(name, given))  # a thread has a resolver of its own
            thread.start()
            thread.join()
            found.append([*given, server.asked])
    print(json.dumps(found))


if __name__ == "__main__":
    _child()
