"""The recorded kubectl transcript: its manifests, and its commands with what they printed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

RECORDED = Path(__file__).parents[1] / "controlplane/golden/kubectl.txt"
_SPAN = re.compile(r"(?<=\s)(?:<unknown>|(?:\d+[smhdy])+)(?=\s|$)")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Command(NamedTuple):
    """`line` as it was typed; `output` with what went to both streams; `code` is the exit status."""

    line: str
    output: str
    code: int


def manifests() -> dict[str, str]:
    """The files, by name."""
    text = RECORDED.read_text().partition("== FILES")[2].partition("== TRANSCRIPT")[0]
    parts = re.split(r"^--- (\S+\.yaml)$", text, flags=re.MULTILINE)[1:]
    return {name: body.strip() + "\n" for name, body in zip(parts[::2], parts[1::2], strict=True)}


def commands() -> Iterator[Command]:
    """All of them, in order."""
    text = RECORDED.read_text().partition("== TRANSCRIPT")[2].partition("\n== ")[0]
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        code = re.search(r"^\(exit (\d+)\)$", output, flags=re.MULTILINE)
        output = re.sub(r"^\(exit \d+\)$", "", output, flags=re.MULTILINE)
        yield Command(line, output.strip("\n"), int(code[1]) if code else 0)


def comparable(output: str) -> str:
    """Output without ages, times, uids and versions, its columns set apart by one blank, its lines without an end."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID", output)
    text = re.sub(r"resourceVersion(\W+)\d+", r"resourceVersion\1RV", text)
    text = _SPAN.sub("AGE", _TIME.sub("TIME", text))
    text = re.sub(r"(LIVE|MERGED)(-\d+)?/", r"\1/", text)
    return "\n".join(re.sub(r"\s+", " ", line).rstrip() for line in text.strip("\n").splitlines())
