"""What a `hosts` directive says (CoreDNS plugin/hosts/setup.go)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from resolver import limits
from resolver.corefile import go_syntax
from resolver.corefile.directives import Directive, Option
from resolver.corefile.keys import fallthrough_zones, plugin_zones
from resolver.corefile.settings import no_arguments, unknown_option
from resolver.corefile.tokens import BadConfig, Token
from resolver.plugins.plugin import Host
from resolver.wire.names import name_from_text, name_to_text

_DEFAULT_FILE: Final = "/etc/hosts"
_PLAIN_OPTIONS: Final = frozenset(("fallthrough", "fallthrough_unsupported", "no_reverse", "reload", "ttl"))


@dataclass(slots=True)
class Options:
    """`fall_through`: zones of names that go on down the chain if they are not here."""

    path: str = _DEFAULT_FILE
    zones: frozenset[bytes] = frozenset()
    fall_through: frozenset[bytes] = frozenset()
    fall_through_unsupported: bool = False
    reverse: bool = True
    ttl: int = limits.HOSTS_TTL
    reload: float = limits.HOSTS_RELOAD
    inline: bytes = b""


def read_options(use: Directive, host: Host) -> Options:
    """What is not an option is a line of hosts, up to `fallthrough`. Raises BadConfig."""
    options = Options()
    if use.arguments:
        options.path = use.arguments[0].text
        _look_at_file(use.arguments[0], host)
    block_zones = [name_to_text(zone) for zone in host.zones]
    options.zones = _wire_zones(plugin_zones(use.arguments[1:], block_zones))
    inline: list[str] = []
    for option in use.options:
        if option.name.text in _PLAIN_OPTIONS:
            _set(options, option)
        elif options.fall_through:
            raise unknown_option(option, _PLAIN_OPTIONS)
        else:
            inline.append(" ".join(word.text for word in (option.name, *option.arguments)))
    options.inline = "\n".join(inline).encode("utf-8", "replace")
    if options.fall_through_unsupported and not options.fall_through:
        raise BadConfig.at(use.end, "fallthrough_unsupported requires fallthrough")
    return options


def _look_at_file(word: Token, host: Host) -> None:
    """Warns of a file that is not there to be read; it may come later."""
    try:
        stamp = host.file_stamp(word.text)
    except OSError as error:
        raise BadConfig.at(word, f"unable to access hosts file '{word.text}': {error.strerror or error}") from None
    if stamp is None:
        host.log("WARNING", f"plugin/hosts: File does not exist: {word.text}")
        return
    try:
        host.read_file(word.text)
    except IsADirectoryError:
        host.log("WARNING", f"plugin/hosts: Hosts file {go_syntax.quote(word.text)} is a directory")
    except OSError as error:
        host.log("WARNING", f"plugin/hosts: cannot read {word.text}: {error.strerror or error}")


def _wire_zones(zones: Sequence[str]) -> frozenset[bytes]:
    return frozenset(name_from_text(zone) for zone in zones)


def _set(options: Options, option: Option) -> None:
    words = option.arguments
    match option.name.text:
        case "fallthrough":
            options.fall_through = _wire_zones(fallthrough_zones(words))
        case "fallthrough_unsupported":
            no_arguments(option)
            options.fall_through_unsupported = True
        case "no_reverse":
            options.reverse = False
        case "ttl":
            options.ttl = _ttl(option)
        case _:
            options.reload = _reload(option)


def _ttl(option: Option) -> int:
    if not option.arguments:
        raise BadConfig.at(option.name, "ttl needs a time in second")
    word = option.arguments[0]
    try:
        ttl = go_syntax.integer(word.text)
    except ValueError:
        raise BadConfig.at(word, "ttl needs a number of second") from None
    if not 0 < ttl <= limits.HOSTS_TTL_MOST:
        raise BadConfig.at(word, f"ttl provided is invalid: {ttl} is not from 1 to {limits.HOSTS_TTL_MOST}")
    return ttl


def _reload(option: Option) -> float:
    if len(option.arguments) != 1:
        raise BadConfig.at(option.name, "reload needs a duration (zero seconds to disable)")
    word = option.arguments[0]
    try:
        seconds = go_syntax.duration(word.text)
    except ValueError:
        raise BadConfig.at(word, f"invalid duration for reload '{word.text}'") from None
    if seconds < 0:
        raise BadConfig.at(word, f"invalid negative duration for reload '{word.text}'")
    return seconds
