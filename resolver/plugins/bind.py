"""bind: listens on the named addresses only (CoreDNS plugin/bind)."""

from collections.abc import Iterable, Sequence
from typing import Final

from resolver.cluster.addresses import packed_address
from resolver.corefile.directives import Directive
from resolver.corefile.go_syntax import quote
from resolver.corefile.tokens import BadConfig, Token
from resolver.plugins.plugin import Host

NAME: Final = "bind"


def setup(uses: Sequence[Directive], host: Host) -> None:
    """Tells the host the addresses of all uses, in order; of equal ones the host complains. Raises BadConfig."""
    interfaces = host.interfaces()
    chosen: list[str] = []
    for use in uses:
        excepted = _excepted(use, interfaces)
        if not use.arguments:
            raise BadConfig.at(use.name, "at least one address or interface name is expected")
        chosen += [address for address in _addresses(use.arguments, interfaces) if address not in excepted]
    if not chosen:
        raise BadConfig.at(uses[0].name, "no address is left to listen on: the interface has none, or all are excepted")
    host.bind(chosen)


def _excepted(use: Directive, interfaces: Sequence[tuple[str, str]]) -> set[str]:
    """The addresses of the last `except` of this use."""
    excepted: set[str] = set()
    for option in use.options:
        if option.name.text != "except":
            raise BadConfig.at(option.name, f"invalid option {quote(option.name.text)}")
        if not option.arguments:
            message = "at least one address or interface must be given to except subdirective"
            raise BadConfig.at(option.name, message)
        excepted = set(_addresses(option.arguments, interfaces))
    return excepted


def _addresses(words: Iterable[Token], interfaces: Sequence[tuple[str, str]]) -> list[str]:
    """The addresses that the words stand for: themselves, or all of an interface."""
    found = []
    names = {name for name, _ in interfaces}
    for word in words:
        if word.text in names:
            found += [address for name, address in interfaces if name == word.text]
        elif packed_address(word.text) is not None:
            found.append(word.text)
        else:
            raise BadConfig.at(word, f"not a valid IP address or interface name: {quote(word.text)}")
    return found
