"""The walk of glibc's getaddrinfo, 2.36 to 2.41 (resolv/res_query.c, resolv/res_send.c). Pure: sans I/O, no clock."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from resolver import limits
from resolver.client.resolv_conf import ResolvConf
from resolver.client.search_steps import BOTH_FAMILIES, Heard, Lookup, Round, Verdict, Walk, option_number
from resolver.wire import codes
from resolver.wire.names import BadName, name_from_text


@dataclass(frozen=True, slots=True)
class GlibcOptions:
    """The options of a resolv.conf that change a walk (glibc res_setoptions), with glibc's bounds."""

    ndots: int
    timeout: int
    attempts: int
    single_request: bool
    reopen: bool
    use_vc: bool
    no_aaaa: bool
    no_tld_query: bool

    @classmethod
    def of(cls, options: Sequence[str]) -> "GlibcOptions":
        def flag(*names: str) -> bool:
            return any(option in names for option in options)

        reopen = flag("single-request-reopen")
        return cls(
            option_number(options, "ndots", 1, 15), max(1, option_number(options, "timeout", 5, 30)),
            option_number(options, "attempts", 2, 5), reopen or flag("single-request"), reopen, flag("use-vc"),
            flag("no-aaaa"), flag("no-tld-query", "no_tld_query"),
        )  # fmt: skip


class _Answer(NamedTuple):
    """What one name led to: found, or glibc's h_errno."""

    found: bool = False
    addresses: tuple[str, ...] = ()
    error: str = ""
    servfail: bool = False
    no_server: bool = False


_Asking = Generator[Round, tuple[Heard, ...], _Answer]
_EAI: Final = {"TRY_AGAIN": "EAI_AGAIN", "NO_DATA": "EAI_NODATA"}
_NEXT_SERVER: Final = (codes.SERVFAIL, codes.NOTIMP, codes.REFUSED)


def glibc_walk(name: str, conf: ResolvConf) -> Walk:
    """getaddrinfo of glibc (nss_dns _nss_dns_gethostbyname4_r, getaddrinfo.c get_nss_addresses)."""
    if not _is_host_name(name):
        return Verdict(error="EAI_NONAME")
    answer = yield from _Glibc(GlibcOptions.of(conf.options), max(1, len(conf.nameservers))).search(name, conf.searches)
    if answer.addresses:
        return Verdict(answer.addresses)
    return Verdict(error=_EAI.get(answer.error, "EAI_NONAME"))


def _is_host_name(name: str) -> bool:
    """glibc's __libc_res_hnok: letters, digits, ``-`` and ``_``, and no hyphen in front."""
    return bool(name) and not name.startswith("-") and all(c.isascii() and (c.isalnum() or c in "-_.") for c in name)


