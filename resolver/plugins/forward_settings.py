"""The options of a forward, read as CoreDNS reads them (plugin/forward/setup.go)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from resolver import limits
from resolver.corefile import go_syntax, settings
from resolver.corefile.directives import Directive, Option
from resolver.corefile.keys import expand_zone
from resolver.corefile.tokens import BadConfig, Token
from resolver.plugins.forward_targets import Target, check_count, read_targets
from resolver.wire import codes
from resolver.wire.names import ROOT, BadName, name_from_text

_MOST: Final = 2**32 - 1
_RCODES: Final = {text: number for number, text in codes.RCODES.items()} | {"NOTIMPL": codes.NOTIMP, "BADSIG": 16}
_NOT_YET: Final = ("tls", "tls_servername", "doh_method")
POLICIES: Final = ("random", "round_robin", "sequential")


@dataclass(slots=True)
class ForwardSettings:
    """One forward. Zones lower case, in wire form; times in seconds; 0 is no limit for `max_concurrent`, `max_age`,
    `max_idle` and `max_attempts`, whose None is CoreDNS's own (two for each upstream)."""

    zone: bytes = ROOT
    targets: list[Target] = field(default_factory=list)
    excepted: tuple[bytes, ...] = ()
    max_fails: int = limits.FORWARD_FAILS
    max_attempts: int | None = None
    probe_interval: float = limits.FORWARD_PROBE
    probe_domain: bytes = ROOT
    probe_recursion: bool = True
    force_tcp: bool = False
    prefer_udp: bool = False
    expire: float = limits.FORWARD_EXPIRE
    max_age: float = 0.0
    max_idle: int = 0
    read_timeout: float = limits.FORWARD_READ
    policy: str = "random"
    max_concurrent: int = 0
    next_rcodes: frozenset[int] = frozenset()
    next_on_nodata: bool = False
    failover: frozenset[int] = frozenset()
    fail_fast: bool = False
    resolvers: tuple[tuple[str, int], ...] = ()
    source: str | None = None


def read_settings(
    directive: Directive, read_file: Callable[[str], bytes], warn: Callable[[str], None]
) -> ForwardSettings:
    """One use of forward. Raises BadConfig; `warn` takes a line about what is probably not meant."""
    origin, *to = settings.at_least(directive, 2)
    zones = expand_zone(origin.text)
    if not zones:
        raise BadConfig.at(origin, f"unable to normalize '{origin.text}'")
    if len(zones) > 1:
        warn(
            f"plugin/forward: Unsupported CIDR notation: '{origin.text}' expands to multiple zones. "
            f"Using only '{zones[0]}'."
        )
    read = ForwardSettings(zone=name_from_text(zones[0]).lower())
    texts: dict[str, str] = {}
    for option in _lines(directive.options):
        texts[option.name.text] = option.arguments[0].text if option.arguments else ""
        _OPTIONS.get(option.name.text, _unknown)(option, read)
    if 0 < read.max_age < read.expire:
        expire = texts.get("expire", f"{limits.FORWARD_EXPIRE:g}s")
        raise BadConfig.at(directive.end, f"max_age ({texts['max_age']}) must not be less than expire ({expire})")
    read.targets = read_targets(to, read_file)
    check_count(read.targets, to[0])
    return read


def _lines(options: Sequence[Option]) -> Iterator[Option]:
    """What follows the only argument of an option on its line is one more option, as in CoreDNS."""
    for line in options:
        option = line
        yield option
        while option.name.text in _OF_ONE_ARGUMENT and len(option.arguments) > 1:
            option = Option(option.arguments[1], option.arguments[2:])
            yield option


# -- options, each a function of its line that sets what the line is about ---------------------------------------------


def _except(option: Option, read: ForwardSettings) -> None:
    zones = [zone for word in settings.at_least(option, 1) for zone in expand_zone(word.text)]
    read.excepted += tuple(name_from_text(zone).lower() for zone in zones)


def _first(option: Option) -> Token:
    """The argument of an option of one; see `_lines` for what follows it."""
    return settings.at_least(option, 1)[0]


def _count(word: Token, message: str) -> int:
    return settings.integer(word, 0, _MOST, message)


def _max_fails(option: Option, read: ForwardSettings) -> None:
    read.max_fails = _count(_first(option), "max_fails must be 0 or more: {}")


def _max_attempts(option: Option, read: ForwardSettings) -> None:
    read.max_attempts = _count(_first(option), "max_connect_attempts must be 0 or more: {}")


def _max_idle(option: Option, read: ForwardSettings) -> None:
    read.max_idle = _count(_first(option), "max_idle_conns can't be negative: {}")


def _max_concurrent(option: Option, read: ForwardSettings) -> None:
    read.max_concurrent = _count(_first(option), "max_concurrent can't be negative: {}")


