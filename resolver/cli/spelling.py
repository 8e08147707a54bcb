"""Words nobody knows: what there is instead, and the nearest of it."""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final, NoReturn

_UNKNOWN_CHOICE: Final = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")
_UNKNOWN_FLAGS: Final = re.compile(r"unrecognized arguments: (.*)")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like it, letter case aside; empty where none is."""
    from difflib import get_close_matches

    folded = {each.casefold(): each for each in known}
    near = get_close_matches(word.casefold(), folded, n=1)
    return folded[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean AAAA?``, or nothing."""
    near = nearest(word, known)
    return f"; did you mean {near}?" if near else ""


class Parser(argparse.ArgumentParser):
    """A parser of one command's words, whose errors name the nearest word there is."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: error: {message}{self._hint(message)}\n")

    def _hint(self, message: str) -> str:
        if found := _UNKNOWN_CHOICE.search(message):
            return did_you_mean(found[1], re.findall(r"[\w.-]+", found[2]))
        if found := _UNKNOWN_FLAGS.search(message):
            word = found[1].split()[0].partition("=")[0]
            return did_you_mean(word, self._flags()) if word.startswith("-") else ""
        return ""

    def _flags(self) -> Sequence[str]:
        return [flag for action in self._actions for flag in action.option_strings]
