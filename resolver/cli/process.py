"""A server's process: what signals mean to it, and its number in a file (caddy's sigtrap and pidfile)."""

import os
import signal
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from resolver.server.log import Log
    from resolver.server.server import Server

_FORCED: Final = 2
"""The exit status after a second SIGINT."""


class Process:
    """The process of one server. `pid_file` empty: none."""

    def __init__(self, server: "Server", log: "Log", pid_file: str = "") -> None:
        self._server = server
        self._log = log
        self._pid_file = pid_file
        self._written = False
        self._interrupted = False

    def answer_signals(self) -> None:
        """TERM and INT drain and end, INT a second time ends at once, as QUIT does; USR1 and HUP reload."""
        import asyncio

        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._end, "SIGTERM")
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        loop.add_signal_handler(signal.SIGQUIT, self._quit, 0)
        for number in (signal.SIGUSR1, signal.SIGHUP):
            loop.add_signal_handler(number, self._server.ask_for_reload)

    def _end(self, name: str) -> None:
        self._log.info(f"{name}: shutting down")
        self._server.ask_for_end()

    def _interrupt(self) -> None:
        if self._interrupted:
            self._quit(_FORCED)
        self._interrupted = True
        self._end("SIGINT")

    def _quit(self, status: int) -> NoReturn:
        self.remove_number()
        os._exit(status)

    def write_number(self) -> None:
        """Writes the process's number once the server serves; where that fails it is told, and nothing else happens."""
        if not self._pid_file:
            return
        try:
            with open(self._pid_file, "w", encoding="ascii") as file:
                file.write(f"{os.getpid()}\n")
            self._written = True
        except OSError as error:
            self._log.error(f"Could not write the pidfile {self._pid_file}: {error.strerror}")

    def remove_number(self) -> None:
        """Removes the file that was written, if somebody else has not done so."""
        if self._written:
            self._written = False
            try:
                os.unlink(self._pid_file)
            except OSError as error:
                self._log.error(f"Could not remove the pidfile {self._pid_file}: {error.strerror}")
