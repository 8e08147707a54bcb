"""What cannot be used is told once, and the memory of it is bounded."""

import pytest

from resolver import limits
from resolver.cluster.decoding import Problem
from resolver.server.left_out import LeftOut


def problem(name: str, message: str = "is odd") -> Problem:
    return Problem("Service", "shop", name, "spec", message)


def test_each_problem_is_told_once() -> None:
    lines: list[str] = []
    report = LeftOut(lines.append)
    for name in ("a", "b", "a"):
        report(problem(name))
    assert lines == [f"plugin/kubernetes: left out: {problem(name)}" for name in ("a", "b")]


def test_a_full_memory_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PROBLEMS_TOLD", 2)
    lines: list[str] = []
    report = LeftOut(lines.append)
    for name in ("a", "b", "c", "a"):
        report(problem(name))
    assert len(lines) == 4


def test_a_line_is_bounded() -> None:
    lines: list[str] = []
    LeftOut(lines.append)(problem("a", "x" * 2 * limits.LOG_LINE))
    assert len(lines[0]) == limits.LOG_LINE
