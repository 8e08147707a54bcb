"""How the C libraries' getaddrinfo walks a search path, question by question. Pure: sans I/O, without a clock.

A walk is a generator: it yields a `Round` of questions, is sent what was heard to each, and returns a `Verdict`. Both
begin where a Pod's resolv.conf has been read and the name is neither an address nor in /etc/hosts.
"""

from collections.abc import Callable, Sequence
from typing import Final

from resolver.client.resolv_conf import ResolvConf
from resolver.client.search_glibc import glibc_walk
from resolver.client.search_musl import musl_walk
from resolver.client.search_steps import Heard, Lookup, Round, Verdict, Walk

__all__ = ["WALKS", "Heard", "Lookup", "Round", "Verdict", "Walk", "candidates", "glibc_walk", "musl_walk", "walk_of"]

WALKS: Final[dict[str, Callable[[str, ResolvConf], Walk]]] = {"glibc": glibc_walk, "musl": musl_walk}


def walk_of(libc: str, name: str, conf: ResolvConf) -> Walk:
    """The walk of ``glibc`` or ``musl`` for a name with both families asked for (AF_UNSPEC)."""
    return WALKS[libc](name, conf)


def candidates(name: str, searches: Sequence[str], ndots: int) -> list[str]:
    """Every name that may be asked for, in glibc's order; a name with enough dots comes first, else last."""
    if name.endswith("."):
        return [name]
    searched = [f"{name}.{domain}" for domain in searches if domain != "."]
    return [name, *searched] if name.count(".") >= ndots else [*searched, name]
