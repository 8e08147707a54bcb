"""Both event loops, and a log that must stay empty unless a test says otherwise."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.loops import Run


@pytest.fixture(params=["stdlib", "uvloop"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Runs a coroutine to its end on either event loop."""
    if request.param == "uvloop":
        uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed")
        factory = uvloop.new_event_loop
    else:
        factory = asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        yield lambda talk: runner.run(asyncio.wait_for(talk, 20))


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Lines reported; a test that expects some takes them out."""
    lines: list[str] = []
    yield lines
    assert not lines
