"""Objects that cannot be used: each problem is told once, whatever cluster it comes from."""

from collections.abc import Callable

from resolver import limits
from resolver.cluster.decoding import Problem


class LeftOut:
    """Called with a problem, passes a line about it to `warn`; what it remembers as told is bounded."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._told: set[Problem] = set()

    def __call__(self, problem: Problem) -> None:
        if problem in self._told:
            return
        if len(self._told) >= limits.PROBLEMS_TOLD:
            self._told.clear()
        self._told.add(problem)
        self._warn(f"plugin/kubernetes: left out: {problem}"[: limits.LOG_LINE])
