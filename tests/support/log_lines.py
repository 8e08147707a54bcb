"""A log that a test can read, and wait for."""

import asyncio
import io
from collections.abc import Callable

from resolver.server.log import Log

PATIENCE = 30.0  # seconds; only a failure takes as long


class LogLines(io.StringIO):
    """The stream of a Log: `lines` so far; `until` waits for one. Written to from the event loop's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.log = Log(stream=self)
        self._written = asyncio.Event()

    def write(self, text: str) -> int:
        self._written.set()
        return super().write(text)

    @property
    def lines(self) -> list[str]:
        return self.getvalue().splitlines()

    def forget(self) -> None:
        """Begins anew."""
        self.seek(0)
        self.truncate()

    async def until(self, found: Callable[[list[str]], bool]) -> list[str]:
        """All lines as soon as they are as wanted. Raises TimeoutError, with the lines, if they never are."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not found(self.lines):
                    self._written.clear()
                    await self._written.wait()
        except TimeoutError:
            raise TimeoutError(self.getvalue()) from None
        return self.lines
