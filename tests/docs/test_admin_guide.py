"""docs/admin.md: each example works and answers as it is shown."""

import asyncio
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import resolver
from resolver.admin.operations import OPERATIONS
from tests.support.administered import Administered, administered
from tests.support.serving import namespace, service

GUIDE = Path(resolver.__file__).parents[1] / "docs" / "admin.md"
CHANGING = {"at", "client_port", "server_port", "id", "size"}
"""Members whose values differ from run to run."""

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")


class Example(NamedTuple):
    """A command, and the document that is shown behind it, None for none."""

    command: str
    shown: Any


def examples() -> Iterator[Example]:
    for found in re.finditer(r"```sh\n(.+?)\n```\n(?:```json\n(.+?)\n```)?", GUIDE.read_text(), re.DOTALL):
        yield Example(found[1], json.loads(found[2]) if found[2] else None)


async def run(here: Administered, command: str) -> str:
    """What it prints; one that follows is ended after its first line."""
    process = await asyncio.create_subprocess_shell(
        f"exec {command}",
        stdout=asyncio.subprocess.PIPE,
        env={"ADMIN": str(here.admin.address), "PATH": "/usr/bin:/bin"},
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        said = await (process.stdout.readline() if "follow" in command else process.stdout.read())
        if "follow" in command:
            process.kill()
        await process.communicate()
    return said.decode()


def settled(document: Any) -> Any:
    """Without what differs from run to run."""
    if isinstance(document, list):
        return [settled(each) for each in document]
    if isinstance(document, dict):
        return {name: settled(value) for name, value in document.items() if name not in CHANGING}
    return document


async def test_each_example_answers_as_it_is_shown() -> None:
    """In the order of the guide, after the question that its first example looks for."""
    objects = (namespace("shop"), service("web", "10.96.0.20", "fd00:10:96::14", space="shop"))
    async with administered(objects=objects) as here:
        await here.served.ask("web.shop.svc.cluster.local.", "AAAA")
        for command, shown in examples():
            said = await run(here, command)
            documents = [json.loads(line) for line in said.splitlines()]
            assert documents, command
            if shown is None:
                assert "error" not in documents[0], command
            else:
                assert settled(documents[0]) == settled(shown), command


def test_each_operation_has_an_example() -> None:
    text = "\n".join(command for command, _ in examples())
    missing = [each.path for each in OPERATIONS if each.path.partition("{")[0] not in text]
    assert missing == []