class _Glibc:
    """One resolver state: after a lost reply it asks for one family at a time, as long as it lives."""

    def __init__(self, options: GlibcOptions, servers: int) -> None:
        self._options = options
        self._servers = servers
        self._single = options.single_request
        self._reopen = options.reopen
        self._types = BOTH_FAMILIES[:1] if options.no_aaaa else BOTH_FAMILIES

    def search(self, name: str, searches: Sequence[str]) -> _Asking:
        """__res_context_search."""
        dots, trailing = name.count("."), name.endswith(".")
        saved, as_is, no_data, servfail = "", False, False, False
        answer = _Answer(error="HOST_NOT_FOUND")
        if dots >= self._options.ndots or trailing:
            answer = yield from self.query(name.removesuffix("."))
            if answer.found or trailing:
                return answer
            saved, as_is = answer.error, True
        for domain in searches:
            domain = domain.removeprefix(".")  # noqa: PLW2901 - "." is the root, which is the name as it stands
            if not domain and as_is:
                continue
            as_is = as_is or not domain
            answer = yield from self.query(f"{name}.{domain}" if domain else name)
            if answer.found or answer.no_server:
                return answer
            no_data = no_data or answer.error == "NO_DATA"
            servfail = servfail or answer.servfail
            if answer.error not in ("NO_DATA", "HOST_NOT_FOUND") and not answer.servfail:
                break
        if not as_is and (dots or not searches or not self._options.no_tld_query):
            answer = yield from self.query(name)
            if answer.found:
                return answer
        error = saved or (no_data and "NO_DATA") or (servfail and "TRY_AGAIN") or answer.error
        return _Answer(error=error)

    def query(self, name: str) -> _Asking:
        """__res_context_query: both families, and the first of them that speaks for the name."""
        try:
            name_from_text(name)
        except BadName:
            return _Answer(error="NO_RECOVERY")
        heard = yield from self._send(tuple(Lookup(name, qtype) for qtype in self._types))
        if isinstance(heard, _Answer):
            return heard
        if any(each.rcode == codes.NOERROR and each.answers for each in heard):
            return _Answer(True, tuple(address for each in heard for address in each.addresses))
        first, second = heard[0].rcode, heard[-1].rcode
        rcode = second if first == codes.NOERROR else first
        errors = {codes.NXDOMAIN: "HOST_NOT_FOUND", codes.SERVFAIL: "TRY_AGAIN", codes.NOERROR: "NO_DATA"}
        return _Answer(error=errors.get(rcode or 0, "NO_RECOVERY"), servfail=first == codes.SERVFAIL)

    def _send(self, lookups: tuple[Lookup, ...]) -> Generator[Round, tuple[Heard, ...], list[Heard] | _Answer]:
        """__res_context_send: every server in turn, as often as there are attempts; replies in the order they came."""
        tcp, somewhere, rcode = self._options.use_vc, False, codes.NOERROR
        for _ in range(self._options.attempts):
            for server in range(self._servers):
                if not tcp:
                    heard = yield from self._send_datagrams(lookups, server)
                    somewhere = somewhere or not all(each.refused for each in heard)
                    spoken = [each for each in heard if each.rcode is not None]
                    rcode = spoken[0].rcode if spoken and spoken[0].rcode is not None else rcode
                    good = [each for each in spoken if not _is_unusable(each)]
                    tcp = any(each.truncated for each in good)
                    if good and not tcp:
                        return good
                if tcp:
                    whole = yield Round(lookups, (server,), limits.WALK_TCP_SECONDS, tcp=True)
                    somewhere = True
                    if all(each.rcode is not None for each in whole):
                        return sorted(whole, key=_when)
            if tcp:
                break
        if not somewhere:
            return _Answer(error="TRY_AGAIN", no_server=True)
        return _Answer(error="TRY_AGAIN", servfail=rcode == codes.SERVFAIL)

    def _send_datagrams(
        self, lookups: tuple[Lookup, ...], server: int
    ) -> Generator[Round, tuple[Heard, ...], list[Heard]]:
        """send_dg: both questions at once; where one reply is lost, one after the other, then from a new socket."""
        seconds = (self._options.timeout << server) // (self._servers if server else 1) or 1
        while True:
            if self._single:
                heard = yield from self._one_by_one(lookups, server, seconds)
            else:
                heard = sorted((yield Round(lookups, (server,), seconds)), key=_when)
            lost = [each for each in heard if each.rcode is None]
            if not lost or len(lost) == len(heard) or _is_unusable(heard[0]) or heard[0].truncated:
                return heard
            if self._single and self._reopen:
                return heard
            self._reopen = self._single
            self._single = True

    def _one_by_one(
        self, lookups: tuple[Lookup, ...], server: int, seconds: float
    ) -> Generator[Round, tuple[Heard, ...], list[Heard]]:
        """The second question leaves when the first is answered; not at all after an answer that is of no use."""
        left, heard = seconds, list[Heard]()
        for number, lookup in enumerate(lookups):
            one = yield Round((lookup,), (server,), left, new_socket=bool(number) and self._reopen)
            heard += one
            left -= one[0].seconds
            if one[0].rcode is None or one[0].truncated:
                break
            if _is_unusable(one[0]) and number + 1 < len(lookups):
                yield Round((), (server,), left)
                break
        return heard + [Heard(server=server, seconds=seconds)] * (len(lookups) - len(heard))


def _is_unusable(heard: Heard) -> bool:
    """A reply that glibc takes for a broken server's."""
    return heard.rcode in _NEXT_SERVER or heard.lame


def _when(heard: Heard) -> tuple[bool, float]:
    return heard.rcode is None, heard.seconds
