"""The image's recipe: what it copies is there, what it becomes is neither root nor in need of a package manager."""

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from resolver.cli.serve_options import DEFAULT_PORT, parse

ROOT = Path(__file__).parents[2]


def _instructions() -> list[tuple[str, str]]:
    """(instruction, its words) of the Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def _all(name: str) -> list[str]:
    return [words for instruction, words in _instructions() if instruction == name]


def _copied() -> list[str]:
    """What is copied from the build context."""
    found = []
    for words in _all("COPY"):
        if not words.startswith("--from="):
            found += words.split()[:-1]
    return found


def test_what_is_copied_is_there_and_not_ignored() -> None:
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    for name in _copied():
        assert (ROOT / name).exists()
        ignored = False
        for pattern in patterns:
            if fnmatch.fnmatch(name, pattern.removeprefix("!")):
                ignored = not pattern.startswith("!")
        assert not ignored, name


def test_what_is_copied_is_enough_for_the_project_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = {project["project"]["readme"], *project["project"]["license-files"]}
    needed |= set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert {*needed, "pyproject.toml"} == set(_copied())


def test_the_last_stage_is_not_root_and_has_no_pip() -> None:
    instructions = _instructions()
    last = max(place for place, (name, _) in enumerate(instructions) if name == "FROM")
    stage = instructions[last:]
    users = [words for name, words in stage if name == "USER"]
    assert users == ["65532:65532"]
    assert [words for name, words in stage if name == "RUN"] == [
        "python -m pip uninstall --yes --root-user-action=ignore pip"
    ]
    (environment,) = [words for name, words in stage if name == "ENV"]
    assert dict(each.split("=", 1) for each in shlex.split(environment)) == {
        "PATH": "/opt/dualdns/bin:$PATH",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def test_both_stages_have_one_python() -> None:
    version = (ROOT / "pyproject.toml").read_text()
    (argument,) = _all("ARG")
    assert {image.split()[0] for image in _all("FROM")} == {"python:${PYTHON}-slim"}
    assert f'"Programming Language :: Python :: {argument.removeprefix("PYTHON=")}"' in version


def test_the_program_and_its_ports_are_those_of_the_command_line() -> None:
    (entry,), (command,), (exposed,) = _all("ENTRYPOINT"), _all("CMD"), _all("EXPOSE")
    assert json.loads(entry) == ["dualdns", "serve"]
    assert parse(json.loads(command)).bind == ["0.0.0.0", "::"]
    assert exposed.split() == [f"{DEFAULT_PORT}/udp", f"{DEFAULT_PORT}/tcp", "8080", "8181", "9153"]


def test_a_wheel_of_what_is_copied_holds_the_demo(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling is not installed; `pip install hatchling`")
    context = tmp_path / "src"
    context.mkdir()
    for name in _copied():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, context / name)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=context, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    demo = {f"resolver/demo/{path.name}" for path in (ROOT / "config" / "demo").iterdir()}
    assert demo <= names
    assert "resolver/controlplane/api_types.json" in names
