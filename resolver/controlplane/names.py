"""What is wrong with a name, in the API's words (apimachinery pkg/util/validation): a list, empty when all is well."""

import re
from collections.abc import Callable
from typing import Final

_LABEL_1123: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = rf"{_LABEL_1123}(\.{_LABEL_1123})*"
_LABEL_1035: Final = "[a-z]([-a-z0-9]*[a-z0-9])?"
_LABEL_KEY: Final = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE: Final = f"({_LABEL_KEY})?"
_WILDCARD: Final = rf"\*\.{_SUBDOMAIN}"
_CONFIG_KEY: Final = "[-._a-zA-Z0-9]+"

_label_1123: Final = re.compile(_LABEL_1123).fullmatch
_subdomain: Final = re.compile(_SUBDOMAIN).fullmatch
_label_1035: Final = re.compile(_LABEL_1035).fullmatch
_label_key: Final = re.compile(_LABEL_KEY).fullmatch
_label_value: Final = re.compile(_LABEL_VALUE).fullmatch
_wildcard: Final = re.compile(_WILDCARD).fullmatch
_config_key: Final = re.compile(_CONFIG_KEY).fullmatch
_port_letters: Final = re.compile("[-a-z0-9]+").fullmatch
_any_letter: Final = re.compile("[a-z]").search

_LABEL_MOST: Final = 63
_SUBDOMAIN_MOST: Final = 253
_PORT_NAME_MOST: Final = 15

NameCheck = Callable[[str], list[str]]


def label_problems(text: str) -> list[str]:
    """RFC 1123 label."""
    problems = _too_long(text, _LABEL_MOST)
    if not _label_1123(text):
        if _subdomain(text):
            problems.append("must not contain dots")
        else:
            words = (
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start"
            )
            words += " and end with an alphanumeric character"
            problems.append(pattern_problem(words, _LABEL_1123, "my-name", "123-abc"))
    return problems


def subdomain_problems(text: str, unit: str = "characters") -> list[str]:
    """RFC 1123 subdomain. `unit`: what its length is counted in, according to the message."""
    problems = _too_long(text, _SUBDOMAIN_MOST, unit)
    if not _subdomain(text):
        words = (
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must"
        )
        words += " start and end with an alphanumeric character"
        problems.append(pattern_problem(words, _SUBDOMAIN, "example.com"))
    return problems


def label_1035_problems(text: str) -> list[str]:
    """RFC 1035 label."""
    problems = _too_long(text, _LABEL_MOST)
    if not _label_1035(text):
        words = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic"
        words += " character, and end with an alphanumeric character"
        problems.append(pattern_problem(words, _LABEL_1035, "my-name", "abc-123"))
    return problems


def wildcard_problems(text: str) -> list[str]:
    """A subdomain below ``*.``."""
    problems = _too_long(text, _SUBDOMAIN_MOST)
    if not _wildcard(text):
        words = (
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist"
        )
        words += " of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
        problems.append(pattern_problem(words, _WILDCARD, "*.example.com"))
    return problems


def label_key_problems(text: str) -> list[str]:
    """The key of a label: a name with an optional prefix."""
    if len(text) <= _LABEL_MOST and _label_key(text):
        return []
    words = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric"
    shape = pattern_problem(f"{words} character", _LABEL_KEY, "MyName", "my.name", "123-abc")
    parts = text.split("/")
    if len(parts) > 2:
        suffix = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return [f"a valid label key {shape}{suffix}"]
    problems = []
    name = parts[-1]
    if len(parts) == 2:
        problems += ["must be non-empty"] if not parts[0] else subdomain_problems(parts[0], "bytes")
        problems = [f"prefix part {each}" for each in problems]
    if not name:
        problems.append("name part must be non-empty")
    elif len(name.encode()) > _LABEL_MOST:
        problems.append(f"name part must be no more than {_LABEL_MOST} bytes")
    if not _label_key(name):
        problems.append(f"name part {shape}")
    return problems


def label_value_problems(text: str) -> list[str]:
    problems = _too_long(text, _LABEL_MOST, "bytes")
    if not _label_value(text):
        words = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must"
        words += " start and end with an alphanumeric character"
        problems.append(pattern_problem(words, _LABEL_VALUE, "MyValue", "my_value", "12345"))
    return problems


def config_key_problems(text: str) -> list[str]:
    """A key of a ConfigMap or a Secret."""
    problems = _too_long(text, _SUBDOMAIN_MOST)
    if not _config_key(text):
        words = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        problems.append(pattern_problem(words, _CONFIG_KEY, "key.name", "KEY_NAME", "key-name"))
    if text in (".", ".."):
        problems.append(f"must not be '{text}'")
    elif text.startswith(".."):
        problems.append("must not start with '..'")
    return problems


def port_name_problems(text: str) -> list[str]:
    """An IANA service name: the name of a container's port."""
    problems = _too_long(text, _PORT_NAME_MOST)
    if not _port_letters(text):
        problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not _any_letter(text):
        problems.append("must contain at least one letter (a-z)")
    if "--" in text:
        problems.append("must not contain consecutive hyphens")
    if text and "-" in (text[0], text[-1]):
        problems.append("must not begin or end with a hyphen")
    return problems


def port_number_problems(number: int) -> list[str]:
    return [] if 1 <= number <= 65_535 else ["must be between 1 and 65535, inclusive"]


def path_segment_problems(text: str) -> list[str]:
    """What every name must obey so that it can stand in a URL."""
    if text in (".", ".."):
        return [f"may not be '{text}'"]
    return [f"may not contain '{each}'" for each in ("/", "%") if each in text]


def pattern_problem(words: str, pattern: str, *examples: str) -> str:
    """How the API explains a regular expression."""
    shown = " or ".join(f"'{each}', " for each in examples)
    return f"{words} (e.g. {shown}regex used for validation is '{pattern}')"


def _too_long(text: str, most: int, unit: str = "characters") -> list[str]:
    return [f"must be no more than {most} {unit}"] if len(text.encode()) > most else []
