"""The walk of musl's getaddrinfo, 1.2.4 and later (src/network/lookup_name.c, res_msend.c). Pure: no I/O, no clock."""

from collections.abc import Generator
from typing import Final

from resolver.client.resolv_conf import ResolvConf
from resolver.client.search_steps import BOTH_FAMILIES, Heard, Lookup, Round, Verdict, Walk, option_number
from resolver.wire import codes
from resolver.wire.names import BadName, name_from_text

_MUSL_LINE: Final = 254  # characters of a line of resolv.conf that musl reads; longer ones are passed over
_MUSL_NAME: Final = 254
_MUSL_ADDRESSES: Final = 48
_MUSL_SPEAKS: Final = (codes.NOERROR, codes.NXDOMAIN)


def musl_walk(name: str, conf: ResolvConf) -> Walk:
    """getaddrinfo of musl (lookup_name.c name_from_dns_search): the first domain that is not NXDOMAIN ends it."""
    options = conf.options
    plain = name.removesuffix(".")
    if not plain or plain.endswith(".") or len(name) > _MUSL_NAME:
        return Verdict(error="EAI_NONAME")
    searches = conf.searches if len(" ".join(("search", *conf.searches))) <= _MUSL_LINE else ()
    if name.count(".") >= option_number(options, "ndots", 1, 15) or name.endswith("."):
        searches = ()
    for domain in (*searches, ""):
        verdict = yield from _musl_name(f"{plain}.{domain}" if domain else plain, conf)
        if verdict is not None:
            return verdict
    return Verdict(error="EAI_NONAME")


def _musl_name(name: str, conf: ResolvConf) -> Generator[Round, tuple[Heard, ...], Verdict | None]:
    """name_from_dns; None: go on with the next domain. A SERVFAIL or a lost reply of either family ends the walk."""
    try:
        name_from_text(name)
    except BadName:
        return None
    heard = yield from _musl_send(tuple(Lookup(name, qtype) for qtype in BOTH_FAMILIES), conf)
    for each in heard:
        if each.rcode is None:
            return Verdict(error="EAI_AGAIN")
        if each.rcode == codes.NXDOMAIN:
            return None
    addresses = tuple(address for each in reversed(heard) for address in each.addresses)[:_MUSL_ADDRESSES]
    return Verdict(addresses) if addresses else Verdict(error="EAI_NODATA")


def _musl_send(lookups: tuple[Lookup, ...], conf: ResolvConf) -> Generator[Round, tuple[Heard, ...], list[Heard]]:
    """__res_msend_rc: all servers at once, again after each share of the time; only NOERROR and NXDOMAIN count."""
    attempts = max(1, option_number(conf.options, "attempts", 2, 10))
    interval = option_number(conf.options, "timeout", 5, 60) / attempts
    servers = tuple(range(max(1, len(conf.nameservers))))
    found: dict[Lookup, Heard] = {}
    for _ in range(attempts):
        asked = tuple(lookup for lookup in lookups if lookup not in found)
        heard = yield Round(asked, servers, interval, accepts=_MUSL_SPEAKS, resends=2 * len(lookups))
        for lookup, each in zip(asked, heard, strict=True):
            if each.truncated:
                (whole,) = yield Round((lookup,), (each.server,), interval * attempts, tcp=True)
                if whole.rcode not in _MUSL_SPEAKS:
                    return [found.get(other, Heard()) for other in lookups]
                found[lookup] = whole
            elif each.rcode in _MUSL_SPEAKS:
                found[lookup] = each
        if len(found) == len(lookups):
            break
    return [found.get(lookup, Heard()) for lookup in lookups]
