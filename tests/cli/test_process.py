"""What signals mean to a server's process, and its number in a file."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from resolver.cli.process import Process
from tests.support.log_lines import LogLines

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGHUP)


class Exited(BaseException):
    """Instead of the end of this very process."""


class FakeServer:
    def __init__(self) -> None:
        self.reloads = 0
        self.ends = 0
        self.noticed = asyncio.Event()

    def ask_for_reload(self) -> None:
        self.reloads += 1
        self.noticed.set()

    def ask_for_end(self) -> None:
        self.ends += 1
        self.noticed.set()

    async def hear(self, number: signal.Signals) -> None:
        """Sends this process a signal and returns when the server has heard of it."""
        self.noticed.clear()
        os.kill(os.getpid(), number)
        await asyncio.wait_for(self.noticed.wait(), 5)


class World:
    def __init__(self, pid_file: str = "") -> None:
        self.server = FakeServer()
        self.output = LogLines()
        self.process = Process(self.server, self.output.log, pid_file)  # type: ignore[arg-type]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    found = World()
    found.process.answer_signals()
    yield found
    for number in SIGNALS:
        asyncio.get_running_loop().remove_signal_handler(number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_term_and_int_ask_for_the_end(world: World, number: signal.Signals) -> None:
    await world.server.hear(number)
    assert (world.server.ends, world.server.reloads) == (1, 0)
    assert world.output.lines == [f"[INFO] {number.name}: shutting down"]


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGHUP])
async def test_usr1_and_hup_ask_for_a_reload_each_time(world: World, number: signal.Signals) -> None:
    await world.server.hear(number)
    await world.server.hear(number)
    assert (world.server.ends, world.server.reloads) == (0, 2)


@pytest.fixture
def exited(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The statuses that the process would have ended with."""
    statuses: list[int] = []

    def leave(status: int) -> None:
        statuses.append(status)
        raise Exited

    monkeypatch.setattr(os, "_exit", leave)
    return statuses


async def test_a_second_int_ends_at_once(world: World, exited: list[int]) -> None:
    await world.server.hear(signal.SIGINT)
    with pytest.raises(Exited):
        world.process._interrupt()
    assert exited == [2]


def test_quit_ends_at_once_and_leaves_no_number(tmp_path: Path, exited: list[int]) -> None:
    world = World(str(tmp_path / "pid"))
    world.process.write_number()
    with pytest.raises(Exited):
        world.process._quit(0)
    assert exited == [0]
    assert not (tmp_path / "pid").exists()
    assert world.server.ends == 0


def test_the_number_is_written_and_removed(tmp_path: Path) -> None:
    world = World(str(tmp_path / "pid"))
    assert not (tmp_path / "pid").exists()
    world.process.write_number()
    assert (tmp_path / "pid").read_text() == f"{os.getpid()}\n"
    world.process.remove_number()
    world.process.remove_number()
    assert not (tmp_path / "pid").exists()
    assert world.output.lines == []


def test_without_a_pidfile_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    world = World()
    world.process.write_number()
    world.process.remove_number()
    assert list(tmp_path.iterdir()) == []


def test_a_pidfile_that_cannot_be_written_is_told_and_no_reason_to_stop(tmp_path: Path) -> None:
    path = str(tmp_path / "none" / "pid")
    world = World(path)
    world.process.write_number()
    world.process.remove_number()
    assert world.output.lines == [f"[ERROR] Could not write the pidfile {path}: No such file or directory"]


def test_a_pidfile_that_is_gone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    world = World(str(path))
    world.process.write_number()
    path.unlink()
    world.process.remove_number()
    assert world.output.lines == [f"[ERROR] Could not remove the pidfile {path}: No such file or directory"]
