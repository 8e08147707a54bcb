"""What a process holds: to be compared before and after something that is to leave nothing."""

import gc
import os
import socket
import tempfile
import threading
from collections import Counter


def held() -> dict[str, Counter[str]]:
    """Open descriptors by what they are, threads by name, and what is in the folder for temporary files."""
    gc.collect()
    return {
        "descriptors": Counter(filter(None, map(_target, os.listdir("/proc/self/fd")))),
        "threads": Counter(each.name for each in threading.enumerate()),
        "files": Counter(os.listdir(tempfile.gettempdir())),
    }


def left_since(before: dict[str, Counter[str]]) -> dict[str, Counter[str]]:
    """What is held now and was not; what others have let go of meanwhile does not count."""
    found = {kind: now - before[kind] for kind, now in held().items()}
    return {kind: left for kind, left in found.items() if left}


def is_free(host: str, port: int) -> bool:
    """Whether nobody has the port, of UDP or of TCP."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(family, kind) as found:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1 if kind == socket.SOCK_STREAM else 0)
            try:
                found.bind((host, port))
            except OSError:
                return False
    return True


def _target(number: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except FileNotFoundError:  # the one that the folder was read by
        return ""
