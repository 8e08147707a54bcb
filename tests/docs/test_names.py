"""What documents name is there: flags, metrics, files, modules, plugins, and how many of something."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import resolver
from resolver.plugins import chain
from resolver.scenarios.scenario import scenario_names

PACKAGE = Path(resolver.__file__).parent
ROOT = PACKAGE.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "config/README.md", *sorted(ROOT.glob("docs/**/*.md"))]
SOURCES = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
OF_OTHERS = {
    "--help": "every command's",
    "--large": "of tests/speed",
    "--secure-port": "of kube-apiserver",
    "--server-side": "of kubectl",
    "--subresource": "of kubectl",
    "--unix-socket": "of curl",
}
"""Flags that are not ours, and whose they are."""

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def flags() -> set[str]:
    """The flags that the commands and the pytest plugin define."""
    found = set()
    for path in (*PACKAGE.glob("cli/*.py"), *PACKAGE.glob("testing/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("-"):
                found.add(node.value)
    return found


@each_document
def test_every_flag_is_one_of_ours_or_is_said_whose_it_is(document: Path) -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][\w-]*\w", document.read_text(encoding="utf-8")))
    assert sorted(named - flags() - set(OF_OTHERS)) == []


@each_document
def test_every_metric_is_counted_somewhere(document: Path) -> None:
    named = set(re.findall(r"\b(?:dualdns|coredns)_[a-z_]+\b", document.read_text(encoding="utf-8")))
    assert [name for name in sorted(named) if not any(name in source for source in SOURCES)] == []


@each_document
def test_every_link_and_path_leads_to_a_file(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    paths = re.findall(r"`((?:resolver|tests|config|docs)/[^`\s*]*)`", text)
    assert [link for link in links if not (document.parent / link).exists()] == []
    assert [path for path in paths if not (ROOT / path).exists()] == []


@each_document
def test_every_module_can_be_imported(document: Path) -> None:
    for name in set(re.findall(r"\bresolver(?:\.\w+)+", document.read_text(encoding="utf-8"))):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            module, _, attribute = name.rpartition(".")
            assert hasattr(importlib.import_module(module), attribute), name


@each_document
def test_every_python_block_imports_what_there_is(document: Path) -> None:
    for block in re.findall(r"```python\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("resolver"):
                module = importlib.import_module(node.module)
                assert [each.name for each in node.names if not hasattr(module, each.name)] == []


def test_the_readme_lists_the_plugins() -> None:
    listed = re.search(
        r"^Plugins: (.*?)\. Any other", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.M
    )
    assert listed is not None
    assert sorted(re.findall(r"`(\w+)`", listed[1])) == sorted(chain.MODULES)


def test_the_number_of_scenarios_is_the_one_that_is_told() -> None:
    assert len(scenario_names()) == 10
    for name in ("README.md", "CHANGELOG.md"):
        assert "ten real bugs" in (ROOT / name).read_text(encoding="utf-8")


def test_the_configurations_table_names_files_that_are_there() -> None:
    for name in re.findall(r"\| `((?:corefiles|kustomize|demo)[^`]*)`", (ROOT / "config/README.md").read_text()):
        assert (ROOT / "config" / name).exists(), name
