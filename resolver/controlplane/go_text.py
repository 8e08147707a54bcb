"""Text as Go's fmt and strconv print it: the API's messages quote what they were given that way."""

from typing import Final

_ESCAPES: Final = {'"': r"\"", "\\": r"\\"} | dict(zip("\a\b\f\n\r\t\v", (rf"\{c}" for c in "abfnrtv"), strict=True))


def go_quote(text: str) -> str:
    """Go's ``%q``: double quotes, escapes for what does not print."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{"".join(map(_quoted, text))}"'


def _quoted(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x1_0000 else f"\\U{code:08x}"
