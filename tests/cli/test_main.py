"""The command itself: what it prints, how it ends, and that it asks for nothing heavy to say so."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

import resolver
from resolver.cli import main as command
from tests.support.commands import PATIENCE

ROOT = Path(resolver.__file__).parents[1]
HEAVY = {"aiohttp", "asyncio", "dnslib", "kubernetes", "msgspec", "prometheus_client", "uvloop", "watchfiles", "yaml"}


def run(arguments: Sequence[str]) -> object:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    return ended.value.code


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_names_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 0
    said = capsys.readouterr()
    assert said.out.startswith("usage: dualdns ")
    for name in command.COMMANDS:
        assert any(line.split()[:1] == [name] for line in said.out.splitlines())
    assert said.err == ""


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"dualdns-{resolver.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sevre"], ["invalid choice: 'sevre'", "did you mean serve?"]),
        (["--demo"], ["unrecognized arguments: --demo"]),
        (["--vers"], ["unrecognized arguments: --vers"]),
    ],
)
def test_unknown_words_are_refused(arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    said = capsys.readouterr().err
    assert all(word in said for word in words)


@pytest.mark.parametrize("name", command.COMMANDS)
def test_a_command_runs_its_module_and_ends_with_its_status(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, list[str]]] = []

    def imported(module: str) -> SimpleNamespace:
        def run_it(arguments: list[str]) -> int:
            ran.append((module, arguments))
            return 3

        return SimpleNamespace(run=run_it)

    monkeypatch.setattr(command, "import_module", imported)
    assert run([name, "--demo", "serve"]) == 3
    assert ran == [(f"resolver.cli.{name.replace('-', '_')}", ["--demo", "serve"])]


def test_the_words_are_those_of_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["dualdns", "--version"])
    with pytest.raises(SystemExit):
        command.main()


def test_an_interrupt_before_signals_are_listened_to_ends_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: str) -> SimpleNamespace:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "import_module", interrupted)
    assert run(["serve"]) == 130


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["serve", "--help"], ["serve", "-version"], ["query", "--help"], ["resolve", "--help"]],
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from resolver.cli.main import main\n"
        "try:\n"
        f"    main({arguments!r})\n"
        "except SystemExit as ended:\n"
        "    assert ended.code == 0\n"
        "print('loaded:', *{name.partition('.')[0] for name in sys.modules})\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.rpartition("loaded: ")[2].split())
    assert "resolver" in loaded
    assert loaded & HEAVY == set()


def test_a_reader_that_has_had_enough_is_no_failure() -> None:
    """Its end of the pipe is closed before anything is written."""
    command = [sys.executable, "-m", "resolver", "scenario", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""
