"""dig itself, where there is one."""

import asyncio
import re
import shutil

import pytest

needs_dig = pytest.mark.skipif(shutil.which("dig") is None, reason="needs dig (BIND 9.18)")


async def dig(port: int, *words: str, address: str = "127.0.0.1") -> str:
    """What it prints about a question to this port."""
    process = await asyncio.create_subprocess_exec(
        "dig", f"@{address}", "-p", str(port), *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return output.decode()


def comparable(output: str) -> list[str]:
    """Its lines without times, ids, cookies' bytes and the line that names the program."""
    lines = []
    for line in output.splitlines():
        if line.startswith((";; Query time: ", ";; WHEN: ", "; <<>> ")):
            lines.append(line.split(":", maxsplit=1)[0][:6])
        else:
            lines.append(re.sub(r"(?<=, id: )\d+$|(?<=; COOKIE: )[0-9a-f]{16}", "N", line))
    return lines
