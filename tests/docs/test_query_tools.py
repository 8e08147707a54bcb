"""docs/query-tools.md: its examples print what they show, but for times and ids."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import resolver
from tests.support.commands import running

TEXT = (Path(resolver.__file__).parents[1] / "docs" / "query-tools.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
EXAMPLES = [example for block in BLOCKS for example in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)]
VARIES = re.compile(r"\d+\.\d ms|\d+ msec|(?<=WHEN: ).*|(?<=, id: )\d+| {2,}(?=\S+$)")
PORT = "1053"


@pytest.fixture
async def port() -> AsyncIterator[str]:
    async with running("serve", "--demo", "--port", "0") as command:
        yield str(await command.dns_port())


async def output(command: str, port: str) -> str:
    words = command.split()
    assert words.pop(0) == "dualdns"
    asks = words[0] in ("query", "resolve")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "resolver", *words, *(["-p", port] if asks else []),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    text, _ = await process.communicate()
    return text.decode().replace(f" -p {port}", "").replace(port, PORT) if asks else text.decode()


async def test_every_example_prints_what_it_shows(port: str) -> None:
    assert len(EXAMPLES) >= 10
    for command, shown in EXAMPLES:
        assert VARIES.sub("", await output(command, port)).strip() == VARIES.sub("", shown).strip(), command
