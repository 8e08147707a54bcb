"""A stream of bytes into lines: how a watch sends its events."""

from resolver.kubeapi.errors import Oversized


class LineSplitter:
    """Cuts arriving bytes at newlines. What follows the last newline waits for its end; no line may exceed `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = bytearray()

    @property
    def unfinished(self) -> int:
        """Bytes of a line whose end has not come; they are lost when the stream ends here."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes, without their ends and without blank ones. Raises Oversized."""
        lines = data.split(b"\n")
        rest = lines.pop()
        if lines and self._rest:
            self._rest += lines[0]
            lines[0] = bytes(self._rest)
            self._rest = bytearray()
        self._rest += rest
        if len(self._rest) > self._limit or (lines and max(map(len, lines)) > self._limit):
            raise Oversized("line", self._limit)
        return [line for line in lines if line and not line.isspace()]
