"""Regular expressions as a Corefile writes them: Go's syntax (RE2), compiled by Python's `re`.

Named POSIX classes and ``\\z`` are put into Python's words; classes such as ``\\d`` and ``\\w`` are ASCII, as in Go.
Not understood: ``\\p{...}``, ``\\Q...\\E``, and flags in the middle of a pattern.
"""

import re
import warnings
from typing import Final

from resolver import limits

_POSIX: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_GO_ONLY: Final = re.compile(r"\\(?P<escape>.)|\[:(?P<posix>[a-z]+):\]|\(\?<(?P<group>[A-Za-z_]\w*>)", re.DOTALL)


def compile_pattern(text: str) -> re.Pattern[str]:
    """The compiled pattern. Raises ValueError with a text that begins as Go's does."""
    if len(text) > limits.PATTERN_SIZE:
        raise ValueError(f"regex pattern too long: {len(text)} > {limits.PATTERN_SIZE}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(_GO_ONLY.sub(_in_python, text), re.ASCII)
    except (re.error, FutureWarning, DeprecationWarning, OverflowError, RecursionError) as error:
        raise ValueError(f"error parsing regexp: {error}: `{text}`") from None


def _in_python(found: re.Match[str]) -> str:
    if found["escape"]:
        return r"\Z" if found["escape"] == "z" else found[0]
    if found["group"]:
        return f"(?P<{found['group']}"
    return _POSIX.get(found["posix"], found[0])
