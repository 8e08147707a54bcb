"""Child processes that look names up as in a Pod: a resolv.conf to mount, and a private view of /etc to run them in.

A resolv.conf says no port, so the server gets the port 53 of an address of its own: one of 127.53.0.0/16 where this
process may have it (as root, mostly), else that of a network of the command's own, which has nothing but loopback.
"""

import errno
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from unittest import SkipTest

from resolver import limits
from resolver.client.resolv_conf import ResolvConf
from resolver.testing import private_mounts
from resolver.testing.further_listener import FurtherListener
from resolver.testing.loop_thread import LoopThread
from resolver.testing.served_cluster import ServedCluster

_PORT: Final = 53
_RESOLV_CONF: Final = "/etc/resolv.conf"
_NSSWITCH: Final = "/etc/nsswitch.conf"
_SWITCH: Final = "passwd: files\ngroup: files\nhosts: files dns\n"
_SCRIPT: Final = private_mounts.__file__

Sockets = tuple[socket.socket, socket.socket]
"""UDP and TCP."""


class CannotIsolate(SkipTest):
    """This system does not allow it; the text says why. A test that raises it is skipped, with this text."""


class PodNamespace:
    """Between entering and leaving, `run` runs commands, and `resolv_conf` is the file that they have in /etc.

    `nameserver` is the address in it; empty where each command gets a network of its own. Entering raises
    CannotIsolate.
    """

    def __init__(self, thread: LoopThread, served: ServedCluster, conf: Callable[[str], ResolvConf]) -> None:
        """`conf` makes the resolv.conf with this nameserver."""
        self._thread = thread
        self._served = served
        self._conf = conf
        self._folder = Path()
        self._listener: FurtherListener | None = None
        self._user = "nobody"
        self.nameserver = ""

    @property
    def resolv_conf(self) -> Path:
        return self._folder / "resolv.conf"

    def __enter__(self) -> Self:
        if not sys.platform.startswith("linux"):
            raise CannotIsolate("a private /etc needs the mount namespaces of Linux")
        if not os.path.exists(_RESOLV_CONF):
            raise CannotIsolate(f"there is no {_RESOLV_CONF} to mount another one over")
        self._folder = Path(tempfile.mkdtemp(prefix="dualdns-pod-"))
        try:
            sockets = _own_address()
            if sockets is not None:
                self.nameserver = sockets[0].getsockname()[0]
                self._listener = self._listening(*sockets)
            conf = self._conf(self.nameserver or private_mounts.ADDRESS[0])
            self.resolv_conf.write_text(conf.text(), encoding="ascii")
            (self._folder / "nsswitch.conf").write_text(_SWITCH, encoding="ascii")
            self._choose_user()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def run(
        self,
        command: Sequence[str],
        *,
        input: str | None = None,
        timeout: float | None = limits.TEST_COMMAND,
        check: bool = False,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end, with its output as text; as `subprocess.run` does it, and with its errors;
        a command that is not there has the return code 127."""
        with self._started(command, {"env": env, "cwd": cwd}) as process:
            try:
                output, errors = process.communicate(input, timeout)
            except subprocess.TimeoutExpired as error:
                error.cmd = list(command)
                raise
        done = subprocess.CompletedProcess(list(command), process.returncode, output, errors)
        if check:
            done.check_returncode()
        return done

    def _leave(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            self._thread.run(listener.stop)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _listening(self, udp: socket.socket, tcp: socket.socket) -> FurtherListener:
        async def start() -> FurtherListener:
            listener = FurtherListener(self._served.server, self._served.history, udp, tcp)
            await listener.start()
            return listener

        return self._thread.run(start)

    def _choose_user(self) -> None:
        """Tries it: first as who we are, then in a user namespace. Raises CannotIsolate."""
        for user in ("nobody", "user") if self.nameserver else ("user",):
            self._user = user
            try:
                self.run([sys.executable, "-c", ""])
            except CannotIsolate as error:
                reason = error
            else:
                return
        raise reason

    @contextmanager
    def _started(self, command: Sequence[str], options: Mapping[str, Any]) -> "Iterator[subprocess.Popen[str]]":
        network = "nonet" if self.nameserver else "net"
        files = [str(self.resolv_conf), _RESOLV_CONF]
        if os.path.exists(_NSSWITCH):
            files += [str(self._folder / "nsswitch.conf"), _NSSWITCH]
        ours, theirs = socket.socketpair()
        with ours, theirs:
            head = [sys.executable, "-I", _SCRIPT, str(theirs.fileno()), self._user, network, *files, "--"]
            process = subprocess.Popen(  # noqa: S603 - the command is the test's own
                [*head, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                pass_fds=(theirs.fileno(),),
                **options,
            )
            theirs.close()
            listener: FurtherListener | None = None
            try:
                listener = self._agreed(ours)
                yield process
            finally:
                if process.poll() is None:
                    process.kill()
                process.communicate()
                if listener is not None:
                    self._thread.run(listener.stop)

    def _agreed(self, ours: socket.socket) -> FurtherListener | None:
        """Hears that the namespaces are there, and answers in the command's network. Raises CannotIsolate."""
        message, descriptors, _, _ = socket.recv_fds(ours, limits.LOG_LINE, 2)
        if message != b"ready":
            raise CannotIsolate(message.decode(errors="replace") or "the private view of /etc could not be made")
        sockets = [socket.socket(fileno=each) for each in descriptors]
        listener = self._listening(sockets[0], sockets[1]) if sockets else None
        with suppress(BrokenPipeError):
            ours.sendall(b"!")
        return listener


def _own_address() -> Sockets | None:
    """The port 53 of an address that nobody else has; None where we may not have any."""
    for _ in range(limits.PORT_TRIES):
        address = f"127.53.{random.randrange(256)}.{random.randrange(1, 255)}"  # noqa: S311 - it is no secret
        udp, tcp = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
        try:
            tcp.bind((address, _PORT))
            udp.bind((address, _PORT))
            tcp.listen()
        except OSError as error:
            udp.close()
            tcp.close()
            if error.errno != errno.EADDRINUSE:
                return None
        else:
            return udp, tcp
    return None
