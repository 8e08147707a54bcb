"""Upstreams given by host name: their addresses, looked up once, at the start (CoreDNS forward/resolve.go)."""

import asyncio
import socket
from collections.abc import Callable, Iterable
from typing import Final

from resolver import limits
from resolver.corefile import go_syntax
from resolver.corefile.tokens import BadConfig
from resolver.plugins.forward_channels import UdpChannel, UpstreamFailed
from resolver.plugins.forward_targets import Endpoint, HostName, Target
from resolver.plugins.forward_upstream import question_bytes
from resolver.wire import codes
from resolver.wire.message import parse_message
from resolver.wire.names import name_from_text
from resolver.wire.rdata import Malformed

HOSTS_FILE: Final = "/etc/hosts"
_TYPES: Final = {codes.A: socket.AF_INET, codes.AAAA: socket.AF_INET6}


async def endpoints_of(
    targets: Iterable[Target], resolvers: Iterable[tuple[str, int]], read_file: Callable[[str], bytes]
) -> list[Endpoint]:
    """The addresses of all targets in order; names are asked of the first resolver that knows them, or of the system.

    `read_file` gives the machine's file of hosts. Raises BadConfig for a name without address.
    """
    servers = [Endpoint(*server) for server in resolvers]
    found: list[Endpoint] = []
    for target in targets:
        if not isinstance(target, HostName):
            found.extend(target)
            continue
        try:
            if servers:
                addresses = await _from_resolvers(target.name, servers)
            else:
                addresses = _from_hosts(target.name, read_file) or await _from_system(target.name)
        except (OSError, UpstreamFailed, Malformed) as error:
            quoted = go_syntax.quote(target.name)
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            problem = BadConfig.at(target.token, f"failed to resolve {quoted}: {reason}")
            raise problem.of_plugin("forward") from error
        found.extend(Endpoint(address, target.port) for address in addresses)
    return found


def _from_hosts(name: str, read_file: Callable[[str], bytes]) -> list[str]:
    """By the machine's own file, which the system's resolver does not look into for absolute names."""
    try:
        text = read_file(HOSTS_FILE).decode(errors="replace")
    except OSError:
        return []
    wanted = name.removesuffix(".").lower()
    lines = [line.partition("#")[0].lower().split() for line in text.splitlines()]
    return [words[0] for words in lines if wanted in words[1:] and go_syntax.is_ip(words[0])]


async def _from_system(name: str) -> list[str]:
    """By the system's resolver, as an absolute name: no search list."""
    absolute = name if name.endswith(".") else f"{name}."
    found = await asyncio.get_running_loop().getaddrinfo(absolute, None, type=socket.SOCK_DGRAM)
    return [str(address[0]).partition("%")[0] for *_, address in found]


async def _from_resolvers(name: str, servers: Iterable[Endpoint]) -> list[str]:
    """By the first of these servers that gives an address. Raises UpstreamFailed with what the last one said."""
    last: Exception | None = None
    for server in servers:
        addresses: list[str] = []
        for rtype in _TYPES:
            try:
                addresses += await _addresses(name, rtype, server)
            except (UpstreamFailed, Malformed) as error:
                last = error
                break
        if addresses:
            return addresses
    quoted = go_syntax.quote(name)
    raise UpstreamFailed(f"no addresses found for {quoted}" + (f": {last}" if last is not None else ""))


async def _addresses(name: str, rtype: int, server: Endpoint) -> list[str]:
    channel = UdpChannel(server)
    try:
        question = question_bytes(codes.RD, name_from_text(name), rtype, codes.IN)
        message = parse_message(await channel.ask(question, limits.RESOLVE_READ))
    finally:
        channel.close()
    return [socket.inet_ntop(_TYPES[rtype], record.rdata) for record in message.answer if record.rtype == rtype]
