"""The questions a test's server was asked, with assertions that say what was asked instead."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, overload

from resolver import limits
from resolver.faults.pattern import Pattern
from resolver.server.history_entry import Asked
from resolver.server.history_filter import BadFilter, nearest
from resolver.testing.report import question_lines
from resolver.wire.codes import type_names, type_number
from resolver.wire.names import name_from_text

_TYPE: Final = re.compile("[A-Z][A-Z0-9]*")
_CLUSTER_BRANCH: Final = ".svc"

Step = str | tuple[str, str]
"""A type in capitals, ``"AAAA"``; a pattern of names, ``"web.shop"``; or both, ``("web.shop", "AAAA")``."""


class Questions:
    """A sequence of Asked, oldest first. `domain`: the cluster's; `selection`: which of all questions these are."""

    def __init__(self, asked: Iterable[Asked], domain: str = "cluster.local", selection: str = "") -> None:
        self._asked = tuple(asked)
        self._domain = domain
        self._selection = selection

    @property
    def types(self) -> list[str]:
        """``["A", "AAAA"]``: of each question, repetitions too."""
        return [each.type for each in self._asked]

    @property
    def names(self) -> list[str]:
        """Without the last dot, in lower case."""
        return [each.name.lower() for each in self._asked]

    @property
    def rcodes(self) -> list[str | None]:
        """What was answered; None where no reply was sent."""
        return [each.rcode for each in self._asked]

    @property
    def count(self) -> int:
        return len(self._asked)

    def in_order(self, *steps: Step) -> bool:
        """True where all of these were asked one after the other, with others perhaps between them.

        Raises AssertionError with what was asked instead.
        """
        __tracebackhide__ = True
        wanted = [self._parts(step) for step in steps]
        left = iter(self._asked)
        for number, step in enumerate(wanted):
            if not any(self._is(each, step) for each in left):
                before = f" after {', '.join(map(_shown, steps[:number]))}" if number else ""
                selection = f" ({self._selection})" if self._selection else ""
                raise AssertionError(_told(f"{_shown(steps[number])} was not asked{before}{selection}", self._asked))
        return True

    def no_search_path_walk(self) -> bool:
        """True where no name was looked for in one search domain after the other.

        Raises AssertionError with the questions of such a walk: a name without an answer, then the same one with
        another ending of a Pod's search path (``.NAMESPACE.svc.DOMAIN``, ``.svc.DOMAIN``, ``.DOMAIN``) or with none.
        """
        __tracebackhide__ = True
        unanswered: dict[str, int] = {}
        for each in self._asked:
            for stem, added in self._stems(each):
                if unanswered.get(stem, added) != added:
                    walk = [one for one in self._asked if stem in dict(self._stems(one))]
                    raise AssertionError(_told(f"the search path was walked for {stem}", walk))
                if not each.answers:
                    unanswered[stem] = added
        return True

    def _stems(self, asked: Asked) -> Iterator[tuple[str, int]]:
        """What may have been looked for when this was asked, and how many labels the search path has added then."""
        name, domain = asked.name.lower(), f".{self._domain.lower()}"
        yield name, 0
        stem = name.removesuffix(domain)
        if stem == name:
            return
        added = domain.count(".")
        yield stem, added
        if stem.endswith(_CLUSTER_BRANCH):
            stem = stem.removesuffix(_CLUSTER_BRANCH)
            yield stem, added + 1
            if "." in stem:
                yield stem.rpartition(".")[0], added + 2

    def _is(self, asked: Asked, step: tuple[Pattern | None, str | None]) -> bool:
        pattern, type = step
        if type is not None and asked.type != type:
            return False
        return pattern is None or (bool(asked.name) and pattern.matches(name_from_text(asked.name).lower()))

    def _parts(self, step: Step) -> tuple[Pattern | None, str | None]:
        """What a step asks for. Raises BadFilter, BadPattern."""
        name, type = step if isinstance(step, tuple) else ("", step) if _TYPE.fullmatch(step) else (step, "")
        if type and type_number(type) is None:
            raise BadFilter(f"there is no record type {type!r}{nearest(type.upper(), type_names())}")
        return Pattern(name, self._domain) if name else None, type.upper() or None

    # -- a sequence

    def __len__(self) -> int:
        return len(self._asked)

    def __iter__(self) -> Iterator[Asked]:
        return iter(self._asked)

    def __reversed__(self) -> Iterator[Asked]:
        return reversed(self._asked)

    def __contains__(self, asked: object) -> bool:
        return asked in self._asked

    @overload
    def __getitem__(self, index: int) -> Asked: ...

    @overload
    def __getitem__(self, index: slice) -> "Questions": ...

    def __getitem__(self, index: int | slice) -> "Asked | Questions":
        if isinstance(index, slice):
            return Questions(self._asked[index], self._domain, self._selection)
        return self._asked[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Questions) and self._asked == other._asked

    __hash__ = None  # type: ignore[assignment] # as other sequences of values that compare

    def __repr__(self) -> str:
        shown = self._asked[-limits.REPORTED_QUESTIONS :]
        return f"<{len(self)} questions: {', '.join(f'{each.name} {each.type}' for each in shown)}>"


Sequence.register(Questions)


def _shown(step: Step) -> str:
    return step if isinstance(step, str) else " ".join(step)


def _told(what: str, asked: Sequence[Asked]) -> str:
    lines = question_lines(asked) or ["nothing at all"]
    return "\n".join([f"{what}; what was asked:", *(f"  {line}" for line in lines)])
