"""The file of a unix socket: in a folder nobody else can enter, replaced where it is left over, removed at the end."""

import errno
import os
import socket
import stat
import struct
import sys
from pathlib import Path
from typing import Final

from resolver import limits
from resolver.transports.listening import CannotListen

_CREDENTIALS: Final = struct.Struct("=iII")  # struct ucred of Linux: process, user, group


class SocketFile:
    """Opened by `open`; `sock` listens then."""

    def __init__(self, path: str) -> None:
        self.path: Final = path
        self.sock: socket.socket | None = None
        self._identity: tuple[int, ...] = ()

    def open(self) -> socket.socket:
        """Listens; only this user can connect. Raises CannotListen, also where another server answers there."""
        try:
            self._prepare_folder()
            self._remove_left_over()
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        except OSError as error:
            raise CannotListen(f"cannot listen on {self.path}: {error.strerror}") from error
        mask = os.umask(0o177)  # from its first moment on the file is the owner's alone
        try:
            sock.bind(self.path)
            sock.listen(limits.TCP_BACKLOG)
            sock.setblocking(False)
            self._identity = _identity(self.path)
        except OSError as error:
            sock.close()
            raise CannotListen(f"cannot listen on {self.path}: {error.strerror}") from error
        finally:
            os.umask(mask)
        self.sock = sock
        return sock

    def remove(self) -> None:
        """Removes the file, unless somebody has put another one there."""
        if self.sock is None:
            return
        self.sock = None
        try:
            if _identity(self.path) == self._identity:
                os.unlink(self.path)
        except FileNotFoundError:
            return

    def _prepare_folder(self) -> None:
        """Makes the folder. One that is there must be this user's; in one that others may enter the file's mode counts,
        and in one that they may write to they could put another in its place. Raises CannotListen, OSError."""
        folder = Path(self.path).parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        others_write = found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX
        if others_write or (found.st_uid not in (os.getuid(), 0)):
            raise CannotListen(
                f"cannot listen on {self.path}: others can write to {folder}; take a folder of your own: "
                f"--admin unix:FOLDER/admin.sock"
            )

    def _remove_left_over(self) -> None:
        """Raises CannotListen where the file is in use, or is no socket."""
        try:
            mode = os.lstat(self.path).st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(mode):
            raise CannotListen(f"cannot listen on {self.path}: a file of that name is there, and it is no socket")
        holder = _holder(self.path)
        if holder is not None:
            raise CannotListen(
                f"{self.path} is in use by {holder}: end that, or take another place: --admin unix:PATH, --admin PORT"
            )
        os.unlink(self.path)


def _holder(path: str) -> str | None:
    """Who answers there; None where nobody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(limits.SOCKET_PROBE)
        try:
            probe.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            return None
        except OSError as error:  # somebody is there who does not let us in, or is too busy
            return f"another process ({os.strerror(error.errno or errno.ETIMEDOUT)})"
        if not sys.platform.startswith("linux"):
            return "another process"
        process, _, _ = _CREDENTIALS.unpack(probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
        return _described(process)


def _described(process: int) -> str:
    if process == os.getpid():
        return "this very process"
    try:
        name = Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # ended meanwhile, or of another container
        name = "another program"
    return f"{name} (process {process})"


def _identity(path: str) -> tuple[int, ...]:
    """What tells a file from one that has its name later, perhaps with the same inode."""
    found = os.lstat(path)
    return found.st_dev, found.st_ino, found.st_mode, found.st_mtime_ns
