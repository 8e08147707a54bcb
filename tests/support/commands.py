"""The program as a process of its own: what it prints, a port it has picked, and its end."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

PATIENCE: Final = 60.0  # seconds; only a failure takes as long


@dataclass
class Command:
    """A running `dualdns`. `lines`: what it has printed so far."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)

    async def until(self, pattern: str) -> re.Match[str]:
        """The first line that matches, from now or before. Raises AssertionError where the program ends first."""
        for line in self.lines:
            if found := re.search(pattern, line):
                return found
        async with asyncio.timeout(PATIENCE):
            while line := await self._line():
                if found := re.search(pattern, line):
                    return found
        raise AssertionError(f"no line like {pattern!r}: {self.lines}")

    async def _line(self) -> str:
        assert self.process.stdout is not None
        line = (await self.process.stdout.readline()).decode()
        if line:
            self.lines.append(line.rstrip("\n"))
        return line

    async def port(self) -> int:
        """The one number it listens on, from what the start prints of its zones."""
        return int((await self.until(r"^\S+:(\d+)(?: on \S+)?$"))[1])

    async def said(self) -> list[str]:
        """All lines to the end of the program."""
        async with asyncio.timeout(PATIENCE):
            while await self._line():
                pass
        return self.lines

    async def kubeconfig(self) -> str:
        return (await self.until(r"^export KUBECONFIG=(.+)$"))[1]

    async def dns_port(self) -> int:
        return int((await self.until(r"^Try: dig @\S+ -p (\d+) "))[1])

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit status."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()


@asynccontextmanager
async def running(*words: str, stdin: str = "", **environment: str) -> AsyncIterator[Command]:
    """Starts ``dualdns WORDS`` and ends it."""
    command = Command(await _start(words, environment))
    try:
        assert command.process.stdin is not None
        command.process.stdin.write(stdin.encode())
        command.process.stdin.close()
        yield command
    finally:
        if command.process.returncode is None:
            command.process.kill()
            await command.process.wait()


async def refused(*words: str) -> tuple[int, str]:
    """Runs a command that is expected to end by itself: exit status and all it said."""
    async with running(*words) as command, asyncio.timeout(PATIENCE):
        output, _ = await command.process.communicate()
        return command.process.returncode or 0, output.decode()


async def _start(words: tuple[str, ...], environment: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "resolver",
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **environment},
    )
