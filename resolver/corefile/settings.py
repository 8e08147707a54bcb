"""Typed readers for directives and options, with the error texts of CoreDNS's plugins.

Functions named after an error (`wrong_count`, `unknown_option`) make it, to be raised. The others raise it themselves.
"""

import difflib
from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias, TypeVar

from resolver.corefile import go_syntax
from resolver.corefile.directives import Directive, Option
from resolver.corefile.tokens import BadConfig, Token

Line: TypeAlias = Option | Directive  # a name and its arguments
_Value = TypeVar("_Value")


# -- counts -----------------------------------------------------------------------------------------------------------


def wrong_count(line: Line) -> BadConfig:
    """The error for too many or too few arguments; it stands at the last word there is."""
    last = (line.name, *line.arguments)[-1]
    return BadConfig.at(last, f"Wrong argument count or unexpected line ending after '{last.text}'")


def no_arguments(line: Line) -> None:
    """Refuse any argument."""
    exactly(line, 0)


def exactly(line: Line, count: int) -> tuple[Token, ...]:
    """The `count` arguments."""
    if len(line.arguments) != count:
        raise wrong_count(line)
    return line.arguments


def at_least(line: Line, count: int) -> tuple[Token, ...]:
    """All arguments, of which there are `count` or more."""
    if len(line.arguments) < count:
        raise wrong_count(line)
    return line.arguments


def between(line: Line, fewest: int, most: int) -> tuple[Token, ...]:
    """All arguments, `fewest` to `most` of them."""
    if not fewest <= len(line.arguments) <= most:
        raise wrong_count(line)
    return line.arguments


def no_block(directive: Directive) -> None:
    """Refuse a `{` after a directive that takes no options."""
    if directive.has_block:
        brace = directive.tokens[1 + len(directive.arguments)]
        raise BadConfig.at(brace, "Unexpected token '{', expecting argument")


def only_once(uses: Sequence[Directive]) -> None:
    """Refuse a second use of a plugin in a block; options within options and stray words count as one.

    To be called when the first use has been read: CoreDNS reports what is wrong in it before this.
    """
    if len(uses) > 1:
        raise BadConfig.at(uses[1].name, "this plugin can only be used once per Server Block")


def unknown_option(option: Option, known: Collection[str] = ()) -> BadConfig:
    """The error for an option that the plugin does not have; `known` are those it has, for a hint."""
    message = f"unknown property '{option.name.text}'"
    if known:
        message += f" (known: {', '.join(sorted(known))})"
        nearest = difflib.get_close_matches(option.name.text, known, n=1)
        message += f"; did you mean '{nearest[0]}'?" if nearest else ""
    return BadConfig.at(option.name, message)


# -- values -----------------------------------------------------------------------------------------------------------


def integer(token: Token, low: int, high: int | None, message: str, *, invalid: str = "") -> int:
    """An integer from `low` to `high` (None: without end).

    `message` is the error outside of these, in which `{}` stands for the value; `invalid` goes before Go's own text
    (`strconv.Atoi: ...`) for what is no integer.
    """
    value = _read(go_syntax.integer, token, invalid)
    if value < low or (high is not None and value > high):
        raise BadConfig.at(token, message.replace("{}", str(value)))
    return value


def decimal(token: Token, low: float, message: str, *, invalid: str = "") -> float:
    """A number of `low` or more; `message` and `invalid` as for `integer`."""
    value = _read(go_syntax.decimal, token, invalid)
    if value < low:
        raise BadConfig.at(token, message.replace("{}", token.text))
    return value


def boolean(token: Token, *, invalid: str = "") -> bool:
    """A truth value (1, t, true, 0, f, false...); `invalid` goes before Go's own text."""
    return _read(go_syntax.boolean, token, invalid)


def duration(token: Token, *, invalid: str = "") -> float:
    """A duration in seconds, possibly negative, written as `300ms`, `1.5h`, `2h45m` or 0.

    `invalid` goes before Go's own text, as in `failed to parse startup_timeout: x, time: invalid duration "x"`.
    """
    return _read(go_syntax.duration, token, invalid)


def choice(token: Token, among: Collection[str], message: str) -> str:
    """One of the words in `among`; in `message`, `{}` stands for the word found instead."""
    if token.text not in among:
        raise BadConfig.at(token, message.replace("{}", token.text))
    return token.text


# -- addresses --------------------------------------------------------------------------------------------------------


def listen_address(token: Token) -> tuple[str, int]:
    """`host:port` to listen on, as `health`, `ready` and `prometheus` take it: (host, port).

    The host is a name, an IPv4 address, an IPv6 address in brackets, or nothing: all addresses. Port 0 is any free one.
    """
    host, port = _read(go_syntax.split_host_port, token)
    return host, _port(token, port, 0)


def upstream_address(token: Token, default_port: int = 53, *, text: str | None = None) -> tuple[str, int]:
    """An IP address with or without a port (`1.1.1.1`, `1.1.1.1:53`, `::1`, `[::1]:53`): (host, port).

    An IPv6 zone is kept. `text` is what to read if it is not the whole word (a scheme was taken off).
    """
    whole = token.text if text is None else text
    try:
        host, port = go_syntax.split_host_port(whole)
    except ValueError:
        host, port = whole, ""
    if not go_syntax.is_ip(host):
        raise BadConfig.at(token, f"must specify an IP address: `{host}'")
    return host, _port(token, port, default_port)


def _port(token: Token, text: str, default: int) -> int:
    if not text:
        return default
    try:
        return go_syntax.port_number(text)
    except ValueError as error:
        raise BadConfig.at(token, str(error)) from None


def _read(parse: Callable[[str], _Value], token: Token, invalid: str = "") -> _Value:
    try:
        return parse(token.text)
    except ValueError as error:
        raise BadConfig.at(token, f"{invalid}{error}") from None
