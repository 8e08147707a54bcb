"""Text as Go's fmt and strconv print it: the API's messages quote what they were given that way."""

from typing import Final

_ESCAPES: Final = {'"': r"\"", "\\": r"\\"} | dict(zip("\a\b\f\n\r\t\v", (rf"\{c}" for c in "abfnrtv"), strict=True))

_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ILLEGAL: Final = "illegal base64 data at input byte"


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


def bad_base64(text: str) -> str:
    """What Go's encoding/base64 says of text that is no standard base64 with padding; line ends do not count."""
    data = text.encode()
    group, at = 0, 0  # characters of a group of four that have been read
    while at < len(data):
        byte = data[at]
        at += 1
        if byte in b"\r\n":
            continue
        if byte in _BASE64:
            group = (group + 1) % 4
            continue
        if byte != ord("=") or group < 2:
            return f"{_ILLEGAL} {at - 1}"
        rest = [place for place in range(at, len(data)) if data[place] not in b"\r\n"]
        if group == 2:
            if not rest or data[rest[0]] != ord("="):
                return f"{_ILLEGAL} {rest[0] - 1 if rest else len(data)}"
            rest.pop(0)
        return f"{_ILLEGAL} {rest[0] if rest else at}"
    return f"{_ILLEGAL} {at - group}"
