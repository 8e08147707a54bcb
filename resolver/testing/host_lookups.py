"""What a Pod's C library finds out about names and addresses, asked of a test's server."""

import ipaddress
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from resolver.client.address_order import ordered
from resolver.client.exchange import NoReply, exchange
from resolver.client.resolv_conf import ResolvConf
from resolver.client.search import glibc_walk
from resolver.client.search_steps import Heard, Lookup, Verdict, Walk
from resolver.client.walking import Server, Walked, walked
from resolver.testing.loop_thread import LoopThread
from resolver.wire import codes
from resolver.wire.message import Question
from resolver.wire.names import name_from_text, name_to_text

_LIBC: Final = "glibc"
_HOSTS: Final = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")
_ERRORS: Final = {
    "EAI_NONAME": (socket.EAI_NONAME, "Name or service not known"),
    "EAI_NODATA": (socket.EAI_NODATA, "No address associated with hostname"),
    "EAI_AGAIN": (socket.EAI_AGAIN, "Temporary failure in name resolution"),
}


class Elsewhere(Exception):
    """The name is none of the cluster's, and such names are looked up where they would be without redirection."""


class HostAddresses(NamedTuple):
    """The addresses of a host, best first, and its whole name."""

    addresses: list[str]
    name: str


@dataclass(frozen=True, slots=True)
class HostLookups:
    """As glibc does it with this resolv.conf. `domain`: of the cluster; `elsewhere`: names outside it go elsewhere."""

    runner: LoopThread
    server: tuple[str, int]
    conf: ResolvConf
    domain: str
    elsewhere: bool = False

    def concerns(self, host: str) -> bool:
        """Whether a host is looked up here: a name that is no address, and not in every Pod's /etc/hosts."""
        if threading.current_thread() is self.runner.thread:
            return False
        return bool(host) and host.lower() not in (*_HOSTS, socket.gethostname().lower()) and not is_numeric(host)

    def addresses(self, host: str, qtypes: Sequence[int]) -> HostAddresses:
        """Looks along the search path for A, AAAA or both. Raises socket.gaierror, Elsewhere."""

        walk = _PodsWalk(host, self.conf, qtypes, self.domain)

        async def look() -> Walked:
            return await walked(walk.steps(), [Server(*self.server)])

        try:
            found = self.runner.run(look)
        except NoReply:
            raise error("EAI_AGAIN") from None
        if found.verdict.addresses:
            name = next(step.lookup.name for step in found.steps if step.heard.addresses)
            return HostAddresses(ordered(found.verdict.addresses, _LIBC), name)
        if walk.left_the_cluster and self.elsewhere and found.verdict.error == "EAI_NONAME":
            raise Elsewhere
        raise error(found.verdict.error)

    def name_of(self, address: str) -> str | None:
        """The name of an address, None where it has none. Raises socket.gaierror where there is no telling."""
        reverse = name_from_text(ipaddress.ip_address(address.partition("%")[0]).reverse_pointer)
        question = Question(reverse, codes.PTR, codes.IN)
        try:
            reply = self.runner.run(lambda: exchange(question, *self.server, edns=None, tries=2))
        except NoReply:
            raise error("EAI_AGAIN") from None
        if reply.message.rcode not in (codes.NOERROR, codes.NXDOMAIN, codes.REFUSED):
            raise error("EAI_AGAIN")
        pointers = [record.rdata for record in reply.message.answer if record.rtype == codes.PTR]
        return name_to_text(pointers[0]).removesuffix(".") if pointers else None


def error(name: str) -> socket.gaierror:
    """The exception of an error of getaddrinfo, with glibc's words."""
    return socket.gaierror(*_ERRORS.get(name, _ERRORS["EAI_NONAME"]))


def is_numeric(host: str) -> bool:
    """Whether the C library takes it for an address: ``::1``, ``fe80::1%lo``, ``127.1`` too."""
    try:
        socket.inet_aton(host)
    except (OSError, UnicodeError):
        pass
    else:
        return True
    try:
        socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    except (OSError, UnicodeError):
        return False
    return True


class _PodsWalk:
    """glibc's walk, for one family or both, with the rest of the world behind the cluster's DNS.

    Its server refuses names outside the cluster; a Pod's server would pass them on, and hear that they do not exist.
    """

    def __init__(self, host: str, conf: ResolvConf, qtypes: Sequence[int], domain: str) -> None:
        self._qtypes = qtypes
        self._ending = f".{domain.lower()}"
        self.left_the_cluster = False
        """A name outside the cluster was asked for."""
        one_family = () if len(qtypes) > 1 else ("no-aaaa",)
        self._walk = glibc_walk(host, ResolvConf(conf.nameservers, conf.searches, (*conf.options, *one_family)))

    def steps(self) -> Walk:
        """The walk of one family is the same for both."""
        heard: tuple[Heard, ...] | None = None
        while True:
            try:
                step = next(self._walk) if heard is None else self._walk.send(heard)
            except StopIteration as end:
                verdict: Verdict = end.value
                return verdict
            if len(self._qtypes) == 1:
                step = step._replace(lookups=tuple(each._replace(qtype=self._qtypes[0]) for each in step.lookups))
            answers = yield step
            heard = tuple(map(self._from_outside, step.lookups, answers)) if step.lookups else answers

    def _from_outside(self, lookup: Lookup, heard: Heard) -> Heard:
        if heard.rcode != codes.REFUSED or lookup.name.lower().endswith(self._ending):
            return heard
        self.left_the_cluster = True
        return heard._replace(rcode=codes.NXDOMAIN)
