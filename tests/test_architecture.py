"""What import contracts cannot say."""

import ast
from pathlib import Path

import pytest

import resolver

ROOT = Path(resolver.__file__).parent
SOURCES = sorted(ROOT.rglob("*.py"))
GENERATED = ("kubernetes.client", "kubernetes.aio.client.api", "kubernetes.aio.client.models", "kubernetes.watch")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_generated_kubernetes_client_is_never_imported(path):
    assert [name for name in imported(path) if name.startswith(GENERATED)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_say_what_they_are_for(path):
    assert ast.get_docstring(ast.parse(path.read_text()))
