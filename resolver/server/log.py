"""The program's output: CoreDNS's log lines on standard output, as text or as one JSON object a line."""

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TextIO

import msgspec

_JSON_LEVELS: Final = {"WARNING": "WARN"}


class Log:
    """Lines go out at once; a reader that has gone away costs the line, not the program."""

    def __init__(
        self,
        *,
        json: bool = False,
        quiet: bool = False,
        debug: bool = False,
        stream: TextIO | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.json = json
        self.quiet = quiet
        self.debug = debug
        self._stream = sys.stdout if stream is None else stream
        self._now = now
        self.lost = 0

    def line(self, level: str, text: str, fields: Mapping[str, object] | None = None) -> None:
        """``[INFO] plugin/reload: ...``, or its JSON form with the plugin as a member of its own."""
        if level == "DEBUG" and not self.debug:
            return
        if not self.json:
            self._write(f"[{level}] {text}")
            return
        text = _printable(text)
        entry: dict[str, object] = {"time": self._now().isoformat().replace("+00:00", "Z")}
        entry["level"] = _JSON_LEVELS.get(level, level)
        plugin, separator, rest = text.partition(": ")
        if separator and plugin.startswith("plugin/"):
            entry |= {"msg": rest, "plugin": plugin.removeprefix("plugin/")}
        else:
            entry["msg"] = text
        self._write(msgspec.json.encode(entry | dict(fields or {})).decode())

    def info(self, text: str) -> None:
        self.line("INFO", text)

    def error(self, text: str) -> None:
        self.line("ERROR", text)

    def fatal(self, text: str) -> None:
        """Why the program cannot start: the text alone, or a line of JSON."""
        if self.json:
            self.line("FATAL", text)
        else:
            self._write(text)

    def print(self, text: str) -> None:
        """A line as it is; as `msg` in JSON."""
        if self.json:
            self.line("INFO", text)
        else:
            self._write(text)

    def banner(self, text: str) -> None:
        """What the start prints; `-quiet` leaves it out."""
        if not self.quiet:
            self.print(text)

    def _write(self, text: str) -> None:
        try:
            self._stream.write(_printable(text) + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: the stream was closed under us
            self.lost += 1


def _printable(text: str) -> str:
    """The text with escapes for what is no character: bytes of a Corefile that are no UTF-8 come as surrogates."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
