"""A program, run as a script: makes namespaces of its own, lays files over others in them, and becomes a command.

    python -I private_mounts.py SOCKET user|nobody net|nonet FILE OVER [FILE OVER ...] -- COMMAND ...

SOCKET is the number of an inherited stream socket. It is told ``ready``, with a UDP and a TCP socket of port 53 where
the network is its own too, and waits for a byte; or why it cannot be done. It uses nothing but the standard library.
"""

import array
import ctypes
import fcntl
import os
import socket
import struct
import sys

NEW_MOUNTS, NEW_USER, NEW_NETWORK = 0x00020000, 0x10000000, 0x40000000  # CLONE_*, linux/sched.h
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x40000  # MS_*, linux/mount.h
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
INTERFACE = struct.Struct("16sh14x")
NOT_FOUND = 127  # the exit status of a command that is not there, as shells have it
ADDRESS = ("127.0.0.1", 53)


class Refused(Exception):
    """The system does not allow it."""


def main(arguments: list[str]) -> None:
    number, user, network, *rest = arguments
    at = rest.index("--")
    files, command = rest[:at], rest[at + 1 :]
    parent = socket.socket(fileno=int(number))
    parent.set_inheritable(False)
    try:
        separate(with_user=user == "user", with_network=network == "net")
        call("mount", b"none", b"/", None, RECURSIVE | PRIVATE, None, what="make mounts private")
        for file, over in zip(files[::2], files[1::2], strict=True):
            call("mount", os.fsencode(file), os.fsencode(over), None, BIND, None, what=f"mount over {over}")
        sockets = listen() if network == "net" else []
    except (Refused, OSError) as error:
        parent.sendall(str(error).encode())
        sys.exit(1)
    ancillary = array.array("i", [each.fileno() for each in sockets])
    parent.sendmsg([b"ready"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, ancillary)] if sockets else [])
    parent.recv(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - that is what it is for
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(NOT_FOUND)


def separate(*, with_user: bool, with_network: bool) -> None:
    """Leaves the mounts, the network, the users of before. The user stays who they are."""
    uid, gid = os.getuid(), os.getgid()
    flags = NEW_MOUNTS | (NEW_USER if with_user else 0) | (NEW_NETWORK if with_network else 0)
    call("unshare", flags, what="make namespaces")
    if with_user:
        for file, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{file}", "w", encoding="ascii") as map_file:
                map_file.write(text)


def listen() -> list[socket.socket]:
    """Port 53 of the loopback interface, which a new network has, but down."""
    udp, tcp = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
    name = INTERFACE.pack(b"lo", 0)
    _, flags = INTERFACE.unpack(fcntl.ioctl(udp, GET_FLAGS, name))
    fcntl.ioctl(udp, SET_FLAGS, INTERFACE.pack(b"lo", flags | UP))
    udp.bind(ADDRESS)
    tcp.bind(ADDRESS)
    tcp.listen()
    return [udp, tcp]


def call(function: str, *arguments: object, what: str) -> None:
    """A function of the C library that says -1 and errno where it fails. Raises Refused."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, function)(*arguments) != 0:
        raise Refused(f"cannot {what}: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main(sys.argv[1:])
