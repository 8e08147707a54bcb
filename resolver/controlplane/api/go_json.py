"""What Go's encoding/json says of text that is no JSON. Only read where a decoder has refused it already."""

from typing import Final

_SPACE: Final = b" \t\r\n"
_DIGITS: Final = b"0123456789"
_HEXADECIMAL: Final = b"0123456789abcdefABCDEF"
_END: Final = "unexpected end of JSON input"
_LITERALS: Final = {ord("t"): b"true", ord("f"): b"false", ord("n"): b"null"}


class _Wrong(Exception):
    """The message; it says what the character was looked at for."""


def syntax_error(text: bytes) -> str:
    """The message about the first thing that is wrong, empty where nothing is."""
    try:
        _Scanner(text).scan()
    except _Wrong as wrong:
        return str(wrong)
    return ""


class _Scanner:
    """One pass over the bytes. `_open` holds the brackets that are not closed yet."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0
        self._open: list[int] = []

    def scan(self) -> None:
        self._value()
        while self._open:
            closing, what = (b"}", "object key:value pair") if self._open[-1] == ord("{") else (b"]", "array element")
            found = self._skip_space()
            if found == closing[0]:
                self._step()
                self._open.pop()
            elif found == ord(","):
                self._step()
                if closing == b"}":
                    self._key()
                self._value()
            else:
                raise self._wrong(f"after {what}")
        if self._at < len(self._text) and self._skip_space(end=True) >= 0:
            raise self._wrong("after top-level value")

    def _value(self) -> None:
        """Reads a value, or the beginning of one that is not empty."""
        found = self._skip_space()
        if found in b"{[":
            self._step()
            self._open.append(found)
            inner = self._skip_space()
            if inner == (ord("}") if found == ord("{") else ord("]")):
                self._step()
                self._open.pop()
                return
            if found == ord("{"):
                self._key()
            self._value_inside()
        elif found == ord('"'):
            self._string()
        elif found in b"-" + _DIGITS:
            self._number()
        elif found in _LITERALS:
            self._literal(_LITERALS[found])
        else:
            raise self._wrong("looking for beginning of value")

    def _value_inside(self) -> None:
        """The first value of a collection: deeper ones are read in turn, not by recursion."""
        while True:
            found = self._skip_space()
            if found not in b"{[":
                self._value()
                return
            self._step()
            self._open.append(found)
            inner = self._skip_space()
            if inner == (ord("}") if found == ord("{") else ord("]")):
                self._step()
                self._open.pop()
                return
            if found == ord("{"):
                self._key()

    def _key(self) -> None:
        if self._skip_space() != ord('"'):
            raise self._wrong("looking for beginning of object key string")
        self._string()
        if self._skip_space() != ord(":"):
            raise self._wrong("after object key")
        self._step()

    def _string(self) -> None:
        self._step()
        while (found := self._peek()) != ord('"'):
            if found < 0x20:
                raise self._wrong("in string literal")
            self._step()
            if found == ord("\\"):
                self._escape()
        self._step()

    def _escape(self) -> None:
        found = self._peek(begun=True)
        if found not in b'bfnrt\\/"u':
            raise self._wrong("in string escape code")
        self._step()
        if found == ord("u"):
            for _ in range(4):
                if self._peek(begun=True) not in _HEXADECIMAL:
                    raise self._wrong("in \\u hexadecimal character escape")
                self._step()

    def _number(self) -> None:
        if self._peek() == ord("-"):
            self._step()
            if self._peek(begun=True) not in _DIGITS:
                raise self._wrong("in numeric literal")
        zero = self._peek() == ord("0")
        self._step()
        if not zero:
            self._digits()
        if self._ahead(b"."):
            self._step()
            if self._peek(begun=True) not in _DIGITS:
                raise self._wrong("after decimal point in numeric literal")
            self._digits()
        if self._ahead(b"eE"):
            self._step()
            if self._ahead(b"+-"):
                self._step()
            if self._peek(begun=True) not in _DIGITS:
                raise self._wrong("in exponent of numeric literal")
            self._digits()

    def _digits(self) -> None:
        while self._ahead(_DIGITS):
            self._step()

    def _literal(self, word: bytes) -> None:
        for expected in word:
            if self._peek(begun=True) != expected:
                raise self._wrong(f"in literal {word.decode()} (expecting {_shown(expected)})")
            self._step()

    def _ahead(self, among: bytes) -> bool:
        return self._at < len(self._text) and self._text[self._at] in among

    def _peek(self, *, begun: bool = False) -> int:
        """The next byte. At the end there is none; to what has `begun` Go shows a blank there."""
        if self._at < len(self._text):
            return self._text[self._at]
        if begun:
            return ord(" ")
        raise _Wrong(_END)

    def _step(self) -> None:
        self._at += 1

    def _skip_space(self, *, end: bool = False) -> int:
        """The next byte that is no white space; -1 at the end where that may be."""
        while self._ahead(_SPACE):
            self._at += 1
        return -1 if end and self._at >= len(self._text) else self._peek()

    def _wrong(self, where: str) -> _Wrong:
        return _Wrong(f"invalid character {_shown(self._peek(begun=True))} {where}")


def _shown(byte: int) -> str:
    """A byte as Go shows it: taken for the character of that number."""
    if byte == ord("'"):
        return r"'\''"
    if byte == ord('"'):
        return "'\"'"
    character = chr(byte)
    escapes = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v", "\\": r"\\"}
    if character in escapes:
        return f"'{escapes[character]}'"
    if character.isprintable():
        return f"'{character}'"
    return f"'\\x{byte:02x}'" if byte < 0x80 else f"'\\u{byte:04x}'"
