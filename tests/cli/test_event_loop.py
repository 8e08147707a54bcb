"""Which event loop a command runs on."""

import asyncio
import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from resolver.cli.event_loop import run_fastest

Arranged = Callable[[pytest.MonkeyPatch], None]


class FastLoop(asyncio.SelectorEventLoop):
    """Stands for uvloop's."""


async def _status(number: int) -> int:
    await asyncio.sleep(0)
    return number


async def _kind_of_loop(kind: type) -> int:
    return int(isinstance(asyncio.get_running_loop(), kind))


def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("uvloop")
    module.new_event_loop = FastLoop  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "uvloop", module)


def _missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)


@pytest.mark.parametrize("arranged", [_installed, _missing])
def test_the_status_of_the_work_is_given_back(arranged: Arranged, monkeypatch: pytest.MonkeyPatch) -> None:
    arranged(monkeypatch)
    assert run_fastest(_status(7)) == 7


@pytest.mark.parametrize(("arranged", "on_uvloop"), [(_installed, 1), (_missing, 0)])
def test_uvloop_is_taken_where_it_is_installed(
    arranged: Arranged, on_uvloop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    arranged(monkeypatch)
    assert run_fastest(_kind_of_loop(FastLoop)) == on_uvloop


@pytest.mark.parametrize("arranged", [_installed, _missing])
def test_the_loop_is_closed_when_the_work_has_failed(arranged: Arranged, monkeypatch: pytest.MonkeyPatch) -> None:
    arranged(monkeypatch)
    loops = []

    async def fail() -> int:
        loops.append(asyncio.get_running_loop())
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_fastest(fail())
    assert loops[0].is_closed()
