"""What a TO of forward can be: addresses, files like resolv.conf, host names (CoreDNS pkg/parse, resolve.go)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from resolver import limits
from resolver.corefile import go_syntax
from resolver.corefile.tokens import BadConfig, Token
from resolver.wire.names import BadName, name_from_text

_PORT: Final = 53
_NOT_YET: Final = ("tls", "https", "quic")
_NEVER: Final = ("grpc", "https3", "unix")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An upstream's IP address and port."""

    host: str
    port: int

    def __str__(self) -> str:
        """As CoreDNS's metrics and errors name it: ``10.0.0.1:53``, ``[2001:db8::1]:53``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class HostName:
    """An upstream whose addresses are looked up when the server starts; `token` is where it was written."""

    name: str
    port: int
    token: Token


Target = Sequence[Endpoint] | HostName


def read_targets(words: Iterable[Token], read_file: Callable[[str], bytes]) -> list[Target]:
    """The upstreams of each word, in order; files without name servers count for nothing. Raises BadConfig.

    `read_file` gives the bytes of a file, or raises OSError. Scopes of addresses (`%eth0`) are dropped, as in CoreDNS.
    """
    return [target for word in words if (target := _read(word, read_file))]


def _read(word: Token, read_file: Callable[[str], bytes]) -> Target:
    host = _without_scheme(word)
    if not host:
        raise BadConfig.at(word, f"invalid address: {go_syntax.quote(word.text)}")
    try:
        address, port_text = go_syntax.split_host_port(host)
    except ValueError:
        address, port_text = host.strip("[]"), str(_PORT)
    if go_syntax.is_ip(address):
        return (Endpoint(address.partition("%")[0], _port(word, port_text)),)
    try:
        text = read_file(host).decode(errors="replace")
    except IsADirectoryError:
        return ()
    except OSError:
        return _host_name(word, address.strip("[]"), _port(word, port_text))
    servers = name_servers(text)
    endpoints = tuple(Endpoint(server, _PORT) for server in servers if go_syntax.is_ip(server))
    if len(endpoints) < len(servers):
        wrong = next(server for server in servers if not go_syntax.is_ip(server))
        raise BadConfig.at(word, f"nameserver {go_syntax.quote(wrong)} of {host} is not an IP address")
    return endpoints


def _without_scheme(word: Token) -> str:
    scheme, separator, rest = word.text.partition("://")
    if not separator:
        return word.text
    if scheme in _NOT_YET:
        raise BadConfig.at(
            word, f"{scheme}:// upstreams are not supported yet: use UDP and TCP, as in `{rest.split('%')[0]}`"
        )
    if scheme in _NEVER:
        raise BadConfig.at(
            word, f"'{scheme}' is not supported as a destination protocol in forward: {word.text} (use dns://)"
        )
    if scheme != "dns":
        raise BadConfig.at(word, f"'{scheme}' is no protocol of an upstream: {word.text} (use dns://)")
    return rest


def name_servers(text: str) -> list[str]:
    """The `nameserver` lines of a file like resolv.conf, without scopes."""
    lines = [line.split() for line in text.splitlines()]
    return [words[1].partition("%")[0] for words in lines if len(words) > 1 and words[0] == "nameserver"]


def _host_name(word: Token, name: str, port: int) -> HostName:
    try:
        if not name or "/" in name:
            raise BadName("a host name has no slash")
        name_from_text(name)
    except BadName as error:
        message = f"not an IP address, file, or valid domain: {go_syntax.quote(word.text)}"
        raise BadConfig.at(word, message if "/" not in name else f"{message} (no such file)") from error
    return HostName(name, port, word)


def _port(word: Token, text: str) -> int:
    try:
        port = go_syntax.port_number(text)
    except ValueError as error:
        raise BadConfig.at(word, str(error)) from None
    if not port:
        raise BadConfig.at(
            word, f"upstream {go_syntax.quote(word.text)} has no port to send to: write one, or no colon"
        )
    return port


def distinct(endpoints: Iterable[Endpoint], at: Token) -> tuple[Endpoint, ...]:
    """Each endpoint once, in order. Raises BadConfig at this word where there is none."""
    found = tuple(dict.fromkeys(endpoints))
    if not found:
        raise BadConfig.at(at, "no valid upstream addresses found")
    return found


def check_count(targets: Sequence[Target], at: Token) -> None:
    """Refuses more upstreams than CoreDNS takes; a file is one."""
    if len(targets) > limits.FORWARD_TARGETS:
        raise BadConfig.at(at, f"more than {limits.FORWARD_TARGETS} TOs configured: {len(targets)}")
