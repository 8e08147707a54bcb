"""Packages that run their `__init__` only when it is asked for; each try in a process of its own."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PACKAGE = {
    "big/__init__.py": "print('big runs')\nfrom . import heavy\nVALUE = 1\n",
    "big/heavy.py": "",
    "big/inner/__init__.py": "print('inner runs')\nimport big.inner.light as light\nOTHER = 2\n",
    "big/inner/light.py": "NAME = 'light'\n",
}


def run(folder: Path, code: str) -> str:
    for name, text in PACKAGE.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    root = Path(__file__).parents[2]
    head = f"import sys\nsys.path[:0] = [{str(folder)!r}, {str(root)!r}]\n"
    head += "from resolver.kubeapi.deferred_packages import defer\n"
    done = subprocess.run(
        [sys.executable, "-c", head + textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import big.inner.light; print(big.inner.light.NAME)", "light\n"),
        ("from big.inner.light import NAME; print(NAME)", "light\n"),
        ("import big; print(big.VALUE, big.VALUE)", "big runs\n1 1\n"),
        ("from big import heavy; print(heavy.__name__)", "big runs\nbig.heavy\n"),
        ("import big.inner.light, big; print(big.inner.OTHER)", "inner runs\n2\n"),
        ("import big; print(big.__name__, big.__file__ != '')", "big True\n"),
        ("import big\ntry:\n    big.nothing\nexcept AttributeError as error:\n    print(error)",
         "big runs\nmodule 'big' has no attribute 'nothing'\n"),
    ],
)  # fmt: skip
def test_a_deferred_package_runs_when_what_it_makes_is_asked_for(tmp_path: Path, code: str, said: str) -> None:
    assert run(tmp_path, "defer('big', 'big.inner')\n" + code) == said


def test_what_is_imported_already_stays_as_it_is(tmp_path: Path) -> None:
    assert run(tmp_path, "import big\ndefer('big')\nimport big\nprint(big.VALUE)") == "big runs\n1\n"


def test_what_is_not_installed_fails_when_it_is_imported(tmp_path: Path) -> None:
    code = """
    defer("nowhere", "nowhere.inner")
    try:
        import nowhere.inner
    except ModuleNotFoundError as error:
        print(error)
    """
    assert run(tmp_path, code) == "No module named 'nowhere'\n"
