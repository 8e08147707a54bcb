"""Every module has its tests at the place that mirrors its own."""

from pathlib import Path

import resolver

ROOT = Path(resolver.__file__).parent
TESTS = ROOT.parent / "tests"

WITHOUT = {
    "__main__.py": "calls resolver/cli/main.py, and tests/server/test_process.py runs it",
    "answers/witness.py": "protocols without code; mypy compares them with what implements them",
    "plugins/plugin.py": "protocols without code; mypy compares them with what implements them",
}
"""Modules without tests of their own, each with the reason."""


def modules() -> list[Path]:
    """All modules, relative to the package; `__init__` only says what a package is, or passes names on."""
    return sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py") if path.name != "__init__.py")


def mirrored(module: Path) -> Path:
    return TESTS / module.with_name(f"test_{module.name}")


def test_every_module_has_its_tests_where_they_are_looked_for() -> None:
    missing = [str(each) for each in modules() if str(each) not in WITHOUT and not mirrored(each).exists()]
    assert missing == [], f"write tests/.../test_<module>.py for: {', '.join(missing)}"


def test_exceptions_are_modules_that_have_no_tests() -> None:
    there = {str(each) for each in modules()}
    assert [name for name in WITHOUT if name not in there or mirrored(Path(name)).exists()] == []
