"""``python -m resolver`` is the command."""

import subprocess
import sys
from pathlib import Path

import pytest

import resolver

ROOT = Path(resolver.__file__).parents[1]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--version"], 0, f"dualdns-{resolver.__version__}\n"),
        (["serve", "-version"], 0, f"dualdns-{resolver.__version__}\n"),
        (["serve", "--port", "http"], 2, "dualdns serve: error: argument --port"),
        (["serve", "-conf", "/nowhere/Corefile"], 1, "dualdns: cannot read the Corefile /nowhere/Corefile"),
    ],
)
def test_the_module_runs_the_command_and_ends_with_its_status(arguments: list[str], status: int, said: str) -> None:
    command = [sys.executable, "-m", "resolver", *arguments]
    ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert ran.returncode == status
    assert said in ran.stdout


def test_importing_the_module_runs_nothing() -> None:
    command = [sys.executable, "-c", "import resolver.__main__"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert (ran.stdout, ran.stderr) == (b"", b"")
