"""Which process holds a port, where the system tells: Linux's tables of sockets under /proc."""

import os
import pwd
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from resolver.wire.peer import Network

_LISTENING: Final = {"udp": "07", "tcp": "0A"}  # the column `st`, net/tcp_states.h; a UDP socket waits in TCP_CLOSE
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound


def port_holder(address: str, port: int, protocol: Network, proc: Path = Path("/proc")) -> str | None:
    """In words, who has the socket that keeps us from binding this one; None where the system does not tell.

    `address` is without scope. Of other users' processes an ordinary user is told the user only.
    """
    rows = [row for name in (protocol, f"{protocol}6") for row in _rows(proc / "net" / name, port, protocol)]
    in_the_way = [row for row in rows if address in _EVERYWHERE or row[0] in _EVERYWHERE or row[0] == address]
    if not in_the_way:
        return None
    _, user, inode = min(in_the_way, key=lambda row: row[0] != address)
    process = _process_with(f"socket:[{inode}]", proc)
    if process is None:
        return f"a process of user {_user_name(user)}"
    if process == os.getpid():
        return "this very process"
    return f"{_process_name(process, proc)} (process {process})"


def _rows(table: Path, port: int, protocol: str) -> Iterator[tuple[str, int, str]]:
    """Address, user and inode of the sockets that wait on a port."""
    try:
        lines = table.read_text().splitlines()[1:]
    except OSError:
        return
    for line in lines:
        fields = line.split()
        address, _, number = fields[1].partition(":")
        if int(number, 16) == port and fields[3] == _LISTENING[protocol]:
            yield _address(bytes.fromhex(address)), int(fields[7]), fields[9]


def _address(shown: bytes) -> str:
    """The table shows an address as 32-bit words in the machine's own byte order."""
    if sys.byteorder == "little":
        shown = b"".join(shown[at : at + 4][::-1] for at in range(0, len(shown), 4))
    return socket.inet_ntop(socket.AF_INET if len(shown) == 4 else socket.AF_INET6, shown)


def _process_with(target: str, proc: Path) -> int | None:
    """The process that has this open, of those we may look into."""
    for descriptors in proc.glob("[0-9]*/fd"):
        try:
            entries = os.listdir(descriptors)
        except OSError:  # another user's, or ended meanwhile
            continue
        if any(_is_link_to(descriptors / entry, target) for entry in entries):
            return int(descriptors.parent.name)
    return None


def _is_link_to(entry: Path, target: str) -> bool:
    try:
        return os.readlink(entry) == target
    except OSError:  # closed meanwhile
        return False


def _process_name(process: int, proc: Path) -> str:
    try:
        return (proc / str(process) / "comm").read_text().strip()
    except OSError:  # ended meanwhile
        return "a program"


def _user_name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