def _seconds(option: Option) -> float:
    word = _first(option)
    seconds = settings.duration(word)
    if seconds < 0:
        raise BadConfig.at(word, f"{option.name.text} can't be negative: {word.text}")
    return seconds


def _expire(option: Option, read: ForwardSettings) -> None:
    read.expire = _seconds(option)


def _max_age(option: Option, read: ForwardSettings) -> None:
    read.max_age = _seconds(option)


def _read_timeout(option: Option, read: ForwardSettings) -> None:
    word = _first(option)
    read.read_timeout = settings.duration(word)
    if read.read_timeout <= 0:
        raise BadConfig.at(word, f"read_timeout must be positive: {word.text}")


def _health_check(option: Option, read: ForwardSettings) -> None:
    read.probe_interval = _seconds(option)
    read.probe_domain = ROOT
    words = iter(option.arguments[1:])
    for word in words:
        if word.text == "no_rec":
            read.probe_recursion = False
        elif word.text == "domain":
            domain = next(words, None)
            if domain is None:
                raise settings.wrong_count(option)
            try:
                read.probe_domain = name_from_text(domain.text).lower()
            except BadName as error:
                raise BadConfig.at(domain, f"health_check: invalid domain name {domain.text}") from error
        else:
            raise BadConfig.at(word, f"health_check: unknown option {word.text}")


def _force_tcp(option: Option, read: ForwardSettings) -> None:
    settings.no_arguments(option)
    read.force_tcp = True


def _prefer_udp(option: Option, read: ForwardSettings) -> None:
    settings.no_arguments(option)
    read.prefer_udp = True


def _policy(option: Option, read: ForwardSettings) -> None:
    read.policy = settings.choice(_first(option), POLICIES, "unknown policy '{}'")


def _rcodes(option: Option) -> frozenset[int]:
    found = set()
    for word in settings.at_least(option, 1):
        rcode = _RCODES.get(word.text.upper())
        if rcode is None:
            raise BadConfig.at(word, f"{word.text} is not a valid rcode")
        found.add(rcode)
    return frozenset(found)


def _next(option: Option, read: ForwardSettings) -> None:
    read.next_rcodes |= _rcodes(option)


def _next_on_nodata(option: Option, read: ForwardSettings) -> None:
    settings.no_arguments(option)
    read.next_on_nodata = True


def _failover(option: Option, read: ForwardSettings) -> None:
    rcodes = _rcodes(option)
    if codes.NOERROR in rcodes:
        raise BadConfig.at(option.name, "NoError cannot be used in failover")
    read.failover |= rcodes


def _fail_fast(option: Option, read: ForwardSettings) -> None:
    settings.no_arguments(option)
    read.fail_fast = True


def _resolver(option: Option, read: ForwardSettings) -> None:
    found = []
    for word in settings.at_least(option, 1):
        try:
            found.append(settings.upstream_address(word))
        except BadConfig as error:
            message = f"resolver must be an IP address or IP:port: {go_syntax.quote(word.text)}"
            raise BadConfig.at(word, message) from error
    read.resolvers = tuple(found)


def _source_address(option: Option, read: ForwardSettings) -> None:
    word = _first(option)
    if not go_syntax.is_ip(word.text) or "%" in word.text:
        raise BadConfig.at(word, f"invalid IP address: {word.text}")
    read.source = word.text


def _unknown(option: Option, read: ForwardSettings) -> None:
    if option.name.text in _NOT_YET:
        message = f"'{option.name.text}' is for tls://, https:// and quic:// upstreams, which are not supported yet"
        raise BadConfig.at(option.name, message)
    raise settings.unknown_option(option, _OPTIONS)


_OPTIONS: Final[dict[str, Callable[[Option, ForwardSettings], None]]] = {
    "except": _except,
    "max_fails": _max_fails,
    "max_connect_attempts": _max_attempts,
    "health_check": _health_check,
    "force_tcp": _force_tcp,
    "prefer_udp": _prefer_udp,
    "expire": _expire,
    "max_age": _max_age,
    "max_idle_conns": _max_idle,
    "read_timeout": _read_timeout,
    "policy": _policy,
    "max_concurrent": _max_concurrent,
    "next": _next,
    "next_on_nodata": _next_on_nodata,
    "failover": _failover,
    "failfast_all_unhealthy_upstreams": _fail_fast,
    "resolver": _resolver,
    "source_address": _source_address,
}
_OF_ONE_ARGUMENT: Final = frozenset(
    (
        "max_fails",
        "max_connect_attempts",
        "expire",
        "max_age",
        "max_idle_conns",
        "read_timeout",
        "policy",
        "max_concurrent",
        "source_address",
    )
)
