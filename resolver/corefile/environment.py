"""Environment variables in the words of a Corefile: `{$NAME}` and `{%NAME%}`."""

from collections.abc import Mapping
from dataclasses import replace

from resolver import limits
from resolver.corefile.tokens import BadConfig, Token


def substitute(token: Token, environment: Mapping[str, str]) -> Token:
    """Put values for the references in a word; an unset name stands for an empty text, and the word stays one word.

    A value may hold references itself. As in caddy v1.1.4, `{%NAME%}` goes before `{$NAME}`, and a nameless or an
    unterminated reference ends the search: it and what follows it stay as they are. References that never end are an
    error here (CoreDNS hangs on them).
    """
    if "{" not in token.text:
        return token
    windows = _substitute(token, token.text, ("{%", "%}"), environment)
    text = _substitute(token, windows, ("{$", "}"), environment)
    return token if text == token.text else replace(token, text=text)


def _substitute(token: Token, text: str, marks: tuple[str, str], environment: Mapping[str, str]) -> str:
    opening, closing = marks
    for _ in range(limits.ENVIRONMENT_REFERENCES):
        start = text.find(opening)
        end = text.find(closing, start) if start >= 0 else -1
        name = text[start + len(opening) : end]
        if start < 0 or end <= start + len(opening):
            return text
        reference, value = f"{opening}{name}{closing}", environment.get(name, "")
        if len(text) + text.count(reference) * len(value) > limits.ENVIRONMENT_TEXT:
            break
        text = text.replace(reference, value)
    raise BadConfig.at(
        token, f"environment variables of '{token.text[:64]}' make it too long, or refer to each other without end"
    )
