"""The one error of faults, and the nearest spelling it offers."""

from collections.abc import Collection
from difflib import get_close_matches


class BadFault(ValueError):
    """A fault that makes no sense; the message says what is wrong and what there is. `word`: which of its words."""

    def __init__(self, message: str, word: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.word = word


def unknown(what: str, word: str, known: Collection[str]) -> BadFault:
    """The error for a word that is none of those known, with the one it most resembles."""
    nearest = get_close_matches(word.lower(), {each.lower(): each for each in known}, n=1)
    hint = f"; did you mean {_spelled(nearest[0], known)}?" if nearest else ""
    return BadFault(f"there is no {what} {word!r}; there are {', '.join(known)}{hint}", word)


def _spelled(lower: str, known: Collection[str]) -> str:
    return next(each for each in known if each.lower() == lower)
